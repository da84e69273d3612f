// Times that people type are local times of the operator's zone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantOf, minutesOf } from './minutes.ts';

test('minutes of the day', () => {
  assert.deepEqual(['08:30', '23:59', '0:05', '08:30:10'].map(minutesOf), [510, 1439, 5, 510]);
  assert.ok(Number.isNaN(minutesOf('')));
});

test('a local time is an instant of the zone, also around a change of clocks', () => {
  assert.equal(instantOf('2026-11-20T08:30', 'Asia/Shanghai'), Date.UTC(2026, 10, 20, 0, 30));
  assert.equal(instantOf('2026-03-29T01:30', 'Europe/Berlin'), Date.UTC(2026, 2, 29, 0, 30));
  assert.equal(instantOf('2026-03-29T03:30', 'Europe/Berlin'), Date.UTC(2026, 2, 29, 1, 30));
});
