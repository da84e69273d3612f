import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { casesOf, randomOf, runWith, sampleOf, townOf } from './cluster-kit.test.ts';
import type { Town } from './cluster-kit.test.ts';
import type { ClusterCase, Clusters, RidersOn } from './cluster-types.ts';
import { findClusters } from './clusters.ts';

function run(runKey: string, fields: Partial<RidersOn> = {}): RidersOn {
  return { runKey, unit: 'bus1', vehicle: 'bus1', lineId: '4', dir: 0, day: 100, hour: 7, heads: 10, ...fields };
}

function sick(person: string, runKeys: readonly string[], onset: number | null = null): ClusterCase {
  const rides = runKeys.map((runKey) => ({ runKey, unit: 'bus1' }));
  return { person, onset: onset === null ? null : { lo: onset, hi: onset }, rides };
}

const incubation = { minDays: 2, usualDays: 4, maxDays: 7 };
const five = ['a', 'b', 'c', 'd', 'e'];

describe('common exposure', () => {
  it('names the run, by hand', () => {
    const runs = [run('r1'), run('r2', { hour: 8, unit: 'bus1' }), run('r3', { hour: 9 })];
    const cases = five.map((person) => sick(person, ['r1'], 104));
    const { found, tests } = findClusters({ countedIn: 'persons', population: 100, runs, cases, incubation });
    assert.equal(tests, 3);
    assert.equal(found.length, 1);
    const [best] = found;
    assert.deepEqual([best?.status, best?.key, best?.observed, best?.riders], ['alarm', 'r1', 5, 10]);
    assert.deepEqual(best?.persons, five);
    // C(10,5) / C(100,5) = 252 / 75,287,520.
    assert.ok(Math.abs((best?.p ?? 0) - 252 / 75_287_520) < 1e-15);
    assert.ok(Math.abs((best?.adjusted ?? 0) - (3 * 252) / 75_287_520) < 1e-15);
    assert.ok(Math.abs((best?.expected ?? 0) - 0.5) < 1e-12);
    assert.deepEqual(best?.onset, { known: 5, consistent: 5, spreadDays: 0 });
    assert.match(best?.text.zh ?? '', /^疑似共同暴露：同一班次的 10 名登记乘客中有 5 名病例，按偶然预计 0\.50 名/);
    assert.match(best?.text.en ?? '', /^Common exposure suspected: 5 cases among the 10 registered riders of one run/);
  });

  it('watches below five cases, and says nothing about two', () => {
    const runs = [run('r1', { heads: 8 }), run('r2', { heads: 8 })];
    const population = 10_000;
    const of = (persons: readonly string[]): Clusters =>
      findClusters({ countedIn: 'persons', population, runs, cases: persons.map((person) => sick(person, ['r1'])) });
    assert.deepEqual(
      of(five).found.map(({ status }) => status),
      ['alarm'],
    );
    assert.deepEqual(
      of(five.slice(1)).found.map(({ status }) => status),
      ['watch'],
    );
    assert.deepEqual(
      of(five.slice(2)).found.map(({ status }) => status),
      ['watch'],
    );
    assert.deepEqual(of(five.slice(3)).found, []);
    assert.match(of(five.slice(1)).found[0]?.text.zh ?? '', /^关注/);
  });

  it('explains the runs of the same people away, and prefers the one that fits their onsets', () => {
    const runs = ['r1', 'r2', 'r3', 'r4'].map((key, i) => run(key, { day: 100 + i }));
    // All five ride it daily, one of them fell ill too late for any of these days but the last.
    const cases = five.map((person, i) => sick(person, ['r1', 'r2', 'r3', 'r4'], 104 + (i === 0 ? 6 : 0)));
    const { found } = findClusters({ countedIn: 'persons', population: 1_000, runs, cases, incubation });
    assert.deepEqual(
      found.map(({ key }) => key),
      ['r1'],
    );
    assert.deepEqual(found[0]?.onset, { known: 5, consistent: 4, spreadDays: 6 });
    assert.deepEqual(found[0]?.explains, ['r2', 'r3', 'r4']);
    const onTime = five.map((person) => sick(person, ['r1', 'r2', 'r3', 'r4'], 108));
    const dated = findClusters({ countedIn: 'persons', population: 1_000, runs, cases: onTime, incubation });
    assert.equal(dated.found[0]?.key, 'r2', 'day 101 is the first that fits an onset on day 108');
  });

  it('finds a second exposure beside the first, with people of its own', () => {
    const runs = [run('r1'), run('r2', { hour: 12 })];
    const others = ['v', 'w', 'x', 'y', 'z'];
    const cases = [...five.map((person) => sick(person, ['r1'])), ...others.map((person) => sick(person, ['r2']))];
    const { found } = findClusters({ countedIn: 'persons', population: 1_000, runs, cases });
    assert.deepEqual(
      found.map(({ persons }) => persons),
      [five, others],
    );
  });

  it('compares with the same line and hour of other days', () => {
    const runs = [run('r1'), run('r2', { day: 101 }), run('r3', { day: 102 }), run('r4', { day: 102, hour: 9 })];
    const lone = findClusters({
      countedIn: 'persons',
      population: 1_000,
      runs,
      cases: five.map((p) => sick(p, ['r1'])),
    });
    // All five in ten of thirty riders: C(10,5)/C(30,5).
    const matched = lone.found[0]?.matched;
    assert.deepEqual([matched?.groups, matched?.riders, matched?.cases], [2, 20, 0]);
    assert.ok(Math.abs((matched?.p ?? 0) - 252 / 142_506) < 1e-12);
    const daily = five.map((p) => sick(p, ['r1', 'r2', 'r3']));
    const regulars = findClusters({ countedIn: 'persons', population: 1_000, runs, cases: daily }).found[0];
    assert.equal(regulars?.matched?.cases, 10);
    assert.match(regulars?.text.zh ?? '', /常客/);
    assert.match(regulars?.text.en ?? '', /regulars/);
  });

  it('names the vehicle of a day where no single run stands out', () => {
    const runs = five.map((_, i) => run(`r${i}`, { hour: 7 + i, heads: 4 }));
    const cases = [...five, 'f', 'g', 'h'].map((person, i) => sick(person, [`r${i % 5}`]));
    const population = 5_000;
    const wide = findClusters({
      countedIn: 'persons',
      population,
      runs,
      cases,
      levels: ['run', 'vehicle-day', 'line-day'],
    });
    assert.equal(wide.tests, 7);
    assert.deepEqual(
      [wide.found[0]?.level, wide.found[0]?.key, wide.found[0]?.observed],
      ['vehicle-day', 'bus1 100', 8],
    );
    assert.deepEqual(wide.found[0]?.runKeys, ['r0', 'r1', 'r2', 'r3', 'r4']);
    assert.deepEqual(findClusters({ countedIn: 'persons', population, runs, cases }).found, []);
  });

  it('counts in rides where persons cannot be told apart', () => {
    const runs = [run('r1'), run('r2', { hour: 8 })];
    const cases = five.map((person) => sick(person, ['r1', 'r2']));
    const { found } = findClusters({ countedIn: 'rides', population: 1_000, runs, cases });
    // Ten rides of cases among a thousand: P(X ≥ 5 of 10).
    assert.ok(Math.abs((found[0]?.expected ?? 0) - 0.1) < 1e-12);
    assert.ok((found[0]?.p ?? 0) > 1e-9 && (found[0]?.p ?? 1) < 1e-7);
  });

  it('counts registrations of one person on one run once, and tells rides it cannot place', () => {
    const cases = five.map((person) => sick(person, ['r1', 'r1', 'r9']));
    const { found, unplaced } = findClusters({ countedIn: 'persons', population: 100, runs: [run('r1')], cases });
    assert.equal(found[0]?.observed, 5);
    assert.equal(unplaced, 5);
  });

  it('is the same whatever the order of rows', () => {
    const town = townOf(5, { riders: 600, lines: 6, perDay: 20 });
    const random = randomOf(6);
    const cases = casesOf(
      town,
      sampleOf(
        town.rides.map((_, i) => i),
        60,
        random,
      ),
    );
    const of = (runs: readonly RidersOn[], rows: readonly ClusterCase[]): Clusters =>
      findClusters({
        countedIn: 'persons',
        population: town.population,
        runs,
        cases: rows,
        levels: ['run', 'vehicle-day'],
      });
    const wanted = of(town.runs, cases);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const shuffle = randomOf(seed);
        assert.deepEqual(
          of(sampleOf(town.runs, town.runs.length, shuffle), sampleOf(cases, cases.length, shuffle)),
          wanted,
        );
      }),
      { numRuns: 10 },
    );
  });

  it('refuses counts that make no sense', () => {
    const base = { countedIn: 'persons', population: 3, runs: [run('r1')], cases: [] } as const;
    assert.throws(() => findClusters({ ...base, population: 0 }), /population of 0/);
    assert.throws(() => findClusters({ ...base, runs: [run('r1', { heads: -1 })] }), /-1 riders on run r1/);
    assert.throws(() => findClusters({ ...base, cases: five.map((p) => sick(p, ['r1'])) }), /5 cases among 3 riders/);
    assert.throws(() => findClusters({ ...base, alpha: 0 }), /alpha/);
    assert.throws(
      () => findClusters({ ...base, incubation: { minDays: 5, usualDays: 4, maxDays: 7 } }),
      /not in order/,
    );
  });
});

