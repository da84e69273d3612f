// A run as the engine works on it: times in typed arrays, and, worked out once per run, where people who board at a stop
// get off when nothing else is known of them.
import { dayOf, dayStartMs } from '@tongche/protocol/formats';
import type { Attraction, Priors, RunTimes, SpaceKind } from './types.ts';

const HOUR_MS = 3_600_000;

/** Stops are addressed by index 0..count-1; `seqs` says which numbers they bear. */
export interface RunModel {
  readonly run: RunTimes;
  readonly count: number;
  readonly seqs: Int32Array;
  readonly arrMs: Float64Array;
  readonly depMs: Float64Array;
  /** One deviation of a stop's times. */
  readonly clockMs: Float64Array;
  /** How much each stop draws riders who get off, by attraction alone. */
  readonly draw: Float64Array;
  /** Weight of riding so many stops, from one on. */
  readonly rideStops: readonly number[];
  /** By boarding stop: see `priorAlighting` and `priorBehind`. */
  readonly alighting: (Float64Array | undefined)[];
  readonly behind: (Float64Array | undefined)[];
}

export interface ModelOptions {
  readonly kind: SpaceKind;
  readonly zone: string;
  readonly priors: Priors;
  readonly attraction: Attraction | undefined;
}

/** Mean of the stops that have one where a stop has none; 1 everywhere where none has. */
function drawOf(run: RunTimes, arrMs: Float64Array, { zone, attraction }: ModelOptions): Float64Array {
  const { lineId, dir, stops } = run;
  const draw = new Float64Array(stops.length).fill(1);
  if (attraction === undefined || lineId === null || dir === null || stops.length === 0) return draw;
  const startMs = dayStartMs(dayOf(arrMs[0] ?? 0, zone), zone);
  let known = 0;
  let sum = 0;
  for (const [i, { stopId }] of stops.entries()) {
    const hour = Math.floor(((arrMs[i] ?? 0) - startMs) / HOUR_MS) % 24;
    const weight = stopId === null ? undefined : attraction(lineId, dir, stopId, hour);
    draw[i] = weight ?? -1;
    if (weight === undefined) continue;
    known += 1;
    sum += weight;
  }
  const usual = known === 0 || sum <= 0 ? 1 : sum / known;
  return draw.map((weight) => (weight < 0 || sum <= 0 ? usual : weight));
}

/** Undefined for a run without two stops: nobody can be placed on it by stops. */
export function modelOf(run: RunTimes, options: ModelOptions): RunModel | undefined {
  const { stops } = run;
  if (stops.length < 2) return undefined;
  const arrMs = Float64Array.from(stops, (stop) => stop.arrMs);
  return {
    run,
    count: stops.length,
    seqs: Int32Array.from(stops, (stop) => stop.seq),
    arrMs,
    depMs: Float64Array.from(stops, (stop) => stop.depMs),
    clockMs: Float64Array.from(stops, (stop) => options.priors.clockS[stop.source] * 1000),
    draw: drawOf(run, arrMs, options),
    rideStops: options.priors.rideStops[options.kind],
    alighting: Array.from({ length: stops.length }),
    behind: Array.from({ length: stops.length }),
  };
}

/** Index of the last entry that is not above `value`; -1 when all are. `values` never fall. */
export function lastAtMost(values: Float64Array | Int32Array, value: number): number {
  let low = -1;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] ?? Infinity) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function alightingFrom(model: RunModel, board: number): Float64Array {
  const { count, draw, rideStops } = model;
  const shares = new Float64Array(count);
  const beyond = rideStops[rideStops.length - 1] ?? 0;
  let sum = 0;
  for (let j = board + 1; j < count; j += 1) {
    // A trace of length prior everywhere: a long run is no reason to divide by zero.
    const share = (draw[j] ?? 0) * Math.max(rideStops[j - board - 1] ?? beyond, 1e-6);
    shares[j] = share;
    sum += share;
  }
  if (sum <= 0) {
    for (let j = board + 1; j < count; j += 1) shares[j] = 1 / (count - 1 - board);
    return shares;
  }
  for (let j = board + 1; j < count; j += 1) shares[j] = (shares[j] ?? 0) / sum;
  return shares;
}

/**
 * How likely each stop is where somebody gets off who boarded at `board`: drawn to it, and that far a ride. Sums to 1. The
 * caller's own array.
 */
export function priorAlighting(model: RunModel, board: number): Float64Array {
  const kept = (model.alighting[board] ??= alightingFrom(model, board));
  return kept.slice();
}

/** From shares of getting off at each stop to shares of getting off behind each stop. Of what sums to 1, in place. */
export function behindOf(shares: Float64Array): Float64Array {
  let behind = 0;
  for (let j = shares.length - 1; j >= 0; j -= 1) {
    const here = shares[j] ?? 0;
    shares[j] = behind;
    behind += here;
  }
  return shares;
}

/** `priorAlighting`, as shares of getting off behind each stop; the same array for everybody who boards there. */
export function priorBehind(model: RunModel, board: number): Float64Array {
  const kept = model.behind[board];
  if (kept !== undefined) return kept;
  const made = behindOf(priorAlighting(model, board));
  model.behind[board] = made;
  return made;
}
