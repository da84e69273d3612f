// Windows that let one too many through, or keep what they should forget.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, settableClock } from '@tongche/runtime';
import * as fc from 'fast-check';
import { networkOf, numberTable, rateTable } from './rate.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const limits = [
  { windowMs: minute, max: 1 },
  { windowMs: hour, max: 5 },
  { windowMs: day, max: 10 },
];
const phone = 8613800000000n;

test('no window of any length ever holds more messages to a number than its limit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 * minute }), { maxLength: 120 }), async (steps) => {
      const clock = settableClock(1_000_000);
      const table = numberTable(clock, limits, seededRandom('rate'));
      const sent: number[] = [];
      for (const step of steps) {
        await clock.advance(step);
        if (table.take(phone)) sent.push(clock.now());
      }
      for (const { windowMs, max } of limits) {
        for (const from of sent) {
          assert.ok(sent.filter((ms) => ms >= from && ms < from + windowMs).length <= max);
        }
      }
    }),
    { seed: 7, numRuns: 60 },
  );
});

test('a number is served again when the window is over, and others never notice', async () => {
  const clock = settableClock(0);
  const table = numberTable(clock, limits, seededRandom('rate'));
  assert.ok(table.take(phone));
  assert.ok(!table.take(phone));
  assert.ok(table.take(phone + 1n));
  await clock.advance(minute - 1);
  assert.ok(!table.take(phone));
  await clock.advance(1);
  assert.ok(table.take(phone));
});

test('the memory key changes after a day, and windows still reach across the change', async () => {
  let keys = 0;
  const clock = settableClock(0);
  const table = numberTable(clock, limits, (n) => {
    keys += 1;
    return new Uint8Array(n).fill(keys);
  });
  await clock.advance(day - 1_000);
  assert.ok(table.take(phone));
  await clock.advance(2_000);
  assert.ok(!table.take(phone), 'one a minute, also across the change of keys');
  assert.equal(keys, 2);
});

test('windows of other keys: never more than twice the limit at a border, and free again after', async () => {
  const clock = settableClock(0);
  const table = rateTable(clock, [{ windowMs: minute, max: 10 }]);
  let taken = 0;
  for (let i = 0; i < 50; i += 1) taken += Number(table.take('a'));
  assert.equal(taken, 10);
  assert.ok(table.take('b'));
  await clock.advance(minute);
  assert.ok(!table.take('a'), 'the window before still counts whole at its border');
  await clock.advance(minute);
  assert.ok(table.take('a'));
});

test('addresses of one network share a key', () => {
  assert.equal(networkOf('203.0.113.7'), networkOf('203.0.113.250'));
  assert.notEqual(networkOf('203.0.113.7'), networkOf('203.0.114.7'));
  assert.equal(networkOf('::ffff:203.0.113.7'), networkOf('203.0.113.9'));
  assert.equal(networkOf('2001:db8:1:2a00::1'), networkOf('2001:db8:1:2aff:ffff::9'));
  assert.notEqual(networkOf('2001:db8:1:2a00::1'), networkOf('2001:db8:1:2b00::1'));
  assert.equal(networkOf('::1'), '0:0:0:0');
});
