// Questions asked in another way where rides are spread, beside the usual ones on the same rows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { askOffer } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { standInForCitus, testDatabase, testEngine } from '@tongche/postgres/test-kit';
import { DAY_MS, MINUTE_MS } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { rideIdSync } from '@tongche/protocol/node';
import * as fc from 'fast-check';
import { CREW } from '../rides/flags.ts';
import { latestRides } from './live.ts';
import { lastScans, partitionSizes } from './operator.ts';
import { insertRides } from './ride-writes.ts';
import { idBounds } from './rides.ts';
import { lastScansByDay, latestRidesNumbered, partitionSizesOnShards } from './spread.ts';

const codes = 12;
const firstMs = Date.parse('2026-11-18T00:00:00+08:00');
const days = [0, 1, 2].map((n) => ({ fromMs: firstMs + n * DAY_MS, toMs: firstMs + (n + 1) * DAY_MS - MINUTE_MS }));
const filled = (byte: number, length: number): Bytes => new Uint8Array(length).fill(byte);

let db: Database;
let close: () => Promise<void>;

before(async () => {
  const database = await testDatabase(await testEngine(), new URL('../../migrations', import.meta.url));
  db = database.db;
  close = async () => database.close();
  for (const [n, { fromMs, toMs }] of days.entries()) {
    const [lo] = idBounds(fromMs, fromMs);
    const [hi] = idBounds(toMs + MINUTE_MS, toMs + MINUTE_MS);
    await db.query(`create table ride_d${n} partition of ride for values from ('${lo}') to ('${hi}')`);
  }
  // The last code is never scanned, the one before on the first day only.
  await db.query(
    `insert into code (code8, short_code, purpose) select int8send(n), n::text, 'passenger' from generate_series(1, $1::int) n`,
    [codes],
  );
  const [drawn = []] = fc.sample(
    fc.array(
      fc.record({
        code: fc.integer({ min: 1, max: codes - 2 }),
        minute: fc.nat({ max: 3 * 1_440 - 1 }),
        crew: fc.boolean(),
      }),
      {
        minLength: 400,
        maxLength: 400,
      },
    ),
    { numRuns: 1, seed: 20_261_128 },
  );
  const rides = [...drawn, { code: codes - 1, minute: 5, crew: false }].map(({ code, minute, crew }, n) => {
    const tag = Uint8Array.from({ length: 16 }, (_, at) => (n >> (at % 2 === 0 ? 0 : 8)) & 255);
    const boardedMs = firstMs + minute * MINUTE_MS;
    return {
      rideId: rideIdSync({ tag, code: filled(code, 8), boardedMs }),
      tag,
      eraseC: filled(1, 16),
      codeId: code,
      receivedS: boardedMs / 1000,
      run: null,
      no: 1,
      boardSeq: null,
      w2: minute % 1_440,
      iss: 1,
      suite: 1,
      flags: crew ? CREW : 0,
      enc: filled(4, 65),
      ct: filled(2, 96),
    };
  });
  const telling = { origin: 'spread00', parts: [] };
  await insertRides(db, rides, { fromMs: firstMs, toMs: firstMs + 3 * DAY_MS }, { knownTags: true, telling });
  await db.query('analyze');
});
after(async () => close());

test('each code’s last scan is the same asked day by day', async () => {
  const usual = await lastScans(db);
  assert.equal(usual.size, codes - 1);
  assert.deepEqual(await lastScansByDay(db, days), usual);
});

test('the latest rides of spans are the same numbered as cut off', async () => {
  const spans = [
    { codeId: 1, fromMs: firstMs, toMs: firstMs + 3 * DAY_MS },
    { codeId: 1, fromMs: firstMs + DAY_MS, toMs: firstMs + 2 * DAY_MS },
    { codeId: 2, fromMs: firstMs, toMs: firstMs + 60 * MINUTE_MS },
    { codeId: codes, fromMs: firstMs, toMs: firstMs + 3 * DAY_MS },
  ];
  const key = ({ n, rideId }: { readonly n: number; readonly rideId: string }): string => `${n} ${rideId}`;
  for (const limit of [1, 7, 1_000]) {
    const usual = (await latestRides(db, spans, limit)).map((ride) => [key(ride), ride] as const);
    const numbered = (await latestRidesNumbered(db, spans, limit)).map((ride) => [key(ride), ride] as const);
    assert.ok(usual.length > 0);
    assert.deepEqual(new Map(numbered), new Map(usual));
  }
});

test('sizes are added up over what the shards say', async () => {
  await standInForCitus(db);
  const usual = await partitionSizes(db, 'ride');
  assert.equal(usual.length, 3);
  assert.deepEqual(
    (await partitionSizesOnShards(db, 'ride')).map(({ day }) => day),
    usual.map(({ day }) => day),
  );
  // On a server with Citus these rides are not spread, so no shard has any.
  if ((await askOffer(db)).citus !== 'on') assert.deepEqual(await partitionSizesOnShards(db, 'ride'), usual);
});
