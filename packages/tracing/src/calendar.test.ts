import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { clockWords, dateWords, instantAt, localTime, weekdayOf } from './calendar.ts';
import { daysOf, weekdayWords, WORKDAYS } from './recurrence.ts';

function utc(text: string): number {
  return Date.parse(text);
}

describe('days and clocks of a zone', () => {
  it('finds the instant at which clocks show a minute of a day, and back', () => {
    // 27 January 2020 was a Monday.
    assert.equal(weekdayOf(18_288), 0);
    assert.equal(instantAt(18_288, 7 * 60 + 35, 'Asia/Shanghai'), utc('2020-01-26T23:35:00Z'));
    assert.deepEqual(localTime(utc('2020-01-26T23:35:59Z'), 'Asia/Shanghai'), { day: 18_288, minute: 455 });
    assert.equal(instantAt(18_288, 1_445, 'Asia/Shanghai'), utc('2020-01-27T16:05:00Z'));
  });

  it('keeps the clock on days that lose or gain an hour', () => {
    // Clocks in Berlin went from 02:00 to 03:00 on 29 March 2020, and back on 25 October.
    const [spring, autumn] = [18_350, 18_560];
    assert.equal(instantAt(spring, 455, 'Europe/Berlin'), utc('2020-03-29T07:35:00+02:00'));
    assert.equal(instantAt(spring, 60, 'Europe/Berlin'), utc('2020-03-29T01:00:00+01:00'));
    assert.equal(instantAt(autumn, 455, 'Europe/Berlin'), utc('2020-10-25T07:35:00+01:00'));
    assert.deepEqual(localTime(utc('2020-10-25T07:35:00+01:00'), 'Europe/Berlin'), { day: autumn, minute: 455 });
    assert.deepEqual(localTime(utc('2020-03-29T01:00:00+01:00'), 'Europe/Berlin'), { day: spring, minute: 60 });
  });

  it('goes there and back on every minute of the year but the changed hours', () => {
    const zones = fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe');
    fc.assert(
      fc.property(
        zones,
        fc.integer({ min: 18_262, max: 18_700 }),
        fc.integer({ min: 180, max: 1_439 }),
        (zone, day, minute) => {
          assert.deepEqual(localTime(instantAt(day, minute, zone), zone), { day, minute });
        },
      ),
    );
  });

  it('writes them', () => {
    assert.deepEqual(dateWords(18_310), { zh: '2月18日', en: '18 February' });
    assert.deepEqual([0, 455, 1_445].map(clockWords), ['00:00', '07:35', '00:05']);
  });
});

describe('recurrence', () => {
  const rule = { from: 18_288, to: 18_301, weekdays: WORKDAYS, except: [], also: [] };

  it('names the days of a fortnight', () => {
    assert.deepEqual(
      daysOf(rule),
      [0, 1, 2, 3, 4, 7, 8, 9, 10, 11].map((i) => 18_288 + i),
    );
  });

  it('leaves out holidays, and takes in the weekend that was worked for them', () => {
    const holiday = { ...rule, except: [18_288, 18_289], also: [18_293, 18_400] };
    assert.deepEqual(
      daysOf(holiday),
      [2, 3, 4, 5, 7, 8, 9, 10, 11].map((i) => 18_288 + i),
    );
  });

  it('holds its own rules for any input', () => {
    const days = fc.array(fc.integer({ min: 18_280, max: 18_320 }), { maxLength: 8 });
    const weekdays = fc.uniqueArray(fc.constantFrom(0 as const, 1, 2, 3, 4, 5, 6));
    fc.assert(
      fc.property(
        fc.integer({ min: 18_280, max: 18_300 }),
        fc.nat(40),
        weekdays,
        days,
        days,
        (from, length, on, except, also) => {
          const found = daysOf({ from, to: from + length, weekdays: on, except, also });
          assert.deepEqual(
            found,
            [...new Set(found)].sort((a, b) => a - b),
          );
          for (let day = from; day <= from + length; day += 1) {
            const isIn = !except.includes(day) && (also.includes(day) || on.includes(weekdayOf(day)));
            assert.equal(found.includes(day), isIn);
          }
          assert.ok(found.every((day) => day >= from && day <= from + length));
        },
      ),
    );
  });

  it('refuses a stretch that is none', () => {
    assert.throws(() => daysOf({ ...rule, to: rule.from - 1 }), /no stretch/);
    assert.throws(() => daysOf({ ...rule, to: rule.from + 401 }), RangeError);
    assert.throws(() => daysOf({ ...rule, from: 0.5 }), RangeError);
  });

  it('is told in both languages', () => {
    assert.deepEqual(weekdayWords(WORKDAYS), { zh: '工作日', en: 'weekdays' });
    assert.deepEqual(weekdayWords([6, 5]), { zh: '周末', en: 'weekends' });
    assert.deepEqual(weekdayWords([0, 1, 2, 3, 4, 5, 6]), { zh: '每天', en: 'daily' });
    assert.deepEqual(weekdayWords([4, 0, 4]), { zh: '周一、周五', en: 'Mondays, Fridays' });
  });
});
