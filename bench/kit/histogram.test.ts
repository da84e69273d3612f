import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { histogram } from './histogram.ts';

/** The definition, by sorting. */
function exactPercentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
}

const micros = fc.integer({ min: 0, max: 60_000_000 });
const shares = [0, 0.01, 0.5, 0.9, 0.99, 0.999, 1];

test('every percentile is at most 1/64 above the exact one and never below it', () => {
  fc.assert(
    fc.property(fc.array(micros, { minLength: 1, maxLength: 300 }), (values) => {
      const times = histogram();
      for (const value of values) times.add(value / 1000);
      for (const share of shares) {
        const exact = exactPercentile(values, share) / 1000;
        const told = times.percentileMs(share);
        assert.ok(told >= exact - 1e-9 && told <= exact * (1 + 1 / 64) + 0.001, `${share}: ${told} for ${exact}`);
      }
    }),
    { seed: 4 },
  );
});

test('merged halves tell what the whole tells', () => {
  fc.assert(
    fc.property(fc.array(micros, { maxLength: 200 }), fc.array(micros, { maxLength: 200 }), (left, right) => {
      const [whole, first, second] = [histogram(), histogram(), histogram()];
      for (const value of left) first.add(value / 1000);
      for (const value of right) second.add(value / 1000);
      for (const value of [...left, ...right]) whole.add(value / 1000);
      first.merge(second.packed());
      assert.equal(first.count, whole.count);
      assert.deepEqual(first.packed(), whole.packed());
    }),
    { seed: 5 },
  );
});

test('nothing recorded, and more than a minute', () => {
  const times = histogram();
  assert.equal(times.percentileMs(0.99), 0);
  times.add(200_000);
  assert.equal(times.count, 1);
  assert.equal(times.maxMs, 200_000);
  assert.ok(times.percentileMs(0.5) >= 60_000);
});
