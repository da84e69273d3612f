// What operators read: grouped counts, narrow cells, sizes, shares, shades, axes and dates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisOf, bytesText, countText, dateOf, shade, shareText, shiftDate, shortCount, weekday } from './format.ts';

test('counts are grouped, narrow ones shortened, nothing is empty', () => {
  assert.equal(countText(1_234_567), '1,234,567');
  assert.deepEqual([0, 7, 999, 1_000, 1_240, 12_400].map(shortCount), ['', '7', '999', '1k', '1.2k', '12k']);
});

test('sizes and shares keep two figures', () => {
  assert.deepEqual([0, 999, 48_000, 1_230_000, 250_000_000].map(bytesText), [
    '0 B',
    '999 B',
    '48 KB',
    '1.2 MB',
    '250 MB',
  ]);
  assert.deepEqual(
    [shareText(93, 100), shareText(5, null), shareText(104, 100), shareText(1, 0)],
    ['93%', '', '104%', ''],
  );
});

test('shades rise with the number; one is never nothing', () => {
  assert.deepEqual(
    [0, 1, 25, 100].map((n) => shade(n, 100)),
    [0, 1, 3, 5],
  );
  assert.equal(shade(1, 1_000_000), 1);
});

test('an axis ends at or above the highest bar in few round steps', () => {
  assert.deepEqual(axisOf(0), [0, 1]);
  assert.deepEqual(axisOf(7), [0, 2, 4, 6, 8]);
  for (const most of [1, 9, 99, 1_234, 56_789]) {
    const axis = axisOf(most);
    assert.ok((axis.at(-1) ?? 0) >= most && axis.length <= 6, `${most}: ${axis.join()}`);
  }
});

test('dates step over months and know their weekday', () => {
  assert.equal(shiftDate('2026-03-01', -1), '2026-02-28');
  assert.equal(weekday('2026-11-20'), 4);
  assert.equal(dateOf('2026-11-20', 'zh'), '11月20日');
  assert.equal(dateOf('2026-11-20', 'en'), '20 Nov');
});
