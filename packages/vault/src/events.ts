// The log events of this process: ids, days and counts, never anything of a case.
import { defineEvents } from '@tongche/runtime';

export const events = defineEvents('vault', {
  started: { fields: ['mode', 'days', 'logSize'], meaning: 'The vault answers; `days` living day keys.' },
  dayKeyMade: { fields: ['day'], meaning: 'Keys of a local day were made and their bundle signed.' },
  dayKeyDestroyed: { fields: ['day'], meaning: 'Keys of a local day were destroyed.' },
  rolled: { fields: ['day', 'made', 'destroyed'], meaning: 'The daily roll is done.' },
  rollWaiting: {
    fields: ['reason'],
    level: 'warn',
    meaning: 'The roll cannot be completed yet and will be tried again.',
  },
  keysPushed: { fields: ['days'], meaning: 'The registrar took day keys and bundles.' },
  pushWaiting: {
    fields: ['what', 'code'],
    level: 'warn',
    meaning: 'Another process did not take something; it is offered again.',
  },
  calendarLeapt: {
    fields: ['shown', 'known'],
    level: 'error',
    meaning:
      'ALARM: the clock shows a day far beyond the last one rolled. Nothing is destroyed by it until it is believed; see docs/decisions/0019.',
  },
  logPushed: { fields: ['size'], meaning: 'The registrar mirrors the log up to this size.' },
  rosterInstalled: { fields: ['version', 'keys'], meaning: 'A roster signed by the root key holds from now on.' },
  orderRefused: { fields: ['code'], meaning: 'A signature or an order was refused.' },
  traceDone: {
    fields: ['rides', 'records', 'verified', 'contacts', 'ms'],
    meaning: 'A trace was carried out.',
  },
  traceFailed: { fields: ['step', 'code'], level: 'warn', meaning: 'A trace was refused or could not be carried out.' },
  traceCorrected: {
    fields: ['rides', 'added', 'removed', 'kept', 'changed', 'upgraded', 'downgraded'],
    meaning: 'The operator corrected which run a vehicle made; an open trace was carried out anew.',
  },
  exportTaken: { fields: ['part', 'rows'], meaning: 'A file of an export that two people signed was taken.' },
  messagesApproved: { fields: ['queued', 'skipped'], meaning: 'Messages were approved and queued.' },
  caseClosed: { fields: ['due'], meaning: 'The key of a case was destroyed; `due`: because its time was over.' },
  listPublished: { fields: ['kind', 'day', 'values'], meaning: 'A daily list was taken by the registrar.' },
});