/** Trials on one large town: what is found when `infected` of one run's riders and `background` others are cases. */
function trials(
  town: Town,
  count: number,
  infected: number,
  background: number,
): readonly { key: string; found: Clusters }[] {
  const random = randomOf(77);
  const everybody = town.rides.map((_, i) => i);
  return Array.from({ length: count }, () => {
    const at = runWith(town, 45, random);
    const there = sampleOf(town.aboard[at] ?? [], infected, random);
    const cases = casesOf(town, [...there, ...sampleOf(everybody, background, random)]);
    const found = findClusters({ countedIn: 'persons', population: town.population, runs: town.runs, cases });
    return { key: `r${at}`, found };
  });
}

describe('common exposure in a city of 40,000 riders and 57,600 runs', () => {
  const town = townOf(2_020, { riders: 40_000, lines: 96, perDay: 120 });
  const isAlarm = ({ status }: { status: string }): boolean => status === 'alarm';

  it('raises no alarm over 200 cases that have nothing in common, in 19 of 20 cities at least', () => {
    const alarmed = trials(town, 60, 0, 200).filter(({ found }) => found.found.some(isAlarm)).length;
    assert.ok(alarmed <= 3, `${alarmed} of 60`);
  });

  it('names the run of eight infected among 200 others, in 19 of 20 at least, and hardly ever another one', () => {
    const all = trials(town, 60, 8, 200);
    const named = all.filter(({ key, found }) => found.found.some((one) => isAlarm(one) && one.key === key)).length;
    const beside = all.filter(({ key, found }) => found.found.some((one) => isAlarm(one) && one.key !== key)).length;
    assert.ok(named >= 57, `${named} of 60`);
    assert.ok(beside <= 3, `${beside} of 60`);
  });
});
