// On a server with Citus: the platform spreads rides and notes by itself, and a day still goes as a whole. All other tests
// of the store part run on the spread tables then, too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askOffer } from '@tongche/postgres';
import { testEngine } from '@tongche/postgres/test-kit';
import { openBench, today } from '../test-kit.ts';
import { DISTRIBUTED } from './distribution.ts';
import { partitionSizesOnShards } from './spread.ts';

const { citus } = await askOffer((await testEngine()).admin);
const skip = citus === 'on' ? false : `citus is ${citus === 'none' ? 'not available' : 'not in this database'}`;

test('rides are spread over the workers of Citus, found again, and dropped by the day', { skip }, async () => {
  const bench = await openBench();
  const { authority, post, db, platform, clock } = bench;
  const rides = await Promise.all(Array.from({ length: 60 }, (_, n) => authority.ride({ code: 1 + (n % 5) })));
  for (const { record } of rides) assert.equal((await post(record)).status, 200);
  for (const { record } of rides) assert.equal((await post(record)).status, 200);

  for (const { table, column } of DISTRIBUTED) {
    const spread = await db.one<{ column: string; kind: string }>(
      `select distribution_column as column, citus_table_type as kind from citus_tables where table_name = to_regclass($1)`,
      [table],
    );
    assert.deepEqual(spread, { column, kind: 'distributed' }, table);
  }
  assert.equal((await db.one<{ n: number }>('select count(*)::int as n from ride'))?.n, rides.length);
  const onShards = await db.one<{ n: number }>(
    `select sum(result::int)::int as n from run_command_on_shards('ride', 'select count(*) from %s')`,
  );
  assert.equal(onShards?.n, rides.length);
  const sizes = await partitionSizesOnShards(db, 'ride');
  assert.ok((sizes.find(({ day }) => day === today)?.bytes ?? 0) > 0);

  await clock.advance(40 * 86_400_000);
  await platform.roll();
  assert.equal((await db.one<{ n: number }>('select count(*)::int as n from ride'))?.n, 0);
  assert.equal(
    (await partitionSizesOnShards(db, 'ride')).some(({ day }) => day === today),
    false,
  );
});
