import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskPhone, parsePhone } from '@tongche/protocol';
import { addressOf, maxCards, numberOf } from './numbers.ts';

test('every card has a valid number whose masked form is its own', () => {
  const masked = new Set<string>();
  for (let index = 0; index < 100_000; index += 1) {
    const digits = numberOf(index);
    const parsed = parsePhone(`+${digits}`);
    assert.ok(parsed.ok, digits);
    masked.add(maskPhone(parsed.value));
  }
  assert.equal(masked.size, 100_000);
});

test('a card beyond the numbers there are is refused', () => {
  assert.throws(() => numberOf(maxCards), RangeError);
  assert.throws(() => numberOf(-1), RangeError);
  assert.match(numberOf(maxCards - 1), /^86\d{11}$/);
});

test('every card speaks from a network of its own', () => {
  const networks = new Set(
    Array.from({ length: 70_000 }, (_, index) => addressOf(index).split('.').slice(0, 3).join('.')),
  );
  assert.equal(networks.size, 70_000);
});
