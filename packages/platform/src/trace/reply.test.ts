// What a trace's answer says beside rides: places and sources of stop times, crew, stickers that were moved, boardings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkReply, RunsReply } from '@tongche/contract';
import { MINUTE_MS, orderHash, signRequest, toBase64Url } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { countBoardings } from '../boarding-counts.ts';
import { codeBytes, openBench, smallCity, startMs, today, zone } from '../test-kit.ts';
import { around, codeOf, hour, openDesk, tagsOf } from './trace-kit.ts';

const bench = await openBench();
const { authority, post, db } = bench;
const { orderOf, match, fetchOf } = await openDesk(bench);
const departsMs = startMs - 12 * MINUTE_MS - 20_000;

async function shift(unitId: string, fromMs: number, toMs: number | null): Promise<void> {
  await bench.platform.putStaff({
    account: 'wang',
    name: { zh: '王', en: 'Wang' },
    role: 'driver',
    password: 'a long word',
  });
  await db.query(
    `insert into shift (staff_id, unit_id, code_id, started_ms, ended_ms) select staff_id, $1, 1, $2, $3 from staff_account`,
    [unitId, fromMs, toMs],
  );
}

const sick = await authority.ride();
await post(sick.record);

test('stops have places, and times say where they come from', async () => {
  const matched = await match({ tags: tagsOf(sick) });
  const [run] = matched.runs;
  assert.deepEqual([run?.lineId, run?.dir], ['M133', 0]);
  const stop = run?.stops[3];
  assert.deepEqual([stop?.stopId, stop?.lat, stop?.lon, stop?.source], ['s3', 22.503, 114, 'schedule']);
  // A driver who set out four minutes late.
  await shift('bus-1', departsMs, null);
  await db.query(
    `insert into trip (shift_id, run_id, dir, started_ms)
     select shift_id, (select run_id from run where run_key = $1), 0, $2 from shift`,
    [`${today}:bus-1:8`, departsMs + 4 * MINUTE_MS],
  );
  await bench.restart();
  const driven = (await match({ tags: tagsOf(sick) })).runs[0];
  assert.deepEqual(
    driven?.stops.slice(0, 2).map(({ depMs, source }) => [depMs - departsMs, source]),
    [
      [4 * MINUTE_MS, 'trip'],
      [4 * MINUTE_MS + 100_000, 'trip'],
    ],
  );
});

test('crew come with the end of their shift, also when they scanned long before the window', async () => {
  const driver = await authority.ride({ code: 6, boardedMs: startMs - 5 * hour, queued: true });
  await post(driver.record);
  const order = orderOf({ maxExtraWindows: 10 });
  await match({ order, tags: tagsOf(sick) });
  await db.query('update shift set started_ms = $1, ended_ms = $2', [startMs - 5 * hour, startMs + 2 * hour]);
  const { rides } = await fetchOf(order, [{ ...around('bus-1', startMs), fromMs: startMs - 10 * MINUTE_MS }]);
  const crew = rides.find(({ tag }) => tag === toBase64Url(driver.tag));
  assert.equal(crew?.crewUntilMs, startMs + 2 * hour);
  assert.equal(rides.find(({ tag }) => tag === toBase64Url(sick.tag))?.crewUntilMs, null);
  await db.query('update shift set ended_ms = $1', [startMs - hour]);
  const later = await fetchOf(order, [{ ...around('bus-1', startMs), fromMs: startMs - 9 * MINUTE_MS }]);
  assert.ok(!later.rides.some(({ tag }) => tag === toBase64Url(driver.tag)), 'gone before the window began');
});

test('a sticker’s history is told as far as it touches the window', async () => {
  await bench.platform.moveCode(toBase64Url(codeBytes(2)), 'bus-1', startMs - 5 * MINUTE_MS);
  const order = orderOf();
  await match({ order, tags: tagsOf(sick) });
  const { bindings } = await fetchOf(order, [around('bus-1', startMs)]);
  const moved = bindings.filter(({ code }) => code === toBase64Url(codeBytes(2)));
  assert.deepEqual(
    moved.map(({ unitId, fromMs }) => [unitId, fromMs]),
    [
      ['bus-2', 0],
      ['bus-1', startMs - 5 * MINUTE_MS],
    ],
  );
});

