import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gapsOf } from './gaps.ts';
import type { GapSuggestion } from './gaps.ts';
import * as fc from 'fast-check';
import { instantAt } from './calendar.ts';
import { candidatesOn } from './interview.ts';
import { byHand, MONDAY, registered, weekOfCommuters, zone } from './journey-kit.test.ts';
import type { TrueRide, Week } from './journey-kit.test.ts';
import type { Presence, World } from './types.ts';

const days = { from: MONDAY, to: MONDAY + 6 };
const MARGIN_MS = 60 * 60_000;

function suggestionsFor(week: Week, rides: readonly TrueRide[], minConfidence?: number): readonly GapSuggestion[] {
  const input = { zone, person: 'c', presences: registered(rides), world: week.world, days };
  return gapsOf(minConfidence === undefined ? input : { ...input, minConfidence });
}

function isOf(suggestion: GapSuggestion, ride: TrueRide): boolean {
  const atMs = ride.run.stops[ride.boardSeq]?.depMs ?? 0;
  const isThen = atMs >= suggestion.fromMs - MARGIN_MS && atMs <= suggestion.toMs + MARGIN_MS;
  return (
    suggestion.day === ride.day && suggestion.lineId === ride.run.lineId && suggestion.dir === ride.run.dir && isThen
  );
}

interface Score {
  missing: number;
  found: number;
  wrong: number;
}

/** A ride registered on a wrong vehicle is missing where it was made: to suggest it is right, and nobody has to. */
function scoreOf(week: Week, minConfidence: number): Score {
  const score = { missing: 0, found: 0, wrong: 0 };
  for (const rides of week.rides) {
    const open = new Set(rides.filter(({ presence, isWrong }) => presence === null || isWrong));
    score.missing += rides.filter(({ presence }) => presence === null).length;
    for (const suggestion of suggestionsFor(week, rides, minConfidence)) {
      const ride = [...open].find((one) => isOf(suggestion, one));
      if (ride === undefined) score.wrong += 1;
      else {
        open.delete(ride);
        if (ride.presence === null) score.found += 1;
      }
    }
  }
  return score;
}

/** Home at stop 0 of line A, work at its stop 8: there at 07:35, back at 18:00. */
function commute(skip: readonly string[] = []): { readonly world: World; readonly presences: readonly Presence[] } {
  const { world, ride } = byHand();
  const presences = [0, 1, 2, 3, 4].flatMap((day) => [
    ...(skip.includes(`out ${day}`) ? [] : [ride(day, 'A', 0, `07:3${day}`, 0)]),
    ...(skip.includes(`back ${day}`) ? [] : [ride(day, 'A', 1, `18:0${day}`, 2)]),
  ]);
  return { world, presences };
}

function gaps(
  of: { readonly world: World; readonly presences: readonly Presence[] },
  fields = {},
): readonly GapSuggestion[] {
  return gapsOf({ zone, person: 'c', days, ...of, ...fields });
}

