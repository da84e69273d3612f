// When a vehicle called at the stops of a run, by the best that is known of each stop. Pure.
import type { StopTimeSource } from '@tongche/contract';
import { firstDepartureMs, lastArrivalMs } from '@tongche/network';
import type { Run, RunStop } from '@tongche/network';

export interface TimedStop extends RunStop {
  readonly source: StopTimeSource;
}

/** A driver's trip: from when until when the run was driven; null: not ended, or nobody said so. */
export interface Driven {
  readonly startedMs: number;
  readonly endedMs: number | null;
}

/** A trip that took less than half, or more than twice, what the timetable says was ended too early or forgotten. */
const LEAST_STRETCH = 0.5;
const MOST_STRETCH = 2;

const SOURCES: Readonly<Record<string, StopTimeSource>> = {
  O: 'avl',
  I: 'avl',
  o: 'gtfs-rt',
  i: 'gtfs-rt',
};

/** `letters`: those of run_measured, one a stop; `run` with the times that were measured. */
export function measuredStops(run: Run, letters: string): readonly TimedStop[] {
  return run.stops.map((stop, n) => ({ ...stop, source: SOURCES[letters[n] ?? ''] ?? 'schedule' }));
}

/**
 * The timetable from the driver's start on, and where the driver said so to the end: between them in its proportions.
 * An end that cannot be is not believed.
 */
export function drivenStops(run: Run, { startedMs, endedMs }: Driven): readonly TimedStop[] {
  const departsMs = firstDepartureMs(run);
  const plannedMs = lastArrivalMs(run) - departsMs;
  const tookMs = endedMs === null ? plannedMs : endedMs - startedMs;
  const stretch = plannedMs > 0 ? tookMs / plannedMs : 1;
  const isBelieved = stretch >= LEAST_STRETCH && stretch <= MOST_STRETCH;
  const at = (ms: number): number => startedMs + Math.round((ms - departsMs) * (isBelieved ? stretch : 1));
  return run.stops.map((stop) => ({ ...stop, arrMs: at(stop.arrMs), depMs: at(stop.depMs), source: 'trip' }));
}

export function plannedStops(run: Run): readonly TimedStop[] {
  return run.stops.map((stop) => ({ ...stop, source: 'schedule' }));
}
