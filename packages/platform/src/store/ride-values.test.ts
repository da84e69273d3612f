// The two forms in which rides are written, on the same batches: what is stored, who is told to be new, what is said.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '@tongche/postgres';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';
import { MINUTE_MS, toBase64Url, uuidText } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { rideIdSync } from '@tongche/protocol/node';
import * as fc from 'fast-check';
import { BOARDING_CHARS } from '../peers/boarding.ts';
import { CHANNEL, RIDES_PER_PART, rideParts, ridesHead } from '../peers/messages.ts';
import { deleteNotes, insertNotes, notesAt } from './notes.ts';
import { insertRidesAsValues } from './ride-values.ts';
import { insertRides } from './ride-writes.ts';
import type { InsertRides, NewRide } from './ride-writes.ts';

interface Form {
  readonly db: Database;
  readonly insert: InsertRides;
  readonly origin: string;
  readonly heard: string[];
  close(): Promise<void>;
}

const dayMs = Date.parse('2026-11-20T00:00:00+08:00');
const span = { fromMs: dayMs, toMs: dayMs + 100 * MINUTE_MS, day: 1 };
let forms: readonly [Form, Form];

async function openForm(insert: InsertRides, origin: string): Promise<Form> {
  const database = await testDatabase(await testEngine(), new URL('../../migrations', import.meta.url));
  const { db } = database;
  for (const table of ['ride', 'ride_note']) {
    await db.query(`create table ${table}_d1 partition of ${table} for values from (minvalue) to (maxvalue)`);
  }
  const heard: string[] = [];
  const head = ridesHead(origin);
  await db.listen(CHANNEL, (payload) => {
    // Behind the head stands the number of the transaction, which is the database's own.
    if (payload.startsWith(head)) heard.push(payload.slice(payload.indexOf('.', head.length) + 1));
  });
  return { db, insert, origin, heard, close: async () => database.close() };
}

before(async () => {
  forms = [await openForm(insertRides, 'arrays00'), await openForm(insertRidesAsValues, 'values00')];
});

after(async () => {
  for (const form of forms) await form.close();
});

const filled = (byte: number, length: number): Bytes => new Uint8Array(length).fill(byte);

function rideOf({
  tag,
  code,
  minute,
}: {
  readonly tag: number;
  readonly code: number;
  readonly minute: number;
}): NewRide {
  const boardedMs = dayMs + minute * MINUTE_MS;
  return {
    rideId: rideIdSync({ tag: filled(tag, 16), code: filled(code, 8), boardedMs }),
    tag: filled(tag, 16),
    eraseC: filled(tag + 1, 16),
    codeId: code,
    receivedS: Math.floor(boardedMs / 1000),
    run: tag % 3 === 0 ? null : tag,
    no: 70_000 + minute,
    boardSeq: tag % 2 === 0 ? null : minute,
    w2: minute,
    iss: 65_535 - tag,
    suite: 1,
    flags: code,
    enc: filled(4, 65),
    ct: filled(minute, 96),
  };
}

/** As `rides` are announced; only their number and order matter here. */
function partsOf(rides: readonly NewRide[]): readonly string[] {
  return rideParts(
    rides.map(({ codeId, rideId, receivedS, w2, flags }) => ({
      codeId,
      rideId,
      receivedS,
      w2,
      flags,
      check: { text: 'AA', colour: 'blue' },
    })),
  );
}

async function written({ db, insert, origin }: Form, rides: readonly NewRide[], knownTags: boolean) {
  const { fresh, xid } = await insert(db, rides, span, { knownTags, telling: { origin, parts: partsOf(rides) } });
  return { fresh: rides.map((ride) => fresh.has(ride)), told: xid !== undefined };
}

const rowsOf = async ({ db }: Form): Promise<readonly unknown[]> =>
  db.query('select * from ride order by code_id, ride_id');

/** A notification comes after its commit; one of our own tells that all before it have come. */
async function allHeard(form: Form): Promise<readonly string[]> {
  const mark = `${ridesHead(form.origin)}0.end`;
  await form.db.query('select pg_notify($1, $2)', [CHANNEL, mark]);
  while (form.heard.at(-1) !== 'end') await new Promise((done) => setImmediate(done));
  form.heard.pop();
  const bodies = form.heard.splice(0);
  // Which ride stands where in which piece is nobody's business, but every piece is full before the next begins.
  const rides = bodies.join('').match(new RegExp(`.{${BOARDING_CHARS}}`, 'g')) ?? [];
  return [...bodies.map(({ length }) => `${length}`), ...rides.sort()];
}

