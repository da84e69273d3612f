// Where the rides of a batch go: into the table of their day, whatever has become of it, and else wherever they belong.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Database } from '@tongche/postgres';
import { dayTable } from '@tongche/postgres';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';
import { dayStartMs, MINUTE_MS, rideIdBounds, uuidText } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { rideIdSync } from '@tongche/protocol/node';
import { zone } from '../test-kit.ts';
import { insertRides } from './ride-writes.ts';
import type { NewRide } from './ride-writes.ts';

const [today, tomorrow, never] = [20_777, 20_778, 20_790];
const filled = (byte: number, length: number): Bytes => new Uint8Array(length).fill(byte);
const boundary = (day: number): string => uuidText(rideIdBounds(dayStartMs(day, zone), dayStartMs(day, zone))[0]);

let db: Database;
let close: () => Promise<void>;

before(async () => {
  const database = await testDatabase(await testEngine(), new URL('../../migrations', import.meta.url));
  db = database.db;
  close = async () => database.close();
});
after(() => close());
beforeEach(async () => {
  for (const day of [today, tomorrow]) {
    await db.query(`drop table if exists ${dayTable('ride', day)}`);
    await makeDay(day);
  }
});

async function makeDay(day: number): Promise<void> {
  const bounds = `from ('${boundary(day)}') to ('${boundary(day + 1)}')`;
  await db.query(`create table ${dayTable('ride', day)} partition of ride for values ${bounds}`);
}

function rideOn(day: number, n: number): NewRide {
  const boardedMs = dayStartMs(day, zone) + n * MINUTE_MS;
  return {
    rideId: rideIdSync({ tag: filled(n, 16), code: filled(n, 8), boardedMs }),
    tag: filled(n, 16),
    eraseC: filled(1, 16),
    codeId: n,
    receivedS: boardedMs / 1000,
    run: null,
    no: 1,
    boardSeq: null,
    w2: n,
    iss: 1,
    suite: 1,
    flags: 0,
    enc: filled(4, 65),
    ct: filled(2, 96),
  };
}

/** As a batch that says it is of `day`; absent: of several. Returns how many were written. */
async function write(rides: readonly NewRide[], day?: number): Promise<number> {
  const span = { fromMs: dayStartMs(today, zone), toMs: dayStartMs(never + 1, zone) - MINUTE_MS, day };
  const telling = { origin: 'writes00', parts: [] };
  return (await insertRides(db, rides, span, { knownTags: false, telling })).fresh.size;
}

async function countOf(table: string): Promise<number> {
  return (await db.one<{ n: number }>(`select count(*)::int as n from ${table}`))?.n ?? 0;
}

test('rides of one day stand in its table, each once, whichever way they came', async () => {
  const rides = [1, 2, 3].map((n) => rideOn(today, n));
  assert.equal(await write(rides, today), 3);
  assert.equal(await write(rides, today), 0);
  assert.equal(await write(rides), 0);
  assert.equal(await write([...rides, rideOn(today, 4)], today), 1);
  assert.equal(await countOf(dayTable('ride', today)), 4);
});

test('a ride that another process wrote in the same moment stays as it is, and the others of the batch are written', async () => {
  assert.equal(await write([rideOn(today, 1)], today), 1);
  // As if its tag had not been there yet when this batch looked for it.
  const again = { ...rideOn(today, 1), tag: filled(99, 16) };
  assert.equal(await write([again, rideOn(today, 2)], today), 1);
  const kept = await db.query<{ tag: string }>(`select tag from ride order by code_id`);
  assert.deepEqual(
    kept.map(({ tag }) => tag),
    [1, 2].map((n) => uuidText(filled(n, 16))),
  );
});

test('a ride that boarded on another day than its batch says is written where it belongs', async () => {
  assert.equal(await write([rideOn(today, 5), rideOn(tomorrow, 6)], today), 2);
  assert.deepEqual([await countOf(dayTable('ride', today)), await countOf(dayTable('ride', tomorrow))], [1, 1]);
});

test('a day without a table takes nothing, and says so as ever', async () => {
  await assert.rejects(write([rideOn(never, 7)], never), { code: '23514' });
  await assert.rejects(write([rideOn(never, 7)]), { code: '23514' });
  assert.equal(await countOf('ride'), 0);
});

test('a table that took the place of another of its name is found by whoever has written before', async () => {
  // Often enough that the server keeps a plan.
  for (let n = 1; n <= 12; n += 1) assert.equal(await write([rideOn(today, n)], today), 1);
  await db.query(`alter table ride detach partition ${dayTable('ride', today)};
    alter table ${dayTable('ride', today)} rename to old`);
  await makeDay(today);
  assert.equal(await write([rideOn(today, 20)], today), 1);
  assert.deepEqual([await countOf(dayTable('ride', today)), await countOf('old')], [1, 12]);
  await db.query('drop table old');
});
