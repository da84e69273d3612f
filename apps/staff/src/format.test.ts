import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockText, plateText, positions } from './format.ts';

test('a plate gets its dot and other names stay', () => {
  assert.equal(plateText('粤B12345D'), '粤B·12345D');
  assert.equal(plateText('粤B12345'), '粤B·12345');
  assert.equal(plateText('0512-3'), '0512-3');
});

test('times are shown in the zone of the authority', () => {
  assert.equal(clockText(Date.UTC(2026, 10, 20, 0, 12, 33), 'Asia/Shanghai'), '08:12:33');
});

test('companions take their places in the count, undone ones take none', () => {
  const base = { boardedMs: 0, receivedMs: 0, check: { text: 'A1', colour: 'blue' }, assisted: false, late: false };
  const rides = [
    { ...base, seq: 3, heads: 2, undone: false },
    { ...base, seq: 2, heads: 1, undone: true },
    { ...base, seq: 1, heads: 1, undone: false },
  ];
  assert.deepEqual(positions(3, rides), [3, 1, 1]);
});
