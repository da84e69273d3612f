// A timeline where nothing else tells one: riders register at stops, so registrations come in bursts, and a long silence is
// the end of a run. Good enough to keep people of different runs apart, and no better: the stops bear no names.
import type { CallAt, RunTimes } from './types.ts';

/** Registrations this near to one another were made at one stop. */
const BURST_MS = 40_000;
/** A silence at least this long, and this many times as long as is usual between bursts, lies between two runs. */
const SILENCE_MS = 5 * 60_000;
const SILENCE_FACTOR = 4;
/** A silence this long does, however rarely somebody boards. */
const LONG_SILENCE_MS = 25 * 60_000;

interface Burst {
  readonly fromMs: number;
  readonly toMs: number;
}

function burstsOf(times: readonly number[]): readonly Burst[] {
  const bursts: Burst[] = [];
  for (const ms of times.toSorted((a, b) => a - b)) {
    const last = bursts.at(-1);
    if (last !== undefined && ms - last.toMs <= BURST_MS) bursts[bursts.length - 1] = { ...last, toMs: ms };
    else bursts.push({ fromMs: ms, toMs: ms });
  }
  return bursts;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function callOf({ fromMs, toMs }: Burst, seq: number): CallAt {
  const name = { zh: `第${seq + 1}批登记`, en: `registrations no. ${seq + 1}` };
  return { seq, stopId: null, name, lat: null, lon: null, arrMs: fromMs, depMs: toMs, source: 'scan-burst' };
}

/**
 * Runs of one vehicle, in order, from the times at which people registered on it (epoch ms, any order). Stops are bursts:
 * where nobody registered there is none, so how many stops a ride was long cannot be told from them.
 */
export function burstRuns(vehicle: string, times: readonly number[]): readonly RunTimes[] {
  const bursts = burstsOf(times);
  const gaps = bursts.slice(1).map(({ fromMs }, i) => fromMs - (bursts[i]?.toMs ?? fromMs));
  const silenceMs = Math.min(Math.max(SILENCE_MS, SILENCE_FACTOR * medianOf(gaps)), LONG_SILENCE_MS);
  const runs: Burst[][] = [];
  for (const [i, burst] of bursts.entries()) {
    const last = runs.at(-1);
    if (last === undefined || (gaps[i - 1] ?? 0) >= silenceMs) runs.push([burst]);
    else last.push(burst);
  }
  return runs.map((run) => ({
    runKey: `burst/${vehicle}/${run[0]?.fromMs ?? 0}`,
    vehicle,
    lineId: null,
    dir: null,
    line: null,
    stops: run.map(callOf),
  }));
}

export interface Stretch {
  readonly fromMs: number;
  /** When the next run began to fill: everybody of this one was gone. */
  readonly goneMs: number;
}

/** The run, told by bursts, that somebody who registered at `ms` was on. */
export function stretchAt(runs: readonly RunTimes[], ms: number): Stretch {
  const at = runs.findLastIndex(({ stops }) => (stops[0]?.arrMs ?? Infinity) <= ms);
  return {
    fromMs: runs[at]?.stops[0]?.arrMs ?? -Infinity,
    goneMs: runs[at + 1]?.stops[0]?.arrMs ?? Infinity,
  };
}
