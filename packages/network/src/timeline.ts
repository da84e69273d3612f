// When a vehicle was at each stop of a run, measured by its positions: what a trace trusts instead of the timetable.
import type { Point } from './distance.ts';
import { fitPath, get, pathOf, planeAt, TERMINUS_M } from './match-path.ts';
import type { Fix, RunPath } from './match-path.ts';
import { isRunOfTrip, orderedPositions, pingsOn } from './match.ts';
import type { Run, StopId } from './model.ts';
import type { VehiclePosition } from './positions.ts';

/**
 * `observed`: a position at the stop. `interpolated`: between two positions, by the timetable's proportions.
 * `scheduled`: before the first or after the last position, the timetable shifted by the nearest delay.
 */
export type TimelineBasis = 'observed' | 'interpolated' | 'scheduled';

/** One call as it happened. Same `seq` and `stopId` as in the run; times never decrease. */
export type TimelineStop = {
  readonly seq: number;
  readonly stopId: StopId;
  readonly arrMs: number;
  readonly depMs: number;
  readonly basis: TimelineBasis;
};

/** As many stops as the run has. `pingCount` positions were used; none: the timetable itself. */
export type RunTimeline = {
  readonly runKey: string;
  readonly stops: readonly TimelineStop[];
  readonly pingCount: number;
};

/** A position this near along the path is at the stop: a bus and its stop's length, and the noise of a position. */
const AT_STOP_M = 60;

/**
 * The measured times of a run. `positions` are the vehicle's while it made the run (see `matchPositions`), in any order;
 * those off the path are left out. A stop whose place is unknown is timed from its neighbours.
 */
export function timelineOf(
  run: Run,
  positions: readonly VehiclePosition[],
  stops: ReadonlyMap<StopId, Point>,
): RunTimeline {
  const origin = run.stops.map(({ stopId }) => stops.get(stopId)).find((stop) => stop !== undefined);
  const plane = origin === undefined ? undefined : planeAt(origin);
  const path = plane === undefined ? undefined : pathOf(run, stops, plane);
  if (plane === undefined || path === undefined) return scheduled(run);
  const ordered = orderedPositions(positions);
  const named = (index: number): boolean => {
    const position = ordered[index];
    return position?.tripId !== undefined && isRunOfTrip(run, position.tripId, position.startS);
  };
  const fit = fitPath(path, pingsOn(plane, ordered), ({ index }) => named(index));
  if (fit === undefined || fit.fixes.length === 0) return scheduled(run);
  return measured(path, fit.fixes);
}

function scheduled(run: Run): RunTimeline {
  return { runKey: run.runKey, pingCount: 0, stops: run.stops.map((stop) => ({ ...stop, basis: 'scheduled' })) };
}

function measured(path: RunPath, fixes: readonly Fix[]): RunTimeline {
  const onPath = new Map(path.seq.map((seq, index) => [seq, index]));
  const stops: TimelineStop[] = [];
  let lastMs = -Infinity;
  let alongM = 0;
  for (const stop of path.run.stops) {
    const index = onPath.get(stop.seq);
    if (index !== undefined) alongM = get(path.alongM, index);
    const isEnd = index === 0 || index === path.seq.length - 1;
    const reachM = index === undefined ? 0 : isEnd ? TERMINUS_M : AT_STOP_M;
    const call = callAt({ alongM, reachM }, stop, fixes);
    const arrMs = Math.max(lastMs, call.arrMs);
    const depMs = Math.max(arrMs, call.depMs);
    stops.push({ seq: stop.seq, stopId: stop.stopId, arrMs, depMs, basis: call.basis });
    lastMs = depMs;
  }
  return { runKey: path.run.runKey, pingCount: fixes.length, stops };
}

type Call = { readonly arrMs: number; readonly depMs: number; readonly basis: TimelineBasis };

/** A fix within `reachM` metres along the path is at the stop; 0 when the stop's place is unknown. */
function callAt(
  { alongM, reachM }: { readonly alongM: number; readonly reachM: number },
  stop: { readonly arrMs: number; readonly depMs: number },
  fixes: readonly Fix[],
): Call {
  const here = reachM === 0 ? [] : fixes.filter((fix) => Math.abs(fix.alongM - alongM) <= reachM);
  const dwellMs = stop.depMs - stop.arrMs;
  const first = here[0];
  const last = here.at(-1);
  if (first !== undefined && last !== undefined) {
    return { arrMs: first.ping.atMs, depMs: last.ping.atMs, basis: 'observed' };
  }
  const next = fixes.findIndex((fix) => fix.alongM > alongM);
  const before = next < 0 ? fixes.at(-1) : fixes[next - 1];
  const after = next < 0 ? undefined : fixes[next];
  if (before === undefined || after === undefined) {
    const delayMs = (before ?? after)?.delayMs ?? 0;
    const limitMs = after?.ping.atMs ?? Infinity;
    const arrMs = Math.max(before?.ping.atMs ?? -Infinity, Math.min(limitMs, stop.arrMs + delayMs));
    return { arrMs, depMs: Math.min(limitMs, arrMs + dwellMs), basis: 'scheduled' };
  }
  const share = (alongM - before.alongM) / (after.alongM - before.alongM);
  const delayMs = before.delayMs + (after.delayMs - before.delayMs) * share;
  const within = (ms: number): number => Math.round(Math.min(after.ping.atMs, Math.max(before.ping.atMs, ms)));
  const arrMs = within(stop.arrMs + delayMs);
  return { arrMs, depMs: within(arrMs + dwellMs), basis: 'interpolated' };
}
