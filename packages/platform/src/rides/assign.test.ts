// Which run a ride belongs to: correction, dispatch or the driver's word, positions, timetable, none; and that the answer
// says which of them it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunBasis } from '@tongche/contract';
import { firstDepartureMs, lastArrivalMs } from '@tongche/network';
import type { Run } from '@tongche/network';
import { MINUTE_MS } from '@tongche/protocol';
import * as fc from 'fast-check';
import type { RunRow, TripRow } from '../store/runs.ts';
import type { CorrectionRow, Segment } from '../store/segments.ts';
import { assignRun, POSITION_SLACK_MS } from './assign.ts';
import type { DaySources } from './assign.ts';

const base = 1_700_000_000_000 - (1_700_000_000_000 % MINUTE_MS);
const ms = (min: number): number => base + min * MINUTE_MS;
function run(runKey: string, fromMin: number, vehicleId = 'v'): Run {
  const stops = [0, 10, 20, 30].map((min, seq) => ({
    seq,
    stopId: `s${seq}`,
    arrMs: ms(fromMin + min),
    depMs: ms(fromMin + min),
  }));
  return { runKey, lineId: 'L', dir: 0, day: 1, vehicleId, stops };
}
const row = (runId: number, made: Run, dispatched = false): RunRow => ({ runId, run: made, dispatched });
/** Timetable: runs 1 and 2; 3 a driver's own; 4 and 5 belong to another vehicle. */
const own = [row(1, run('a', 0)), row(2, run('b', 60)), row(3, run('trip:v:1', 0))];
const others = [row(4, run('c', 0, 'w')), row(5, run('d', 60, 'w'))];

function day(known: Partial<DaySources> = {}): DaySources {
  return {
    runs: own,
    named: others,
    trips: [],
    segments: [],
    corrections: [],
    claims: [],
    measured: new Map(),
    idle: false,
    ...known,
  };
}
function trip(runId: number, startedMin: number, endedMin?: number): TripRow {
  const endedMs = endedMin === undefined ? undefined : ms(endedMin);
  return { tripId: runId, vehicleId: 'v', runId, dir: 0, startedMs: ms(startedMin), endedMs };
}
function segment(basis: Segment['basis'], runId: number, fromMin: number, toMin: number, saidMin = -600): Segment {
  return { vehicleId: 'v', runId, basis, fromMs: ms(fromMin), toMs: ms(toMin), confidence: 1, saidMs: ms(saidMin) };
}
function correction(correctionId: number, runId: number | null, fromMin: number, toMin: number): CorrectionRow {
  return { correctionId, vehicleId: 'v', runId, fromMs: ms(fromMin), toMs: ms(toMin), madeMs: ms(900) };
}
const at = (min: number, known: Partial<DaySources> = {}): [number | undefined, number | undefined, RunBasis] => {
  const { run: found, boardSeq, basis } = assignRun([undefined, day(known)], ms(min));
  return [found?.runId, boardSeq, basis];
};

test('the timetable’s run, its tolerances and its boarding stop', () => {
  assert.deepEqual(at(12), [1, 1, 'schedule']);
  assert.deepEqual(at(-10), [1, 0, 'schedule']);
  assert.deepEqual(at(33), [1, 2, 'schedule']);
  assert.deepEqual(at(40), [undefined, undefined, 'usual']);
  assert.deepEqual(at(46), [2, 0, 'schedule']);
  assert.deepEqual(at(300), [undefined, undefined, 'usual']);
});

test('a trip goes before the timetable while it lasts, the later of two first', () => {
  assert.deepEqual(at(12, { trips: [trip(3, 5)] }), [3, 1, 'trip']);
  assert.deepEqual(at(4, { trips: [trip(3, 5)] }), [1, 0, 'schedule']);
  assert.deepEqual(at(5, { trips: [trip(3, 5.5)] }), [3, 0, 'trip']);
  assert.deepEqual(at(12, { trips: [trip(3, 5, 10)] }), [1, 1, 'schedule']);
  assert.deepEqual(at(40, { trips: [trip(3, 5), trip(2, 39)] }), [2, 0, 'trip']);
});

