// What docs/sizing.md is computed from. A figure measured anew is changed here, and the page made again.
import type { Assumptions, Figures, Place } from './sizing.ts';

interface Input {
  readonly value: number;
  readonly unit: string;
  readonly what: string;
  /** Command or source. */
  readonly from: string;
}

export const FIGURES: Readonly<Record<keyof Figures, Input>> = {
  nodeMicros: { value: 72, unit: 'µs', what: 'Node, a ride from socket to answer', from: '`npm run bench -- intake`' },
  postgresMicros: { value: 24, unit: 'µs', what: 'PostgreSQL, the same ride', from: '`npm run bench -- intake`' },
  hotBytes: {
    value: 340,
    unit: 'B',
    what: 'ride with its indexes on the day it is written',
    from: '`npm run bench -- storage`',
  },
  sealedBytes: {
    value: 304,
    unit: 'B',
    what: 'the same after its day was rewritten',
    from: '`npm run bench -- wal`',
  },
  tagIndexBytes: { value: 31, unit: 'B', what: 'of it, the index by tag', from: '`npm run bench -- wal`' },
  keyIndexBytes: { value: 57, unit: 'B', what: 'of it, the primary key', from: '`npm run bench -- wal`' },
  noteBytes: { value: 138, unit: 'B', what: 'stop note with its index', from: '`npm run bench -- wal`' },
  walBytes: { value: 445, unit: 'B', what: 'WAL of a ride on pages changed already', from: '`npm run bench -- wal`' },
  pageImageBytes: {
    value: 4_247,
    unit: 'B',
    what: 'image of a page in the WAL, pglz',
    from: '`npm run bench -- wal`',
  },
  wireInBytes: {
    value: 3_000,
    unit: 'B',
    what: 'a ride to the platform: TLS 1.3 set-up, HTTP, 300 characters',
    from: 'assumed',
  },
  wireOutBytes: { value: 5_000, unit: 'B', what: 'the answer: certificate chain, HTTP, 300 bytes', from: 'assumed' },
  walletsPerCore: { value: 1_600, unit: '/s', what: 'wallets of one core', from: '`npm run bench -- wallets`' },
  envelopesPerCore: {
    value: 3_800,
    unit: '/s',
    what: 'envelopes opened by one core',
    from: '`npm run bench -- opening`',
  },
};

export const ASSUMPTIONS: Readonly<Record<keyof Assumptions, Input>> = {
  retentionDays: { value: 28, unit: 'days', what: 'rides are kept', from: 'retentionDays' },
  hotDays: { value: 2, unit: 'days', what: 'not rewritten yet', from: 'today and yesterday' },
  notesPerRide: {
    value: 0.9,
    unit: '',
    what: 'stop notes a ride',
    from: 'every ride that another one follows within a week',
  },
  ridesPerRider: { value: 2, unit: '', what: 'rides of a rider a day', from: 'to work and back' },
  walletDays: { value: 7, unit: 'days', what: 'between two wallets of a phone', from: 'wallets of nine days' },
  peakFactor: {
    value: 5,
    unit: '×',
    what: 'busiest second against the mean',
    from: 'the rides’ own: 1,500 against 231',
  },
  utilisation: {
    value: 0.5,
    unit: '',
    what: 'of a core is used at the peak',
    from: 'room for a failed server and for bursts',
  },
  fill: { value: 0.65, unit: '', what: 'of a disk is used', from: 'a full WAL stops the server' },
  standbys: { value: 2, unit: '', what: 'copies beside the primary', from: 'one synchronous, one to take its place' },
  checkpointMinutes: {
    value: 30,
    unit: 'min',
    what: 'between checkpoints',
    from: '`checkpoint_timeout`, `max_wal_size` large enough',
  },
  pageFill: { value: 0.7, unit: '', what: 'of an index page is used', from: 'inserts at random places' },
  serverBytes: {
    value: 2e12,
    unit: 'B',
    what: 'on one database server',
    from: 'backup and a new standby within hours',
  },
  ridesPerCode: { value: 300, unit: '', what: 'rides of a printed code a day', from: '20 million on 65,000 codes' },
  envelopesPerCase: {
    value: 1_100,
    unit: '',
    what: 'envelopes opened for a case',
    from: '36 rides of 14 days with 30 fellow riders each',
  },
};

/** 120 billion rides a year are 330 million a day and 3,800 a second. */
export const PLACES: readonly Place[] = [
  { name: 'city of 20 million', ridesPerDay: 20e6, peakPerSecond: 1_500 },
  { name: 'nation', ridesPerDay: 330e6, peakPerSecond: 15_000 },
];
/** Everybody, and what is registered where nobody must. */
export const SHARES: readonly number[] = [1, 0.3];

type Values<Key extends string> = Readonly<Record<Key, number>>;

/** The bare numbers. */
export function valuesOf<Key extends string>(inputs: Readonly<Record<Key, Input>>): Values<Key> {
  return Object.fromEntries(Object.entries<Input>(inputs).map(([name, { value }]) => [name, value])) as Values<Key>;
}
