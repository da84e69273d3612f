// The operator corrects which run a vehicle made, or a list of the day comes late: rides, counts, receipts and open orders
// follow, rows stay as they were, and a restart changes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Correction, CorrectionList, RunChoices } from '@tongche/contract';
import { dayStartMs, dayText, DAY_MS, MINUTE_MS, toBase64Url } from '@tongche/protocol';
import { orderHash } from '@tongche/protocol';
import type { TraceOrder } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { signedIn } from '../staff-kit.ts';
import { errorOf, openBench, smallCity, startMs, today, zone } from '../test-kit.ts';
import { around, codeOf, hour, openDesk, tagsOf } from '../trace/trace-kit.ts';

const bench = await openBench();
const { authority, clock, post, db } = bench;
const desk = await openDesk(bench);
const admin = await signedIn(bench, 'admin');
const driver = await signedIn(bench, 'driver');
const api = '/operator/api/corrections';
const midnight = dayStartMs(today, zone);
const keyOf = (vehicle: string, h: number): string => `${today}:${vehicle}:${h}`;
const at = (h: number, min: number): number => midnight + h * hour + min * MINUTE_MS;

async function revisionOf(order: TraceOrder, since: number): Promise<{ revision: number; rides: number }> {
  const hash = toBase64Url(await orderHash(nodeSuite, order));
  return (await bench.inner.get(`/internal/orders/${hash}/revision?since=${since}`)) as {
    revision: number;
    rides: number;
  };
}
const runOf = (body: Readonly<Record<string, unknown>>): string | undefined =>
  (body['run'] as { key: string } | null)?.key;

test('a correction moves rides, receipts of retries, counts and what a trace finds; rows are not rewritten', async () => {
  const [sick, fellow, earlier] = [
    await authority.ride(),
    await authority.ride({ party: 2 }),
    await authority.ride({ boardedMs: at(8, 10) }),
  ];
  const first = await post(sick.record);
  assert.deepEqual([runOf(first.body), first.body['basis'], first.body['no']], [keyOf('bus-1', 8), 'schedule', 1]);
  await post(fellow.record);
  await post(earlier.record);
  const order = desk.orderOf();
  const matched = await desk.match({ order, tags: tagsOf(sick) });
  assert.equal(matched.rides[0]?.basis, 'schedule');
  const before = await db.query('select * from ride order by ride_id');

  // At 08:12 it made the other bus's run; at 08:10 still its own.
  const span = { vehicleId: 'bus-1', fromMs: at(8, 11), toMs: at(8, 30) };
  const made = await admin('POST', api, { ...span, runKey: keyOf('bus-2', 8) });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const correction = made.body as unknown as Correction;
  assert.deepEqual([correction.rides, correction.runKey, correction.madeMs], [2, keyOf('bus-2', 8), clock.now()]);
  assert.deepEqual(await db.query('select * from ride order by ride_id'), before);

  const again = await post(sick.record);
  assert.deepEqual([runOf(again.body), again.body['basis'], again.body['no']], [keyOf('bus-2', 8), 'corrected', 1]);
  const told = await revisionOf(order, matched.revision);
  assert.deepEqual([told.rides, told.revision > matched.revision], [2, true]);
  assert.deepEqual(await revisionOf(order, told.revision), { revision: told.revision, rides: 0 });
  const fetched = await desk.fetchOf(order, [around('bus-1', startMs)]);
  assert.equal(fetched.revision, told.revision);
  const labels = new Map(fetched.rides.map(({ tag, runKey, basis }) => [tag, [runKey, basis]]));
  assert.deepEqual(labels.get(toBase64Url(sick.tag)), [keyOf('bus-2', 8), 'corrected']);
  assert.deepEqual(labels.get(toBase64Url(fellow.tag)), [keyOf('bus-2', 8), 'corrected']);
  assert.deepEqual(labels.get(toBase64Url(earlier.tag)), [keyOf('bus-1', 8), 'schedule']);
  const run = fetched.runs.find(({ runKey }) => runKey === keyOf('bus-2', 8));
  assert.deepEqual([run?.vehicleId, run?.heads, run?.basis], ['bus-1', 4, 'corrected']);
  assert.ok(run?.stops.every(({ source }) => source === 'schedule'));
  assert.equal(fetched.runs.find(({ runKey }) => runKey === keyOf('bus-1', 8))?.heads, 1);
});