test('a trip nobody ended is over an hour after its last stop', () => {
  assert.deepEqual(at(89, { trips: [trip(3, 0)] }), [3, 2, 'trip']);
  assert.deepEqual(at(90, { trips: [trip(3, 0)] }), [2, 2, 'schedule']);
});

test('positions go before the timetable, behind trip and dispatch, and hold a little beyond their ends', () => {
  const seen = { segments: [segment('positions', 4, 5, 25)] };
  assert.deepEqual(at(12, seen), [4, 1, 'positions']);
  assert.deepEqual(at(29, seen), [4, 2, 'positions']);
  assert.deepEqual(at(31, seen), [1, 2, 'schedule']);
  assert.deepEqual(at(12, { ...seen, trips: [trip(3, 5)] }), [3, 1, 'trip']);
  assert.deepEqual(at(12, { segments: [...seen.segments, segment('dispatch', 1, -15, 35)] }), [1, 1, 'dispatch']);
});

test('a list of the day takes the place of the timetable where they overlap', () => {
  const listed = { segments: [segment('dispatch', 4, -15, 35)] };
  assert.deepEqual(at(12, listed), [4, 1, 'dispatch']);
  assert.deepEqual(at(62, listed), [2, 0, 'schedule']);
  assert.deepEqual(at(12, { runs: [row(1, run('a', 0)), row(2, run('b', 5), true)] }), [2, 0, 'dispatch']);
});

test('of the list of the day and the driver the later word counts', () => {
  const listed = (saidMin: number) => ({ segments: [segment('dispatch', 4, -15, 35, saidMin)], trips: [trip(3, 5)] });
  assert.deepEqual(at(12, listed(-60)), [3, 1, 'trip']);
  assert.deepEqual(at(12, listed(7)), [4, 1, 'dispatch']);
  // Sent to a later run: the one under way is still the driver's.
  const later = { segments: [segment('dispatch', 5, 45, 95, 20)], trips: [trip(3, 5)] };
  assert.deepEqual(at(47, later), [3, 2, 'trip']);
  assert.deepEqual(at(61, later), [5, 0, 'dispatch']);
});

test('a late vehicle is still on the dispatched run its positions lie on', () => {
  const segments = [segment('dispatch', 4, -15, 35), segment('dispatch', 5, 45, 95), segment('positions', 4, 15, 58)];
  assert.deepEqual(at(50, { segments }), [4, 2, 'dispatch']);
  assert.deepEqual(at(66, { segments }), [5, 0, 'dispatch']);
});

test('what another vehicle made is not this one’s', () => {
  const claims = [{ ...segment('dispatch', 1, 15, 35), vehicleId: 'w' }];
  assert.deepEqual(at(12, { claims }), [1, 1, 'schedule']);
  assert.deepEqual(at(20, { claims }), [undefined, undefined, 'usual']);
});

test('a correction goes before everything, the last one first, and may say that there was no run', () => {
  const known = {
    segments: [segment('dispatch', 4, -15, 35, 7), segment('positions', 5, 0, 30)],
    trips: [trip(3, 5)],
    corrections: [correction(1, 2, 10, 20), correction(2, null, 15, 20)],
  };
  assert.deepEqual(at(12, known), [2, 0, 'corrected']);
  assert.deepEqual(at(16, known), [undefined, undefined, 'corrected']);
  assert.deepEqual(at(20, known), [4, 2, 'dispatch']);
});

test('the boarding stop follows the times that were measured', () => {
  const late = run('a', 12);
  assert.deepEqual(at(12, { measured: new Map([[1, late]]) }), [1, 0, 'schedule']);
});

