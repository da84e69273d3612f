// The log events of this package.
import { defineEvents } from '@tongche/runtime';

export const events = defineEvents('postgres', {
  engineStarted: { fields: ['pid', 'adopted', 'ms'], meaning: 'The embedded engine answers; adopted: it was running.' },
  engineStopped: { fields: ['pid'] },
  engineCrashed: {
    fields: ['pid', 'restarts', 'waitMs'],
    level: 'error',
    meaning: 'The embedded engine ended by itself and is started again after the wait.',
  },
  connectionLost: { fields: ['pool', 'code'], level: 'warn', meaning: 'An idle connection ended; a new one is made.' },
  listenLost: { fields: ['pool', 'channel'], level: 'warn', meaning: 'A LISTEN connection ended and is made again.' },
  primaryFound: {
    fields: ['pool', 'host', 'timeline'],
    meaning: 'Of several database servers this one takes writes; asked at the first query and after a failover.',
  },
  primaryMissed: {
    fields: ['pool', 'hosts'],
    level: 'error',
    meaning: 'None of the database servers takes writes at the moment; asked again until one does.',
  },
  primarySilent: {
    fields: ['pool', 'host'],
    level: 'warn',
    meaning: 'The primary stopped answering, or is one no longer; its connections are cut and the others are asked.',
  },
  txRetried: { fields: ['tx', 'code', 'attempt'], level: 'warn', meaning: 'A transaction was begun again.' },
  serverOffers: {
    fields: ['app', 'version', 'citus'],
    meaning: 'The PostgreSQL a process runs on; citus: on, available (not in this database) or none.',
  },
  migrated: { fields: ['app', 'number'], meaning: 'A migration was applied.' },
  distributed: {
    fields: ['table', 'column', 'shards'],
    meaning: 'Citus: the table was spread over the workers by this column. Once in a database’s life.',
  },
  batchSplit: { fields: ['writer', 'rows'], level: 'warn', meaning: 'A failed batch is halved to find its bad row.' },
});
