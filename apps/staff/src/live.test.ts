import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveRide } from '@tongche/contract';
import { maxShown, viewOf, withRide, withUndo } from './live.ts';

function ride(seq: number, heads = 1): LiveRide {
  return {
    seq,
    boardedMs: 0,
    receivedMs: seq,
    check: { text: 'A1', colour: 'blue' },
    heads,
    assisted: false,
    late: false,
    undone: false,
  };
}
const empty = { heads: 0, rides: [] };

test('a registration that comes twice counts once', () => {
  const once = withRide(empty, ride(1, 3));
  assert.deepEqual(withRide(once, ride(1, 3)), once);
  assert.equal(once.heads, 3);
});

test('two batches that arrive out of order stand newest first', () => {
  const view = withRide(withRide(empty, ride(2)), ride(1));
  assert.deepEqual(
    view.rides.map((each) => each.seq),
    [2, 1],
  );
});

test('a whole state, which comes latest last, stands newest first', () => {
  const view = viewOf({ heads: 3, rides: [ride(4), ride(6), ride(7)] });
  assert.deepEqual(
    view.rides.map((each) => each.seq),
    [7, 6, 4],
  );
  assert.equal(withRide(view, ride(8)).rides[0]?.seq, 8);
});

test('an undone registration leaves the count once and stays on the list', () => {
  const view = withRide(withRide(empty, ride(1)), ride(2, 2));
  const undone = withUndo(withUndo(view, 2), 2);
  assert.equal(undone.heads, 1);
  assert.equal(undone.rides[0]?.undone, true);
  assert.deepEqual(withUndo(view, 9), view);
});

test('the list keeps the newest and the count keeps all', () => {
  let view: { heads: number; rides: readonly LiveRide[] } = empty;
  for (let seq = 1; seq <= maxShown + 10; seq += 1) view = withRide(view, ride(seq));
  assert.equal(view.heads, maxShown + 10);
  assert.equal(view.rides.length, maxShown);
  assert.equal(view.rides[0]?.seq, maxShown + 10);
});
