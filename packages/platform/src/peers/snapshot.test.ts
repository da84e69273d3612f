import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSnapshot } from './snapshot.ts';

test('a snapshot holds what was committed before it, and not what was under way', () => {
  const snapshot = parseSnapshot('100:110:101,105');
  assert.deepEqual(
    [1, 99, 100, 101, 104, 105, 109, 110, 500].map((xid) => snapshot.has(xid)),
    [true, true, true, false, true, false, true, false, false],
  );
  assert.equal(parseSnapshot('7:7:').has(6), true);
  assert.throws(() => parseSnapshot(''));
});
