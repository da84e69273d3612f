// The instrument itself: what is there is found, what is not there is not.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { search } from '../kit/search.ts';

test('needles are found at the beginning, in the middle and at the end of random data, and nothing else is', () => {
  const needles = Array.from({ length: 3_000 }, (_, index) => ({
    owner: String(index),
    form: 'random',
    bytes: randomBytes(6 + (index % 20)),
  }));
  const looked = search(needles);
  const noise = randomBytes(300_000);
  assert.deepEqual(looked.in('noise', noise), []);
  const [first, second, third] = needles.map(({ bytes }) => bytes);
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  const data = Buffer.concat([first, noise, Buffer.alloc(999), second, noise, third]);
  const owners = looked.in('data', data).map(({ owner }) => owner);
  assert.deepEqual(owners.sort(), ['0', '1', '2']);
  assert.deepEqual(looked.in('cut', third.subarray(1)), []);
});

test('needles of mostly zeros are found too', () => {
  const bytes = Buffer.from('000000033d3b9f4e', 'hex');
  const looked = search([{ owner: 'a', form: 'number', bytes }]);
  assert.equal(looked.in('data', Buffer.concat([Buffer.alloc(50), bytes, Buffer.alloc(50)])).length, 1);
});

test('a needle too short to mean anything is refused', () => {
  assert.throws(() => search([{ owner: 'a', form: 'short', bytes: Buffer.from('12345') }]), RangeError);
});
