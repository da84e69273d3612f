// Connections, types, transactions that run again, LISTEN, and the test kit's clones.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ConfigError, memoryLog } from '@tongche/runtime';
import { batchWriter, connect, dayPartitions, migrate } from './index.ts';
import type { Database, Engine } from './index.ts';
import { testDatabase, testEngine } from './test-kit.ts';

let engine: Engine;
let db: Database;
const log = memoryLog();
const root = mkdtempSync(join(tmpdir(), 'tongche-database-'));
after(() => rmSync(root, { recursive: true }));

before(async () => {
  engine = await testEngine();
  ({ db } = await testDatabase(engine, undefined, { log }));
});

let folders = 0;
function migrations(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, `m${folders++}-`));
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql);
  return folder;
}

test('values arrive as numbers, Buffers and text', async () => {
  const row = await db.one(
    `select 9007199254740991::int8 as large, array[1, null]::int8[] as list, '\\x00ff'::bytea as bytes,
            date '2026-03-01' as day, timestamptz '2026-03-01 00:00+00' as at, 1.50::numeric as exact, count(*) as n
     from (values (1), (2)) v`,
  );
  assert.deepEqual(row, {
    large: 9007199254740991,
    list: [1, null],
    bytes: Buffer.from([0, 255]),
    day: '2026-03-01',
    at: '2026-03-01 00:00:00+00',
    exact: '1.50',
    n: 2,
  });
  await assert.rejects(db.query('select 9007199254740992::int8 as larger'), RangeError);
});

test('bytes go in alone and in arrays, also as Uint8Array', async () => {
  const bytes = new Uint8Array([1, 2, 255]);
  const rows = await db.query<{ b: Buffer }>('select b from unnest($1::bytea[]) as t(b)', [[bytes, Buffer.of(0)]]);
  assert.deepEqual(
    rows.map(({ b }) => Array.from(b)),
    [[1, 2, 255], [0]],
  );
  assert.deepEqual((await db.one<{ b: Buffer }>('select $1::bytea as b', [bytes]))?.b, Buffer.from(bytes));
});

test('a result is its rows, and also has rows and rowCount', async () => {
  const result = await db.query<{ n: number }>('select n from generate_series(1, 3) as s(n)');
  assert.deepEqual(result, [{ n: 1 }, { n: 2 }, { n: 3 }]);
  assert.deepEqual(result.rows, [...result]);
  assert.equal(result.rowCount, 3);
  await assert.rejects(db.one('select n from generate_series(1, 3) as s(n)'), /3 rows/);
  assert.equal(await db.one('select 1 where false'), undefined);
});

test('a statement that fails names who asked, in and outside of a transaction', async () => {
  async function asksBadly(of: Pick<Database, 'query'>): Promise<unknown> {
    return await of.query('select nonsense');
  }
  for (const asked of [asksBadly(db), db.tx('bad', async (tx) => await asksBadly(tx))]) {
    await assert.rejects(asked, (error: Error & { code?: string }) => {
      assert.equal(error.code, '42703');
      assert.match(error.message, /nonsense/);
      assert.match(error.stack ?? '', /asksBadly/);
      return true;
    });
  }
});

test('a transaction that throws leaves nothing', async () => {
  await db.query('create table a (n int)');
  await assert.rejects(
    db.tx('broken', async (tx) => {
      await tx.query('insert into a values (1)');
      throw new Error('changed my mind');
    }),
    /changed my mind/,
  );
  assert.equal((await db.query('select n from a')).length, 0);
});

test('transactions that collide run again until all are done', async () => {
  await db.query('create table counter (n int not null)');
  await db.query('insert into counter values (0)');
  let attempts = 0;
  const bump = async (): Promise<void> =>
    db.tx(
      'bump',
      async (tx) => {
        attempts += 1;
        const row = await tx.one<{ n: number }>('select n from counter');
        await tx.query('update counter set n = $1', [(row?.n ?? 0) + 1]);
      },
      { isolation: 'serializable', retries: 50 },
    );
  await Promise.all(Array.from({ length: 6 }, bump));
  assert.deepEqual(await db.one('select n from counter'), { n: 6 });
  assert.ok(attempts > 6, 'at least two of six collided');
  assert.ok(log.lines.some(({ event }) => event === 'postgres.txRetried'));
});

test('retries end, and other errors are not tried again', async () => {
  let attempts = 0;
  const failing = (code: string) => async (): Promise<never> => {
    attempts += 1;
    throw Object.assign(new Error('x'), { code });
  };
  await assert.rejects(db.tx('lost', failing('40001'), { retries: 2 }), { code: '40001' });
  assert.equal(attempts, 3);
  await assert.rejects(db.tx('wrong', failing('23505')), { code: '23505' });
  assert.equal(attempts, 4);
});

test('a connection cut by the server fails its query and nothing else', async () => {
  const cut = db.query('select pg_terminate_backend(pg_backend_pid())');
  await assert.rejects(cut);
  await assert.rejects(
    db.tx('cut', async (tx) => {
      await tx.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
      await tx.query('select 1');
    }),
  );
  assert.deepEqual(await db.one('select 1 as n'), { n: 1 });
});

