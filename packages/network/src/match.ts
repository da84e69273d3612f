// Which runs a vehicle made, out of its positions: by the trip it named, else by line and place and time, else by place
// and time alone. Where two runs fit alike, none is given: a wrong vehicle is worse for a trace than an unknown one.
import type { Point } from './distance.ts';
import { fitPath, onPlane, pathOf, planeAt } from './match-path.ts';
import type { Fit, Ping, Plane, RunPath } from './match-path.ts';
import type { Run, StopId } from './model.ts';
import type { VehiclePosition } from './positions.ts';
import { firstDepartureMs, lastArrivalMs } from './runs.ts';

/** What the match rests on, strongest first. */
export type MatchBasis = 'trip' | 'route' | 'place';

/**
 * One run the vehicle made, from its first position on it to its last. `confidence` (0-1) is the share of the weight that
 * this run has among all runs that fit these positions; `offM` is the median distance from the path of stops.
 */
export type RunMatch = {
  readonly runKey: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly confidence: number;
  readonly basis: MatchBasis;
  readonly offM: number;
  readonly pingCount: number;
};

export type MatchOptions = {
  /** Matches below are ambiguous and left out. */
  readonly minConfidence: number;
  /** How long before the timetable's departure, and after its arrival, a run may be under way. */
  readonly earlyMs: number;
  readonly lateMs: number;
};

export const MATCH_DEFAULTS: MatchOptions = { minConfidence: 0.6, earlyMs: 20 * 60_000, lateMs: 60 * 60_000 };

/** Positions of one vehicle and day: one a second around the clock. More are a fault of the source and are not read. */
export const MAX_PINGS = 90_000;
/** Fewer positions on a path are chance; one that names the trip is enough to ask for another. */
const MIN_PINGS = 3;
const MIN_NAMED_PINGS = 2;
/** Of the vehicle's positions between its first and last on the run, so many must lie on it. */
const MIN_SHARE = 0.6;
/** Nor is it a run if the vehicle came no further along it: it stood there, or crossed it. */
const MIN_ADVANCE_M = 300;
const MIN_ADVANCE_SHARE = 0.2;
/** Enough on the longest line, where a fifth of the way takes half an hour. */
const ENOUGH_ADVANCE_M = 1_000;
/** What it counts that the run was given to this very vehicle: plans are mostly kept. */
const OWN_RUN_SCORE = 2;
/** Two runs rival each other when they claim this share of the same positions. */
const RIVAL_SHARE = 0.5;
/** Errors of neighbouring positions go together, so their likelihoods count for less than their sum. */
const TEMPERATURE = 2;
/** Weight of "it made no run we know", in the units of a fit's score. */
const NO_RUN_SCORE = 3;
/** A trip the vehicle names outweighs any likeness of another path. */
const NAMED_WEIGHT = 1_000;

type Candidate = {
  readonly path: RunPath;
  readonly fit: Fit;
  readonly from: number;
  readonly to: number;
  readonly basis: MatchBasis;
  readonly score: number;
  /** The part of the score that is no position's: delay at the start, and whose run it is. Facts, counted in full. */
  readonly prior: number;
  /** Positions on the path among those from its first to its last; of a named trip among all that name it. */
  readonly share: number;
};

/** A matcher for many vehicles of one day; the paths of runs are laid out once. */
export function runMatcher(
  runs: readonly Run[],
  stops: ReadonlyMap<StopId, Point>,
  options: Partial<MatchOptions> = {},
): (positions: readonly VehiclePosition[]) => readonly RunMatch[] {
  const settings = { ...MATCH_DEFAULTS, ...options };
  const origin = runs[0]?.stops.map(({ stopId }) => stops.get(stopId)).find((stop) => stop !== undefined);
  if (origin === undefined) return () => [];
  const plane = planeAt(origin);
  const paths = runs.flatMap((run) => pathOf(run, stops, plane) ?? []);
  const lineIds = new Set(runs.map(({ lineId }) => lineId));
  return (positions) => matchOne(positions, { plane, paths, lineIds, settings });
}

