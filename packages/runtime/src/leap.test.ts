// A calendar that leaps ahead is not believed at once, and always believed in the end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { believe } from './leap.ts';
import type { Leap } from './leap.ts';

const rules = { days: 2, holdMs: 6_000 };

test('a first start, ordinary nights, two missed ones and a clock that went back are believed', () => {
  for (const [today, knownDay] of [
    [20_000, undefined],
    [101, 100],
    [102, 100],
    [100, 100],
    [60, 100],
  ] as const) {
    assert.deepEqual(believe({ today, knownDay, leap: undefined, passedMs: 0 }, rules), { isBelieved: true });
  }
});

test('a leap is held until the time has passed that no wall clock can make up', () => {
  const first = believe({ today: 130, knownDay: 100, leap: undefined, passedMs: 99_999 }, rules);
  assert.deepEqual(first, { isBelieved: false, leap: { day: 130, waitedMs: 0 } });
  const leap: Leap = { day: 130, waitedMs: 4_000 };
  assert.deepEqual(believe({ today: 131, knownDay: 100, leap, passedMs: 1_999 }, rules), {
    isBelieved: false,
    leap: { day: 131, waitedMs: 5_999 },
  });
  assert.deepEqual(believe({ today: 131, knownDay: 100, leap, passedMs: 2_000 }, rules), { isBelieved: true });
});

test('another leap on top begins to wait anew, and a calendar that came back is believed', () => {
  const leap: Leap = { day: 130, waitedMs: 5_000 };
  const again = believe({ today: 160, knownDay: 100, leap, passedMs: 5_000 }, rules);
  assert.deepEqual(again, { isBelieved: false, leap: { day: 160, waitedMs: 0 } });
  const nearer = believe({ today: 110, knownDay: 100, leap, passedMs: 5_000 }, rules);
  assert.deepEqual(nearer, { isBelieved: false, leap: { day: 110, waitedMs: 0 } });
  assert.deepEqual(believe({ today: 101, knownDay: 100, leap, passedMs: 0 }, rules), { isBelieved: true });
});

test('whatever the calendar does, no leap is believed before its time, and one that stays is believed then', () => {
  const step = fc.record({
    to: fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
    passedMs: fc.nat(2_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const knownDay = 100;
      let [today, leap, sinceChangeMs, sinceLeapMs]: [number, Leap | undefined, number, number] = [
        100,
        undefined,
        0,
        0,
      ];
      for (const { to, passedMs } of steps) {
        const moved = to !== undefined && to !== today;
        if (to !== undefined) today = to;
        sinceChangeMs = moved ? 0 : sinceChangeMs + passedMs;
        const belief = believe({ today, knownDay, leap, passedMs: moved ? 0 : passedMs }, rules);
        const isLeap = today > knownDay + rules.days;
        sinceLeapMs = isLeap ? sinceLeapMs + passedMs : 0;
        if (isLeap && belief.isBelieved) assert.ok(sinceLeapMs >= rules.holdMs, 'never early');
        if (!isLeap) assert.ok(belief.isBelieved);
        else if (sinceChangeMs >= rules.holdMs + 2_000)
          assert.ok(belief.isBelieved, 'destruction is never late for ever');
        leap = belief.isBelieved ? undefined : belief.leap;
        if (isLeap && belief.isBelieved) return;
      }
    }),
    { seed: 19 },
  );
});