test('migrations land once, in order, also when two processes start together', async () => {
  const { db: first, url } = await testDatabase(engine);
  const folder = migrations({ '0001_a.sql': 'create table a (n int);', '0002_b.sql': 'insert into a values (1);' });
  const second = connect({ url, name: 'second', log });
  const done = await Promise.all([
    migrate(first, folder, { app: 'demo', log }),
    migrate(second, folder, { app: 'demo', log }),
  ]);
  assert.deepEqual(
    done.map(({ applied }) => applied.length).sort((a, b) => a - b),
    [0, 2],
  );
  assert.deepEqual(await first.one('select n from a'), { n: 1 });
  assert.partialDeepStrictEqual(await migrate(first, folder, { app: 'demo' }), { version: 2, applied: [] });
  await second.end();
});

test('a failing migration leaves the schema as it was', async () => {
  const { db } = await testDatabase(engine);
  const folder = migrations({ '0001_a.sql': 'create table a (n int);', '0002_b.sql': 'create tabel b (n int);' });
  await assert.rejects(migrate(db, folder, { app: 'demo' }), { code: '42601' });
  assert.equal((await db.one<{ t: string | null }>(`select to_regclass('a')::text as t`))?.t, null);
});

test('edited, missing and newer breaking migrations are refused; a newer harmless one is not', async () => {
  const { db } = await testDatabase(engine);
  const one = { '0001_a.sql': 'create table a (n int);' };
  await migrate(db, migrations(one), { app: 'demo' });
  await assert.rejects(migrate(db, migrations({ '0001_a.sql': 'select 1;' }), { app: 'demo' }), ConfigError);
  await assert.rejects(migrate(db, migrations({ '0002_b.sql': 'select 1;' }), { app: 'demo' }), /expected/);
  await migrate(db, migrations({ ...one, '0002_b.sql': 'select 2;' }), { app: 'demo' });
  assert.partialDeepStrictEqual(await migrate(db, migrations(one), { app: 'demo' }), { version: 2, applied: [] });
  const breaking = '-- drops what old code reads\n-- breaking\nselect 3;';
  await migrate(db, migrations({ ...one, '0002_b.sql': 'select 2;', '0003_c.sql': breaking }), { app: 'demo' });
  await assert.rejects(migrate(db, migrations(one), { app: 'demo' }), /newer version \(migration 3\)/);
});

test('the test kit gives every file its own clone, owned by its own role', async () => {
  const folder = migrations({ '0001_a.sql': 'create table a (n int); insert into a values (7);' });
  const [one, two] = await Promise.all([testDatabase(engine, folder), testDatabase(engine, folder)]);
  await one.db.query('update a set n = 8');
  await one.db.query('alter table a add column m int');
  assert.deepEqual(await two.db.one('select * from a'), { n: 7 });
  await one.close();
});

test('days are made, listed, filled and dropped, with readers of other days at work', async () => {
  await db.query('create table ride (id uuid not null, n int) partition by range (id)');
  const literal = (day: number): string => `'${day.toString(16).padStart(8, '0')}-0000-0000-0000-000000000000'`;
  const days = dayPartitions(db, 'ride', { column: 'id', bounds: (day) => [literal(day), literal(day + 1)] });
  await Promise.all([days.ensure(20000), days.ensure(20000), days.ensure(20001)]);
  await days.ensure(20000);
  assert.deepEqual(await days.list(), [20000, 20001]);
  await db.query('insert into ride select $1::uuid, 1', [literal(20000).slice(1, -1)]);
  await assert.rejects(db.query('insert into ride select $1::uuid, 1', [literal(30000).slice(1, -1)]), {
    code: '23514',
  });
  assert.equal(await days.drop(20000), true);
  assert.equal(await days.drop(20000), false);
  assert.deepEqual(await days.list(), [20001]);
  assert.equal((await db.query('select 1 from ride')).length, 0);
  // What a cut-off drop leaves: detached, but still there.
  await db.query('alter table ride detach partition ride_d20001');
  assert.deepEqual(await days.list(), [20001]);
  await assert.rejects(days.ensure(20001), /being removed/);
  assert.equal(await days.drop(20001), true);
  assert.deepEqual(await days.list(), []);
  const wrong = dayPartitions(db, 'ride', { column: 'n', bounds: () => ['0', '1'] });
  await assert.rejects(wrong.ensure(1), /not partitioned by/);
  const unsafe = dayPartitions(db, 'ride', { column: 'id', bounds: () => [`'0'); drop table ride; --'`, '1'] });
  await assert.rejects(unsafe.ensure(1), RangeError);
});

test('a batch into the database: a row without a partition fails alone, a repeated row is no error', async () => {
  await db.query('create table boarding (id int primary key, day int check (day < 10))');
  const writer = batchWriter<{ id: number; day: number }, boolean>({
    log,
    write: async (rows) => {
      const written = await db.query<{ id: number }>(
        {
          name: 'boarding-insert',
          text: `insert into boarding (id, day) select * from unnest($1::int[], $2::int[])
                 on conflict do nothing returning id`,
        },
        [rows.map(({ id }) => id), rows.map(({ day }) => day)],
      );
      const fresh = new Set(written.map(({ id }) => id));
      return rows.map(({ id }) => fresh.has(id));
    },
  });
  const rows = Array.from({ length: 300 }, (_, id) => ({ id, day: id === 137 ? 10 : 1 }));
  const results = await Promise.allSettled(rows.map((row) => writer.add(row)));
  assert.deepEqual(
    results.flatMap(({ status }, id) => (status === 'rejected' ? [id] : [])),
    [137],
  );
  assert.equal((await db.one<{ n: number }>('select count(*) as n from boarding'))?.n, 299);
  assert.equal(await writer.add({ id: 5, day: 1 }), false);
});
