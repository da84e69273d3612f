import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { instantAt } from './calendar.ts';
import { patternWords } from './interview-words.ts';
import { candidatesOn, faultsOf, legByTime, pick } from './interview.ts';
import type { LegCandidates, LegGround, ToldLeg } from './interview.ts';
import { MONDAY, name, zone } from './journey-kit.test.ts';
import { WORKDAYS } from './recurrence.ts';
import type { Presence, RunTimes } from './types.ts';

const at = (clock: string): number => {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return instantAt(MONDAY, hour * 60 + minute, zone);
};

/** Ten stops, four minutes apart, standing for half of one. */
function run(runKey: string, start: string, fields: Partial<RunTimes> = {}): RunTimes {
  const stops = Array.from({ length: 10 }, (_, seq) => {
    const arrMs = at(start) + seq * 240_000;
    return {
      seq,
      stopId: `s${seq}`,
      name: name(String(seq)),
      lat: null,
      lon: null,
      arrMs,
      depMs: arrMs + 30_000,
      source: 'avl' as const,
    };
  });
  return { runKey, vehicle: `v-${runKey}`, lineId: '4', dir: 0, line: { zh: '4路', en: 'line 4' }, stops, ...fields };
}

function told(fields: Partial<ToldLeg> = {}): ToldLeg {
  return {
    id: 't1',
    person: 'case',
    lineIds: ['4'],
    dir: 0,
    units: null,
    fromStops: ['s2'],
    toStops: ['s7'],
    about: { minute: 7 * 60 + 38, toleranceMin: 10, of: 'boarding' },
    row: null,
    ...fields,
  };
}

function ground(runs: readonly RunTimes[], fields: Partial<LegGround> = {}): LegGround {
  return { zone, runs, unitsOf: (vehicle) => [vehicle], recorded: [], ...fields };
}

function sumOf({ candidates, none }: LegCandidates): number {
  return candidates.reduce((sum, { probability }) => sum + probability, none);
}

