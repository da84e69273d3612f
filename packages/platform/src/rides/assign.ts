// Which run a ride belongs to, and whether it is plausible: a rule over the vehicle's day, no I/O.
import { runAt, stopAt } from '@tongche/network';
import type { Unit } from '@tongche/network';
import { MINUTE_MS } from '@tongche/protocol';
import { runWithId } from '../city/vehicle-days.ts';
import type { VehicleDay } from '../city/vehicle-days.ts';
import type { RunRow } from '../store/runs.ts';

export interface Assigned {
  readonly run: RunRow | undefined;
  /** Likely boarding stop. */
  readonly boardSeq: number | undefined;
}

/** A vehicle with a timetable that has no run within this time is in its depot. */
const outOfServiceMs = 60 * MINUTE_MS;

/**
 * The driver's own trip goes before the timetable. `days` are the vehicle's service days of yesterday and today;
 * the boarding time is known to the minute, so a trip counts when it touches that minute.
 */
export function assignRun(days: readonly (VehicleDay | undefined)[], boardedMs: number): Assigned {
  const middleMs = boardedMs + MINUTE_MS / 2;
  const trips = days
    .flatMap((day) => day?.trips ?? [])
    .filter(
      ({ startedMs, endedMs }) => boardedMs + MINUTE_MS > startedMs && (endedMs === undefined || boardedMs < endedMs),
    );
  let run: RunRow | undefined;
  let latestMs = -Infinity;
  for (const trip of trips) {
    const row = runWithId(days, trip.runId);
    if (row !== undefined && trip.startedMs >= latestMs) [run, latestMs] = [row, trip.startedMs];
  }
  run ??= scheduledRun(days, middleMs);
  return { run, boardSeq: run === undefined ? undefined : stopAt(run.run, middleMs).seq };
}

export function scheduledRun(days: readonly (VehicleDay | undefined)[], ms: number): RunRow | undefined {
  const rows = days.flatMap((day) => day?.runs ?? []).filter(({ run }) => !run.runKey.startsWith('trip:'));
  const found = runAt(
    rows.map(({ run }) => run),
    ms,
  );
  return rows.find(({ run }) => run === found);
}

/**
 * Rides a person could not have made: on a vehicle that is not in service, or more heads in one minute than the unit
 * holds. Stations have no service to be out of.
 */
export function isImplausible(
  unit: Unit,
  days: readonly (VehicleDay | undefined)[],
  assigned: Assigned,
  ride: { readonly boardedMs: number; readonly headsInMinute: number },
): boolean {
  if (ride.headsInMinute > unit.capacity) return true;
  if (unit.kind === 'station' || assigned.run !== undefined) return false;
  const rows = days.flatMap((day) => day?.runs ?? []);
  if (rows.length === 0) return false;
  const near = runAt(
    rows.map(({ run }) => run),
    ride.boardedMs,
    { beforeMs: outOfServiceMs, afterMs: outOfServiceMs },
  );
  return near === undefined;
}
