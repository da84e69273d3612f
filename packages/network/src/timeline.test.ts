// Measured times of a run: near the truth, in order, and honest about what was seen.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { timelineOf } from './index.ts';
import type { RunTimeline, VehiclePosition } from './index.ts';
import { drive, MINUTE_MS, RUNS, runNamed, STOPS } from './match-kit.ts';

const seed = 20_261_120;
const run = runNamed('east2');

function checkOrder({ stops }: RunTimeline): void {
  let lastMs = -Infinity;
  for (const [index, { seq, arrMs, depMs }] of stops.entries()) {
    assert.equal(seq, index);
    assert.ok(lastMs <= arrMs && arrMs <= depMs);
    lastMs = depMs;
  }
}

/** Largest distance to the times that a vehicle `delayMs` late had, over the stops that are no guess. */
function worstMs({ stops }: RunTimeline, delayMs: number): number {
  const gaps = stops.map(({ arrMs, basis }, at) =>
    basis === 'scheduled' ? 0 : Math.abs(arrMs - (run.stops[at]?.arrMs ?? 0) - delayMs),
  );
  return Math.max(...gaps);
}

describe('the timeline of a run', () => {
  it('is the truth where the vehicle was seen at every stop', () => {
    const delayMs = 3 * MINUTE_MS;
    const timeline = timelineOf(run, drive(run, { delayMs, everyMs: 10_000 }), STOPS);
    checkOrder(timeline);
    assert.ok(timeline.stops.every(({ basis }) => basis === 'observed'));
    assert.ok(worstMs(timeline, delayMs) <= 25_000, `${worstMs(timeline, delayMs)}`);
    // The halt of half a minute is seen.
    const halt = timeline.stops[10];
    assert.ok(halt !== undefined && halt.depMs - halt.arrMs >= 20_000);
  });

  it('is near the truth between positions, whatever the rate, delay and noise', () => {
    const metres = fc.integer({ min: -25, max: 25 });
    fc.assert(
      fc.property(
        fc.integer({ min: -60_000, max: 20 * MINUTE_MS }),
        fc.integer({ min: 20_000, max: 6 * MINUTE_MS }),
        fc.array(fc.tuple(metres, metres), { minLength: 1, maxLength: 40 }),
        (delayMs, everyMs, noise) => {
          const positions = drive(run, { delayMs, everyMs, noise: (at) => noise[at % noise.length] ?? [0, 0] });
          const timeline = timelineOf(run, positions, STOPS);
          checkOrder(timeline);
          // A halt of half a minute and the noise, at 5 m/s.
          assert.ok(worstMs(timeline, delayMs) <= 40_000, `${worstMs(timeline, delayMs)}`);
        },
      ),
      { seed, numRuns: 200 },
    );
  });

  it('does not depend on the order of the positions', () => {
    const positions = drive(run, { delayMs: 70_000, everyMs: 45_000 });
    assert.deepEqual(timelineOf(run, positions.toReversed(), STOPS), timelineOf(run, positions, STOPS));
  });

  it('shifts the timetable by the nearest delay where nobody saw the vehicle', () => {
    const delayMs = 5 * MINUTE_MS;
    const seen = drive(run, { delayMs, everyMs: 50_000 }).slice(12, 24);
    const timeline = timelineOf(run, seen, STOPS);
    checkOrder(timeline);
    const [first, last] = [timeline.stops[0], timeline.stops.at(-1)];
    assert.deepEqual([first?.basis, last?.basis], ['scheduled', 'scheduled']);
    assert.ok(Math.abs((first?.arrMs ?? 0) - (run.stops[0]?.arrMs ?? 0) - delayMs) < 20_000);
    assert.ok(Math.abs((last?.arrMs ?? 0) - (run.stops.at(-1)?.arrMs ?? 0) - delayMs) < 20_000);
    assert.ok(timeline.stops.some(({ basis }) => basis === 'interpolated'));
  });

  it('is the timetable itself without positions, or without the places of stops', () => {
    const plain = timelineOf(run, [], STOPS);
    assert.equal(plain.pingCount, 0);
    assert.deepEqual(
      plain.stops.map(({ arrMs, depMs }) => [arrMs, depMs]),
      run.stops.map(({ arrMs, depMs }) => [arrMs, depMs]),
    );
    assert.deepEqual(timelineOf(run, drive(run, { delayMs: 0, everyMs: 30_000 }), new Map()), plain);
  });

  it('times a stop whose place is unknown from its neighbours', () => {
    const known = new Map([...STOPS].filter(([stopId]) => stopId !== 's7'));
    const timeline = timelineOf(run, drive(run, { delayMs: MINUTE_MS, everyMs: 20_000 }), known);
    checkOrder(timeline);
    assert.notEqual(timeline.stops[7]?.basis, 'observed');
    assert.ok(worstMs(timeline, MINUTE_MS) <= 150_000);
  });

  it('stays in order for positions of any kind', () => {
    const anywhere = fc.record({
      atMs: fc.integer({ min: run.stops[0]?.depMs ?? 0, max: (run.stops.at(-1)?.arrMs ?? 0) + 30 * MINUTE_MS }),
      lat: fc.double({ min: 22.49, max: 22.52, noNaN: true }),
      lon: fc.double({ min: 113.99, max: 114.13, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...RUNS), fc.array(anywhere, { maxLength: 40 }), (one, places) => {
        const positions = places.map((place): VehiclePosition => ({ vehicleId: 'v', ...place }));
        checkOrder(timelineOf(one, positions, STOPS));
      }),
      { seed, numRuns: 200 },
    );
  });
});
