// PostgreSQL: the embedded engine, connections and transactions, migrations, batch writer, day partitions, copies.
export { batchWriter, QueueFull } from './batch-writer.ts';
export type { BatchWriter, BatchWriterOptions } from './batch-writer.ts';
export {
  byteaArray,
  bytesArray,
  charArray,
  int2Array,
  int4Array,
  packedUuidArray,
  uuidArray,
} from './binary-arrays.ts';
export { distribute } from './citus.ts';
export type { DistributedTable } from './citus.ts';
export { copyIn, copyOut } from './copies.ts';
export type { CopyInOptions, CopySummary } from './copies.ts';
export { connect } from './database.ts';
export type { AnyRow, ConnectOptions, Database, Queryable, Rows, Statement, TxOptions } from './database.ts';
export { isAway } from './failures.ts';
export { prepared } from './prepared.ts';
export type { ListenOptions } from './listen.ts';
export { startEngine } from './engine.ts';
export type { Engine, EngineCrash, EngineOptions } from './engine.ts';
export { removeData } from './engine-user.ts';
export type { AsRoot } from './engine-user.ts';
export { events } from './events.ts';
export { readManifest } from './manifest.ts';
export type { Manifest, ManifestSequence, ManifestTable } from './manifest.ts';
export { migrate, readMigrations } from './migrate.ts';
export type { Migrated, MigrateOptions, Migration } from './migrate.ts';
export { askOffer } from './offer.ts';
export type { ServerOffer } from './offer.ts';
export { ALL_ROWS, dayPartitions, dayTable, LEAF } from './partitions.ts';
export type { DayPartitionOptions, DayPartitions } from './partitions.ts';
export { valuesInserter } from './values-insert.ts';
export type { InsertColumn } from './values-insert.ts';
export type { DatabaseRole } from './roles.ts';
