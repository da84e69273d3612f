// The list: everybody whose ride overlaps a ride of the case, merged by person, in the order in which to call.
import { intervalOf, stopsInOrder } from './interval.ts';
import type { Interval, Leg, Presence, RankedContact, Run, RunStop, Tier } from './model.ts';
import { overlapOf } from './overlap.ts';
import { compare } from './windows.ts';
import { reasonFor } from './words.ts';

/** Fetched rides at or above this likelihood go to the list phones check themselves against. */
export const P_VERIFY = 0.05;
/** Two rides on one run without any stop times (a taxi fare, an unplanned trip): likely, not certain. */
const P_WITHOUT_TIMES = 0.5;

export interface RankInput {
  /** Rides of the case's subjects. */
  readonly cases: readonly Presence[];
  /** Everybody's rides in the windows; those of the case's own persons are left out. */
  readonly riders: readonly Presence[];
  readonly runs: readonly Run[];
}

interface KnownRun {
  readonly run: Run;
  readonly stops: readonly RunStop[];
}

interface Placed {
  readonly presence: Presence;
  readonly known: KnownRun;
  readonly interval: Interval | undefined;
}

/** People share a space on a run: the same carriage, the same bus. */
function spaceOf(presence: Presence): string {
  return `${presence.unit}\n${presence.runKey ?? ''}`;
}

function place(presence: Presence, runs: ReadonlyMap<string, KnownRun>): Placed | undefined {
  const known = presence.runKey === null ? undefined : runs.get(presence.runKey);
  return known === undefined ? undefined : { presence, known, interval: intervalOf(presence, known.run) };
}

function legOf(rider: Placed, of: Placed): Leg | undefined {
  const { presence, known } = rider;
  const common = {
    presenceId: presence.id,
    caseId: of.presence.id,
    runKey: known.run.runKey,
    unit: presence.unit,
    boardedMs: presence.boardedMs,
    party: presence.party,
  };
  if (known.stops.length < 2) {
    const fromMs = Math.max(presence.boardedMs, of.presence.boardedMs);
    const times = {
      fromSeq: null,
      toSeq: null,
      sureToSeq: null,
      fromMs,
      toMs: fromMs,
      minutes: 0,
      basis: 'timeline' as const,
    };
    return { ...common, ...times, probability: P_WITHOUT_TIMES, certain: false };
  }
  if (rider.interval === undefined || of.interval === undefined) return undefined;
  const overlap = overlapOf(rider.interval, of.interval, known.stops);
  if (overlap === undefined) return undefined;
  const from = known.stops.find((stop) => stop.seq >= overlap.fromSeq);
  const to = known.stops.findLast((stop) => stop.seq <= overlap.toSeq);
  return {
    ...common,
    ...overlap,
    fromMs: from?.depMs ?? presence.boardedMs,
    toMs: to?.arrMs ?? presence.boardedMs,
    basis: rider.interval.basis,
  };
}

/** Stronger first; ids last, so that the order of rows never matters. */
function byStrength(a: Leg, b: Leg): number {
  return (
    Number(b.certain) - Number(a.certain) ||
    b.probability - a.probability ||
    b.minutes - a.minutes ||
    a.fromMs - b.fromMs ||
    compare(a.presenceId, b.presenceId) ||
    compare(a.caseId, b.caseId)
  );
}

/** One leg per shared space: a second registration of the same ride, by either side, is not a second exposure. */
function strongestPerSpace(legs: readonly Leg[]): readonly Leg[] {
  const best = new Map<string, Leg>();
  for (const leg of legs.toSorted(byStrength)) {
    const space = `${leg.unit}\n${leg.runKey}`;
    const kept = best.get(space);
    if (kept === undefined) best.set(space, leg);
    else if (leg.party > kept.party) best.set(space, { ...kept, party: leg.party });
  }
  return [...best.values()].sort(
    (a, b) => a.fromMs - b.fromMs || compare(a.runKey, b.runKey) || compare(a.unit, b.unit),
  );
}

function merge(person: string, found: readonly Leg[], runs: ReadonlyMap<string, KnownRun>): RankedContact {
  const legs = strongestPerSpace(found);
  const probability = 1 - legs.reduce((apart, leg) => apart * (1 - leg.probability), 1);
  const minutes = legs.reduce((sum, leg) => sum + leg.minutes, 0);
  const tier: Tier = legs.some((leg) => leg.certain) ? 'close' : 'verify';
  const strongest = legs.toSorted(byStrength)[0];
  const known = strongest === undefined ? undefined : runs.get(strongest.runKey);
  if (strongest === undefined || known === undefined) throw new Error('a contact has a shared ride on a known run');
  return { person, tier, probability, minutes, legs, reason: reasonFor(tier, strongest, known.run, legs.length) };
}

const TIERS: readonly Tier[] = ['close', 'verify', 'general'];

/** close before verify, then likelier, then longer, then by key. */
function inCallingOrder(a: RankedContact, b: RankedContact): number {
  return (
    TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) ||
    b.probability - a.probability ||
    b.minutes - a.minutes ||
    compare(a.person, b.person)
  );
}

/**
 * `close`: together for at least one stop for certain. `verify`: possibly together. Pure; the same whatever the order of
 * rows. O(riders × rides of the case in the same space).
 */
export function rank({ cases, riders, runs }: RankInput): readonly RankedContact[] {
  const known = new Map(runs.map((run) => [run.runKey, { run, stops: stopsInOrder(run) }]));
  const casesBySpace = Map.groupBy(
    cases.flatMap((presence) => place(presence, known) ?? []),
    (placed) => spaceOf(placed.presence),
  );
  const casePersons = new Set(cases.map((presence) => presence.person));
  const legs = new Map<string, Leg[]>();
  for (const presence of riders) {
    if (casePersons.has(presence.person)) continue;
    const placed = place(presence, known);
    if (placed === undefined) continue;
    for (const of of casesBySpace.get(spaceOf(presence)) ?? []) {
      const leg = legOf(placed, of);
      if (leg === undefined) continue;
      const own = legs.get(presence.person);
      if (own === undefined) legs.set(presence.person, [leg]);
      else own.push(leg);
    }
  }
  return [...legs].map(([person, own]) => merge(person, own, known)).sort(inCallingOrder);
}
