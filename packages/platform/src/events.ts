// What the platform may write to its log: ids and counts. Never a tag, a code, a query or a text.
import { defineEvents } from '@tongche/runtime';

export const events = defineEvents('platform', {
  started: { fields: ['publicUrl', 'mode', 'codes', 'units'], meaning: 'Both listeners are open.' },
  imported: {
    fields: ['lines', 'stops', 'units', 'codes', 'moved'],
    meaning: 'A city was taken in; `moved` codes changed their unit.',
  },
  cityRowErrors: { fields: ['errors'], level: 'warn', meaning: 'Rows of the city’s files that were left out.' },
  importChecked: {
    fields: ['kind', 'rows', 'bad'],
    meaning: 'A file was read and compared; nothing of it was taken in.',
  },
  importApplied: {
    fields: ['kind', 'added', 'changed', 'gone'],
    meaning: 'A file was taken in: how many things it added, changed and no longer names.',
  },
  runsExpanded: { fields: ['day', 'runs'], meaning: 'The runs of a day are in the database.' },
  batchFailed: { fields: ['rides'], level: 'error', meaning: 'A batch of rides could not be committed.' },
  relayed: { fields: ['notes', 'erased', 'refused'], meaning: 'A delivery of notes and erasures was taken in.' },
  keysAccepted: { fields: ['days'], meaning: 'Admission keys arrived.' },
  keysRefused: {
    fields: ['reason'],
    level: 'error',
    meaning: 'ALARM: admission keys that are not the authority’s, or another key for a day that has one.',
  },
  keyDestroyed: { fields: ['slot'], meaning: 'A key slot was overwritten and removed, its time being over.' },
  rosterAccepted: { fields: ['version', 'keys'], meaning: 'A roster signed by the root key is in force.' },
  logRefused: {
    fields: [],
    level: 'error',
    meaning: 'ALARM: a head of the public log that does not continue the last one.',
  },
  rosterRefused: { fields: ['reason'], level: 'error', meaning: 'ALARM: a roster that the root key did not sign.' },
  traceGranted: {
    fields: ['kind', 'rides', 'windows'],
    meaning: 'Rides were handed over for an approved order.',
  },
  traceRefused: { fields: ['kind', 'reason'], level: 'warn', meaning: 'A request for rides was refused.' },
  runCorrected: {
    fields: ['correction', 'rides'],
    meaning: 'Somebody said which run a vehicle made; `rides` belong to another run since.',
  },
  dispatchTaken: {
    fields: ['vehicles', 'rides'],
    meaning: 'A list of the day changed who made which run; `rides` belong to another run since.',
  },
  positionsTaken: {
    fields: ['positions', 'vehicles', 'unknown', 'bad', 'rides'],
    meaning: 'Positions were taken in; `rides` belong to another run since.',
  },
  positionsFailed: {
    fields: ['reason'],
    level: 'warn',
    meaning: 'The feed of positions was silent, unreadable or old; it is asked again later.',
  },
  peersLost: {
    fields: [],
    level: 'warn',
    meaning: 'The connection on which other processes are heard was lost; everything derived is read again.',
  },
  printed: { fields: ['pages', 'bytes', 'ms'], meaning: 'Stickers or posters are ready to be fetched.' },
  printFailed: { fields: ['reason'], level: 'error', meaning: 'A print could not be made.' },
  shiftTaken: { fields: ['shift', 'closed'], meaning: 'A vehicle was taken; `closed` earlier shifts ended thereby.' },
  partitionDropped: { fields: ['table', 'day'], meaning: 'A day’s rides or notes were destroyed.' },
  daySealed: {
    fields: ['day', 'rows', 'bytesBefore', 'bytesAfter', 'changes', 'lockedMs', 'attempts', 'ms'],
    meaning:
      'A day’s rides were rewritten in code order; `changes` came or went meanwhile, `lockedMs` is how long the day waited.',
  },
  boardingsCounted: {
    fields: ['day', 'heads'],
    meaning: 'Where people boarded on a day that is over was counted by line, stop and hour.',
  },
  dayNotSealed: {
    fields: ['day', 'reason'],
    level: 'warn',
    meaning: 'A day’s rides could not be rewritten and are as they were; it is tried again.',
  },
  calendarLeapt: {
    fields: ['shown', 'known'],
    level: 'error',
    meaning:
      'ALARM: the clock shows a day far beyond the last one rolled or signed for. Nothing is destroyed by it until it is believed; see docs/decisions/0019.',
  },
  rolled: {
    fields: ['day', 'partitions', 'keys', 'runs', 'shifts'],
    meaning: 'The daily roll is done: how many of each were destroyed.',
  },
});
