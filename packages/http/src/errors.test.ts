// Whoever is told `busy` is told when to come again, whatever the refuser said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterOf, withWait } from './errors.ts';

test('busy always comes with a time: the refuser’s or, when there is no room before, the gate’s', () => {
  const gate = { retryAfterS: () => 7 };
  const waits = [undefined, 0, -1, 0.5, 3.2, 40, Number.NaN, Infinity, '5'];
  const told = (one: typeof gate | undefined): readonly (number | undefined)[] =>
    waits.map((retryAfterS) => retryAfterOf(withWait('busy', { retryAfterS }, one)));
  assert.deepEqual(told(undefined), [2, 2, 2, 2, 4, 40, 2, 2, 2]);
  assert.deepEqual(told(gate), [7, 7, 7, 7, 7, 40, 7, 7, 7]);
  assert.equal(retryAfterOf(withWait('busy', {}, undefined)), 2);
});

test('other refusals name a time only when they have one', () => {
  assert.equal(retryAfterOf(withWait('rate-limited', { retryAfterS: 30 }, undefined)), 30);
  assert.deepEqual(withWait('not-found', { field: 'x' }, { retryAfterS: () => 7 }), { field: 'x' });
});
