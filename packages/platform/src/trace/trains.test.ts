// Stations' codes under an order: which trains and stations the vault is told of, and which windows they open.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceReply, TraceWindow } from '@tongche/contract';
import type { CityData, Run, Unit } from '@tongche/network';
import { dayStartMs, makeShortCode, MINUTE_MS, orderHash, toBase64Url } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { signedIn } from '../staff-kit.ts';
import { codeBytes, openBench, smallCity, startMs, today, zone } from '../test-kit.ts';
import { codeOf, hour, openDesk, tagsOf } from './trace-kit.ts';

/** Codes of this city, beside those of the small one: stations m0..m9 are 20..29, carriages of train n 40 + n. */
const STATIONS = 10;
const TRAINS = 6;

/** A metro line of ten stations, three minutes apart: each platform is a stop of its own, a hall names one of the two. */
function metroCity(): CityData {
  const city = smallCity();
  const stopOf = (dir: number, n: number): string => `m${n}-${dir}`;
  const numbers = Array.from({ length: STATIONS }, (_, n) => n);
  const named = (text: string) => ({ zh: text, en: text });
  const calls = (dir: 0 | 1) => (dir === 0 ? numbers : numbers.toReversed()).map((n) => stopOf(dir, n));
  const halls = numbers.map((n): Unit => {
    const unitId = `hall-${n}`;
    return {
      unitId,
      kind: 'station',
      label: named(`站厅${n}`),
      vehicleId: unitId,
      stopId: stopOf(0, n),
      capacity: 900,
    };
  });
  const trains = Array.from({ length: TRAINS }, (_, n): Unit => {
    const vehicleId = `metro-${n}`;
    return {
      unitId: `${vehicleId}-c`,
      kind: 'carriage',
      label: named(`车厢${n}`),
      vehicleId,
      carriageNo: 1,
      capacity: 200,
    };
  });
  const coded = [...halls.map((unit, n) => ({ unit, no: 20 + n })), ...trains.map((unit, n) => ({ unit, no: 40 + n }))];
  /** One each ten minutes from 07:00 on, every second one the other way; the last an hour and a half after the first. */
  function runs(day: number): readonly Run[] {
    return trains.map(({ vehicleId }, n): Run => {
      const dir = n % 2 === 0 ? 0 : 1;
      const departs = dayStartMs(day, zone) + (7 * 60 + (n === TRAINS - 1 ? 110 : n * 10)) * MINUTE_MS;
      const stops = calls(dir).map((stopId, seq) => {
        const depMs = departs + seq * 3 * MINUTE_MS;
        return { seq, stopId, arrMs: depMs - 30_000, depMs };
      });
      return { runKey: `${day}:${vehicleId}`, lineId: 'metro', dir, day, vehicleId, stops };
    });
  }
  return {
    ...city,
    lines: [...city.lines, { id: 'metro', name: named('地铁1号线'), shortName: '1', mode: 'metro', colour: '#cc0000' }],
    directions: [
      ...city.directions,
      ...([0, 1] as const).map((dir) => ({ lineId: 'metro', dir, headsign: named('终点'), stops: calls(dir) })),
    ],
    stops: [
      ...city.stops,
      ...numbers.flatMap((n) =>
        [0, 1].map((dir) => ({
          id: stopOf(dir, n),
          name: named(`地铁站${n}`),
          lat: 22.6 + n / 50,
          lon: 114 + dir / 2000,
        })),
      ),
    ],
    units: [...city.units, ...halls, ...trains],
    codes: [
      ...city.codes,
      ...coded.map(({ unit: { unitId }, no }) => ({
        code8: toBase64Url(codeBytes(no)),
        shortCode: makeShortCode(no),
        unitId,
        purpose: 'passenger' as const,
      })),
    ],
    runs: (day) => [...city.runs(day), ...runs(day)],
  };
}

const bench = await openBench({ city: metroCity() });
const { authority, post } = bench;
const { orderOf, match, fetchOf } = await openDesk(bench);

/** 07:12:20: when the case registered. */
const sickMs = startMs - hour;
const inHall = (n: number, boardedMs = sickMs) => authority.ride({ code: 20 + n, boardedMs, queued: true });
const inTrain = (n: number, boardedMs = sickMs) => authority.ride({ code: 40 + n, boardedMs, queued: true });
const windowOf = (unitId: string, reason: TraceWindow['reason'] = 'ride', ms = sickMs): TraceWindow => ({
  unitId,
  fromMs: ms - 20 * MINUTE_MS,
  toMs: ms + 40 * MINUTE_MS,
  reason,
});
const keysOf = ({ runs }: TraceReply) => runs.map(({ runKey }) => runKey.replace(`${today}:`, '')).toSorted();