test('after a restart everything is known as before', async () => {
  await bench.restart();
  const next = await post((await authority.ride()).record);
  assert.deepEqual([runOf(next.body), next.body['basis'], next.body['no']], [keyOf('bus-2', 8), 'corrected', 5]);
  const list = (await admin('GET', `${api}?date=${dayText(today)}&unit=bus-1`)).body as unknown as CorrectionList;
  assert.deepEqual(
    list.rows.map(({ vehicleId, rides }) => [vehicleId, rides]),
    [['bus-1', 2]],
  );
});

test('a correction may say that there was no run, and the last one counts', async () => {
  const span = { vehicleId: 'bus-1', fromMs: at(8, 11), toMs: at(8, 14) };
  assert.equal((await admin('POST', api, { ...span, runKey: null })).body['rides'], 3);
  const lone = await post((await authority.ride()).record);
  assert.deepEqual([lone.body['run'], lone.body['line'], lone.body['basis']], [null, null, 'corrected']);
  assert.deepEqual(lone.body['flags'], ['implausible']);
  assert.equal((await admin('POST', api, { ...span, runKey: keyOf('bus-1', 8) })).body['rides'], 4);
  const back = await post((await authority.ride()).record);
  assert.deepEqual([runOf(back.body), back.body['basis']], [keyOf('bus-1', 8), 'corrected']);
});

test('what a console shows to choose from', async () => {
  const answer = await admin('GET', `/operator/api/vehicles/bus-1/runs?date=${dayText(today)}`);
  const { vehicleId, made, choices } = answer.body as unknown as RunChoices;
  assert.equal(vehicleId, 'bus-1');
  const eight = made.filter(({ fromMs, toMs }) => toMs > at(8, 0) && fromMs < at(8, 40));
  assert.deepEqual(
    eight.map(({ runKey, basis }) => [runKey, basis]),
    [
      [keyOf('bus-1', 8), 'schedule'],
      [keyOf('bus-1', 8), 'corrected'],
      [keyOf('bus-2', 8), 'corrected'],
      [keyOf('bus-1', 8), 'schedule'],
    ],
  );
  assert.ok(choices.length >= 48 && choices.some(({ runKey }) => runKey === keyOf('bus-2', 8)));
  const detail = await admin('GET', `/operator/api/vehicles/bus-1?date=${dayText(today)}`);
  const runs = detail.body['runs'] as { runKey: string; corrected: boolean; heads: number }[];
  assert.ok(runs.some(({ corrected }) => corrected));
  assert.equal(errorOf(await admin('GET', '/operator/api/vehicles/nothing/runs')), 'not-found');
});

test('a list of the day that comes late is a dispatch: rides follow, and the same list again changes nothing', async () => {
  const ride = await authority.ride({ code: 2, boardedMs: at(7, 20), queued: true });
  assert.equal(runOf((await post(ride.record)).body), keyOf('bus-2', 7));
  const order = desk.orderOf();
  const matched = await desk.match({ order, tags: tagsOf(ride) });
  const city = smallCity();
  const swapped = {
    ...city,
    runs: (day: number) =>
      city.runs(day).map((run) => {
        if (run.day !== today || !run.runKey.endsWith(':7')) return run;
        const vehicleId = run.vehicleId === 'bus-1' ? 'bus-2' : run.vehicleId === 'bus-2' ? 'bus-1' : run.vehicleId;
        return { ...run, vehicleId, dispatched: true };
      }),
  };
  await bench.platform.importCity(swapped);
  const again = await post(ride.record);
  assert.deepEqual([runOf(again.body), again.body['basis']], [keyOf('bus-1', 7), 'dispatch']);
  const told = await revisionOf(order, matched.revision);
  assert.deepEqual([told.rides, told.revision > matched.revision], [1, true]);
  await bench.platform.importCity(swapped);
  assert.deepEqual(await revisionOf(order, told.revision), { revision: told.revision, rides: 0 });
  const rows = await db.query('select run_id from run_segment');
  assert.equal(rows.length, 2);
});

