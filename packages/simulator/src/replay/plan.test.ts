import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runsOf } from '@tongche/network/import';
import { dayFromText, unwrap } from '@tongche/protocol';
import type { RideRow, VisitRow } from './files.ts';
import { planReplay } from './plan.ts';
import { minutesOf } from './riders.ts';

const zone = 'Asia/Shanghai';
const base = { date: '2026-03-02', line: '9', direction: '0' };
const visit = (runId: string, seq: number, arriveS: number | undefined, departS: number | undefined): VisitRow => ({
  ...base,
  runId,
  seq,
  arriveS,
  departS,
});
const ride = (runId: string, card: string, boardS: number, boardSeq: number, alightSeq: number): RideRow => ({
  ...base,
  runId,
  card,
  boardS,
  boardSeq,
  alightSeq,
});
const visits = [visit('r1', 1, undefined, 3600), visit('r1', 2, 3700, 3720), visit('r1', 4, 3900, undefined)];

test('a ride boards at the departure of its stop, with dense stop numbers', () => {
  const plan = planReplay([ride('r1', 'a', 3590, 2, 4)], visits, zone);
  const startMs = Date.parse('2026-03-02T00:00:00+08:00');
  assert.equal(plan.rides[0]?.boardedMs, startMs + 3720_000);
  assert.deepEqual(plan.rides[0]?.stops, { board: 1, alight: 2, alightMs: startMs + 3900_000 });
});

test('a ride without a run keeps its own time and has no stops', () => {
  const plan = planReplay([ride('', 'a', 100, 1, 2)], visits, zone);
  assert.equal(plan.rides[0]?.stops, undefined);
  assert.equal(plan.units.length, 2);
});

test('a run that the visits do not name is made from its rides', () => {
  const plan = planReplay([ride('r9', 'a', 7200, 3, 7), ride('r9', 'b', 7300, 5, 7)], [], zone);
  assert.deepEqual(
    plan.rides.map((each) => each.stops && [each.stops.board, each.stops.alight]),
    [
      [0, 2],
      [1, 2],
    ],
  );
});

test('the timetable gives every run back on its day, times never going back', () => {
  const crooked = [
    ...visits,
    visit('r2', 1, undefined, 5000),
    visit('r2', 2, 4900, 4950),
    visit('r2', 3, 5100, undefined),
  ];
  const plan = planReplay([ride('r1', 'a', 3600, 1, 2)], crooked, zone);
  const runs = runsOf(plan.feed, unwrap(dayFromText('2026-03-02')), zone, plan.assignments);
  assert.deepEqual(
    runs.map((run) => [run.vehicleId, run.stops.length]),
    [
      ['r1', 3],
      ['r2', 3],
    ],
  );
  for (const run of runs) {
    const times = run.stops.flatMap((stop) => [stop.arrMs, stop.depMs]);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
  }
});

test('rides of one minute go together, a card never twice in one step', () => {
  const plan = planReplay(
    [ride('', 'a', 60, 1, 2), ride('', 'b', 70, 1, 2), ride('', 'a', 80, 1, 2), ride('', 'c', 130, 1, 2)],
    [],
    zone,
  );
  assert.deepEqual(
    minutesOf(plan.rides).map((step) => step.map((each) => each.card)),
    [['a', 'b'], ['a'], ['c']],
  );
});
