import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { adjusted } from './family.ts';

function near(got: readonly number[], wanted: readonly number[]): void {
  assert.equal(got.length, wanted.length);
  for (const [i, value] of got.entries())
    assert.ok(Math.abs(value - (wanted[i] ?? 0)) < 1e-12, `${got.join()} is not ${wanted.join()}`);
}

describe('families of tests', () => {
  // Ten tests; the seven that are not named have p = 1.
  const ps = [0.03, 0.001, 0.004];

  it('holds down by hand', () => {
    near(adjusted(ps, 10, 'bonferroni'), [0.3, 0.01, 0.04]);
    near(adjusted(ps, 10, 'holm'), [0.24, 0.01, 0.036]);
    near(adjusted(ps, 10, 'bh'), [0.1, 0.01, 0.02]);
    // The third of Benjamini and Hochberg's is lifted down to by its neighbour.
    near(adjusted([0.01, 0.02, 0.021], 3, 'bh'), [0.021, 0.021, 0.021]);
    near(adjusted([0.01, 0.04, 0.03], 3, 'holm'), [0.03, 0.06, 0.06]);
  });

  it('orders bh ≤ holm ≤ bonferroni, never below p, and keeps the order', () => {
    const lists = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });
    fc.assert(
      fc.property(lists, fc.nat(50), (list, more) => {
        const family = list.length + more;
        const [bonferroni, holm, bh] = (['bonferroni', 'holm', 'bh'] as const).map((c) => adjusted(list, family, c));
        for (const [i, p] of list.entries()) {
          assert.ok((bh?.[i] ?? 0) <= (holm?.[i] ?? 0) + 1e-12 && (holm?.[i] ?? 0) <= (bonferroni?.[i] ?? 0) + 1e-12);
          assert.ok((bh?.[i] ?? 0) >= p - 1e-12);
          for (const [j, other] of list.entries())
            if (p <= other) assert.ok((holm?.[i] ?? 0) <= (holm?.[j] ?? 0) && (bh?.[i] ?? 0) <= (bh?.[j] ?? 0));
        }
      }),
    );
  });

  it('refuses a family smaller than its tests', () => {
    assert.throws(() => adjusted([0.1, 0.2], 1, 'holm'), RangeError);
  });
});
