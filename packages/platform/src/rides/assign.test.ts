// Which run a ride belongs to: the driver's word first, then the timetable, then none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '@tongche/network';
import { MINUTE_MS } from '@tongche/protocol';
import type { VehicleDay } from '../city/vehicle-days.ts';
import type { TripRow } from '../store/runs.ts';
import { assignRun, isImplausible } from './assign.ts';

const base = 1_700_000_000_000 - (1_700_000_000_000 % MINUTE_MS);
function run(runKey: string, fromMin: number): Run {
  const stops = [0, 10, 20, 30].map((min, seq) => {
    const ms = base + (fromMin + min) * MINUTE_MS;
    return { seq, stopId: `s${seq}`, arrMs: ms, depMs: ms };
  });
  return { runKey, lineId: 'L', dir: 0, day: 1, vehicleId: 'v', stops };
}
function day(trips: readonly TripRow[] = []): VehicleDay {
  return {
    vehicleId: 'v',
    day: 1,
    runs: [
      { runId: 1, run: run('a', 0) },
      { runId: 2, run: run('b', 60) },
      { runId: 3, run: run('trip:v:1', 0) },
    ],
    trips: [...trips],
    headsOfRun: new Map(),
    headsOfUnit: new Map(),
    headsOfMinute: new Map(),
  };
}
function trip(runId: number, startedMin: number, endedMin?: number): TripRow {
  const endedMs = endedMin === undefined ? undefined : base + endedMin * MINUTE_MS;
  return { tripId: runId, vehicleId: 'v', runId, dir: 0, startedMs: base + startedMin * MINUTE_MS, endedMs };
}
const at = (min: number, trips: readonly TripRow[] = []) => {
  const { run: found, boardSeq } = assignRun([undefined, day(trips)], base + min * MINUTE_MS);
  return [found?.runId, boardSeq];
};

test('the timetable’s run, its tolerances and its boarding stop', () => {
  assert.deepEqual(at(12), [1, 1]);
  assert.deepEqual(at(-10), [1, 0]);
  assert.deepEqual(at(33), [1, 2]);
  assert.deepEqual(at(40), [undefined, undefined]);
  assert.deepEqual(at(46), [2, 0]);
  assert.deepEqual(at(300), [undefined, undefined]);
});

test('a trip goes before the timetable while it lasts, the later of two first', () => {
  assert.deepEqual(at(12, [trip(3, 5)]), [3, 1]);
  assert.deepEqual(at(4, [trip(3, 5)]), [1, 0]);
  assert.deepEqual(at(5, [trip(3, 5.5)]), [3, 0]);
  assert.deepEqual(at(12, [trip(3, 5, 10)]), [1, 1]);
  assert.deepEqual(at(40, [trip(3, 5), trip(2, 39)]), [2, 0]);
});

test('implausible: nowhere near any run, or more heads in a minute than places', () => {
  const bus = { unitId: 'u', kind: 'bus', label: { zh: '', en: '' }, vehicleId: 'v', capacity: 10 } as const;
  const check = (min: number, headsInMinute: number, unit: Parameters<typeof isImplausible>[0] = bus) => {
    const boardedMs = base + min * MINUTE_MS;
    return isImplausible(unit, [day()], assignRun([day()], boardedMs), { boardedMs, headsInMinute });
  };
  assert.equal(check(12, 10), false);
  assert.equal(check(12, 11), true);
  assert.equal(check(-50, 1), false);
  assert.equal(check(-70, 1), true);
  assert.equal(check(-70, 1, { ...bus, kind: 'station' }), false);
  const boardedMs = base - 70 * MINUTE_MS;
  assert.equal(isImplausible(bus, [], { run: undefined, boardSeq: undefined }, { boardedMs, headsInMinute: 1 }), false);
});
