// The pure rules behind a trace's answer: stop times by their source, how long crew are on board, how many were aboard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '@tongche/network';
import { crewUntilMs, CREW_DAY_MS, LONGEST_SHIFT_MS } from './crew.ts';
import { estimatedAboard } from './estimate.ts';
import { drivenStops, measuredStops, plannedStops } from './times.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const run: Run = {
  runKey: 'r',
  lineId: 'l',
  dir: 0,
  day: 1,
  vehicleId: 'v',
  stops: [0, 10, 20].map((minute, seq) => ({
    seq,
    stopId: `s${seq}`,
    arrMs: hourMs + minute * minuteMs,
    depMs: hourMs + (minute + 1) * minuteMs,
  })),
};
const sources = (stops: readonly { readonly source: string }[]) => stops.map(({ source }) => source);

test('each stop says where its time comes from', () => {
  assert.deepEqual(sources(plannedStops(run)), ['schedule', 'schedule', 'schedule']);
  assert.deepEqual(sources(measuredStops(run, 'oIs')), ['gtfs-rt', 'avl', 'schedule']);
  assert.deepEqual(sources(measuredStops(run, 'i')), ['gtfs-rt', 'schedule', 'schedule']);
});

test('a driver’s trip carries the timetable from its start to its end', () => {
  const departs = hourMs + minuteMs;
  // Five minutes late, and 38 instead of 19 minutes on the way.
  const slow = drivenStops(run, { startedMs: departs + 5 * minuteMs, endedMs: departs + 43 * minuteMs });
  assert.deepEqual(
    slow.map(({ depMs }) => (depMs - departs) / minuteMs),
    [5, 25, 45],
  );
  assert.equal(slow.at(-1)?.arrMs, departs + 43 * minuteMs);
  assert.deepEqual(sources(slow), ['trip', 'trip', 'trip']);
  for (const endedMs of [null, departs + 6 * minuteMs, departs + 10 * hourMs]) {
    const shifted = drivenStops(run, { startedMs: departs + 5 * minuteMs, endedMs });
    assert.equal(shifted.at(-1)?.arrMs, departs + 24 * minuteMs, `an end at ${endedMs} is not believed`);
  }
});

test('crew are on board to the end of the shift that was on', () => {
  const at = 100 * hourMs;
  const shift = { startedMs: at - hourMs, endedMs: at + 4 * hourMs };
  assert.equal(crewUntilMs(at, [shift]), at + 4 * hourMs);
  assert.equal(crewUntilMs(at, [{ startedMs: at + 20 * minuteMs, endedMs: at + 3 * hourMs }]), at + 3 * hourMs);
  assert.equal(crewUntilMs(at, [{ startedMs: at - hourMs, endedMs: null }]), at - hourMs + LONGEST_SHIFT_MS);
  assert.equal(crewUntilMs(at, []), at + CREW_DAY_MS);
  const over = { startedMs: at - 9 * hourMs, endedMs: at - hourMs };
  const later = { startedMs: at + 2 * hourMs, endedMs: at + 3 * hourMs };
  assert.equal(crewUntilMs(at, [over, later]), at + CREW_DAY_MS, 'neither was on');
});

test('riders aboard a run are estimated from what was counted on its line in its hours', () => {
  const hours = (at: Readonly<Record<number, number>>) => Array.from({ length: 24 }, (_, hour) => at[hour] ?? 0);
  const line = { lineId: 'l', day: 1, registered: hours({ 7: 30, 8: 50 }), counted: hours({ 7: 90, 8: 70 }) };
  const of = (heads: number, from: number, to: number) =>
    estimatedAboard({ heads, fromMs: from * hourMs, toMs: to * hourMs, dayStartMs: 0 }, line);
  assert.equal(of(10, 7.2, 7.9), 30);
  assert.equal(of(10, 7.5, 8.5), 20);
  assert.equal(of(0, 7.5, 8.5), 0);
  assert.equal(of(10, 12, 13), undefined, 'nobody counted');
  const short = { ...line, counted: hours({ 7: 3 }) };
  assert.equal(estimatedAboard({ heads: 10, fromMs: 7 * hourMs, toMs: 7.5 * hourMs, dayStartMs: 0 }, short), 10);
});
