// What the vault is answered: sealed rides with their notes, and the runs, units and shifts around them.
import type { TraceReply, TraceRide, TraceRun, TraceShift, TraceUnit } from '@tongche/contract';
import { dayOf, fromBase64Url, unwrap, uuidText } from '@tongche/protocol';
import type { Unit } from '@tongche/network';
import { firstDepartureMs, lastArrivalMs } from '@tongche/network';
import type { Static } from 'typebox';
import type { Platform } from '../platform.ts';
import { lineView } from '../rides/receipt.ts';
import { notesOf } from '../store/notes.ts';
import type { StoredRide } from '../store/rides.ts';
import { runsById, runsOfVehicleDays } from '../store/runs.ts';
import type { RunRow } from '../store/runs.ts';
import type { Sql } from '../store/sql.ts';
import { shiftsOfWindows } from '../store/staff.ts';

type Ride = Static<typeof TraceRide>;
type RunView = Static<typeof TraceRun>;
type UnitView = Static<typeof TraceUnit>;
type ShiftView = Static<typeof TraceShift>;

/** A unit and a time, both ends included. */
export interface UnitSpan {
  readonly unitId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export function unitOfRide({ city }: Platform, ride: StoredRide): Unit | undefined {
  const code = city.current.codeById(ride.codeId);
  return code === undefined ? undefined : city.current.unitAt(code, ride.boardedMs);
}

function uuidOfBase64(text: string): string {
  return uuidText(unwrap(fromBase64Url(text)));
}

async function rideViews(
  sql: Sql,
  platform: Platform,
  rides: readonly StoredRide[],
  runs: ReadonlyMap<number, RunRow>,
): Promise<Ride[]> {
  const { zone, city } = platform;
  const days = rides.map(({ boardedMs }) => dayOf(boardedMs, zone));
  const notes = await notesOf(
    sql,
    days,
    rides.map(({ tag }) => uuidOfBase64(tag)),
  );
  const byTag = Map.groupBy(notes, ({ day, tag }) => `${day}|${tag}`);
  return rides.flatMap((ride, n) => {
    const code = city.current.codeById(ride.codeId);
    if (code === undefined) throw new Error('a ride names a code that does not exist');
    const day = days[n] ?? 0;
    return {
      code: code.code8,
      unitId: unitOfRide(platform, ride)?.unitId ?? null,
      suite: ride.suite,
      iss: ride.iss,
      day,
      w2: ride.w2,
      tag: ride.tag,
      eraseC: ride.eraseC,
      sealed: ride.sealed,
      boardedMs: ride.boardedMs,
      receivedS: ride.receivedS,
      runKey: ride.run === null ? null : (runs.get(ride.run)?.run.runKey ?? null),
      boardSeq: ride.boardSeq,
      flags: ride.flags,
      notes: (byTag.get(`${day}|${ride.tag}`) ?? []).map(({ idx, ct }) => ({ idx, ct })),
    };
  });
}

/** Runs that rides name, and all runs of the spans' vehicles that touch a span. */
async function runsAround(
  sql: Sql,
  platform: Platform,
  rides: readonly StoredRide[],
  spans: readonly UnitSpan[],
): Promise<ReadonlyMap<number, RunRow>> {
  const { city, zone } = platform;
  const named = [...new Set(rides.flatMap(({ run }) => (run === null ? [] : [run])))];
  const found = new Map((await runsById(sql, named)).map((row) => [row.runId, row]));
  const keys = new Map<string, { vehicleId: string; day: number }>();
  const touched = new Map<string, UnitSpan[]>();
  for (const span of spans) {
    const vehicleId = city.current.unit(span.unitId)?.vehicleId;
    if (vehicleId === undefined) continue;
    touched.set(vehicleId, [...(touched.get(vehicleId) ?? []), span]);
    for (let day = dayOf(span.fromMs, zone) - 1; day <= dayOf(span.toMs, zone); day += 1) {
      keys.set(`${day}|${vehicleId}`, { vehicleId, day });
    }
  }
  for (const row of await runsOfVehicleDays(sql, [...keys.values()])) {
    const touches = (touched.get(row.run.vehicleId) ?? []).some(
      ({ fromMs, toMs }) => firstDepartureMs(row.run) <= toMs && lastArrivalMs(row.run) >= fromMs,
    );
    if (touches) found.set(row.runId, row);
  }
  return found;
}

async function runViews(platform: Platform, rows: Iterable<RunRow>): Promise<RunView[]> {
  const { city, days } = platform;
  const list = [...rows];
  await days.load(list.map(({ run }) => ({ vehicleId: run.vehicleId, day: run.day })));
  return list.map(({ runId, run }) => ({
    runKey: run.runKey,
    unitIds: city.current.unitsOf(run.vehicleId).map(({ unitId }) => unitId),
    vehicleId: run.vehicleId,
    line: lineView(city.current, run.lineId, run.dir),
    stops: run.stops.slice(0, 255).map(({ seq, stopId, arrMs, depMs }) => ({
      seq,
      name: city.current.stopName(stopId),
      arrMs,
      depMs,
    })),
    heads: Math.max(0, days.get(run.vehicleId, run.day)?.headsOfRun.get(runId) ?? 0),
  }));
}

function unitViews(platform: Platform, vehicleIds: Iterable<string>): UnitView[] {
  return [...new Set(vehicleIds)].flatMap((vehicleId) =>
    platform.city.current.unitsOf(vehicleId).map((unit) => ({
      unitId: unit.unitId,
      kind: unit.kind,
      plate: unit.plate ?? null,
      label: unit.label,
      vehicleId,
      capacity: unit.capacity,
    })),
  );
}

async function shiftViews(sql: Sql, spans: readonly UnitSpan[]): Promise<ShiftView[]> {
  if (spans.length === 0) return [];
  const rows = await shiftsOfWindows(sql, spans);
  return rows.map(({ unitId, staffId, startedMs, endedMs }) => ({
    unitId,
    // A number: the operator looks the person up when the authority asks for it by name.
    staffRef: `staff-${staffId}`,
    fromMs: startedMs,
    toMs: endedMs,
  }));
}

/** All carriages of a vehicle are told, so that the vault can ask for the neighbours. */
export async function traceReply(
  sql: Sql,
  platform: Platform,
  rides: readonly StoredRide[],
  spans: readonly UnitSpan[],
): Promise<Static<typeof TraceReply>> {
  const runs = await runsAround(sql, platform, rides, spans);
  const { city } = platform;
  const vehicles = [
    ...rides.flatMap((ride) => unitOfRide(platform, ride)?.vehicleId ?? []),
    ...spans.flatMap(({ unitId }) => city.current.unit(unitId)?.vehicleId ?? []),
  ];
  const ofRides = rides.flatMap((ride): UnitSpan[] => {
    const unit = unitOfRide(platform, ride);
    return unit === undefined ? [] : [{ unitId: unit.unitId, fromMs: ride.boardedMs, toMs: ride.boardedMs }];
  });
  return {
    rides: await rideViews(sql, platform, rides, runs),
    runs: await runViews(platform, runs.values()),
    units: unitViews(platform, vehicles),
    shifts: await shiftViews(sql, spans.length > 0 ? spans : ofRides),
  };
}