test('a registration at a station is answered with the trains that left it, their carriages, and the stations along them', async () => {
  const sick = await inHall(4);
  await post(sick.record);
  const reply = await match({ tags: tagsOf(sick) });
  // At 07:12 at station 4: those that leave it within 35 minutes, or up to 20 minutes before, either way (they may run late).
  assert.deepEqual(keysOf(reply), ['metro-0', 'metro-1', 'metro-2', 'metro-3']);
  assert.deepEqual(
    reply.rides.map(({ unitId, runKey }) => [unitId, runKey]),
    [['hall-4', null]],
  );
  const kinds = Map.groupBy(reply.units, ({ kind }) => kind);
  assert.deepEqual(
    kinds
      .get('carriage')
      ?.map(({ unitId }) => unitId)
      .toSorted(),
    ['metro-0-c', 'metro-1-c', 'metro-2-c', 'metro-3-c'],
  );
  const halls = kinds.get('station') ?? [];
  assert.equal(halls.length, STATIONS);
  // Both platforms, by name and place.
  assert.deepEqual(halls.find(({ unitId }) => unitId === 'hall-4')?.stopIds?.toSorted(), ['m4-0', 'm4-1']);
  assert.ok(reply.units.every(({ kind, stopIds }) => (kind === 'station') === (stopIds !== undefined)));
});

test('windows on those trains and stations are the ride’s own; on others they count as extra', async () => {
  const [sick, near, far] = [
    await inHall(4),
    await inTrain(2, sickMs + 15 * MINUTE_MS),
    await inHall(6, sickMs + 5 * MINUTE_MS),
  ];
  for (const { record } of [sick, near, far]) await post(record);
  const order = orderOf({ maxExtraWindows: 0 });
  await match({ order, tags: tagsOf(sick) });
  const reply = await fetchOf(order, [windowOf('metro-2-c'), windowOf('hall-6')]);
  const tags = new Set(reply.rides.map(({ tag }) => tag));
  assert.ok([near, far].every(({ tag }) => tags.has(toBase64Url(tag))));
  // Whoever registered at a station comes with the trains from there.
  assert.ok(keysOf(reply).includes('metro-3'), keysOf(reply).join());
  const refused = [windowOf('metro-5-c'), windowOf('bus-1'), windowOf('hall'), windowOf('metro-2-c', 'interview')];
  for (const window of refused) assert.equal(await codeOf(fetchOf(order, [window])), 'order-limit', window.unitId);
  const late = { ...windowOf('metro-2-c'), fromMs: startMs + 4 * hour, toMs: sickMs + 5 * hour };
  assert.equal(await codeOf(fetchOf(order, [late])), 'order-limit', 'hours later the train is another one');
  // `metro-2` makes its run from 07:20 to 07:47; two hours later it makes another.
  const next = { ...windowOf('metro-2-c'), fromMs: sickMs + 1.5 * hour, toMs: sickMs + 2 * hour };
  assert.equal(await codeOf(fetchOf(order, [next])), 'order-limit', 'near the ride, but not that train');
});

test('a ride in a carriage opens the stations along its train, and no other train', async () => {
  const sick = await inTrain(2, sickMs + 15 * MINUTE_MS);
  await post(sick.record);
  const order = orderOf({ maxExtraWindows: 0 });
  const reply = await match({ order, tags: tagsOf(sick) });
  assert.deepEqual(keysOf(reply), ['metro-2']);
  assert.equal(reply.units.filter(({ kind }) => kind === 'station').length, STATIONS);
  assert.equal(await codeOf(fetchOf(order, [windowOf('hall-1'), windowOf('hall-9')])), 'granted');
  assert.equal(await codeOf(fetchOf(order, [windowOf('metro-3-c')])), 'order-limit');
});

test('a bus tells nothing of stations, and a hall without trains nothing of trains', async () => {
  const [onBus, inOther] = [await authority.ride({ code: 1 }), await authority.ride({ code: 5 })];
  for (const { record } of [onBus, inOther]) await post(record);
  for (const sick of [onBus, inOther]) {
    const reply = await match({ tags: tagsOf(sick) });
    assert.ok(reply.units.every(({ stopIds }) => stopIds === undefined));
    assert.deepEqual(
      keysOf(reply).filter((key) => key.startsWith('metro')),
      [],
    );
  }
});

test('a train whose windows were fetched is announced when its rides are given to another run', async () => {
  const [sick, near] = [await inHall(4), await inTrain(2, sickMs + 16 * MINUTE_MS)];
  for (const { record } of [sick, near]) await post(record);
  const order = orderOf({ maxExtraWindows: 0 });
  const { revision } = await match({ order, tags: tagsOf(sick) });
  await fetchOf(order, [windowOf('metro-2-c')]);
  const admin = await signedIn(bench, 'admin');
  const span = { fromMs: sickMs + 15.5 * MINUTE_MS, toMs: sickMs + 20 * MINUTE_MS };
  const made = await admin('POST', '/operator/api/corrections', {
    vehicleId: 'metro-2',
    ...span,
    runKey: `${today}:metro-3`,
  });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const hash = toBase64Url(await orderHash(nodeSuite, order));
  const told = await bench.inner.get(`/internal/orders/${hash}/revision?since=${revision}`);
  assert.deepEqual(told, { revision: revision + 1, rides: 1 });
  // And the run is now told as made by the other train.
  const reply = await fetchOf(order, [windowOf('metro-2-c')]);
  assert.equal(reply.runs.find(({ runKey }) => runKey === `${today}:metro-3`)?.vehicleId, 'metro-2');
});
