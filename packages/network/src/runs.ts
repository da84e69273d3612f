// From an instant to a place on the timetable: which run a vehicle was making, and where its rider got on.
import type { Run } from './model.ts';

/** Doors stand open at the terminus before the first departure; riders scan while they wait. */
export const BEFORE_FIRST_DEPARTURE_MS = 15 * 60_000;
/** A vehicle arrives late, or a rider scans late, at the last stop. */
export const AFTER_LAST_ARRIVAL_MS = 5 * 60_000;
/** How far a scan may lie from the timetable's instant of boarding: vehicles run late, riders find a seat first. */
export const STOP_SLACK_MS = 90_000;

export type RunTolerance = { readonly beforeMs: number; readonly afterMs: number };

/** Sequence numbers of one run: the likeliest boarding stop and the earliest and latest possible ones. */
export type BoardingStop = { readonly seq: number; readonly lo: number; readonly hi: number };

export function firstDepartureMs(run: Run): number {
  const first = run.stops[0];
  if (first === undefined) throw new Error(`run ${run.runKey} has no stops`);
  return first.depMs;
}

export function lastArrivalMs(run: Run): number {
  const last = run.stops.at(-1);
  if (last === undefined) throw new Error(`run ${run.runKey} has no stops`);
  return last.arrMs;
}

/**
 * The run under way at `ms`, or undefined when the vehicle is idle. `runs` are those of one vehicle, in any order.
 * A run is under way from its first departure until its last arrival (exclusive); of two such runs, which only wrong
 * timetables have, the one that left last. Otherwise the run nearest in time within the tolerances; where one
 * has just arrived and the next leaves just as soon, the next.
 */
export function runAt(runs: readonly Run[], ms: number, tolerance: Partial<RunTolerance> = {}): Run | undefined {
  const { beforeMs = BEFORE_FIRST_DEPARTURE_MS, afterMs = AFTER_LAST_ARRIVAL_MS } = tolerance;
  let moving: Run | undefined;
  let near: Run | undefined;
  let nearMs = Infinity;
  for (const run of runs) {
    const departureMs = firstDepartureMs(run);
    const arrivalMs = lastArrivalMs(run);
    if (departureMs <= ms && ms < arrivalMs) {
      if (moving === undefined || departureMs >= firstDepartureMs(moving)) moving = run;
      continue;
    }
    const ahead = ms < departureMs;
    const gapMs = ahead ? departureMs - ms : ms - arrivalMs;
    if (gapMs > (ahead ? beforeMs : afterMs)) continue;
    if (gapMs < nearMs || (gapMs === nearMs && ahead)) [near, nearMs] = [run, gapMs];
  }
  return moving ?? near;
}

/**
 * Where a rider who scanned at `ms` got on: the last stop reached by then, and bounds `slackMs` to either side.
 * Nobody boards at the last stop, so the answer ends one before it; scans before the run began count as its first stop.
 */
export function stopAt(run: Run, ms: number, slackMs: number = STOP_SLACK_MS): BoardingStop {
  return {
    seq: reached(run, ms, 'arrMs'),
    lo: reached(run, ms - slackMs, 'depMs'),
    hi: reached(run, ms + slackMs, 'arrMs'),
  };
}

/** Sequence of the last boardable stop whose time `key` is not after `ms`; the first stop when there is none. */
function reached(run: Run, ms: number, key: 'arrMs' | 'depMs'): number {
  let low = 0;
  let high = Math.max(0, run.stops.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const stop = run.stops[middle];
    if (stop !== undefined && stop[key] <= ms) low = middle;
    else high = middle - 1;
  }
  return run.stops[low]?.seq ?? 0;
}
