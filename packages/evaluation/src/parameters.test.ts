import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { CALIBRATION_SEEDS, PARAMETERS, TEST_SEEDS } from './parameters.ts';

/** Of the values with which every published figure was made. */
const FROZEN = 'fec29cbdf2131db5cd5ca241b0352348427fbb258d2dc0ef45f573671246b324';

test('the parameters are frozen: whoever changes one writes a decision note, and makes every figure again', () => {
  const digest = createHash('sha256').update(JSON.stringify(PARAMETERS)).digest('hex');
  assert.equal(digest, FROZEN, 'a change needs a note in docs/decisions and new figures in docs/performance.md');
});

test('nothing is learned from the seeds that are tested', () => {
  assert.deepEqual(
    CALIBRATION_SEEDS.filter((seed) => TEST_SEEDS.includes(seed)),
    [],
  );
  assert.equal(new Set(TEST_SEEDS).size, 5);
});