describe('gaps, by hand', () => {
  it('are none where every day leads there and back', () => {
    assert.deepEqual(gaps(commute()), []);
    assert.deepEqual(gaps({ world: byHand().world, presences: [] }, { minConfidence: 0 }), []);
  });

  it('show the way out that is missing where the way back begins at work', () => {
    const [only, ...others] = gaps(commute(['out 2']));
    assert.deepEqual(others, []);
    assert.deepEqual([only?.code, only?.day, only?.lineId, only?.dir], ['habit', MONDAY + 2, 'A', 0]);
    assert.deepEqual([only?.from?.stopId, only?.to?.stopId], ['A00', 'A80']);
    assert.deepEqual(only?.support, { days: 4, of: 5 });
    // Registered on 07:30, 07:31, 07:33 and 07:34: about 07:31.
    assert.equal(only?.minute, 7 * 60 + 31);
    // Nine rides and none of a change missing: 1 − (9 + 0.85·10)/(9 + 10) = 0.0789 of rides are not registered.
    const missed = 1 - 17.5 / 19;
    assert.ok(Math.abs((only?.confidence ?? 0) - missed / (missed + 0.02)) < 1e-12);
    assert.equal(
      only?.text.zh,
      '1月29日约 07:31 可能漏登A线（从A0站到A8站）：5 个同类日中有 4 日乘坐，且前后两次乘车地点不相接。',
    );
    assert.match(
      only?.text.en ?? '',
      /^29 January about 07:31: a ride on line A \(from Stop A0 to Stop A8\) may be missing/,
    );
  });

  it('show the way back that is missing, less surely: they may have gone home otherwise', () => {
    const suggestions = gaps(commute(['back 3']), { minConfidence: 0.1 });
    assert.deepEqual(
      suggestions.map(({ code, day, dir }) => [code, day, dir]),
      [['habit', MONDAY + 3, 1]],
    );
    const [out] = gaps(commute(['out 3']), { minConfidence: 0.1 });
    assert.ok((suggestions[0]?.confidence ?? 1) < (out?.confidence ?? 0));
    const rare = gaps(commute(['back 3']), { minConfidence: 0.1, registrationRate: 0.4 });
    assert.ok(
      (rare[0]?.confidence ?? 0) > (suggestions[0]?.confidence ?? 1),
      'where few register, more rides are missing',
    );
  });

  it('are none in what is still to come, and its day counts for nothing until then', () => {
    const untilMs = instantAt(MONDAY + 4, 12 * 60, zone);
    const all = gaps(commute(['back 2', 'back 4']), { minConfidence: 0 });
    const asked = gaps(commute(['back 2', 'back 4']), { minConfidence: 0, untilMs });
    assert.deepEqual(
      [all, asked].map((found) => found.map(({ day, support }) => [day - MONDAY, support?.days, support?.of])),
      [
        [
          [2, 3, 5],
          [4, 3, 5],
        ],
        [[2, 3, 4]],
      ],
    );
    assert.ok((asked[0]?.confidence ?? 0) > (all[0]?.confidence ?? 1));
  });

  it('suggest the mirrored way back of somebody whose way back was never seen', () => {
    const { world, ride } = byHand();
    // Seen getting off at work, and at home again the next morning.
    const seen = { basis: 'observed', boardLo: 0, boardHi: 0, alightLo: 8, alightHi: 8 } as const;
    const presences = [0, 1].map((day) => ride(day, 'A', 0, '07:30', 0, { evidence: [seen] }));
    assert.deepEqual(gaps({ world, presences }), []);
    const found = gaps({ world, presences }, { minConfidence: 0.1 }).filter(({ code }) => code === 'no-return');
    assert.deepEqual(
      found.map(({ day, dir, minute, support }) => [day, dir, minute, support]),
      [
        [MONDAY, 1, null, null],
        [MONDAY + 1, 1, null, null],
      ],
    );
    assert.deepEqual([found[0]?.from?.stopId, found[0]?.to?.stopId], ['A80', 'A00']);
    assert.match(found[0]?.text.zh ?? '', /^1月27日可能漏登返程：A线（从A8站到A0站）/);
    assert.match(found[0]?.text.en ?? '', /^27 January: the way back on line A/);
    // Any time of the rest of the day: the case is asked.
    assert.ok((found[0]?.told?.about.toleranceMin ?? 0) > 300);
  });

  it('show the other half of a change', () => {
    const { world, ride } = byHand();
    // From home (A0) to the crossing, and on along line B; on the third day only the second half is registered.
    const presences = [0, 1, 2, 3].flatMap((day) => [
      ...(day === 2 ? [] : [ride(day, 'A', 0, '07:30', 0)]),
      ride(day, 'B', 0, '07:45', 5),
    ]);
    const [only] = gaps({ world, presences });
    assert.deepEqual([only?.day, only?.lineId, only?.dir], [MONDAY + 2, 'A', 0]);
    assert.equal(only?.before, 'B0 2 07:45');
    assert.equal(only?.after, null);
    assert.ok(
      only !== undefined &&
        only.fromMs <= instantAt(MONDAY + 2, 450, zone) &&
        only.toMs >= instantAt(MONDAY + 2, 450, zone),
    );
  });

  it('name a break that nothing known closes, and an empty day, only when asked for all', () => {
    const { world, ride } = byHand();
    const far = [ride(0, 'A', 0, '07:30', 0), ride(0, 'B', 1, '10:00', 1)];
    assert.deepEqual(gaps({ world, presences: far }), []);
    const [jump] = gaps({ world, presences: far }, { minConfidence: 0 });
    assert.deepEqual(
      [jump?.code, jump?.lineId, jump?.told, jump?.after, jump?.before],
      ['jump', null, null, far[0]?.id, far[1]?.id],
    );
    assert.match(jump?.text.zh ?? '', /不相接/);
    assert.match(jump?.text.en ?? '', /do not meet/);
    const empty = gaps(commute(['out 2', 'back 2']), { minConfidence: 0 });
    assert.deepEqual(
      empty.map(({ code, day, dir }) => [code, day, dir]),
      [
        ['blank-day', MONDAY + 2, 0],
        ['blank-day', MONDAY + 2, 1],
      ],
    );
    assert.match(empty[0]?.text.zh ?? '', /没有任何登记/);
    assert.match(empty[0]?.text.en ?? '', /^Nothing is registered on 29 January/);
    assert.deepEqual(gaps(commute(['out 2', 'back 2']), { minConfidence: 0, holidays: [MONDAY + 2] }), []);
  });

  it('see a usual ride missing that is no longer than a walk', () => {
    const { world, ride } = byHand();
    // Two stops to work, 920 m: out every day but the third, back every day.
    const presences = [0, 1, 2, 3, 4].flatMap((day) => [
      ...(day === 2 ? [] : [ride(day, 'A', 0, '07:30', 0)]),
      ride(day, 'A', 1, '18:00', 8),
    ]);
    assert.deepEqual(
      gaps({ world, presences }).map(({ day, dir }) => [day, dir]),
      [[MONDAY + 2, 0]],
    );
  });

  it('are not seen in a scan that came late', () => {
    const { world, presences } = commute();
    const late = presences.map((one) =>
      one.id === 'A0 2 07:32' ? { ...one, boardedMs: one.boardedMs + 9 * 60_000 } : one,
    );
    assert.deepEqual(gaps({ world, presences: late }), []);
  });

  it('hand over a leg that finds its run', () => {
    const { world, presences } = commute(['out 2']);
    const { ride } = byHand();
    const [only] = gaps({ world, presences });
    assert.ok(only !== undefined && only.told !== null);
    const other = byHand();
    const runs = ['07:10', '07:32', '08:30']
      .map((clock) => other.ride(2, 'A', 0, clock, 0))
      .flatMap(({ runKey }) => other.world.run(runKey ?? '') ?? []);
    const found = candidatesOn(only.told, only.day, { zone, runs, unitsOf: (vehicle) => [vehicle], recorded: [] });
    assert.equal(found.candidates[0]?.runKey, 'A0 2 07:32');
    assert.equal(ride(0, 'A', 0, '07:00', 0).person, only.told.person);
  });

  it('are looked for on the days asked for only, and are the same for any order of rows', () => {
    const { world, presences } = commute(['out 2', 'out 4']);
    assert.deepEqual(
      gaps({ world, presences }).map(({ day }) => day),
      [MONDAY + 2, MONDAY + 4],
    );
    const late = gapsOf({ zone, person: 'c', world, presences, days: { from: MONDAY + 3, to: MONDAY + 6 } });
    assert.deepEqual(
      late.map(({ day }) => day),
      [MONDAY + 4],
    );
    const wanted = gaps({ world, presences }, { minConfidence: 0 });
    fc.assert(
      fc.property(fc.shuffledSubarray([...presences], { minLength: presences.length }), (shuffled) => {
        assert.deepEqual(gaps({ world, presences: shuffled }, { minConfidence: 0 }), wanted);
      }),
      { numRuns: 20 },
    );
  });
});

describe('missing rides of a town', () => {
  it('are suggested for nearly half of what commuters did not register, and one in seven is wrong at most', () => {
    const { missing, found, wrong } = scoreOf(weekOfCommuters(7, 400, { compliance: 0.85, wrongShare: 0.01 }), 0.4);
    assert.ok(found >= 0.45 * missing, `${found} of ${missing}`);
    assert.ok(wrong <= 0.14 * (found + wrong), `${wrong} wrong beside ${found}`);
  });

  it('are nearly always right where they are called sure', () => {
    const { found, wrong } = scoreOf(weekOfCommuters(8, 300, { compliance: 0.85, wrongShare: 0.01 }), 0.7);
    assert.ok(found > 100 && wrong <= 0.1 * (found + wrong), `${wrong} wrong beside ${found}`);
  });
});
