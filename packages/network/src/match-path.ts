// A run's stops as a path on flat ground, and the likeliest monotone way of a vehicle's positions along it.
// The search is Viterbi's over (position, segment) in the manner of Newson and Krumm, "Hidden Markov Map Matching Through
// Noise and Sparseness" (ACM GIS 2009), with the timetable in the place of the road graph.
import type { Run, StopId } from './model.ts';
import type { Point } from './distance.ts';

/** Metres on the ground around one origin; distances within a metropolis are good to about one per cent. */
export type Plane = { readonly lat: number; readonly lon: number; readonly mPerLon: number; readonly mPerLat: number };
/** A position on the plane; `index` counts within the vehicle's positions in order of time. */
export type Ping = { readonly index: number; readonly atMs: number; readonly x: number; readonly y: number };

/** Only stops whose place is known are on the path; `seq` leads back to the run. Arrays run in parallel. */
export type RunPath = {
  readonly run: Run;
  readonly seq: readonly number[];
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Metres from the first stop, along straight lines. */
  readonly alongM: Float64Array;
  readonly arrMs: Float64Array;
  readonly depMs: Float64Array;
  /** Standard deviation beside each segment, metres. */
  readonly sigmaM: Float64Array;
  /** The box outside which no position is on the path. */
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
};

/** Where a ping was taken to be: metres along the path, metres beside it, and milliseconds behind the timetable. */
export type Fix = { readonly ping: Ping; readonly alongM: number; readonly offM: number; readonly delayMs: number };
/**
 * `score` is a log-likelihood against "the vehicle was anywhere"; higher is better, below 0 is no match at all.
 * `startCost` is the part of it (counted against the score) that the delay at the first position makes.
 */
export type Fit = { readonly fixes: readonly Fix[]; readonly score: number; readonly startCost: number };

const EARTH_M_PER_DEGREE = 111_195;
/** Positions in cities scatter by some 10-30 m; stops lie beside the street and streets are no straight lines. */
const SIGMA_M = 70;
/** Between distant stops the road leaves the straight line by this share of their distance. */
const SIGMA_SHARE = 0.06;
const MAX_SIGMA_M = 1_000;
/** Beyond this many standard deviations a position is not on the segment. */
const MAX_SIGMAS = 3;
/** What a position on the path is worth: with it a position two standard deviations off still counts for the run. */
const GAIN = 3;
/** Noise may move a halting vehicle backwards. */
const BACK_M = 100;
/** Around the first and last stop a vehicle waits for its time. */
export const TERMINUS_M = 100;
/** Delay changes little between positions: Laplace scale, at once and per millisecond that passed. */
const DELAY_STEP_MS = 60_000;
const DELAY_DRIFT = 0.1;
/** Delay of a run when first seen: usual lateness, and Laplace scales to either side. Drivers seldom leave early. */
const USUAL_DELAY_MS = 60_000;
const LATE_MS = 200_000;
const EARLY_MS = 60_000;
/** Wild positions in a row that are passed over, and what each costs. */
const MAX_SKIPPED = 4;
const SKIP_COST = 1;
/** Places along the path kept for one position; a path that passes a place oftener is no public line. */
const MAX_STATES = 6;

export function planeAt({ lat, lon }: Point): Plane {
  return { lat, lon, mPerLat: EARTH_M_PER_DEGREE, mPerLon: EARTH_M_PER_DEGREE * Math.cos((lat * Math.PI) / 180) };
}

export function onPlane(plane: Plane, { lat, lon }: Point): { readonly x: number; readonly y: number } {
  // The short way around the antimeridian.
  const east = ((lon - plane.lon + 540) % 360) - 180;
  return { x: east * plane.mPerLon, y: (lat - plane.lat) * plane.mPerLat };
}

/** Undefined when fewer than two stops have a known place. */
export function pathOf(run: Run, stops: ReadonlyMap<StopId, Point>, plane: Plane): RunPath | undefined {
  const known = run.stops.filter(({ stopId }) => stops.has(stopId));
  if (known.length < 2) return undefined;
  const points = known.map(({ stopId }) => onPlane(plane, stops.get(stopId) ?? plane));
  const x = Float64Array.from(points, (point) => point.x);
  const y = Float64Array.from(points, (point) => point.y);
  const alongM = new Float64Array(known.length);
  for (let at = 1; at < known.length; at += 1) {
    alongM[at] = get(alongM, at - 1) + Math.hypot(get(x, at) - get(x, at - 1), get(y, at) - get(y, at - 1));
  }
  const sigmaM = Float64Array.from(known.slice(1), (_, segment) =>
    Math.min(MAX_SIGMA_M, SIGMA_M + SIGMA_SHARE * (get(alongM, segment + 1) - get(alongM, segment))),
  );
  const reachM = MAX_SIGMAS * Math.max(...sigmaM);
  return {
    run,
    sigmaM,
    seq: known.map(({ seq }) => seq),
    x,
    y,
    alongM,
    arrMs: Float64Array.from(known, ({ arrMs }) => arrMs),
    depMs: Float64Array.from(known, ({ depMs }) => depMs),
    minX: Math.min(...x) - reachM,
    maxX: Math.max(...x) + reachM,
    minY: Math.min(...y) - reachM,
    maxY: Math.max(...y) + reachM,
  };
}