test('the driver’s screen counts what belongs to the trip as known now', async () => {
  await clock.advance(MINUTE_MS);
  const rest = { vehicleId: 'bus-1', fromMs: at(8, 13), toMs: at(8, 40) };
  await admin('POST', api, { ...rest, runKey: keyOf('bus-1', 8) });
  const taken = await driver('POST', '/staff/shifts', { code: toBase64Url(new Uint8Array([1, 1, 2, 3, 4, 5, 6, 7])) });
  const shiftId = String(taken.body['shiftId']);
  assert.deepEqual([taken.status, taken.body['basis']], [200, 'corrected']);
  await driver('POST', `/staff/shifts/${shiftId}/trip`, { dir: 0 });
  await clock.advance(MINUTE_MS);
  const ride = await authority.ride({ party: 1 });
  await post(ride.record);
  const live = async () => (await driver('GET', `/staff/shifts/${shiftId}/live.json`)).body;
  const counted = (await live())['heads'];
  const span = { vehicleId: 'bus-1', fromMs: at(8, 13), toMs: at(8, 20) };
  await admin('POST', api, { ...span, runKey: keyOf('bus-1', 9) });
  assert.equal((await live())['heads'], Number(counted) - 2);
  await admin('POST', api, { ...span, runKey: keyOf('bus-1', 8) });
  assert.equal((await live())['heads'], counted);
  const summary = await driver('DELETE', `/staff/shifts/${shiftId}/trip`);
  assert.equal(summary.body['heads'], counted);
  await driver('DELETE', `/staff/shifts/${shiftId}`);
});

test('nobody but an admin corrects, and only what can have been', async () => {
  const good = { vehicleId: 'bus-1', fromMs: at(8, 0), toMs: at(8, 10), runKey: keyOf('bus-1', 8) };
  assert.equal(errorOf(await driver('POST', api, good)), 'forbidden');
  const stranger = await bench.call(api, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(good),
  });
  assert.equal(errorOf(stranger), 'not-signed-in');
  for (const [change, code] of [
    [{ vehicleId: 'nothing' }, 'bad-request'],
    [{ runKey: 'nothing' }, 'bad-request'],
    [{ runKey: `${today + 1}:bus-1:8` }, 'bad-request'],
    [{ toMs: good.fromMs }, 'bad-request'],
    [{ toMs: good.fromMs + DAY_MS + 1 }, 'bad-request'],
    [{ fromMs: at(12, 0), toMs: at(13, 0) }, 'bad-request'],
    [{ fromMs: midnight - 40 * DAY_MS, toMs: midnight - 40 * DAY_MS + 1 }, 'outside-retention'],
  ] as const) {
    assert.equal(errorOf(await admin('POST', api, { ...good, ...change })), code, JSON.stringify(change));
  }
});

test('an order that is over, or that nobody made, is told nothing', async () => {
  const order = desk.orderOf({ watchUntilMs: clock.now() + hour, expiresMs: clock.now() + hour });
  await desk.match({ order, tags: tagsOf(await authority.ride()) });
  assert.equal((await revisionOf(order, 0)).rides, 0, 'it matched no ride');
  await clock.advance(hour + 1);
  assert.equal(await codeOf(revisionOf(order, 0)), 'order-expired');
  assert.equal(await codeOf(revisionOf(desk.orderOf(), 0)), 'not-found');
});

test('what is known of runs goes with their rides', async () => {
  await clock.advance(29 * DAY_MS);
  await bench.platform.roll();
  for (const table of ['run_segment', 'run_correction', 'relabel']) {
    assert.deepEqual(await db.query(`select 1 from ${table}`), [], table);
  }
});
