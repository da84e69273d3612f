import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positions } from './format.ts';

test('companions take their places in the count, undone ones take none', () => {
  const base = { boardedMs: 0, receivedMs: 0, check: { text: 'A1', colour: 'blue' }, assisted: false, late: false };
  const rides = [
    { ...base, seq: 3, heads: 2, undone: false },
    { ...base, seq: 2, heads: 1, undone: true },
    { ...base, seq: 1, heads: 1, undone: false },
  ];
  assert.deepEqual(positions(3, rides), [3, 1, 1]);
  assert.deepEqual(positions(2, rides), [2, 0, undefined]);
});
