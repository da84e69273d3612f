// Reads what is known of vehicles' service days: timetable, list of the day, drivers' trips, positions, corrections.
import type { Run } from '@tongche/network';
import { dayOf, dayStartMs } from '@tongche/protocol';
import type { DaySources } from '../rides/assign.ts';
import { idleDays, runsById, runsOfVehicleDays, tripsOfVehicles } from '../store/runs.ts';
import type { RunRow, VehicleDayKey, VehicleSpan } from '../store/runs.ts';
import { claimsOn, correctionsOf, measuredOf, measuredRun, segmentsOf } from '../store/segments.ts';
import type { CorrectionRow, MeasuredRow } from '../store/segments.ts';
import type { Sql } from '../store/sql.ts';

function touches(span: VehicleSpan, of: { vehicleId: string; fromMs: number; toMs: number }): boolean {
  return of.vehicleId === span.vehicleId && of.toMs > span.fromMs && of.fromMs < span.toMs;
}

/** Runs that anything but the timetable names. */
function namedBy(
  { trips, segments, corrections }: Pick<DaySources, 'trips' | 'segments' | 'corrections'>,
  known: ReadonlyMap<number, RunRow>,
  isOwn: ReadonlySet<number>,
): RunRow[] {
  const ids = new Set([...trips, ...segments, ...corrections].map(({ runId }) => runId));
  return [...ids].flatMap((runId) => {
    const row = runId === null || isOwn.has(runId) ? undefined : known.get(runId);
    return row === undefined ? [] : [row];
  });
}

function corrected(corrections: readonly CorrectionRow[]): { readonly runId: number; readonly vehicleId: string }[] {
  return corrections.flatMap(({ runId, vehicleId }) => (runId === null ? [] : [{ runId, vehicleId }]));
}

function timesOf(rows: readonly MeasuredRow[], known: ReadonlyMap<number, RunRow>): ReadonlyMap<number, Run> {
  return new Map(
    rows.flatMap((row) => {
      const run = known.get(row.runId)?.run;
      return run === undefined ? [] : [[row.runId, measuredRun(run, row)] as const];
    }),
  );
}

/** The sources of each key, in their order; half a dozen statements however many there are. */
export async function readSources(sql: Sql, zone: string, keys: readonly VehicleDayKey[]): Promise<DaySources[]> {
  if (keys.length === 0) return [];
  const spans = keys.map(({ vehicleId, day }) => ({
    vehicleId,
    fromMs: dayStartMs(day, zone),
    toMs: dayStartMs(day + 1, zone),
  }));
  const own = await runsOfVehicleDays(sql, keys);
  const trips = await tripsOfVehicles(sql, spans);
  const segments = await segmentsOf(sql, spans);
  const corrections = await correctionsOf(sql, spans);
  const claims = await claimsOn(sql, own);
  const idle = await idleDays(sql, keys);
  const known = new Map(own.map((row) => [row.runId, row]));
  const elsewhere = [...trips, ...segments, ...corrections].flatMap(({ runId }) =>
    runId === null || known.has(runId) ? [] : [runId],
  );
  for (const row of await runsById(sql, [...new Set(elsewhere)])) known.set(row.runId, row);
  const made = own.map(({ runId, run }) => ({ runId, vehicleId: run.vehicleId }));
  const measured = Map.groupBy(
    await measuredOf(sql, [...made, ...segments, ...corrected(corrections)]),
    (row) => row.vehicleId,
  );
  const ownOf = Map.groupBy(own, ({ run }) => `${run.day}|${run.vehicleId}`);
  return keys.map((key, n): DaySources => {
    const span = spans[n] ?? { ...key, fromMs: 0, toMs: 0 };
    const runs = ownOf.get(`${key.day}|${key.vehicleId}`) ?? [];
    const day = {
      trips: trips.filter((trip) => trip.vehicleId === key.vehicleId && dayOf(trip.startedMs, zone) === key.day),
      segments: segments.filter((one) => touches(span, one)),
      corrections: corrections.filter((one) => touches(span, one)),
    };
    const isOwn = new Set(runs.map(({ runId }) => runId));
    return {
      runs,
      ...day,
      named: namedBy(day, known, isOwn),
      claims: claims.filter(({ runId }) => isOwn.has(runId)),
      measured: timesOf(measured.get(key.vehicleId) ?? [], known),
      idle: idle.has(`${key.day}|${key.vehicleId}`),
    };
  });
}
