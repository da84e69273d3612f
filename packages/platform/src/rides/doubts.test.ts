// Rides that can hardly have been made, from the scan to the stored flags: junk in one minute, a bus in its depot, a bus
// that rests. They are answered like any other, and rides elsewhere are none the worse for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, dayStartMs, MINUTE_MS, uuidText } from '@tongche/protocol';
import type { MadeRide } from '@tongche/protocol';
import { positionsToken, reportEast } from '../positions/positions-kit.ts';
import { openBench, today, zone } from '../test-kit.ts';
import type { RideOptions } from '../test-kit.ts';
import { doubtsOf } from './flags.ts';

const bench = await openBench({ secrets: { positionsToken } });
const { authority, clock, db, post } = bench;
const midnight = dayStartMs(today, zone);

async function scan(options: RideOptions = {}): Promise<MadeRide> {
  const ride = await authority.ride(options);
  const answer = await post(ride.record);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return ride;
}
async function doubts(ride: MadeRide): Promise<readonly string[]> {
  const row = await db.one<{ flags: number }>('select flags from ride where tag = $1', [uuidText(ride.tag)]);
  return doubtsOf(row?.flags ?? assert.fail('the ride was not kept'));
}

/** A position a minute on the spot, up to now; `eastKm` beside the stops of every line. */
async function stands(plate: string, eastKm: number, minutes = 5): Promise<void> {
  const momentsMs = Array.from({ length: minutes }, (_, n) => clock.now() - (minutes - 1 - n) * MINUTE_MS);
  await reportEast(bench.platform.url, plate, eastKm, momentsMs);
}

test('five hundred rides on one bus in one minute are all kept and flagged beyond what its doors let in', async () => {
  const junk = await Promise.all(Array.from({ length: 500 }, () => scan({ code: 1 })));
  const rows = await db.query<{ flags: number; n: number }>('select flags, count(*)::int as n from ride group by 1');
  const byDoubts = new Map(rows.map(({ flags, n }) => [doubtsOf(flags).join(), n]));
  assert.deepEqual(
    [...byDoubts.values()].reduce((sum, n) => sum + n, 0),
    500,
  );
  assert.equal(byDoubts.get(''), 120);
  assert.equal(byDoubts.get('crowded-minute'), 40, 'not yet more than the bus carries');
  assert.equal(byDoubts.get('crowded-minute,over-capacity'), 340);
  const again = await post(junk[0]?.record ?? '');
  assert.equal(again.status, 200);
  assert.deepEqual(await doubts(await scan({ code: 2 })), [], 'another bus');
  assert.deepEqual(await doubts(await scan({ code: 3 })), []);
  await clock.advance(MINUTE_MS);
  assert.deepEqual(await doubts(await scan({ code: 1 })), [], 'who boards a minute later');
});

test('a bus that stands in its depot while its timetable runs cannot be boarded', async () => {
  await clock.advance(60 * MINUTE_MS);
  assert.deepEqual(await doubts(await scan({ code: 1 })), [], 'nothing is known of where it is');
  await stands('粤B12345D', 6);
  const far = await post((await authority.ride({ code: 1 })).record);
  assert.deepEqual([far.status, far.body['flags']], [200, ['implausible']]);
  assert.deepEqual(await doubts(await scan({ code: 1 })), ['far-away']);
  assert.deepEqual(await doubts(await scan({ code: 2 })), [], 'another bus');
  assert.deepEqual(await doubts(await scan({ code: 6 })), [], 'crew take it over there');
  await clock.advance(4 * MINUTE_MS);
  assert.deepEqual(await doubts(await scan({ code: 1 })), [], 'the last position is too old to say anything');
  await stands('粤B12345D', 0.8);
  assert.deepEqual(await doubts(await scan({ code: 1 })), [], 'near enough to its stops');
});

test('a ride of hours ago, sent late, is judged by where the bus was then', async () => {
  const boardedMs = clock.now();
  await stands('粤B12346D', 7);
  await clock.advance(30 * MINUTE_MS);
  await stands('粤B12346D', 0);
  assert.deepEqual(await doubts(await scan({ code: 2, boardedMs, queued: true })), ['far-away']);
  assert.deepEqual(await doubts(await scan({ code: 2 })), []);
});

test('a bus the timetable leaves at rest today is out of service, unless the whole timetable is missing', async () => {
  await db.query(`delete from run where vehicle_id = 'bus-2' and day = $1`, [today + 1]);
  await db.query('delete from run where day = $1', [today + 2]);
  await clock.advanceTo(midnight + DAY_MS + 12 * 60 * MINUTE_MS);
  assert.deepEqual(await doubts(await scan({ code: 2 })), ['out-of-service']);
  assert.deepEqual(await doubts(await scan({ code: 1 })), []);
  await clock.advanceTo(midnight + 2 * DAY_MS + 12 * 60 * MINUTE_MS);
  assert.deepEqual(await doubts(await scan({ code: 2 })), []);
});