/** `runMatcher` for one vehicle. `positions` are of one vehicle, in any order; repeated ones do no harm. */
export function matchPositions(
  positions: readonly VehiclePosition[],
  runs: readonly Run[],
  stops: ReadonlyMap<StopId, Point>,
  options: Partial<MatchOptions> = {},
): readonly RunMatch[] {
  return runMatcher(runs, stops, options)(positions);
}

/** True when a source that speaks of `tripId` means this run: run keys are `day:trip`, repeated ones `day:trip@seconds`. */
export function isRunOfTrip(run: Run, tripId: string, startS?: number): boolean {
  const plain = `${run.day}:${tripId}`;
  if (!run.runKey.startsWith(plain)) return false;
  const rest = run.runKey.slice(plain.length);
  if (rest === '') return true;
  return startS === undefined ? /^@\d+$/.test(rest) : rest === `@${startS}`;
}

/** In order of time, one for each instant. */
export function orderedPositions(positions: readonly VehiclePosition[]): readonly VehiclePosition[] {
  const sorted = positions.slice(0, MAX_PINGS).sort((a, b) => a.atMs - b.atMs || a.lat - b.lat || a.lon - b.lon);
  return sorted.filter(({ atMs }, index) => atMs !== sorted[index - 1]?.atMs);
}

export function pingsOn(plane: Plane, ordered: readonly VehiclePosition[]): readonly Ping[] {
  return ordered.map((position, index) => ({ index, atMs: position.atMs, ...onPlane(plane, position) }));
}

type Setting = {
  readonly plane: Plane;
  readonly paths: readonly RunPath[];
  readonly lineIds: ReadonlySet<string>;
  readonly settings: MatchOptions;
};

function matchOne(unordered: readonly VehiclePosition[], setting: Setting): readonly RunMatch[] {
  const positions = orderedPositions(unordered);
  const pings = pingsOn(setting.plane, positions);
  const candidates = setting.paths
    .flatMap((path) => candidateOf(path, positions, pings, setting) ?? [])
    .sort((a, b) => a.to - b.to || a.from - b.from || (a.path.run.runKey < b.path.run.runKey ? -1 : 1));
  const matches: RunMatch[] = [];
  for (const candidate of bestChain(candidates)) {
    const confidence = confidenceOf(candidate, candidates);
    if (confidence < setting.settings.minConfidence) continue;
    const { fixes } = candidate.fit;
    const off = fixes.map(({ offM }) => offM).sort((a, b) => a - b);
    matches.push({
      runKey: candidate.path.run.runKey,
      fromMs: fixes[0]?.ping.atMs ?? 0,
      toMs: fixes.at(-1)?.ping.atMs ?? 0,
      confidence,
      basis: candidate.basis,
      offM: off[off.length >> 1] ?? 0,
      pingCount: fixes.length,
    });
  }
  return matches;
}

function candidateOf(
  path: RunPath,
  positions: readonly VehiclePosition[],
  pings: readonly Ping[],
  { lineIds, settings }: Setting,
): Candidate | undefined {
  const { run } = path;
  const low = lowerBound(pings, firstDepartureMs(run) - settings.earlyMs);
  const high = lowerBound(pings, lastArrivalMs(run) + settings.lateMs + 1);
  if (!mayPass(path, pings, low, high)) return undefined;
  const named = new Set<number>();
  let routeNamed = true;
  const usable: Ping[] = [];
  for (let at = low; at < high; at += 1) {
    const position = positions[at];
    const ping = pings[at];
    if (position === undefined || ping === undefined) continue;
    const { tripId, startS, routeId, dir } = position;
    const names = tripId !== undefined && isRunOfTrip(run, tripId, startS);
    if (names) named.add(at);
    else if (tripId !== undefined) continue;
    else if (routeId !== undefined && routeId !== run.lineId && lineIds.has(routeId)) continue;
    else if (dir !== undefined && dir !== run.dir) continue;
    if (routeId !== run.lineId) routeNamed = false;
    usable.push(ping);
  }
  if (usable.length < (named.size > 0 ? MIN_NAMED_PINGS : MIN_PINGS)) return undefined;
  const fit = fitPath(path, usable, named.size === 0 ? undefined : ({ index }) => named.has(index));
  if (fit === undefined || fit.fixes.length < (named.size > 0 ? MIN_NAMED_PINGS : MIN_PINGS)) return undefined;
  const from = fit.fixes[0]?.ping.index ?? 0;
  const to = fit.fixes.at(-1)?.ping.index ?? 0;
  const share = fit.fixes.length / (named.size > 0 ? named.size : to - from + 1);
  if (fit.score <= 0 || (named.size === 0 && (share < MIN_SHARE || !advances(path, fit)))) return undefined;
  const basis = named.size > 0 ? 'trip' : routeNamed ? 'route' : 'place';
  const planned = run.vehicleId === positions[from]?.vehicleId ? OWN_RUN_SCORE : 0;
  return {
    path,
    fit,
    from,
    to,
    basis,
    score: fit.score + planned,
    prior: planned - fit.startCost,
    share: Math.min(1, share),
  };
}

