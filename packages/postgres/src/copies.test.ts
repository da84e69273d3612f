// A copy taken from a living database loads into a fresh one with nothing lost, and a damaged one not at all.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ConfigError } from '@tongche/runtime';
import { copyIn, copyOut, dayPartitions, LEAF, readManifest } from './index.ts';
import type { Database, Engine } from './index.ts';
import { testDatabase, testEngine } from './test-kit.ts';

const root = mkdtempSync(join(tmpdir(), 'tongche-copies-'));
after(() => rmSync(root, { recursive: true }));

const schema = join(root, 'migrations');
// Named so that the alphabet would load the referring table first.
const sql = `
create table vehicle (id int primary key, plate text not null);
create table binding (id bigint generated always as identity primary key, vehicle int references vehicle,
  before bigint references binding, made_ms bigint not null, twice bigint generated always as (made_ms * 2) stored);
create table ride (id uuid not null, sealed bytea, odd "char"[], primary key (id)) partition by range (id);
create table note (ride uuid references ride, text text);
create schema outbox;
create table outbox.message ("Id" serial primary key, body jsonb);
create table audit (n int);
create function count_up() returns trigger language plpgsql as $$ begin insert into audit values (1); return new; end $$;
create trigger vehicles after insert on vehicle for each row execute function count_up();
insert into vehicle values (1, '京A·00001');
`;

let engine: Engine;
before(async () => {
  engine = await testEngine();
  mkdirSync(schema);
  writeFileSync(join(schema, '0001_all.sql'), sql);
});

async function fill(db: Database): Promise<void> {
  for (const [name, from, to] of [
    ['ride_d1', '00000001', '00000002'],
    ['ride_d2', '00000002', '00000003'],
  ] as const) {
    const bound = (head: string): string => `'${head}-0000-0000-0000-000000000000'`;
    await db.query(
      `create table ${name} partition of ride for values from (${bound(from)}) to (${bound(to)})
       with (autovacuum_vacuum_insert_scale_factor = 0.05)`,
    );
  }
  await db.query(`insert into vehicle select n, 'plate ' || n from generate_series(2, 500) as s(n)`);
  await db.query(`insert into binding (vehicle, before, made_ms) select n, null, n from generate_series(1, 500) s(n)`);
  await db.query(`update binding set before = 500 where id = 1`);
  await db.query(
    `insert into ride select ('0000000' || 1 + n % 2 || '-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid,
       decode(repeat('ab', 129), 'hex'), array['x', '"']::"char"[] from generate_series(1, 8000) s(n)`,
  );
  await db.query(`insert into note select id, E'tab\\there 中文 \\\\ and a line\\nend' from ride limit 10`);
  await db.query(`insert into outbox.message (body) values ('{"a": [1, null]}'), (null)`);
}

async function digest(db: Database): Promise<unknown> {
  const tables = ['vehicle', 'binding', 'ride', 'note', 'outbox.message', 'audit', 'ride_d1', 'ride_d2'];
  const found: unknown[] = [];
  for (const table of tables) {
    found.push(
      await db.one(
        `select '${table}' as name, count(*) as n, md5(string_agg(t::text, '|' order by t::text)) as digest from ${table} t`,
      ),
    );
  }
  return found;
}

test('round trip: rows, order of references, partitions, sequences, triggers', async () => {
  const source = await testDatabase(engine, schema);
  await fill(source.db);
  const folder = join(root, 'copy');
  const out = await copyOut(source.db, folder);
  assert.equal(out.rows, 500 + 500 + 8000 + 10 + 2 + 500);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);

  const target = await testDatabase(engine, schema);
  await assert.rejects(copyIn(target.db, folder), /not empty/, 'a migration has put a vehicle there');
  assert.deepEqual(await copyIn(target.db, folder, { replace: true }), out);
  assert.deepEqual(await digest(target.db), await digest(source.db));
  const next = await target.db.one<{ id: number }>('insert into binding (vehicle, made_ms) values (1, 1) returning id');
  assert.equal(next?.id, 501);
  const message = await target.db.one<{ id: number }>('insert into outbox.message default values returning "Id" as id');
  assert.equal(message?.id, 3);
  await target.db.query(`insert into vehicle values (501, 'new')`);
  assert.deepEqual(await target.db.one('select count(*) as n from audit'), { n: 501 }, 'triggers work again');
  const options = `select reloptions as o from pg_class where relname = 'ride_d2'`;
  assert.deepEqual(await target.db.one(options), { o: ['autovacuum_vacuum_insert_scale_factor=0.05'] });
});