describe('told rides', () => {
  const hourly = ['06:50', '07:00', '07:10', '07:20', '07:30', '07:40', '07:50', '08:30'].map((start) =>
    run(start, start),
  );

  it('name the runs they can have been, nearest to the told time first', () => {
    const found = candidatesOn(told(), MONDAY, ground(hourly));
    // Stop 2 is left 8.5 minutes after the start: at 07:38:30 by the run of 07:30, ten minutes away by its neighbours.
    assert.deepEqual(
      found.candidates.slice(0, 3).map(({ runKey }) => runKey),
      ['07:30', '07:20', '07:40'],
    );
    const [best, before] = found.candidates;
    assert.ok(Math.abs((best?.offMin ?? 0) - 0.5) < 1e-9 && Math.abs((before?.offMin ?? 0) + 9.5) < 1e-9);
    // exp(-(2·0.5/10)²/2) against exp(-(2·9.5/10)²/2).
    const ratio = Math.exp(-0.005) / Math.exp(-1.805);
    assert.ok(Math.abs((best?.probability ?? 0) / (before?.probability ?? 1) - ratio) < 1e-9);
    assert.equal(found.state, 'ambiguous');
    assert.ok(Math.abs(sumOf(found) - 1) < 1e-12);
    assert.ok(found.candidates.every(({ runKey }) => runKey !== '08:30'));
    assert.deepEqual([best?.boardLo, best?.boardHi, best?.alightLo, best?.alightHi], [2, 2, 7, 7]);
    assert.match(best?.text.zh ?? '', /^1月27日 07:38 4路，2站上车，比所述时间晚 1 分钟；可能性约 7\d%$/);
    assert.match(
      best?.text.en ?? '',
      /^27 January 07:38 line 4, boarding at Stop 2, 1 min after the time told; about 7\d % likely$/,
    );
  });

  it('are sure where one run fits alone, and nothing where none does', () => {
    assert.equal(candidatesOn(told(), MONDAY, ground([run('a', '07:30'), run('b', '09:30')])).state, 'sure');
    assert.deepEqual(candidatesOn(told(), MONDAY, ground([run('b', '09:30')])), {
      leg: 't1',
      day: MONDAY,
      candidates: [],
      none: 1,
      state: 'nothing-fits',
    });
    // One and a half tolerances off it is as likely as not.
    const off = candidatesOn(
      told({ about: { minute: 7 * 60 + 22.5, toleranceMin: 10, of: 'boarding' } }),
      MONDAY,
      ground([run('a', '07:29')]),
    );
    assert.ok(off.candidates[0] !== undefined && Math.abs(off.none - 0.5) < 1e-9, String(off.none));
  });

  it('keep apart lines, directions, vehicles and the order of stops', () => {
    const others = [
      run('line', '07:30', { lineId: '5' }),
      run('none', '07:30', { lineId: null }),
      run('back', '07:30', { dir: 1 }),
    ];
    assert.equal(candidatesOn(told(), MONDAY, ground(others)).state, 'nothing-fits');
    assert.equal(
      candidatesOn(told({ fromStops: ['s7'], toStops: ['s2'] }), MONDAY, ground(hourly)).state,
      'nothing-fits',
    );
    const one = candidatesOn(told({ lineIds: null, units: ['v-07:40'] }), MONDAY, ground(hourly));
    assert.deepEqual(
      one.candidates.map(({ unit }) => unit),
      ['v-07:40'],
    );
    assert.equal(candidatesOn(told({ units: ['elsewhere'] }), MONDAY, ground(hourly)).state, 'nothing-fits');
  });

  it('share a train out among its carriages until one is known', () => {
    const train = ground([run('a', '07:30')], { unitsOf: (vehicle) => [1, 2, 3, 4].map((no) => `${vehicle}-${no}`) });
    const any = candidatesOn(told(), MONDAY, train);
    assert.equal(any.candidates.length, 4);
    assert.equal(any.state, 'ambiguous');
    assert.equal(new Set(any.candidates.map(({ probability }) => probability)).size, 1);
    const third = candidatesOn(told({ units: ['v-a-3'] }), MONDAY, train);
    assert.deepEqual([third.state, third.candidates[0]?.unit], ['sure', 'v-a-3']);
  });

  it('widen to all stops the bus can have passed then, where no stop is told', () => {
    const found = candidatesOn(told({ fromStops: null, toStops: null }), MONDAY, ground([run('a', '07:30')]));
    const [only] = found.candidates;
    // Left stop 2 at 07:38:30; within a tenth of that likelihood are the stops of ten minutes before and after.
    assert.deepEqual([only?.boardLo, only?.boardHi, only?.alightLo, only?.alightHi], [0, 4, 1, 9]);
    assert.match(only?.text.zh ?? '', /在0站至4站之间上车/);
  });

  it('can be told by when they ended', () => {
    const late = told({ fromStops: null, about: { minute: 7 * 60 + 58, toleranceMin: 6, of: 'alighting' } });
    const found = candidatesOn(late, MONDAY, ground(hourly));
    // Stop 7 is reached 28 minutes after the start.
    assert.equal(found.candidates[0]?.runKey, '07:30');
    assert.deepEqual([found.candidates[0]?.alightLo, found.candidates[0]?.alightHi], [7, 7]);
    assert.equal(found.candidates[0]?.boardHi, 6);
  });

  it('become a leg when picked, always under the same id', () => {
    const found = candidatesOn(told({ row: 3 }), MONDAY, ground(hourly));
    const [best, second] = found.candidates;
    assert.ok(best !== undefined && second !== undefined);
    const picked = pick(told({ row: 3 }), MONDAY, best);
    const presence: Presence = {
      id: `told:t1:${MONDAY}`,
      person: 'case',
      unit: 'v-07:30',
      runKey: '07:30',
      via: 'investigator',
      boardedMs: at('07:38') + 30_000,
      boardSeq: 2,
      goneMs: null,
      evidence: [{ basis: 'interviewed', boardLo: 2, boardHi: 2, alightLo: 7, alightHi: 7 }],
      row: 3,
      party: 0,
      staff: false,
      doubtful: false,
    };
    assert.deepEqual(picked, { kind: 'leg', presence });
    const again = pick(told(), MONDAY, second);
    assert.equal(again.kind === 'leg' ? again.presence.id : '', presence.id);
  });

  it('add to a ride that is registered already instead of making a second one', () => {
    const own = { ...legByTime(told(), MONDAY, 'v-07:20', zone), id: 'own', runKey: '07:20', via: 'scan' as const };
    const found = candidatesOn(told(), MONDAY, ground(hourly, { recorded: [own] }));
    const [best] = found.candidates;
    assert.deepEqual([best?.runKey, best?.recorded], ['07:20', 'own']);
    assert.ok(best !== undefined);
    const evidence = { basis: 'interviewed', boardLo: 2, boardHi: 2, alightLo: 7, alightHi: 7 };
    assert.deepEqual(pick(told(), MONDAY, best), { kind: 'recorded', presenceId: 'own', evidence });
    assert.match(best.text.zh, /本人已登记/);
    assert.match(best.text.en, /registered on this run already/);
  });

  it('can be of a vehicle without a timeline', () => {
    const leg = legByTime(told(), MONDAY, 'taxi-9', zone);
    assert.deepEqual([leg.unit, leg.runKey, leg.boardedMs, leg.via], ['taxi-9', null, at('07:38'), 'investigator']);
    const ended = told({ about: { minute: 480, toleranceMin: 5, of: 'alighting' } });
    assert.throws(() => legByTime(ended, MONDAY, 'taxi-9', zone), /when it began/);
  });

  it('say what is wrong with them', () => {
    assert.deepEqual(faultsOf(told()), []);
    const vague = told({
      lineIds: null,
      fromStops: null,
      about: { minute: -1, toleranceMin: 0, of: 'boarding' },
      row: 0,
    });
    assert.deepEqual(faultsOf(vague), ['no-line-or-vehicle-or-stop', 'bad-time', 'bad-tolerance', 'bad-row']);
  });

  it('share probability out whatever is told, the same for any order of runs', () => {
    const minutes = fc.integer({ min: 400, max: 520 });
    const stops = fc.option(fc.uniqueArray(fc.constantFrom('s0', 's2', 's5', 's8'), { minLength: 1 }), { nil: null });
    fc.assert(
      fc.property(
        minutes,
        fc.integer({ min: 1, max: 40 }),
        stops,
        stops,
        (minute, toleranceMin, fromStops, toStops) => {
          const leg = told({ fromStops, toStops, about: { minute, toleranceMin, of: 'boarding' } });
          const found = candidatesOn(leg, MONDAY, ground(hourly));
          assert.ok(Math.abs(sumOf(found) - 1) < 1e-9);
          for (const { boardLo, boardHi, alightLo, alightHi, probability } of found.candidates) {
            assert.ok(probability > 0 && boardLo <= boardHi && alightLo <= alightHi && boardLo < alightHi);
          }
          assert.deepEqual(candidatesOn(leg, MONDAY, ground(hourly.toReversed())), found);
        },
      ),
    );
  });

  it('have a pattern in both languages', () => {
    assert.deepEqual(patternWords(WORKDAYS, 455, { zh: '4路', en: 'line 4' }), {
      zh: '工作日约 07:35，4路',
      en: 'weekdays about 07:35, line 4',
    });
  });
});