test('carriages, air and capacity of the units are told', async () => {
  const city = smallCity();
  const units = city.units.map((unit) =>
    unit.unitId === 'car-2' ? { ...unit, air: 'sealed' as const, litresPerSecond: 3.2 } : unit,
  );
  await bench.platform.importCity({ ...city, units });
  const onTrain = await authority.ride({ code: 3 });
  await post(onTrain.record);
  const matched = await match({ tags: tagsOf(onTrain) });
  assert.deepEqual(
    matched.units.map(({ unitId, carriageNo, capacity, air, litresPerSecond }) => [
      unitId,
      carriageNo,
      capacity,
      air,
      litresPerSecond,
    ]),
    [
      ['car-1', 1, 80, null, null],
      ['car-2', 2, 80, 'sealed', 3.2],
    ],
  );
});

test('boardings are counted once a day; small cells are nobody’s, and coverage is estimated from counts', async () => {
  const order = orderOf();
  const before = (await match({ order, tags: tagsOf(sick) })).boardings;
  assert.deepEqual(before, []);
  const crowd = await Promise.all(Array.from({ length: 11 }, () => authority.ride({ boardedMs: startMs })));
  for (const { record } of crowd) await post(record);
  const few = await authority.ride({ boardedMs: startMs - 10 * MINUTE_MS, queued: true });
  await post(few.record);
  await db.query(
    `insert into rider_count (day, line_id, hour, riders) values ($1, 'M133', 8, 60), ($1, 'M133', 7, 5)`,
    [today],
  );
  const counted = await countBoardings(db, zone, today);
  assert.equal(await countBoardings(db, zone, today), undefined, 'not twice');
  const { boardings, runs } = await match({ order, tags: tagsOf(sick) });
  assert.equal(boardings.length, 1, 'the stop with one boarding is not told');
  const [stop] = boardings;
  assert.deepEqual([stop?.lineId, stop?.dir], ['M133', 0]);
  assert.ok(stop?.hours.every((heads, at) => (at === 8 ? heads >= 11 : heads === 0)));
  const run = runs.find(({ runKey }) => runKey === `${today}:bus-1:8`);
  assert.ok(run !== undefined && run.estimated !== null && counted !== undefined);
  assert.equal(run.estimated, Math.round((run.heads * 60) / counted));
});

test('lines and vehicles are found by what people call them, and their runs under an order, without a ride', async () => {
  const found = (await bench.inner.get('/internal/network?q=133')) as NetworkReply;
  assert.deepEqual(
    found.lines.map(({ id, directions }) => [id, directions.length, directions[0]?.stops.length]),
    [['M133', 2, 30]],
  );
  const plates = (await bench.inner.get(`/internal/network?q=${encodeURIComponent('粤B 12346')}`)) as NetworkReply;
  assert.deepEqual(
    plates.units.map(({ unitId }) => unitId),
    ['bus-2'],
  );
  const order = orderOf();
  await match({ order, tags: tagsOf(sick) });
  const ask = async (change: object = {}) => {
    const body = {
      orderHash: toBase64Url(await orderHash(nodeSuite, order)),
      lineIds: ['M133'],
      unitIds: [],
      fromMs: startMs - 5 * MINUTE_MS,
      toMs: startMs,
      ...change,
    };
    const signed = await signRequest(nodeSuite, authority.sign.sk, body, bench.clock.now());
    return (await bench.inner.post('/internal/runs', signed)) as RunsReply;
  };
  const { runs, units, more } = await ask();
  assert.deepEqual(runs.map(({ runKey }) => runKey).toSorted(), [
    `${today}:bus-1:8`,
    `${today}:bus-2:8`,
    `${today}:train-1:8`,
  ]);
  assert.deepEqual([units.length, more], [4, false]);
  const ofBus = await ask({ lineIds: [], unitIds: ['bus-2'] });
  assert.deepEqual(
    ofBus.runs.map(({ runKey }) => runKey),
    [`${today}:bus-2:8`],
  );
  assert.equal(await codeOf(ask({ fromMs: startMs - 31 * hour })), 'order-limit');
  assert.equal(await codeOf(ask({ fromMs: startMs - 80 * hour, toMs: startMs - 79 * hour })), 'order-limit');
  assert.equal(await codeOf(ask({ orderHash: toBase64Url(new Uint8Array(32)) })), 'not-found');
});
