import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineup } from './lineup.ts';
import type { Lineup } from './lineup.ts';

const told = (line: Lineup<string>): readonly string[] => Array.from(line.values(), ({ value }) => value);

test('who comes stands last; who leaves is gone, and may come again', () => {
  const line = lineup<string>();
  const [a, b, c] = ['a', 'b', 'c'].map((value) => line.enter(value));
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  assert.deepEqual(told(line), ['a', 'b', 'c']);
  line.leave(b);
  line.leave(b);
  assert.deepEqual(told(line), ['a', 'c']);
  line.moveLast(a);
  assert.deepEqual(told(line), ['c', 'a']);
  line.moveLast(a);
  line.moveLast(b);
  assert.deepEqual(told(line), ['c', 'a', 'b']);
  for (const place of [c, b, a]) line.leave(place);
  assert.deepEqual(told(line), []);
  line.moveLast(c);
  assert.deepEqual(told(line), ['c']);
});

test('who has left holds nobody', () => {
  const line = lineup<string>();
  const [, b] = ['a', 'b', 'c'].map((value) => line.enter(value));
  assert.ok(b !== undefined);
  line.leave(b);
  assert.deepEqual([b.before, b.after], [undefined, undefined]);
});

test('the one just told may leave, and the last may come again', () => {
  const line = lineup<string>();
  for (const value of ['a', 'b', 'c']) line.enter(value);
  const seen: string[] = [];
  for (const place of line.values()) {
    seen.push(place.value);
    line.leave(place);
  }
  assert.deepEqual(seen, ['a', 'b', 'c']);
  assert.deepEqual(told(line), []);
});
