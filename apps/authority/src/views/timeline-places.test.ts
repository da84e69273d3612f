import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOf, ticksOf, wordsPx, xOf } from './timeline-places.ts';
import type { Drawn, Frame } from './timeline-places.ts';

const frame: Frame = { fromHour: 6, toHour: 12, widthPx: 600 };
const draw = (rides: readonly Drawn[], at = frame) => barsOf(rides, (ride) => ride, at);
const ride = (fromMin: number, minutes: number, ...more: string[]): Drawn => ({
  fromMin,
  toMin: fromMin + minutes,
  labels: ['1路 08:12', ...more],
});

test('hours are named as often as there is room, on whole steps', () => {
  assert.deepEqual(ticksOf(frame), [6, 7, 8, 9, 10, 11, 12]);
  assert.deepEqual(ticksOf({ ...frame, widthPx: 200 }), [6, 8, 10, 12]);
  assert.deepEqual(ticksOf({ fromHour: 5, toHour: 24, widthPx: 240 }), [6, 12, 18, 24]);
  assert.deepEqual([xOf(frame, 360), xOf(frame, 540), xOf(frame, 720)], [0, 300, 600]);
});

test('words stand in a long bar, after a short one, before one at the end, and are cut off where there is no room', () => {
  const needed = wordsPx('1路 08:12') + 12;
  assert.ok(needed > 50 && needed < 90, `${needed}`);
  const [long, short, late] = draw([ride(380, 60), ride(500, 10), ride(710, 10)]);
  assert.deepEqual([long?.words, short?.words, late?.words], ['in', 'after', 'before']);
  const narrow = { ...frame, widthPx: 60 };
  const [cut, fewer] = [ride(380, 10), ride(380, 10, '08:12')].map((one) => draw([one], narrow)[0]);
  assert.deepEqual([cut?.words, cut?.label], ['cut', '1路 08:12']);
  assert.deepEqual([fewer?.words, fewer?.label], ['after', '08:12']);
});

test('what would hide another stands in a row of its own, and the first free row is taken again', () => {
  const rows = draw([ride(420, 30), ride(430, 30), ride(440, 5), ride(650, 20), ride(655, 5)]).map(({ row }) => row);
  assert.deepEqual(rows, [0, 1, 2, 0, 1]);
});

test('rides that begin before, or go on after what is shown stay within it', () => {
  for (const { x, width } of draw([ride(300, 200), ride(715, 600), ride(1_000, 5)])) {
    assert.ok(x >= 0 && width >= 10 && x + width <= 600, `${x} ${width}`);
  }
});
