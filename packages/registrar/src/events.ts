// What the registrar may write to its log: ids and counts. Never a phone, a ticket, a code or a text.
import { defineEvents } from '@tongche/runtime';

export const events = defineEvents('registrar', {
  started: { fields: ['publicUrl', 'internal', 'mode'], meaning: 'Both listeners are open.' },
  pages: { fields: ['sha256', 'files'], meaning: 'The passenger bundle that is served, by digest over all its files.' },
  consent: { fields: ['version', 'sha256'], meaning: 'The text people agree to from now on.' },
  keysAccepted: { fields: ['days', 'from', 'to'], meaning: 'Day keys arrived from the vault.' },
  keysRefused: {
    fields: ['reason'],
    level: 'error',
    meaning: 'Day keys arrived that are not the vault’s, or changed.',
  },
  keyDestroyed: { fields: ['slot'], meaning: 'A key slot was overwritten and removed, its time being over.' },
  admissionDelivered: { fields: ['days'], meaning: 'The platform has the admission keys of so many days.' },
  admissionWaiting: {
    fields: ['days', 'code'],
    level: 'warn',
    meaning: 'The platform could not be given keys; tried again.',
  },
  identityUnknown: { fields: ['code'], level: 'warn', meaning: 'The platform’s assist key could not be asked for.' },
  otpBreaker: {
    fields: ['untilMs', 'reason'],
    level: 'error',
    meaning: 'ALARM: one-time codes are stopped for a while.',
  },
  otpProvider: {
    fields: ['provider', 'reason'],
    level: 'warn',
    meaning: 'A provider would not take a one-time code; the next one was asked, where there is one.',
  },
  otpMessage: {
    fields: ['outcome', 'reason'],
    level: 'warn',
    meaning: 'A code was not certainly taken by the gateway.',
  },
  wechatAway: { fields: [], level: 'warn', meaning: 'WeChat did not answer about a code, or refused our credentials.' },
  relayed: { fields: ['sent', 'accepted', 'refused', 'left'], meaning: 'Due blobs went to the platform, shuffled.' },
  relayWaiting: { fields: ['due', 'code'], level: 'warn', meaning: 'Due blobs could not be delivered; tried again.' },
  retired: {
    fields: ['blobs', 'denials', 'notices', 'receipts', 'challenges', 'lists'],
    meaning: 'Rows past their life, deleted.',
  },
  notices: { fields: ['count'], meaning: 'Notice blobs arrived from the vault.' },
  list: { fields: ['kind', 'date', 'count'], meaning: 'A daily list arrived from the vault.' },
  logMirrored: { fields: ['from', 'entries', 'size'], meaning: 'Entries of the public log arrived and fit.' },
  logRefused: {
    fields: ['reason', 'size'],
    level: 'error',
    meaning: 'ALARM: entries arrived that do not fit the log mirrored so far.',
  },
});
