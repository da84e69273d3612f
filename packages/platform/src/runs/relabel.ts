// Changes what is known of vehicles' runs, and finds what that moved: minutes whose run is another one afterwards, and the
// rides in them. Both in one transaction, so that no order misses a change that was made.
import { dayOf, MINUTE_MS } from '@tongche/protocol';
import { readSources } from '../city/sources.ts';
import { assignRun } from '../rides/assign.ts';
import type { DaySources } from '../rides/assign.ts';
import { ridesOfVehicle } from '../store/rides.ts';
import type { VehicleDayKey, VehicleSpan } from '../store/runs.ts';
import { insertRelabels } from '../store/segments.ts';
import type { Cause, Relabelled } from '../store/segments.ts';
import type { Sql } from '../store/sql.ts';

/** The run of a vehicle at a boarding minute, by its number. */
type Labels = (vehicleId: string, boardedMs: number) => number | undefined;

async function labelsOf(sql: Sql, zone: string, spans: readonly VehicleSpan[]): Promise<Labels> {
  const keys = new Map<string, VehicleDayKey>();
  for (const { vehicleId, fromMs, toMs } of spans) {
    for (let day = dayOf(fromMs, zone) - 1; day <= dayOf(toMs, zone); day += 1) {
      keys.set(`${day}|${vehicleId}`, { vehicleId, day });
    }
  }
  const sources = await readSources(sql, zone, [...keys.values()]);
  const known = new Map<string, DaySources | undefined>([...keys.keys()].map((key, n) => [key, sources[n]]));
  return (vehicleId, boardedMs) => {
    const day = dayOf(boardedMs, zone);
    const days = [known.get(`${day - 1}|${vehicleId}`), known.get(`${day}|${vehicleId}`)];
    return assignRun(days, boardedMs).run?.runId;
  };
}

/** Stretches of minutes whose label differs. */
function changedStretches({ vehicleId, fromMs, toMs }: VehicleSpan, before: Labels, after: Labels): VehicleSpan[] {
  const stretches: { vehicleId: string; fromMs: number; toMs: number }[] = [];
  for (let ms = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS; ms < toMs; ms += MINUTE_MS) {
    if (before(vehicleId, ms) === after(vehicleId, ms)) continue;
    const last = stretches.at(-1);
    if (last?.toMs === ms) last.toMs = ms + MINUTE_MS;
    else stretches.push({ vehicleId, fromMs: ms, toMs: ms + MINUTE_MS });
  }
  return stretches;
}

export interface Change {
  readonly zone: string;
  readonly cause: Cause;
  readonly nowMs: number;
  /** Vehicles and times whose runs the change may touch, disjoint for each vehicle. */
  readonly spans: readonly VehicleSpan[];
}

/** Nobody has boarded later than now, except by clocks that are let in up to three minutes ahead. */
const aheadMs = 5 * MINUTE_MS;

/** Runs `write` and records what it moved. Resolves with the stretches that hold rides. */
export async function withRelabels(
  tx: Sql,
  { zone, cause, nowMs, spans }: Change,
  write: () => Promise<void>,
): Promise<readonly Relabelled[]> {
  const past = spans
    .map((span) => ({ ...span, toMs: Math.min(span.toMs, nowMs + aheadMs) }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
  const before = await labelsOf(tx, zone, past);
  await write();
  const after = await labelsOf(tx, zone, past);
  const moved: Relabelled[] = [];
  for (const stretch of past.flatMap((span) => changedStretches(span, before, after))) {
    const rides = await ridesOfVehicle(tx, stretch);
    if (rides > 0) moved.push({ ...stretch, rides });
  }
  await insertRelabels(tx, moved, cause, nowMs);
  return moved;
}

export function ridesMoved(moved: readonly Relabelled[]): number {
  return moved.reduce((sum, { rides }) => sum + rides, 0);
}
