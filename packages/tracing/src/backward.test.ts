import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { backwardDays, backwardRuns } from './backward.ts';
import type { BackwardInput } from './backward.ts';
import { checkIncubation, exposureDays, exposureWeight } from './incubation.ts';
import { MONDAY, registered, weekOfCommuters, zone } from './journey-kit.test.ts';

const incubation = { minDays: 2, usualDays: 4, maxDays: 7 };

describe('incubation', () => {
  it('spreads a case over the days it can have been infected on, by hand', () => {
    const onset = { lo: 100, hi: 100 };
    assert.deepEqual(exposureDays(onset, incubation), { lo: 93, hi: 98 });
    // Rising 1/3, 2/3, 1 to the fourth day, falling 3/4, 1/2, 1/4: in all 3.5.
    const weights = [98, 97, 96, 95, 94, 93].map((day) => exposureWeight(day, onset, incubation) * 3.5);
    for (const [i, wanted] of [1 / 3, 2 / 3, 1, 3 / 4, 1 / 2, 1 / 4].entries())
      assert.ok(Math.abs((weights[i] ?? 0) - wanted) < 1e-12, weights.join());
    assert.equal(exposureWeight(99, onset, incubation), 0);
    assert.equal(exposureWeight(92, onset, incubation), 0);
  });

  it('gives every case a weight of 1 over all days, also of an onset known to a few', () => {
    const periods = fc.tuple(fc.nat(10), fc.nat(10), fc.nat(10)).map(([min, more, most]) => ({
      minDays: min,
      usualDays: min + more,
      maxDays: min + more + most,
    }));
    fc.assert(
      fc.property(periods, fc.nat(6), (period, width) => {
        const onset = { lo: 100, hi: 100 + width };
        let sum = 0;
        for (let day = 0; day <= 120; day += 1) sum += exposureWeight(day, onset, period);
        assert.ok(Math.abs(sum - 1) < 1e-9);
        const { lo, hi } = exposureDays(onset, period);
        assert.equal(exposureWeight(lo - 1, onset, period) + exposureWeight(hi + 1, onset, period), 0);
      }),
    );
  });

  it('refuses days out of order', () => {
    assert.throws(() => checkIncubation({ minDays: 3, usualDays: 2, maxDays: 7 }), /not in order/);
    assert.throws(() => checkIncubation({ minDays: 1.5, usualDays: 2, maxDays: 7 }), RangeError);
    assert.throws(() => backwardDays({ lo: 5, hi: 5 }, { minDays: 1, usualDays: 9, maxDays: 7 }), RangeError);
  });
});

describe('backwards', () => {
  const week = weekOfCommuters(11, 6, { compliance: 1, wrongShare: 0 });
  const [first = [], second = []] = week.rides.filter((rides) => rides.length >= 4);

  function input(fields: Partial<BackwardInput> = {}): BackwardInput {
    const onset = { lo: MONDAY + 6, hi: MONDAY + 6 };
    const cases = [{ onset, presences: registered(first) }];
    return { zone, incubation, cases, world: week.world, heads: () => 30, ...fields };
  }

  it('answers runs of the window with shares that sum to 1, the usual day before its neighbours', () => {
    const runs = backwardRuns(input());
    const inWindow = first.filter(({ day }) => day >= MONDAY - 1 && day <= MONDAY + 4);
    assert.deepEqual(runs.map(({ runKey }) => runKey).sort(), inWindow.map(({ run }) => run.runKey).sort());
    assert.ok(Math.abs(runs.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-12);
    for (const one of runs) assert.deepEqual(one.daysBefore, { lo: MONDAY + 6 - one.day, hi: MONDAY + 6 - one.day });
    const [best] = runs;
    const others = runs.filter(({ minutes }) => best !== undefined && minutes <= best.minutes);
    assert.ok(others.every(({ share }) => best !== undefined && share <= best.share));
    // Of the same ride on two days the one nearer to four days before onset has more.
    const weightOn = (day: number): number => exposureWeight(day, { lo: MONDAY + 6, hi: MONDAY + 6 }, incubation);
    for (const a of runs) {
      for (const b of runs)
        if (a.minutes === b.minutes && a.heads === b.heads)
          assert.ok(Math.abs(a.share * weightOn(b.day) - b.share * weightOn(a.day)) < 1e-12);
    }
    assert.match(best?.text.zh ?? '', /1 名病例在发病前 \d 天乘坐.*仅用于确定排查顺序。$/);
    assert.match(best?.text.en ?? '', /ridden by 1 case \d days before onset.*order of enquiries only\.$/);
  });

  it('puts what two cases share first', () => {
    const onset = { lo: MONDAY + 6, hi: MONDAY + 7 };
    const shared = { ...(registered(first)[0] ?? assert.fail()), id: 'shared', person: 'other' };
    const cases = [
      { onset, presences: registered(first) },
      { onset, presences: [...registered(second), shared] },
    ];
    const [best] = backwardRuns(input({ cases }));
    assert.deepEqual([best?.runKey, best?.cases], [shared.runKey, 2]);
    assert.match(best?.text.en ?? '', /ridden by 2 cases/);
  });

  it('weighs how many were aboard, taking the middle for runs nobody counted', () => {
    const [one] = backwardRuns(input());
    assert.ok(one !== undefined);
    const crowded = backwardRuns(input({ heads: (runKey) => (runKey === one.runKey ? 61 : 31) }));
    const counted = crowded.find(({ runKey }) => runKey === one.runKey);
    // Sixty others against thirty: its odds double.
    const odds = (share: number): number => share / (1 - share);
    assert.ok(Math.abs(odds(counted?.share ?? 0) / odds(one.share) - 2) < 1e-9);
    const unknown = backwardRuns(input({ heads: (runKey) => (runKey === one.runKey ? undefined : 31) }));
    assert.ok(Math.abs((unknown.find(({ runKey }) => runKey === one.runKey)?.share ?? 0) - one.share) < 1e-12);
    assert.equal(unknown.find(({ runKey }) => runKey === one.runKey)?.heads, null);
  });

  it('leaves out what is doubtful, and tells of nobody', () => {
    const doubtful = registered(first).map((presence) => ({ ...presence, doubtful: true }));
    assert.deepEqual(
      backwardRuns(input({ cases: [{ onset: { lo: MONDAY + 6, hi: MONDAY + 6 }, presences: doubtful }] })),
      [],
    );
    const person = registered(first)[0]?.person ?? '';
    assert.ok(person.length > 0);
    const answer = JSON.stringify(backwardRuns(input()));
    for (const { id } of registered(first)) assert.ok(!answer.includes(id));
    assert.ok(!answer.includes(`"${person}"`) && !/"(person|presence\w*|phone|id)":/.test(answer));
  });

  it('is the same whatever the order of rows', () => {
    const reversed = input().cases.map((one) => ({ ...one, presences: one.presences.toReversed() }));
    assert.deepEqual(backwardRuns(input({ cases: reversed })), backwardRuns(input()));
  });
});
