// Long lists draw what is seen and little more, and scroll only as far as they must.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scrollToRow, visibleRange } from './visible.ts';

test('ten thousand rows draw some dozens', () => {
  const { from, to } = visibleRange(190_000, 600, 38, 10_000);
  assert.ok(from <= 5_000 && to >= 5_016 && to - from < 60);
  assert.deepEqual(visibleRange(0, 600, 38, 3), { from: 0, to: 3 });
  assert.deepEqual(visibleRange(0, 600, 38, 0), { from: 0, to: 0 });
  const end = visibleRange(380_000, 600, 38, 10_000);
  assert.equal(end.to, 10_000);
});

test('a row that is seen does not move the list', () => {
  assert.equal(scrollToRow(5, 100, 600, 38), 100);
  assert.equal(scrollToRow(1, 100, 600, 38), 38);
  assert.equal(scrollToRow(30, 100, 600, 38), 30 * 38 + 38 - 600);
});
