// Quiet hours by the local clock.
import assert from 'node:assert/strict';
import test from 'node:test';

import { quietHours } from './quiet-hours.ts';

const at = (text: string) => Date.parse(text);

test('22:00 to 08:00 spans midnight', () => {
  const hours = quietHours({ fromHour: 22, toHour: 8 }, 'Asia/Shanghai');
  assert.equal(hours.isQuiet(at('2026-05-03T21:59:59+08:00')), false);
  assert.equal(hours.isQuiet(at('2026-05-03T22:00:00+08:00')), true);
  assert.equal(hours.isQuiet(at('2026-05-04T00:30:00+08:00')), true);
  assert.equal(hours.isQuiet(at('2026-05-04T07:59:59+08:00')), true);
  assert.equal(hours.isQuiet(at('2026-05-04T08:00:00+08:00')), false);
});

test('hours of one day, and never', () => {
  assert.equal(quietHours({ fromHour: 12, toHour: 14 }, 'UTC').isQuiet(at('2026-05-03T13:00:00Z')), true);
  assert.equal(quietHours({ fromHour: 12, toHour: 14 }, 'UTC').isQuiet(at('2026-05-03T14:00:00Z')), false);
  for (let hour = 0; hour < 24; hour += 1) {
    assert.equal(quietHours({ fromHour: 0, toHour: 0 }, 'UTC').isQuiet(hour * 3_600_000), false);
  }
});

test('the hour that summer time leaves out does not matter', () => {
  const hours = quietHours({ fromHour: 22, toHour: 8 }, 'Europe/Berlin');
  assert.equal(hours.isQuiet(at('2026-03-29T07:59:00+02:00')), true);
  assert.equal(hours.isQuiet(at('2026-03-29T08:00:00+02:00')), false);
});