const minute = fc.integer({ min: -30, max: 150 });
const span = fc.tuple(minute, fc.integer({ min: 1, max: 60 }));
const anyRun = fc.integer({ min: 1, max: 5 });
const sources = fc.record({
  trips: fc.array(
    fc
      .tuple(anyRun, span, fc.boolean())
      .map(([id, [from, long], open]) => trip(id, from, open ? undefined : from + long)),
    { maxLength: 3 },
  ),
  segments: fc.array(
    fc
      .tuple(fc.constantFrom('dispatch' as const, 'positions' as const), anyRun, span, minute)
      .map(([basis, id, [from, long], said]) => segment(basis, id, from, from + long, said)),
    { maxLength: 4 },
  ),
  corrections: fc
    .array(fc.tuple(fc.option(anyRun), span), { maxLength: 3 })
    .map((list) => list.map(([id, [from, long]], n) => correction(n + 1, id, from, from + long))),
});

test('whatever is known: the best source that speaks wins, and sources behind it change nothing', () => {
  fc.assert(
    fc.property(sources, minute, (known, min) => {
      const full = assignRun([day(known)], ms(min));
      const middle = ms(min) + MINUTE_MS / 2;
      const covering = known.corrections.filter(({ fromMs, toMs }) => fromMs <= middle && middle < toMs);
      assert.equal(full.basis === 'corrected', covering.length > 0);
      if (full.basis === 'corrected') {
        assert.equal(full.run?.runId ?? null, covering.at(-1)?.runId);
        assert.deepEqual(assignRun([day({ corrections: known.corrections })], ms(min)), full);
      }
      if (full.basis === 'usual') assert.equal(full.run, undefined);
      else if (full.basis !== 'corrected') assert.ok(full.run !== undefined);
      const words: Readonly<Record<'dispatch' | 'trip' | 'positions', boolean>> = {
        dispatch: known.segments.some(({ basis, runId }) => basis === 'dispatch' && runId === full.run?.runId),
        trip: known.trips.some(({ runId }) => runId === full.run?.runId),
        positions: known.segments.some(
          (one) =>
            one.basis === 'positions' &&
            one.runId === full.run?.runId &&
            one.fromMs - POSITION_SLACK_MS <= middle &&
            middle <= one.toMs + POSITION_SLACK_MS,
        ),
      };
      if (full.basis === 'dispatch' || full.basis === 'trip' || full.basis === 'positions') {
        assert.ok(words[full.basis], full.basis);
      }
      // The order in which things became known is in their times and numbers, never in that of rows.
      const turned = {
        trips: known.trips.toReversed(),
        corrections: known.corrections.toReversed(),
        segments: known.segments,
      };
      const isTie = new Set(known.trips.map(({ startedMs }) => startedMs)).size < known.trips.length;
      if (!isTie) assert.deepEqual(assignRun([day(turned)], ms(min)), full);
      // Split over two service days it is the same.
      const first = day({ trips: known.trips, corrections: known.corrections.slice(0, 1) });
      const second = {
        ...day({ segments: known.segments, corrections: known.corrections.slice(1) }),
        runs: [],
        named: [],
      };
      if (!isTie) assert.deepEqual(assignRun([first, second], ms(min)), full);
    }),
    { seed: 7, numRuns: 2_000 },
  );
});

test('a run’s own times bound what timetable and list of the day may claim', () => {
  fc.assert(
    fc.property(sources, minute, (known, min) => {
      const { run: found, basis } = assignRun(
        [day({ segments: known.segments.filter((one) => one.basis === 'dispatch') })],
        ms(min),
      );
      if (found === undefined) return;
      assert.ok(basis === 'dispatch' || basis === 'schedule');
      assert.ok(ms(min) + MINUTE_MS >= firstDepartureMs(found.run) - 15 * MINUTE_MS);
      assert.ok(ms(min) <= lastArrivalMs(found.run) + 5 * MINUTE_MS);
    }),
    { seed: 8, numRuns: 1_000 },
  );
});