const batch = fc.uniqueArray(
  fc.record({ tag: fc.integer({ min: 1, max: 60 }), code: fc.integer({ min: 1, max: 3 }), minute: fc.nat({ max: 3 }) }),
  { minLength: 1, maxLength: 40, selector: ({ tag }) => tag },
);

test('random batches with retries, known tags and second rides come out the same', async () => {
  let repeated = 0;
  await fc.assert(
    fc.asyncProperty(batch, fc.boolean(), async (drawn, knownTags) => {
      const rides = drawn.map(rideOf);
      const [arrays, values] = [await written(forms[0], rides, knownTags), await written(forms[1], rides, knownTags)];
      assert.deepEqual(values, arrays);
      if (arrays.fresh.includes(false)) repeated += 1;
      assert.deepEqual(await allHeard(forms[1]), await allHeard(forms[0]));
    }),
    { numRuns: 60, seed: 20_261_128 },
  );
  assert.ok(repeated > 20, `${repeated} batches held what was there`);
  assert.deepEqual(await rowsOf(forms[1]), await rowsOf(forms[0]));
});

test('a batch of more rides than one notification carries is told in the same pieces', async () => {
  const rides = Array.from({ length: RIDES_PER_PART + 5 }, (_, n) =>
    rideOf({ tag: n % 251, code: 100 + n, minute: 9 }),
  );
  const some = rides.filter((_, n) => n % 7 === 0);
  for (const form of forms) await written(form, some, true);
  for (const form of forms) await allHeard(form);
  assert.deepEqual(await written(forms[1], rides, true), await written(forms[0], rides, true));
  const said = await allHeard(forms[0]);
  assert.deepEqual(await allHeard(forms[1]), said);
  assert.ok(said.length > 0);
});

test('a ride of a day without a place fails the batch in both forms and says nothing', async () => {
  for (const form of forms) {
    await form.db.query('alter table ride detach partition ride_d1');
    await assert.rejects(written(form, [rideOf({ tag: 200, code: 1, minute: 1 })], false), { code: '23514' });
    await form.db.query('alter table ride attach partition ride_d1 for values from (minvalue) to (maxvalue)');
    assert.deepEqual(await allHeard(form), []);
  }
});

test('notes too: the first of a place stays, and only those asked for are found or deleted', async () => {
  const placeOf = (n: number): string => uuidText(filled(n, 16));
  const note = (n: number, byte: number) => ({ day: 20_777, place: placeOf(n), ct: filled(byte, 32) });
  for (const [form, kind] of [
    [forms[0], 'arrays'],
    [forms[1], 'values'],
  ] as const) {
    await insertNotes(form.db, [note(0, 1), note(1, 2), note(1, 3)], kind);
    await insertNotes(form.db, [note(0, 9), note(2, 4)], kind);
  }
  const [arrays, values] = await Promise.all(
    forms.map(async ({ db }) =>
      notesAt(
        db,
        [0, 1, 2, 3].flatMap((n) => [20_777, 20_778].map((day) => ({ day, place: placeOf(n) }))),
      ),
    ),
  );
  const byPlace = (notes: typeof arrays) => notes?.toSorted((a, b) => a.place.localeCompare(b.place));
  assert.deepEqual(byPlace(values), byPlace(arrays));
  assert.deepEqual(
    byPlace(arrays)?.map(({ day, place, ct }) => [day, place, ct]),
    [0, 1, 2].map((n) => [20_777, placeOf(n), toBase64Url(filled([1, 2, 4][n] ?? 0, 32))]),
  );
  for (const { db } of forms) {
    await deleteNotes(db, 20_777, [placeOf(0), placeOf(2)]);
    await deleteNotes(db, 20_778, [placeOf(1)]);
    assert.deepEqual(
      (await db.query<{ place: string }>('select place from ride_note')).map(({ place }) => place),
      [placeOf(1)],
    );
  }
});
