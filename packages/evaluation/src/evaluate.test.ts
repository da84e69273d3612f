// The whole ladder in a small city: each rung does what it must, whatever the figures.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPriors } from '@tongche/tracing';
import { evaluate, evaluateInWorkers } from './evaluate.ts';
import { SMALL } from './kit.test.ts';

const options = { seeds: [7], compliances: [0.85], parameters: SMALL, priors: defaultPriors, progress: () => {} };
const result = evaluate(options);

function rung(method: string, threshold: number | null) {
  const found = result.rungs.find((one) => one.method === method && one.threshold === threshold);
  assert.ok(found, `${method} at ${threshold}`);
  return found;
}

test('wider nets find more and are wrong more often', () => {
  const [hour, quarter] = [rung('same vehicle, 60 min', null), rung('same vehicle, 15 min', null)];
  assert.ok(hour.recall >= quarter.recall && hour.precision <= quarter.precision);
  const [low, high] = [rung('timeline, chained', 0.05), rung('timeline, chained', 0.5)];
  assert.ok(low.recall >= high.recall && low.listLength > high.listLength);
});

test('every kind of knowledge makes the lists better', () => {
  const order = ['no timeline', 'timeline', 'timeline, chained', 'timeline, chained, interviewed'] as const;
  const scores = order.map((method) => rung(method, 0.1).bestF1);
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => a - b),
  );
  assert.ok(rung('missing rides told', 0.1).recallOfAll > rung('timeline, chained, interviewed', 0.1).recallOfAll);
});

test('the special graders count what there is', () => {
  const { chains, gaps, clusters } = result;
  assert.ok(chains !== undefined && chains.scans > 300 && chains.within400m > 0.5 && chains.within400m <= 1);
  assert.ok(chains.exact <= chains.within400m);
  assert.ok(gaps !== undefined && gaps.missing > 0 && gaps.suggested <= 1 && gaps.wrong <= 1);
  assert.deepEqual(
    clusters.map(({ infected, trials }) => [infected, trials]),
    [
      [8, 2],
      [0, 2],
    ],
  );
});

test('every promise is answered, and worker threads give the same figures', async () => {
  assert.deepEqual(
    result.acceptance.map(({ id }) => id),
    ['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8', 'A9', 'A10', 'A11', 'A12'],
  );
  // Nothing was measured at compliance .5.
  assert.equal(result.acceptance.find(({ id }) => id === 'A5')?.reached, null);
  assert.deepEqual(await evaluateInWorkers(options, 2), result);
});
