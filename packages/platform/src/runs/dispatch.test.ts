// A bus breaks down in the midst of its run and another one goes on: whoever scanned before stays with the first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CityData } from '@tongche/network';
import { MINUTE_MS } from '@tongche/protocol';
import { openBench, smallCity, startMs, today } from '../test-kit.ts';

const bench = await openBench();
const { authority, clock, post, db } = bench;
const runOf = (body: Readonly<Record<string, unknown>>): unknown => (body['run'] as { key: string } | null)?.key;
const eight = `${today}:bus-1:8`;

/** The list of the day says that `vehicleId` makes the first bus's run of eight. */
function listed(vehicleId: string): CityData {
  const city = smallCity();
  return {
    ...city,
    runs: (day) => city.runs(day).map((run) => (run.runKey === eight ? { ...run, vehicleId, dispatched: true } : run)),
  };
}

test('a list that comes while the run is under way splits it at that minute', async () => {
  const before = await authority.ride({ code: 1 });
  assert.equal(runOf((await post(before.record)).body), eight);
  await clock.advance(2 * MINUTE_MS);
  await bench.platform.importCity(listed('taxi-1'));
  assert.equal(runOf((await post(before.record)).body), eight, 'nobody moved');
  assert.deepEqual(await db.query('select 1 from relabel'), []);
  await clock.advance(MINUTE_MS);
  const onTaxi = await post((await authority.ride({ code: 7 })).record);
  assert.deepEqual([runOf(onTaxi.body), onTaxi.body['basis'], onTaxi.body['no']], [eight, 'dispatch', 1]);
  const onBus = await post((await authority.ride({ code: 1 })).record);
  assert.deepEqual([onBus.body['run'], onBus.body['basis']], [null, 'usual']);
});

test('the next one takes it over from there; a list after the run tells of all of it', async () => {
  await bench.platform.importCity(listed('bus-2'));
  await clock.advance(MINUTE_MS);
  const onBus2 = await post((await authority.ride({ code: 2 })).record);
  assert.deepEqual([runOf(onBus2.body), onBus2.body['basis']], [eight, 'dispatch']);
  await clock.advance(2 * 60 * MINUTE_MS);
  const late = await authority.ride({ code: 1, boardedMs: startMs, queued: true });
  assert.equal(runOf((await post(late.record)).body), eight);
  await bench.platform.importCity(listed('taxi-1'));
  assert.deepEqual((await post(late.record)).body['run'], null, 'the whole run was another vehicle’s');
  const rows = await db.query<{ vehicle_id: string }>(`select vehicle_id from run_segment where basis = 'dispatch'`);
  assert.deepEqual(rows, [{ vehicle_id: 'taxi-1' }]);
});