test('a day with a leaf of its own comes back, also where it has another leaf, and no copy of it that is being made', async () => {
  const bound = (day: number): string => `'0000000${day}-0000-0000-0000-000000000000'`;
  async function ensure(db: Database): Promise<void> {
    const days = dayPartitions(db, 'ride', {
      column: 'id',
      bounds: (day) => [bound(day), bound(day + 1)],
      exchangeable: true,
    });
    for (const day of [1, 2]) await days.ensure(day);
    assert.deepEqual(await days.list(), [1, 2]);
  }
  const source = await testDatabase(engine, schema);
  await ensure(source.db);
  await source.db.query(`insert into ride values (${bound(1)}), (${bound(2)})`);
  await source.db.query(`alter table ride_d1${LEAF.hot} rename to ride_d1${LEAF.sealed}`);
  await source.db.query(`create table ride_d2${LEAF.copy} (like ride_d2${LEAF.hot} including all)`);
  const folder = join(root, 'leaves');
  const out = await copyOut(source.db, folder);
  for (const isMade of [false, true]) {
    const target = await testDatabase(engine, schema);
    if (isMade) await ensure(target.db);
    assert.deepEqual(await copyIn(target.db, folder, { replace: true }), out);
    const rows = await target.db.query<{ leaf: string }>(
      'select tableoid::regclass::text as leaf from ride order by id',
    );
    const first = isMade ? LEAF.hot : LEAF.sealed;
    assert.deepEqual(rows, [{ leaf: `ride_d1${first}` }, { leaf: `ride_d2${LEAF.hot}` }]);
    assert.deepEqual(await target.db.one(`select to_regclass('ride_d2${LEAF.copy}') as t`), { t: null });
  }
});

test('a copy is of one moment: what is written meanwhile is not in it', async () => {
  const source = await testDatabase(engine, schema);
  await fill(source.db);
  const folder = join(root, 'moment');
  const state = { busy: true };
  const writing = (async () => {
    for (let n = 1000; state.busy; n++) {
      await source.db.tx('pair', async (tx) => {
        await tx.query('insert into vehicle values ($1, $2)', [n, 'x']);
        await tx.query('insert into binding (vehicle, made_ms) values ($1, 1)', [n]);
      });
    }
  })();
  await copyOut(source.db, folder);
  state.busy = false;
  await writing;
  const target = await testDatabase(engine, schema);
  await copyIn(target.db, folder, { replace: true });
  const counts = await target.db.one<{ v: number; b: number }>(
    'select (select count(*) from vehicle) as v, (select count(*) from binding) as b',
  );
  assert.equal(counts?.v, counts?.b);
});

test('a damaged, cut or unfinished copy changes nothing', async () => {
  const source = await testDatabase(engine, schema);
  await fill(source.db);
  const folder = join(root, 'damaged');
  await copyOut(source.db, folder);
  await assert.rejects(copyOut(source.db, folder), ConfigError, 'never over another copy');
  const target = await testDatabase(engine, schema);
  const before = await target.db.query('select * from vehicle');
  const { tables } = await readManifest(folder);
  const file = join(folder, tables.find(({ name }) => name === 'ride_d2')?.file ?? '');
  const whole = readFileSync(file);
  const flipped = Buffer.from(whole);
  flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1;
  for (const bad of [flipped, whole.subarray(0, -30), Buffer.alloc(0)]) {
    writeFileSync(file, bad);
    await assert.rejects(copyIn(target.db, folder, { replace: true }));
    assert.deepEqual(await target.db.query('select * from vehicle'), before);
    assert.deepEqual(await target.db.one(`select to_regclass('ride_d2') as t`), { t: null });
  }
  writeFileSync(file, whole);
  rmSync(join(folder, 'manifest.json'));
  await assert.rejects(copyIn(target.db, folder, { replace: true }), /no complete copy/);
});

test('a copy made with other migrations is refused', async () => {
  const source = await testDatabase(engine, schema);
  const folder = join(root, 'other');
  await copyOut(source.db, folder);
  const target = await testDatabase(engine);
  await assert.rejects(copyIn(target.db, folder), /other migrations/);
});
