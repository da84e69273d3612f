// How far off its way a vehicle is: nought along the road, whole metres beside it, and never more than it has moved.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { distanceM, wayAlong } from './index.ts';
import type { Point } from './index.ts';

/** Degrees of latitude in a kilometre. */
const km = 1 / 111.195;
const stop = (northKm: number, eastKm = 0): Point => ({ lat: northKm * km, lon: eastKm * km });
const stops = [stop(0), stop(1), stop(2), stop(12)];
const way = wayAlong([stops]) ?? assert.fail();

test('on the way at every stop, between them, and where the road swings out', () => {
  for (const place of [...stops, stop(0.5), stop(1.5, 0.3), stop(7), stop(7, 4)]) assert.equal(way.offM(place), 0);
});

test('beside it and behind its ends in metres', () => {
  for (const [place, leastM, mostM] of [
    [stop(-1, 3), 1_500, 3_200],
    [stop(-4), 3_500, 4_000],
    [stop(14), 0, 2_000],
    [stop(-30, 30), 30_000, 43_000],
  ] as const) {
    const offM = way.offM(place);
    assert.ok(offM >= leastM && offM <= mostM, `${offM}`);
  }
});

test('two directions are one way; a single stop is none', () => {
  const both = wayAlong([stops, [stop(0, 9), stop(1, 9)]]) ?? assert.fail();
  assert.equal(both.offM(stop(0.5, 9)), 0);
  assert.equal(both.offM(stop(1.5)), 0);
  assert.equal(wayAlong([[stop(0)], []]), undefined);
});

const place = fc.record({
  lat: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
  lon: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
});

test('it grows no faster than the vehicle moves, and further stops only shorten it', () => {
  fc.assert(
    fc.property(place, place, fc.array(place, { minLength: 2, maxLength: 6 }), (here, there, line) => {
      const one = wayAlong([line]) ?? assert.fail();
      const [a, b] = [one.offM(here), one.offM(there)];
      // The plane is good to a per cent.
      assert.ok(Math.abs(a - b) <= distanceM(here, there) * 1.01 + 1);
      const more = wayAlong([line, stops]) ?? assert.fail();
      if (line[0] !== undefined) assert.ok(more.offM(here) <= a + 1e-6 * (1 + a));
    }),
    { seed: 11, numRuns: 500 },
  );
});