function advances(path: RunPath, { fixes }: Fit): boolean {
  const lengthM = path.alongM.at(-1) ?? 0;
  const advanceM = (fixes.at(-1)?.alongM ?? 0) - (fixes[0]?.alongM ?? 0);
  return advanceM >= Math.max(MIN_ADVANCE_M, Math.min(ENOUGH_ADVANCE_M, MIN_ADVANCE_SHARE * lengthM));
}

/** A cheap look before the fit: enough of the positions near the box around the path. */
function mayPass(path: RunPath, pings: readonly Ping[], low: number, high: number): boolean {
  let near = 0;
  for (let at = low; at < high && near < MIN_NAMED_PINGS; at += 1) {
    const ping = pings[at];
    if (ping === undefined) continue;
    const { x, y } = ping;
    if (path.minX <= x && x <= path.maxX && path.minY <= y && y <= path.maxY) near += 1;
  }
  return near >= MIN_NAMED_PINGS;
}

/** Index of the first ping not before `ms`. */
function lowerBound(pings: readonly Ping[], ms: number): number {
  let low = 0;
  let high = pings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pings[middle]?.atMs ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The runs, one after the other, that together explain the vehicle's day best. `candidates` are in order of their end. */
function bestChain(candidates: readonly Candidate[]): readonly Candidate[] {
  type Link = { readonly score: number; readonly last: Candidate | undefined; readonly before: Link | undefined };
  // links[n]: the best chain out of the first n candidates.
  const links: Link[] = [{ score: 0, last: undefined, before: undefined }];
  for (const [index, candidate] of candidates.entries()) {
    let fits = index;
    // A vehicle arrives and leaves again at one terminus: the last position of a run may be the first of the next.
    while (fits > 0 && (candidates[fits - 1]?.to ?? 0) > candidate.from) fits -= 1;
    const before = links[fits];
    const without = links[index];
    if (before === undefined || without === undefined) continue;
    const weight = candidate.score + (candidate.basis === 'trip' ? NAMED_WEIGHT : 0);
    const score = before.score + weight;
    links.push(weight > 0 && score > without.score ? { score, last: candidate, before } : without);
  }
  const chain: Candidate[] = [];
  for (let link = links.at(-1); link?.last !== undefined; link = link.before) chain.push(link.last);
  return chain.reverse();
}

/**
 * Of place and time: the share of this run in the weight of all that fit. A trip that is named and whose path was driven
 * in time needs no rival's consent: there it is how much of the named positions lie on the path, from one half up.
 */
function confidenceOf(candidate: Candidate, all: readonly Candidate[]): number {
  if (candidate.basis === 'trip') return 0.5 + candidate.share / 2;
  const weight = (score: number, prior: number): number =>
    Math.exp((score - prior - candidate.score + candidate.prior) / TEMPERATURE + prior - candidate.prior);
  let sum = 1 + weight(NO_RUN_SCORE, 0);
  for (const rival of all) {
    if (rival === candidate) continue;
    const shared = Math.min(rival.to, candidate.to) - Math.max(rival.from, candidate.from) + 1;
    if (shared >= RIVAL_SHARE * (candidate.to - candidate.from + 1)) sum += weight(rival.score, rival.prior);
  }
  return 1 / sum;
}
