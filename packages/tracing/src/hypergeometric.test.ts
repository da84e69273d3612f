import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { logFactorial, logTail } from './hypergeometric.ts';
import type { Urn } from './hypergeometric.ts';

function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let value = 1n;
  for (let i = 1; i <= k; i += 1) value = (value * BigInt(n - k + i)) / BigInt(i);
  return value;
}

/** Exact: whole numbers until the one division at the end. */
function exactTail(x: number, { population, marked, drawn }: Urn): number {
  let ways = 0n;
  for (let k = Math.max(x, 0); k <= Math.min(marked, drawn); k += 1)
    ways += choose(marked, k) * choose(population - marked, drawn - k);
  const all = choose(population, drawn);
  // 60 more digits keep the smallest tails of these tests apart from nothing.
  const shifted = (ways * 10n ** 60n) / all;
  return shifted === 0n ? 0 : Number(shifted) / 1e60;
}

const urns = fc.integer({ min: 1, max: 120 }).chain((population) =>
  fc.record({
    population: fc.constant(population),
    marked: fc.integer({ min: 0, max: population }),
    drawn: fc.integer({ min: 0, max: population }),
  }),
);

describe('the hypergeometric tail', () => {
  it('is what the urn says, by hand', () => {
    // Two of the three marked among three drawn of ten: (3·C(7,1) + C(7,0)) / C(10,3) = 22/120.
    assert.ok(Math.abs(Math.exp(logTail(2, { population: 10, marked: 3, drawn: 3 })) - 22 / 120) < 1e-15);
    assert.ok(Math.abs(Math.exp(logTail(3, { population: 10, marked: 3, drawn: 3 })) - 1 / 120) < 1e-15);
    assert.ok(Math.abs(Math.exp(logTail(1, { population: 10, marked: 3, drawn: 3 })) - 85 / 120) < 1e-15);
    assert.equal(logTail(0, { population: 10, marked: 3, drawn: 3 }), 0);
    assert.equal(logTail(4, { population: 10, marked: 3, drawn: 3 }), Number.NEGATIVE_INFINITY);
    // Nine drawn of ten leave one: two of the three marked are certain.
    assert.equal(logTail(2, { population: 10, marked: 3, drawn: 9 }), 0);
  });

  it('agrees with whole-number arithmetic on every urn up to 120', () => {
    fc.assert(
      fc.property(urns, fc.integer({ min: 0, max: 121 }), (urn, x) => {
        const [got, exact] = [Math.exp(logTail(x, urn)), exactTail(x, urn)];
        // Below 1e-50 the shifted integers have too few digits left to compare by.
        if (exact > 1e-40) assert.ok(Math.abs(got - exact) <= 1e-11 * exact, `${got} is not ${exact}`);
        else assert.ok(got < 2e-40);
      }),
      { numRuns: 2_000 },
    );
  });

  it('agrees with whole-number arithmetic in a city', () => {
    for (const [x, marked, drawn] of [
      [3, 43, 45],
      [5, 45, 45],
      [8, 208, 45],
      [8, 208, 139],
      [1, 208, 45],
    ] as const) {
      const urn = { population: 40_000, marked, drawn };
      const [got, exact] = [Math.exp(logTail(x, urn)), exactTail(x, urn)];
      assert.ok(Math.abs(got - exact) <= 1e-9 * exact, `${got} is not ${exact}`);
    }
  });

  it('falls as more is asked, and is the same with drawn and marked exchanged', () => {
    fc.assert(
      fc.property(urns, fc.integer({ min: 0, max: 120 }), (urn, x) => {
        assert.ok(logTail(x + 1, urn) <= logTail(x, urn) + 1e-12);
        const swapped = { ...urn, marked: urn.drawn, drawn: urn.marked };
        assert.ok(Math.abs(Math.exp(logTail(x, urn)) - Math.exp(logTail(x, swapped))) < 1e-11);
      }),
    );
  });

  it('refuses an urn that cannot be', () => {
    assert.throws(() => logTail(1, { population: 5, marked: 6, drawn: 1 }), RangeError);
    assert.throws(() => logTail(1, { population: 5, marked: 1, drawn: 6 }), RangeError);
    assert.throws(() => logTail(1, { population: Number.NaN, marked: 1, drawn: 1 }), RangeError);
  });

  it('knows factorials on both sides of its table', () => {
    let product = 1n;
    for (let n = 1; n <= 300; n += 1) {
      product *= BigInt(n);
      const digits = product.toString();
      const exact = Math.log(Number(`0.${digits.slice(0, 17)}`)) + digits.length * Math.LN10;
      assert.ok(Math.abs(logFactorial(n) - exact) <= 1e-14 * Math.max(exact, 1), `ln ${n}!`);
    }
  });
});
