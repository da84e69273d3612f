// Common exposure: on which run so many of the cases rode that chance does not explain it.
//
// Of N riders K are cases; of the n riders of a run X are. Were the cases anybody, X would be hypergeometric. Every run
// with riders is a test, also those without a case. The best find takes its cases with it and the rest is looked at anew:
// commuters share many runs, and the same five people must not accuse their bus of every morning.
import { groundOf, matchedOf, rescored, runsOf, without } from './cluster-groups.ts';
import type { Group, Ground, Pool } from './cluster-groups.ts';
import type {
  ClusterCase,
  Cluster,
  ClusterInput,
  Clusters,
  Level,
  MatchedControl,
  OnsetSpread,
} from './cluster-types.ts';
import { clusterWords } from './cluster-words.ts';
import { adjusted } from './family.ts';
import type { Control } from './family.ts';
import { logTail } from './hypergeometric.ts';
import { checkIncubation, exposureDays } from './incubation.ts';
import type { Incubation } from './incubation.ts';
import { compare } from './contacts.ts';

/** From here on an alarm; below, a watch. */
export const ALARM_CASES = 5;
/** Two infected people of one run are a family more often than a find. */
export const WATCH_CASES = 3;
/** So many runs as conspicuous as this one are expected by chance in the whole family, at most, for a watch. */
const WATCH_CHANCE = 1;

interface Scored {
  readonly group: Group;
  readonly logP: number;
  readonly adjusted: number;
  readonly q: number;
}

function onsetSpread(
  group: Group,
  cases: readonly ClusterCase[],
  incubation: Incubation | undefined,
): OnsetSpread | null {
  if (incubation === undefined) return null;
  const onsets = [...group.members.keys()].flatMap((i) => cases[i]?.onset ?? []);
  const consistent = onsets.filter((onset) => {
    const days = exposureDays(onset, incubation);
    return days.lo <= group.day && group.day <= days.hi;
  }).length;
  const spreadDays =
    onsets.length === 0 ? null : Math.max(...onsets.map(({ hi }) => hi)) - Math.min(...onsets.map(({ lo }) => lo));
  return { known: onsets.length, consistent, spreadDays };
}

function matchedControl(of: Group, ground: Ground, input: ClusterInput): MatchedControl | null {
  const { groups, riders, cases } = matchedOf(of, ground, input.runs);
  if (groups === 0) return null;
  const drawn = Math.max(of.heads, of.members.size);
  const urn = { population: drawn + riders, marked: of.members.size + cases, drawn };
  return { groups, riders, cases, p: Math.exp(logTail(of.members.size, urn)) };
}

function scoresOf(hit: readonly Group[], pool: Pool, family: number, control: Control): readonly Scored[] {
  const logs = hit.map((group) => rescored(group, pool));
  const ps = logs.map(Math.exp);
  const held = adjusted(ps, family, control);
  const qs = control === 'bh' ? held : adjusted(ps, family, 'bh');
  return hit.map((group, i) => ({ group, logP: logs[i] ?? 0, adjusted: held[i] ?? 1, q: qs[i] ?? 1 }));
}

/** Best first: least by chance, then fitting the onsets, then the narrower and the earlier. */
function byRank(input: ClusterInput): (a: Scored, b: Scored) => number {
  const levels: readonly Level[] = ['run', 'carriage-day', 'vehicle-day', 'line-day'];
  const fitting = ({ group }: Scored): number => onsetSpread(group, input.cases, input.incubation)?.consistent ?? 0;
  return (a, b) =>
    a.logP - b.logP ||
    fitting(b) - fitting(a) ||
    levels.indexOf(a.group.level) - levels.indexOf(b.group.level) ||
    a.group.day - b.group.day ||
    compare(a.group.key, b.group.key);
}

function bestOf(scored: readonly Scored[], order: (a: Scored, b: Scored) => number): Scored | undefined {
  let best: Scored | undefined;
  for (const one of scored) {
    if (one.group.members.size < WATCH_CASES) continue;
    if (best === undefined || order(one, best) < 0) best = one;
  }
  return best;
}

function clusterOf(
  best: Scored,
  pool: Pool,
  ground: Ground,
  input: ClusterInput,
  explains: readonly string[],
): Cluster {
  const { group } = best;
  const observed = group.members.size;
  const riders = Math.max(group.heads, observed);
  const alarm = observed >= ALARM_CASES && best.adjusted <= (input.alpha ?? 0.05);
  const facts = {
    level: group.level,
    key: group.key,
    day: group.day,
    runKeys: runsOf(group, input.runs).toSorted(compare),
    status: alarm ? ('alarm' as const) : ('watch' as const),
    persons: [...group.members.keys()].map((i) => input.cases[i]?.person ?? '').sort(compare),
    observed,
    expected: (riders * pool.marked) / pool.population,
    riders,
    p: Math.exp(best.logP),
    adjusted: best.adjusted,
    q: best.q,
    onset: onsetSpread(group, input.cases, input.incubation),
    matched: matchedControl(group, ground, input),
    explains,
  };
  return { ...facts, text: clusterWords(facts) };
}

function check(input: ClusterInput): void {
  const { population, runs, alpha = 0.05 } = input;
  if (!Number.isInteger(population) || population < 1) throw new RangeError(`a population of ${population}`);
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is between 0 and 1, not ${alpha}`);
  const odd = runs.find(({ heads }) => !Number.isInteger(heads) || heads < 0);
  if (odd !== undefined) throw new RangeError(`${odd.heads} riders on run ${odd.runKey}`);
  if (input.incubation !== undefined) checkIncubation(input.incubation);
}

/**
 * Runs on which cases are more than chance explains, best first, each case in one of them at most. Throws a RangeError
 * where counts make no sense. O(runs + finds × rides of cases).
 */
export function findClusters(input: ClusterInput): Clusters {
  check(input);
  const { alpha = 0.05, control = 'bonferroni', levels = ['run'] } = input;
  const ground = groundOf(input, levels);
  const family = ground.heads.size;
  const order = byRank(input);
  const found: Cluster[] = [];
  let pool = ground.pool;
  let hit = [...ground.hit.values()];
  for (;;) {
    const scored = scoresOf(hit, pool, family, control);
    const best = bestOf(scored, order);
    if (best === undefined) break;
    if (best.adjusted > alpha && Math.exp(best.logP) * family > WATCH_CHANCE) break;
    const cases = new Set(best.group.members.keys());
    const before = scored.filter((one) => one !== best && one.adjusted <= alpha);
    const [draft, thenPool] = [clusterOf(best, pool, ground, input, []), without(ground, pool, hit, cases)];
    pool = thenPool;
    hit = hit.filter(({ members }) => members.size > 0);
    const still = new Set(
      scoresOf(hit, pool, family, control).flatMap((one) => (one.adjusted <= alpha ? one.group.key : [])),
    );
    const explains = before.flatMap(({ group }) => (still.has(group.key) ? [] : group.key)).sort(compare);
    found.push({ ...draft, explains });
  }
  return { found, tests: family, unplaced: ground.unplaced };
}
