// Spreading tables, against a stand-in of what Citus offers: what is asked of it, once, and what it would refuse.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ConfigError, memoryLog } from '@tongche/runtime';
import { distribute } from './citus.ts';
import { standInForCitus } from './citus-stand-in.ts';
import type { Database } from './index.ts';
import { testDatabase, testEngine } from './test-kit.ts';

let db: Database;
const log = memoryLog();

before(async () => {
  ({ db } = await testDatabase(await testEngine()));
  await standInForCitus(db);
  await db.query('create table trip (line int, id uuid, primary key (line, id)) partition by range (id)');
});

const spread = async (): Promise<readonly unknown[]> =>
  db.query(
    'select table_name::text as table, distribution_column as column, shard_count as shards from citus_stand_in',
  );

test('a table is spread once, with eight shards a worker, also when processes start together', async () => {
  const tables = [{ table: 'trip', column: 'line' }];
  await Promise.all([distribute(db, tables, log), distribute(db, tables, log)]);
  await distribute(db, tables, log);
  assert.deepEqual(await spread(), [{ table: 'trip', column: 'line', shards: 16 }]);
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ['postgres.distributed'],
  );
});

test('a table that is spread by another column is refused in one line', async () => {
  await assert.rejects(distribute(db, [{ table: 'trip', column: 'id' }]), ConfigError);
});

test('what Citus refuses leaves nothing half done', async () => {
  const before = await spread();
  await db.query('create table good (line int, id uuid, primary key (line, id))');
  await db.query('create table bad (line int, id uuid primary key)');
  const tables = ['good', 'bad'].map((table) => ({ table, column: 'line' }));
  await assert.rejects(distribute(db, tables), { code: '42P16' });
  assert.deepEqual(await spread(), before);
});
