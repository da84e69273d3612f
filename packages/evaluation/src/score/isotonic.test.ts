import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDraws } from '@tongche/simulator';
import { calibrationPoints, pooled } from './isotonic.ts';
import type { Seen } from './isotonic.ts';

const seen = (...pairs: readonly (readonly [number, number])[]): readonly Seen[] =>
  pairs.map(([raw, truth]) => ({ raw, isTrue: truth === 1 }));

test('neighbours that fall are pooled to their mean, exactly', () => {
  // Rates 0, 1, 0, 1, 1: the second and third fall and become a half together.
  const blocks = pooled(seen([0.1, 0], [0.2, 1], [0.3, 0], [0.4, 1], [0.5, 1]));
  assert.deepEqual(
    blocks.map(({ lowest, highest, trueCount, count }) => [lowest, highest, trueCount / count]),
    [
      [0.1, 0.1, 0],
      [0.2, 0.3, 0.5],
      [0.4, 0.5, 1],
    ],
  );
});

test('equal raw values are one observation, and order of rows does not matter', () => {
  const rows = seen([0.7, 1], [0.2, 0], [0.7, 0], [0.2, 1], [0.7, 1]);
  assert.deepEqual(pooled(rows), pooled(rows.toReversed()));
  assert.deepEqual(
    pooled(rows).map(({ count, trueCount }) => [count, trueCount]),
    [
      [2, 1],
      [3, 2],
    ],
  );
});

test('the pooled rates are the best rising fit: no rising function comes nearer', () => {
  const draws = openDraws(3, 'isotonic');
  const rows = Array.from({ length: 60 }, () => {
    const raw = Math.floor(draws.unit() * 6) / 6;
    return { raw, isTrue: draws.happens(raw * raw) };
  });
  const blocks = pooled(rows);
  const fit = (raw: number) => {
    const block = blocks.find(({ lowest, highest }) => raw >= lowest && raw <= highest);
    return block === undefined ? 0 : block.trueCount / block.count;
  };
  const error = (of: (raw: number) => number) =>
    rows.reduce((sum, { raw, isTrue }) => sum + (of(raw) - (isTrue ? 1 : 0)) ** 2, 0);
  const levels = Array.from({ length: 6 }, (_, i) => i / 6);
  for (let tries = 0; tries < 2_000; tries += 1) {
    const values = levels.map(() => draws.unit()).sort((a, b) => a - b);
    const other = (raw: number) => values[Math.round(raw * 6)] ?? 0;
    assert.ok(error(other) >= error(fit) - 1e-9);
  }
  const rates = blocks.map(({ trueCount, count }) => trueCount / count);
  assert.deepEqual(
    rates,
    rates.toSorted((a, b) => a - b),
  );
});

test('points rise, span 0 to 1, stand for enough, and there are none of too little', () => {
  const draws = openDraws(4, 'points');
  const rows = Array.from({ length: 5_000 }, () => {
    const raw = draws.unit();
    return { raw, isTrue: draws.happens(0.8 * raw + 0.1) };
  });
  const points = calibrationPoints(rows, 400);
  assert.ok(points.length >= 5 && points.length <= 15, `${points.length} points`);
  assert.equal(points[0]?.[0], 0);
  assert.equal(points.at(-1)?.[0], 1);
  for (const [i, [raw, observed]] of points.entries()) {
    const before = points[i - 1];
    if (before !== undefined) assert.ok(raw > before[0] && observed >= before[1]);
    if (i > 0 && i < points.length - 1) assert.ok(Math.abs(observed - (0.8 * raw + 0.1)) < 0.08, `${raw}: ${observed}`);
  }
  assert.deepEqual(calibrationPoints(rows.slice(0, 100), 400), []);
});
