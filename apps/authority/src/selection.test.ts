import assert from 'node:assert/strict';
import { test } from 'node:test';
import { move, nothing, toggle, toggleAll } from './selection.ts';

const ids = ['a', 'b', 'c'];

test('the focus stays within the rows', () => {
  assert.equal(move(nothing, ids, -1, false).focus, 0);
  assert.equal(move({ ...nothing, focus: 2 }, ids, 1, false).focus, 2);
  assert.equal(move(nothing, [], 1, false).focus, 0);
});

test('extending takes the row left and the row reached', () => {
  assert.deepEqual([...move(nothing, ids, 1, true).chosen], ['a', 'b']);
});

test('choosing twice is choosing not at all', () => {
  assert.equal(toggle(toggle(nothing, 'a'), 'a').chosen.size, 0);
});

test('choosing all keeps choices that a filter hides', () => {
  const chosen = toggle(nothing, 'hidden');
  assert.deepEqual([...toggleAll(chosen, ids).chosen].sort(), ['a', 'b', 'c', 'hidden']);
  assert.deepEqual([...toggleAll(toggleAll(chosen, ids), ids).chosen], ['hidden']);
});
