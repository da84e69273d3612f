// Whether a ride can have been made as it says: pure rules, one a reason, with the limits a city may set. A reason is a
// fact about a unit and a minute, never about one ride, so that all rides of a minute are judged alike, now and later.
// Where each limit comes from: docs/decisions/0018.
import { runAt } from '@tongche/network';
import type { Point, Unit, UnitKind, Way } from '@tongche/network';
import { MINUTE_MS } from '@tongche/protocol';
import type { Assigned, DaySources } from './assign.ts';

export interface PlausibilityLimits {
  /** A vehicle whose timetable has no run within this time stands in its depot. */
  readonly outOfServiceMs: number;
  /** How many times its listed places a unit may carry. */
  readonly loadFactor: number;
  /** People who can register on a unit of this kind within a minute. */
  readonly minuteHeads: Readonly<Record<UnitKind, number>>;
  /** Minutes after which nobody who boarded is counted as aboard any more. */
  readonly stayMin: Readonly<Record<UnitKind, number>>;
  /** Metres from its way at which a vehicle is still on it. */
  readonly farM: number;
  /** Positions further in time from the boarding minute than this say nothing. */
  readonly farAgeMs: number;
}

/** Where a vehicle was seen, and when. */
export interface Fix extends Point {
  readonly atMs: number;
}

/** Faster than city traffic and most of what runs beside it: 60 km/h. So far may a vehicle be from where it was seen. */
const FASTEST_M_PER_MS = 60 / 3_600;

/** Runs that the timetable or a list of the day gives the vehicle. A driver's own trip tells nothing of other hours. */
function isPlanned({ run }: DaySources['runs'][number]): boolean {
  return !run.runKey.startsWith('trip:');
}

/**
 * Nowhere near any run of a vehicle whose runs are known, or none by the operator's own word. `days` are yesterday's and
 * today's. Where neither timetable nor list speaks of the day, nothing can be said. Stations have no service to be out of.
 */
export function isOutOfService(
  { kind }: Pick<Unit, 'kind'>,
  days: readonly (DaySources | undefined)[],
  { run, basis }: Assigned,
  boardedMs: number,
  { outOfServiceMs }: Pick<PlausibilityLimits, 'outOfServiceMs'>,
): boolean {
  if (kind === 'station' || run !== undefined) return false;
  if (basis === 'corrected') return true;
  const today = days.at(-1);
  if (today === undefined || !(today.idle || today.runs.some(isPlanned))) return false;
  const runs = days.flatMap((day) => (day === undefined ? [] : [...day.runs, ...day.named])).map((row) => row.run);
  return runAt(runs, boardedMs, { beforeMs: outOfServiceMs, afterMs: outOfServiceMs }) === undefined;
}

/** What the unit carries at most. */
export function loadLimit({ capacity }: Pick<Unit, 'capacity'>, { loadFactor }: PlausibilityLimits): number {
  return Math.ceil(capacity * loadFactor);
}

/** How many may register on the unit in one minute: as many as pass its doors, and no more than it carries. */
export function minuteLimit(unit: Pick<Unit, 'kind' | 'capacity'>, limits: PlausibilityLimits): number {
  const doors = limits.minuteHeads[unit.kind];
  // People walk through a station; nothing says how many it holds.
  return unit.kind === 'station' ? doors : Math.min(doors, loadLimit(unit, limits));
}

/**
 * How many of those who boarded are aboard at least, a run turning over its load several times: they are taken to leave
 * evenly over `stayMin` minutes, sooner than they do. `headsAt` tells who boarded so many minutes ago, in the same run.
 * Minutes that are crowded themselves are left out: junk in one minute must not make doubtful who boards after it.
 */
export function aboardAtLeast(headsAt: (minutesAgo: number) => number, stayMin: number, crowdedFrom: number): number {
  let aboard = headsAt(0);
  for (let ago = 1; ago < stayMin; ago += 1) {
    const heads = headsAt(ago);
    if (heads <= crowdedFrom) aboard += heads * (1 - ago / stayMin);
  }
  return aboard;
}

/** Of the vehicle's sightings around the minute there is at least one, and from none can it have come to its way by then. */
export function isFarAway(
  fixes: readonly Fix[],
  way: Way | undefined,
  boardedMs: number,
  { farM, farAgeMs }: Pick<PlausibilityLimits, 'farM' | 'farAgeMs'>,
): boolean {
  if (way === undefined) return false;
  let seen = 0;
  for (const fix of fixes) {
    const gapMs = Math.max(0, boardedMs - fix.atMs, fix.atMs - boardedMs - MINUTE_MS);
    if (gapMs > farAgeMs) continue;
    seen += 1;
    if (way.offM(fix) <= farM + FASTEST_M_PER_MS * gapMs) return false;
  }
  return seen > 0;
}
