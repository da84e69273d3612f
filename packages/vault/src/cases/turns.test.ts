import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as soon } from 'node:timers/promises';
import { turns } from './turns.ts';

test('no more than so many at a time, in order, and what fails gives its place on', async () => {
  const inTurn = turns(2);
  const begun: number[] = [];
  let under = 0;
  const work = (n: number) => async (): Promise<number> => {
    under += 1;
    assert.ok(under <= 2, `${under} at once`);
    begun.push(n);
    await soon();
    under -= 1;
    if (n % 3 === 0) throw new Error(`${n}`);
    return n;
  };
  const all = await Promise.allSettled(Array.from({ length: 9 }, (_, n) => inTurn(work(n))));
  assert.deepEqual(
    all.map((one) => (one.status === 'fulfilled' ? one.value : 'failed')),
    ['failed', 1, 2, 'failed', 4, 5, 'failed', 7, 8],
  );
  assert.deepEqual(begun, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  // All places are free again.
  const later = [inTurn(work(10)), inTurn(work(11))];
  assert.equal(under, 2);
  await Promise.all(later);
});