/** The timetable's instant at a distance along the path, between leaving one stop and reaching the next. */
function scheduledMs(path: RunPath, segment: number, share: number): number {
  const fromMs = get(path.depMs, segment);
  return fromMs + (get(path.arrMs, segment + 1) - fromMs) * share;
}

type State = Fix & { cost: number; best: number; from: State | undefined };

/**
 * The likeliest way of some of the pings (in order of time) along the path: it may begin and end anywhere and pass over
 * wild positions, but never goes back. Undefined when no ping is near the path. `named` says which pings bear the run's
 * own trip id: those are taken where they are nearest to the path, however far off (diversions).
 */
export function fitPath(path: RunPath, pings: readonly Ping[], named?: (ping: Ping) => boolean): Fit | undefined {
  const columns: State[][] = [];
  const lengthM = path.alongM.at(-1) ?? 0;
  let end: State | undefined;
  for (const ping of pings) {
    const isNamed = named?.(ping) ?? false;
    const states = statesOf(path, ping, isNamed);
    if (states.length === 0) {
      // Off the path altogether: passed over like a wild position.
      columns.push(states);
      continue;
    }
    for (const state of states) {
      state.best = GAIN - state.cost - startCost(state.delayMs);
      for (let skipped = 0; skipped <= MAX_SKIPPED; skipped += 1) {
        for (const before of columns.at(-1 - skipped) ?? []) {
          if (state.alongM < before.alongM - BACK_M) continue;
          // Waiting at a terminus belongs to no run: a fit holds one position at either end at most.
          if (state.alongM < TERMINUS_M || before.alongM > lengthM - TERMINUS_M) continue;
          const best = before.best + GAIN - state.cost - stepCost(before, state) - skipped * SKIP_COST;
          if (best > state.best) [state.best, state.from] = [best, before];
        }
      }
      if (end === undefined || state.best > end.best) end = state;
    }
    columns.push(states);
  }
  if (end === undefined) return undefined;
  const fixes: Fix[] = [];
  for (let state: State | undefined = end; state !== undefined; state = state.from) fixes.push(state);
  fixes.reverse();
  return { fixes, score: end.best, startCost: startCost(fixes[0]?.delayMs ?? 0) };
}

function startCost(delayMs: number): number {
  const gapMs = delayMs - USUAL_DELAY_MS;
  return gapMs < 0 ? -gapMs / EARLY_MS : gapMs / LATE_MS;
}

function stepCost(before: Fix, after: Fix): number {
  const passedMs = after.ping.atMs - before.ping.atMs;
  return Math.abs(after.delayMs - before.delayMs) / (DELAY_STEP_MS + DELAY_DRIFT * passedMs);
}

/** The places along the path where the ping may have been, the likeliest few. */
function statesOf(path: RunPath, ping: Ping, named: boolean): State[] {
  const states: State[] = [];
  let nearest: State | undefined;
  for (let segment = 0; segment + 1 < path.x.length; segment += 1) {
    const fromX = get(path.x, segment);
    const fromY = get(path.y, segment);
    const dx = get(path.x, segment + 1) - fromX;
    const dy = get(path.y, segment + 1) - fromY;
    const sigmaM = get(path.sigmaM, segment);
    const reachM = MAX_SIGMAS * sigmaM;
    // Most segments are far off, and this is the inner loop of all matching.
    const farX = Math.abs(2 * (ping.x - fromX) - dx) > Math.abs(dx) + 2 * reachM;
    const farY = Math.abs(2 * (ping.y - fromY) - dy) > Math.abs(dy) + 2 * reachM;
    if ((farX || farY) && !named) continue;
    const lengthM = get(path.alongM, segment + 1) - get(path.alongM, segment);
    const raw = lengthM === 0 ? 0 : ((ping.x - fromX) * dx + (ping.y - fromY) * dy) / (lengthM * lengthM);
    const share = Math.min(1, Math.max(0, raw));
    const offM = Math.hypot(ping.x - fromX - share * dx, ping.y - fromY - share * dy);
    if (offM > reachM && !named) continue;
    const cost = (offM * offM) / (2 * sigmaM * sigmaM) + Math.log(sigmaM / SIGMA_M);
    const alongM = get(path.alongM, segment) + share * lengthM;
    const delayMs = delayAt(path, segment, share, ping.atMs);
    const state: State = { ping, alongM, offM, delayMs, cost, best: -Infinity, from: undefined };
    if (nearest === undefined || cost < nearest.cost) nearest = state;
    if (offM <= reachM) states.push(state);
  }
  if (states.length === 0 && named && nearest !== undefined) states.push({ ...nearest, cost: GAIN });
  if (states.length <= MAX_STATES) return states;
  return states.sort((a, b) => a.cost - b.cost).slice(0, MAX_STATES);
}

/** Milliseconds behind the timetable; a vehicle that waits at its first stop before it leaves is on time. */
function delayAt(path: RunPath, segment: number, share: number, atMs: number): number {
  if (segment === 0 && share === 0 && atMs < get(path.depMs, 0)) return 0;
  const dueMs = scheduledMs(path, segment, share);
  // Between arriving and leaving a stop the vehicle is on time.
  if (share === 1 && atMs > dueMs) return Math.max(0, atMs - get(path.depMs, segment + 1));
  if (share === 0 && atMs < dueMs) return Math.min(0, atMs - get(path.arrMs, segment));
  return atMs - dueMs;
}

/** An element that is known to exist. */
export function get(values: Float64Array, index: number): number {
  return values[index] ?? NaN;
}
