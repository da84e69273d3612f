// The runs around rides and windows as a vault is told of them: stops with places, times and where the times come from, heads.
import type { RunBasis, TraceRun } from '@tongche/contract';
import { firstDepartureMs, lastArrivalMs } from '@tongche/network';
import { dayOf, dayStartMs, MINUTE_MS } from '@tongche/protocol';
import type { Static } from 'typebox';
import type { City } from '../city/city.ts';
import type { VehicleDays } from '../city/vehicle-days.ts';
import type { Platform } from '../platform.ts';
import type { Assigned } from '../rides/assign.ts';
import { lineView } from '../rides/receipt.ts';
import { lineDays } from '../store/boardings.ts';
import type { LineDay } from '../store/boardings.ts';
import type { RunRow, TripRow } from '../store/runs.ts';
import { measuredOf, measuredRun } from '../store/segments.ts';
import type { MeasuredRow } from '../store/segments.ts';
import type { Sql } from '../store/sql.ts';
import { estimatedAboard } from './estimate.ts';
import type { Placed, UnitSpan } from './reply.ts';
import { drivenStops, measuredStops, plannedStops } from './times.ts';
import type { TimedStop } from './times.ts';

type RunView = Static<typeof TraceRun>;

/** Stop numbers travel in one byte of a note. */
const MAX_STOPS = 255;

/** A run as one vehicle made it. */
export interface Made {
  readonly row: RunRow;
  readonly vehicleId: string;
  readonly basis: RunBasis;
}

/** Runs that the rides were on, and everything the spans' vehicles made within a span. */
export async function runsAround(
  { city, days }: Platform,
  rides: readonly Placed[],
  spans: readonly UnitSpan[],
): Promise<readonly Made[]> {
  const found = new Map<string, Made>();
  function keep(vehicleId: string, { run: row, basis }: Assigned): void {
    if (row !== undefined && !found.has(row.run.runKey)) found.set(row.run.runKey, { row, vehicleId, basis });
  }
  for (const { unit, assigned } of rides)
    if (unit !== undefined && assigned !== undefined) keep(unit.vehicleId, assigned);
  for (const span of spans) {
    const vehicleId = city.current.unit(span.unitId)?.vehicleId;
    if (vehicleId === undefined) continue;
    const fromMs = Math.floor(span.fromMs / MINUTE_MS) * MINUTE_MS;
    await days.using([...days.keysOf(vehicleId, span.fromMs), ...days.keysOf(vehicleId, span.toMs)], () => {
      for (let ms = fromMs; ms <= span.toMs; ms += MINUTE_MS) keep(vehicleId, days.assign(vehicleId, ms));
    });
  }
  return [...found.values()];
}

/** The vehicle that made a run of the timetable, as now believed; its days are loaded: its own, or one whose positions or dispatch claim it. */
export function madeBy(days: VehicleDays, row: RunRow): Made {
  const { vehicleId } = row.run;
  const claims = days
    .daysOf(vehicleId, firstDepartureMs(row.run))
    .flatMap((day) => day?.claims ?? [])
    .filter(({ runId }) => runId === row.runId)
    .toSorted((a, b) => Number(b.basis === 'positions') - Number(a.basis === 'positions') || b.saidMs - a.saidMs);
  const [claim] = claims;
  return claim === undefined
    ? { row, vehicleId, basis: row.dispatched ? 'dispatch' : 'schedule' }
    : { row, vehicleId: claim.vehicleId, basis: claim.basis };
}

/** The driver's trip on this run, the last begun. */
function tripOn({ days }: Platform, { row, vehicleId }: Made): TripRow | undefined {
  const trips = days
    .daysOf(vehicleId, firstDepartureMs(row.run))
    .flatMap((day) => day?.trips ?? [])
    .filter(({ runId }) => runId === row.runId);
  return trips.toSorted((a, b) => a.startedMs - b.startedMs).at(-1);
}

function timesOf(platform: Platform, made: Made, measured: MeasuredRow | undefined): readonly TimedStop[] {
  const { run } = made.row;
  if (measured !== undefined) return measuredStops(measuredRun(run, measured), measured.basis);
  const trip = tripOn(platform, made);
  if (trip === undefined) return plannedStops(run);
  return drivenStops(run, { startedMs: trip.startedMs, endedMs: trip.endedMs ?? null });
}

function stopViews(city: City, stops: readonly TimedStop[]): RunView['stops'] {
  return stops.slice(0, MAX_STOPS).map(({ seq, stopId, arrMs, depMs, source }) => {
    const place = city.stop(stopId);
    return {
      seq,
      stopId,
      name: city.stopName(stopId),
      lat: place?.lat ?? null,
      lon: place?.lon ?? null,
      arrMs,
      depMs,
      source,
    };
  });
}

export async function runViews(sql: Sql, platform: Platform, made: readonly Made[]): Promise<RunView[]> {
  const { city, days, zone } = platform;
  const asked = made.map(({ row, vehicleId }) => ({ runId: row.runId, vehicleId }));
  const times = new Map((await measuredOf(sql, asked)).map((row) => [row.runId, row]));
  const counted = await lineDays(
    sql,
    made.map(({ row: { run } }) => ({ lineId: run.lineId, day: dayOf(firstDepartureMs(run), zone) })),
  );
  const ofLine = new Map(counted.map((line): [string, LineDay] => [`${line.day}|${line.lineId}`, line]));
  function view(one: Made): RunView {
    const { row, vehicleId, basis } = one;
    const { run } = row;
    const heads = days.headsOf(vehicleId, row);
    const day = dayOf(firstDepartureMs(run), zone);
    const line = ofLine.get(`${day}|${run.lineId}`);
    const hours = { fromMs: firstDepartureMs(run), toMs: lastArrivalMs(run), dayStartMs: dayStartMs(day, zone) };
    return {
      runKey: run.runKey,
      unitIds: city.current.unitsOf(vehicleId).map(({ unitId }) => unitId),
      vehicleId,
      lineId: run.lineId,
      dir: run.dir,
      line: lineView(city.current, run.lineId, run.dir),
      stops: stopViews(city.current, timesOf(platform, one, times.get(row.runId))),
      heads,
      estimated: line === undefined ? null : (estimatedAboard({ heads, ...hours }, line) ?? null),
      basis,
    };
  }
  const keys = made.flatMap(({ row: { run }, vehicleId }) => [
    { vehicleId, day: run.day },
    ...days.keysOf(vehicleId, firstDepartureMs(run)),
  ]);
  return days.using(keys, () => made.map(view));
}
