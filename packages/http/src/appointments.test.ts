// Times to come back: spread, bounded, and as many a second as there is room for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appointments } from './appointments.ts';

function countsBySecond(waits: readonly number[]): readonly number[] {
  const counts: number[] = [];
  for (const wait of waits) counts[wait] = (counts[wait] ?? 0) + 1;
  return counts;
}

test('a crowd refused at once comes back a quarter of the served rate a second', () => {
  const times = appointments();
  times.served(8_000);
  const waits = Array.from({ length: 10_000 }, () => times.next(5_000));
  const counts = countsBySecond(waits);
  assert.ok(waits.every((wait) => wait >= 1 && wait <= 6));
  assert.ok(counts.every((count) => count <= 2_001));
});

test('who is refused later comes after those refused before, and a pause is made use of', () => {
  const times = appointments();
  for (let n = 0; n < 500; n += 1) times.next(0);
  assert.equal(times.next(0), 12);
  assert.equal(times.next(5_000), 7);
  assert.equal(times.next(60_000), 2);
});

test('with nothing served nobody waits for longer than two minutes, and they do not come together', () => {
  const times = appointments();
  times.served(0);
  const waits = Array.from({ length: 30_000 }, () => times.next(1_000));
  assert.ok(Math.max(...waits) <= 120);
  const late = countsBySecond(waits.slice(10_000)).filter((count) => count > 0);
  assert.ok(late.length >= 60 && Math.max(...late) < 2 * (20_000 / 60));
});
