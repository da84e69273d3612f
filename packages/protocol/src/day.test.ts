// Local days in zones whose clocks jump, also at midnight.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { DAY_MS, dayFromText, dayOf, dayStartMs, dayText } from './day.ts';
import { unwrap } from './result.ts';

const HOUR_MS = 3_600_000;

function lengthHours(text: string, zone: string): number {
  const day = unwrap(dayFromText(text));
  return (dayStartMs(day + 1, zone) - dayStartMs(day, zone)) / HOUR_MS;
}

test('a day in Shanghai begins at 16:00 UTC of the day before', () => {
  const day = unwrap(dayFromText('2026-05-03'));
  assert.equal(dayStartMs(day, 'Asia/Shanghai'), Date.parse('2026-05-02T16:00:00Z'));
  assert.equal(dayOf(Date.parse('2026-05-02T15:59:59.999Z'), 'Asia/Shanghai'), day - 1);
  assert.equal(dayOf(Date.parse('2026-05-02T16:00:00Z'), 'Asia/Shanghai'), day);
});

test('days have 23, 24 or 25 hours', () => {
  assert.equal(lengthHours('2026-03-29', 'Europe/Berlin'), 23);
  assert.equal(lengthHours('2026-10-25', 'Europe/Berlin'), 25);
  assert.equal(lengthHours('2026-05-03', 'Europe/Berlin'), 24);
  // Clocks jump from 00:00 to 01:00: the day begins at 01:00 local.
  assert.equal(lengthHours('2018-11-04', 'America/Sao_Paulo'), 23);
  assert.equal(lengthHours('2018-02-17', 'America/Sao_Paulo'), 25);
});

test('each instant lies in the day that begins at or before it', () => {
  const zones = [
    'Asia/Shanghai',
    'Asia/Kathmandu',
    'Europe/Berlin',
    'America/Sao_Paulo',
    'Pacific/Apia',
    'Pacific/Pago_Pago',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 2_000_000_000 }), (zone, seconds) => {
      const ms = seconds * 1000;
      const day = dayOf(ms, zone);
      assert.ok(dayStartMs(day, zone) <= ms);
      assert.ok(ms < dayStartMs(day + 1, zone));
      assert.equal(dayOf(dayStartMs(day, zone), zone), day);
    }),
    { seed: 11, numRuns: 200 },
  );
});

test('a remembered day is what the calendar says, also around clocks that move at midnight', () => {
  const nights: readonly (readonly [string, string])[] = [
    ['America/St_Johns', '2007-11-04T02:30:00Z'],
    ['America/Sao_Paulo', '2018-02-18T02:00:00Z'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z'],
    ['Asia/Shanghai', '2026-05-02T16:00:00Z'],
  ];
  for (const [zone, night] of nights) {
    const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
    for (let minute = -120; minute <= 120; minute += 1) {
      const ms = Date.parse(night) + minute * 60_000;
      assert.equal(dayText(dayOf(ms, zone)), calendar.format(ms), `${zone} ${minute}`);
    }
  }
});

test('a day is written and read again alike; dates that do not exist are refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65_535 }), (day) => assert.equal(unwrap(dayFromText(dayText(day))), day)),
    { seed: 12 },
  );
  assert.equal(dayText(0), '1970-01-01');
  for (const text of [
    '2026-02-30',
    '2026-13-01',
    '2026-1-1',
    '1969-12-31',
    '2200-01-01',
    '２０２６-01-01',
    '2026-01-01T00:00',
  ]) {
    assert.equal(dayFromText(text).ok, false, text);
  }
  assert.equal(DAY_MS, 24 * HOUR_MS);
});

test('an unknown zone is a fault', () => {
  assert.throws(() => dayOf(0, 'Mars/Olympus'), RangeError);
});
