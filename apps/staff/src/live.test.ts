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
const comes = (seq: number, total: number, heads = 1) => ({ ...ride(seq, heads), total });

test('a registration that comes twice is listed and counted once', () => {
  const once = withRide(empty, comes(1, 3, 3));
  assert.deepEqual(withRide(once, comes(1, 3, 3)), once);
  assert.equal(once.heads, 3);
  assert.deepEqual(once.rides, [ride(1, 3)]);
});

test('a whole state, which comes latest last, stands newest first and takes the place of what was shown', () => {
  const view = viewOf({ heads: 3, rides: [ride(4), ride(6), ride(7)] });
  assert.deepEqual(
    view.rides.map((each) => each.seq),
    [7, 6, 4],
  );
  assert.equal(withRide(view, comes(8, 4)).rides[0]?.seq, 8);
  // Of another process: numbers begin anew.
  assert.deepEqual(viewOf({ heads: 9, rides: [ride(1), ride(2)] }), { heads: 9, rides: [ride(2), ride(1)] });
});

test('an undone registration leaves the count and stays on the list, however often it is said', () => {
  const view = withRide(withRide(empty, comes(1, 1)), comes(2, 3, 2));
  const undone = withUndo(withUndo(view, { seq: 2, total: 1 }), { seq: 2, total: 1 });
  assert.equal(undone.heads, 1);
  assert.equal(undone.rides[0]?.undone, true);
});

test('one that is not shown any more leaves the count alone on the list', () => {
  const view = withRide(empty, comes(5, 80));
  assert.deepEqual(withUndo(view, { seq: 0, total: 78 }), { heads: 78, rides: view.rides });
});

test('a registration of before the trip is listed and not counted', () => {
  const view = withRide(withRide(empty, comes(1, 1)), comes(2, 1, 4));
  assert.deepEqual([view.heads, view.rides.length], [1, 2]);
});

test('the list keeps the newest and the count keeps all', () => {
  let view: { heads: number; rides: readonly LiveRide[] } = empty;
  for (let seq = 1; seq <= maxShown + 10; seq += 1) view = withRide(view, comes(seq, seq));
  assert.equal(view.heads, maxShown + 10);
  assert.equal(view.rides.length, maxShown);
  assert.equal(view.rides[0]?.seq, maxShown + 10);
});
