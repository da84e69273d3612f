// Riders and cases of every run, and of what is wider than a run.
import type { ClusterCase, ClusterInput, Level, RidersOn } from './cluster-types.ts';
import { logTail } from './hypergeometric.ts';

/** Cases in it by index, with the rides they made there. Shrinks as cases are explained. */
export interface Group {
  readonly level: Level;
  readonly key: string;
  readonly day: number;
  readonly matchKey: string | null;
  readonly members: Map<number, number>;
  heads: number;
}

/** What riders are drawn from: all of them, and the cases among them. */
export interface Pool {
  readonly population: number;
  readonly marked: number;
}

export interface Ground {
  /** Groups with cases, by level and key. */
  readonly hit: ReadonlyMap<string, Group>;
  /** Riders of every group, also of those without a case. */
  readonly heads: ReadonlyMap<string, number>;
  readonly pool: Pool;
  /** By case: what it weighs in the pool. */
  readonly weights: readonly number[];
  readonly unplaced: number;
}

const KEYS: Readonly<Record<Level, (run: RidersOn) => string | null>> = {
  run: ({ runKey }) => runKey,
  'carriage-day': ({ unit, day }) => `${unit} ${day}`,
  'vehicle-day': ({ vehicle, day }) => `${vehicle} ${day}`,
  'line-day': ({ lineId, day }) => (lineId === null ? null : `${lineId} ${day}`),
};

/** What other days are compared by. */
const MATCH_KEYS: Readonly<Record<Level, (run: RidersOn) => string | null>> = {
  run: ({ lineId, dir, hour }) => (lineId === null ? null : `${lineId} ${dir} ${hour}`),
  'carriage-day': ({ unit }) => unit,
  'vehicle-day': ({ vehicle }) => vehicle,
  'line-day': ({ lineId }) => lineId,
};

/** Riders by group. `wanted`: runs that are tested although nobody has been counted on them yet. */
function headsOf(input: ClusterInput, levels: readonly Level[], wanted: ReadonlySet<string>): Map<string, number> {
  const heads = new Map<string, number>();
  for (const run of input.runs) {
    if (run.heads === 0 && !wanted.has(run.runKey)) continue;
    for (const level of levels) {
      const key = KEYS[level](run);
      if (key === null) continue;
      const name = `${level} ${key}`;
      heads.set(name, (heads.get(name) ?? 0) + run.heads);
    }
  }
  return heads;
}

/** Rides of a case, each space once, with what is known of it. */
function placedRides(one: ClusterCase, bySpace: ReadonlyMap<string, RidersOn>): readonly (RidersOn | undefined)[] {
  const spaces = new Set(one.rides.map(({ runKey, unit }) => `${runKey} ${unit}`));
  return [...spaces].map((space) => bySpace.get(space));
}

/** Every group with riders; groups with cases know which. */
export function groundOf(input: ClusterInput, levels: readonly Level[]): Ground {
  const wanted = new Set(input.cases.flatMap(({ rides }) => rides.map(({ runKey }) => runKey)));
  const heads = headsOf(input, levels, wanted);
  const bySpace = new Map(
    input.runs.filter(({ runKey }) => wanted.has(runKey)).map((run) => [`${run.runKey} ${run.unit}`, run]),
  );
  const hit = new Map<string, Group>();
  let unplaced = 0;
  const weights = input.cases.map((one, i) => {
    const rides = placedRides(one, bySpace);
    for (const run of rides) {
      if (run === undefined) unplaced += 1;
      else for (const level of levels) addMember({ hit, heads }, level, run, i);
    }
    return input.countedIn === 'persons' ? 1 : rides.length;
  });
  const marked = weights.reduce((sum, weight) => sum + weight, 0);
  if (marked > input.population) throw new RangeError(`${marked} cases among ${input.population} riders`);
  return { hit, heads, pool: { population: input.population, marked }, weights, unplaced };
}

function addMember(
  to: { hit: Map<string, Group>; heads: Map<string, number> },
  level: Level,
  run: RidersOn,
  i: number,
): void {
  const key = KEYS[level](run);
  if (key === null) return;
  const name = `${level} ${key}`;
  let group = to.hit.get(name);
  if (group === undefined) {
    group = {
      level,
      key,
      day: run.day,
      matchKey: MATCH_KEYS[level](run),
      members: new Map(),
      heads: to.heads.get(name) ?? 0,
    };
    to.hit.set(name, group);
  }
  group.members.set(i, (group.members.get(i) ?? 0) + 1);
}

/** What ran on other days where this group ran, with its riders and cases. */
export function matchedOf(
  of: Group,
  ground: Ground,
  runs: readonly RidersOn[],
): { groups: number; riders: number; cases: number } {
  const names = new Set<string>();
  if (of.matchKey !== null)
    for (const run of runs)
      if (run.day !== of.day && MATCH_KEYS[of.level](run) === of.matchKey)
        names.add(`${of.level} ${KEYS[of.level](run)}`);
  const sum = { groups: 0, riders: 0, cases: 0 };
  for (const name of names) {
    const [heads, cases] = [ground.heads.get(name), ground.hit.get(name)?.members.size ?? 0];
    if (heads === undefined) continue;
    sum.groups += 1;
    sum.riders += Math.max(heads, cases);
    sum.cases += cases;
  }
  return sum;
}

/** Runs of a group, in the order given. */
export function runsOf(of: Group, runs: readonly RidersOn[]): readonly string[] {
  return [
    ...new Set(runs.filter((run) => run.day === of.day && KEYS[of.level](run) === of.key).map(({ runKey }) => runKey)),
  ];
}

/** ln p of a group as it stands. Late counts may know fewer riders than there are cases. */
export function rescored({ heads, members }: Group, { population, marked }: Pool): number {
  const drawn = Math.min(Math.max(heads, members.size), population);
  return logTail(Math.min(members.size, marked), { population, marked, drawn });
}

/** Takes explained cases out of all groups and of the pool. */
export function without(ground: Ground, pool: Pool, hit: readonly Group[], cases: ReadonlySet<number>): Pool {
  for (const group of hit) {
    for (const i of cases) {
      group.heads -= group.members.get(i) ?? 0;
      group.members.delete(i);
    }
  }
  let weight = 0;
  for (const i of cases) weight += ground.weights[i] ?? 0;
  return { population: pool.population - weight, marked: pool.marked - weight };
}
