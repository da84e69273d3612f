import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { coverageOf } from './coverage.ts';
import type { CoverageInput, RunCoverage } from './coverage.ts';
import { randomOf } from './cluster-kit.test.ts';
import type { RunCounts } from './types.ts';
import { fromCount, fromRate, meanOf, quantileOf, rateOf } from './unregistered.ts';

type Counted = NonNullable<RunCounts['estimated']>;

function of(registered: number, estimated: Counted | null, fields: Partial<CoverageInput> = {}): RunCoverage {
  return coverageOf({
    counts: { runKey: 'r1', unit: 'bus1', registered, estimated },
    capacity: 80,
    comparable: [],
    ...fields,
  });
}

describe('unregistered riders', () => {
  it('are what a rate known exactly leaves, by hand', () => {
    // A thousand runs all at 4 of 5: with n registered P(u) is C(n+u, u)·0.8^(n+1)·0.2^u, of mean (n+1)/4.
    const alike = Array.from({ length: 1_000 }, () => ({ registered: 80, aboard: 100 }));
    const heads = fromRate(19, alike, 200) ?? [];
    assert.ok(Math.abs(meanOf(heads) - 5) < 0.02, String(meanOf(heads)));
    const exact = (u: number): number => {
      let ways = 1;
      for (let i = 1; i <= u; i += 1) ways *= (19 + i) / i;
      return ways * 0.8 ** 20 * 0.2 ** u;
    };
    for (const u of [0, 3, 5, 9])
      assert.ok(Math.abs((heads[u] ?? 0) - exact(u)) < 2e-3, `${u}: ${heads[u]} is not ${exact(u)}`);
  });

  it('take the spread between runs for what it is', () => {
    const uneven = [
      { registered: 10, aboard: 40 },
      { registered: 38, aboard: 40 },
      { registered: 24, aboard: 40 },
    ];
    const even = uneven.map(({ aboard }) => ({ registered: 24, aboard }));
    const [wide, narrow] = [rateOf(uneven), rateOf(even)];
    assert.ok(wide !== undefined && narrow !== undefined);
    assert.ok(Math.abs(wide.a / (wide.a + wide.b) - 0.6) < 0.01);
    assert.ok(wide.a + wide.b < 10 && narrow.a + narrow.b > 50, `${wide.a + wide.b}, ${narrow.a + narrow.b}`);
    assert.equal(rateOf([]), undefined);
    assert.equal(rateOf([{ registered: 0, aboard: 0 }]), undefined);
  });

  it('lie within the interval nine times of ten', () => {
    const random = randomOf(41);
    const binomial = (n: number, p: number): number =>
      Array.from({ length: n }, () => random()).filter((x) => x < p).length;
    let inside = 0;
    let sum = 0;
    for (let trial = 0; trial < 400; trial += 1) {
      // Every run has a rate of its own around 0.7.
      const runs = Array.from({ length: 21 }, () => {
        const aboard = 20 + Math.floor(random() * 50);
        return { aboard, registered: binomial(aboard, 0.6 + 0.2 * random()) };
      });
      const [target, ...others] = runs;
      if (target === undefined) continue;
      const found = of(target.registered, null, { comparable: others, capacity: 60 });
      const missing = target.aboard - target.registered;
      if (found.unregistered !== null && found.unregistered.lo <= missing && missing <= found.unregistered.hi)
        inside += 1;
      sum += (found.unregistered?.heads ?? 0) - missing;
    }
    assert.ok(inside >= 345 && inside <= 390, `${inside} of 400`);
    assert.ok(Math.abs(sum / 400) < 1.5, `off by ${sum / 400} on average`);
  });

  it('are shares that sum to 1 whatever the counts', () => {
    const by = fc.constantFrom('apc' as const, 'fares' as const, 'driver' as const, 'taps' as const);
    fc.assert(
      fc.property(fc.nat(150), fc.nat(200), by, (registered, heads, source) => {
        const shares = fromCount(registered, heads, source);
        assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
        const [low, high] = [quantileOf(shares, 0.05), quantileOf(shares, 0.95)];
        assert.ok(low <= high && low >= 0);
        // Who pays or taps is there.
        if ((source === 'fares' || source === 'taps') && heads > registered) assert.ok(registered + low >= heads);
      }),
    );
  });
});

describe('coverage of an exposed run', () => {
  it('goes by a count where there is one', () => {
    const found = of(40, { heads: 50, by: 'apc' }, { comparable: [{ registered: 5, aboard: 50 }] });
    assert.equal(found.by, 'apc');
    // Counters are right to 2.5 heads here: ten are missing, give or take four.
    assert.ok(Math.abs((found.unregistered?.heads ?? 0) - 10) < 0.05);
    assert.deepEqual([found.unregistered?.lo, found.unregistered?.hi], [6, 14]);
    assert.deepEqual([found.aboard?.lo, found.aboard?.hi], [46, 54]);
    assert.ok(Math.abs((found.share ?? 0) - 0.8) < 0.01);
    assert.equal(found.advice, 'public-notice');
    assert.equal(
      found.text.zh,
      '已登记 40 人，估计车上 50 人、未登记约 10 人（6–14，依据客流计数设备）；建议就该班次发布公告。',
    );
    assert.match(
      found.text.en,
      /^40 registered of about 50 aboard; about 10 unregistered \(6 to 14, by passenger counters\)/,
    );
  });

  it('needs no notice where nearly all are registered', () => {
    const found = of(49, { heads: 50, by: 'apc' });
    assert.equal(found.advice, 'none');
    assert.ok((found.unregistered?.heads ?? 9) < 3);
    assert.equal(of(49, { heads: 50, by: 'apc' }, { noticeFrom: 1 }).advice, 'public-notice');
  });

  it('goes by comparable runs without a count, and by nothing without those', () => {
    const comparable = Array.from({ length: 8 }, () => ({ registered: 30, aboard: 60 }));
    const found = of(20, null, { comparable });
    assert.equal(found.by, 'comparable');
    assert.ok(Math.abs((found.unregistered?.heads ?? 0) - 21) < 2, String(found.unregistered?.heads));
    const unknown = of(20, null);
    assert.deepEqual([unknown.by, unknown.unregistered, unknown.advice], [null, null, 'count-first']);
    assert.match(unknown.text.zh, /车上人数不明；请先向运营方或驾驶员了解/);
    assert.match(unknown.text.en, /ask the operator or the driver/);
  });

  it('never claims fewer aboard than are registered', () => {
    const found = of(60, { heads: 40, by: 'apc' });
    assert.deepEqual([found.unregistered?.lo, found.unregistered?.hi, found.share], [0, 0, 1]);
    const rough = of(60, { heads: 50, by: 'driver' });
    assert.ok(rough.unregistered?.lo === 0 && rough.unregistered.hi <= 8 && (rough.share ?? 2) <= 1);
  });

  it('refuses counts that are none', () => {
    assert.throws(() => of(-1, null), /no counts/);
    assert.throws(() => of(1, { heads: 1.5, by: 'apc' }), /no counts/);
    assert.throws(() => of(1, null, { comparable: [{ registered: 1, aboard: Number.NaN }] }), /no counts/);
  });
});
