import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestF1, brier, calibrationError, precisionRecallCurve, scoresAt } from './scores.ts';
import type { Judged } from './scores.ts';

const one = (probability: number, isContact: boolean, minutes = 0): Judged => ({ probability, isContact, minutes });
/** Two cases: three named rightly, one wrongly, one missed, one named too weakly. */
const judged: readonly Judged[] = [
  one(0.9, true, 30),
  one(0.8, true, 10),
  one(0.6, false),
  one(0.3, true, 5),
  one(0.05, false),
  one(0, true, 5),
];

test('precision, recall, minutes and length at a threshold, by hand', () => {
  assert.deepEqual(scoresAt(judged, 0.3, 2), {
    precision: 3 / 4,
    recall: 3 / 4,
    minutesRecall: 45 / 50,
    listLength: 2,
  });
  assert.deepEqual(scoresAt(judged, 0.7, 2), { precision: 1, recall: 1 / 2, minutesRecall: 40 / 50, listLength: 1 });
});

test('who was not named is on no list, whatever the threshold', () => {
  assert.equal(scoresAt(judged, 0, 2).listLength, 2.5);
  assert.deepEqual(scoresAt([], 0.5, 1), { precision: 1, recall: 1, minutesRecall: 1, listLength: 0 });
});

test('the curve has a point at every probability, equal ones together, and the best balance is on it', () => {
  const curve = precisionRecallCurve([one(0.9, true), one(0.5, false), one(0.5, true), one(0, true)]);
  assert.deepEqual(
    curve.map(({ threshold, precision, recall }) => [threshold, precision, recall]),
    [
      [0.9, 1, 1 / 3],
      [0.5, 2 / 3, 2 / 3],
    ],
  );
  assert.equal(bestF1(judged)?.threshold, 0.3);
  assert.equal(bestF1(judged)?.f1, 0.75);
  assert.equal(bestF1([one(0, true)]), undefined);
});

test('Brier is the mean squared error of those named', () => {
  assert.equal(brier([one(0.5, true), one(0.5, false), one(0, true)], 0), 0.25);
  assert.equal(brier([one(1, true), one(0.1, false)], 0.5), 0);
});

test('a calibration error is the gap between said and seen, by bins, weighted', () => {
  const right = [
    ...Array.from({ length: 8 }, () => one(0.8, true)),
    ...Array.from({ length: 2 }, () => one(0.8, false)),
  ];
  assert.ok(calibrationError(right, 0) < 1e-12);
  // Ten say .8 and all are right, ten say .1 and none is: half of .2 and half of .1.
  const off = [
    ...Array.from({ length: 10 }, () => one(0.8, true)),
    ...Array.from({ length: 10 }, () => one(0.1, false)),
  ];
  assert.ok(Math.abs(calibrationError(off, 0) - 0.15) < 1e-12);
});
