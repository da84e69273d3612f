// What the vault is answered: sealed rides with their notes, and the runs, units and shifts around them.
import type { RunBasis, TraceReply, TraceRide, TraceRun, TraceShift, TraceUnit } from '@tongche/contract';
import { dayOf, fromBase64Url, MINUTE_MS, unwrap, uuidText } from '@tongche/protocol';
import type { Unit } from '@tongche/network';
import type { Static } from 'typebox';
import type { VehicleDays } from '../city/vehicle-days.ts';
import type { Platform } from '../platform.ts';
import type { Assigned } from '../rides/assign.ts';
import { doubtsOf, withoutBasis } from '../rides/flags.ts';
import { lineView } from '../rides/receipt.ts';
import { notesOf } from '../store/notes.ts';
import type { StoredRide } from '../store/rides.ts';
import type { RunRow, VehicleDayKey } from '../store/runs.ts';
import { lastRelabel, measuredOf, measuredRun } from '../store/segments.ts';
import type { Sql } from '../store/sql.ts';
import { shiftsOfWindows } from '../store/staff.ts';
import { unitOfRide } from './doubts.ts';

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

/** In run_measured.basis: a time that no position speaks for. */
const scheduledLetter = 's';

function uuidOfBase64(text: string): string {
  return uuidText(unwrap(fromBase64Url(text)));
}

/** A ride with the run its vehicle is now known to have made. */
interface Placed {
  readonly ride: StoredRide;
  readonly unit: Unit | undefined;
  readonly assigned: Assigned | undefined;
}

/** Resolves every ride's run by what is known now: rows are never rewritten. */
async function placed({ city, days }: Platform, rides: readonly StoredRide[]): Promise<readonly Placed[]> {
  const units = rides.map((ride) => unitOfRide({ city }, ride));
  const keys = rides.flatMap(({ boardedMs }, n) => keysFor(days, units[n], boardedMs));
  return days.using(keys, () =>
    rides.map((ride, n) => {
      const unit = units[n];
      return { ride, unit, assigned: unit === undefined ? undefined : days.assign(unit.vehicleId, ride.boardedMs) };
    }),
  );
}

function keysFor(days: VehicleDays, unit: Unit | undefined, ms: number): readonly VehicleDayKey[] {
  return unit === undefined ? [] : days.keysOf(unit.vehicleId, ms);
}

async function rideViews(sql: Sql, platform: Platform, rides: readonly Placed[]): Promise<Ride[]> {
  const { zone, city } = platform;
  const days = rides.map(({ ride }) => dayOf(ride.boardedMs, zone));
  const notes = await notesOf(
    sql,
    days,
    rides.map(({ ride }) => uuidOfBase64(ride.tag)),
  );
  const byTag = Map.groupBy(notes, ({ day, tag }) => `${day}|${tag}`);
  return rides.map(({ ride, unit, assigned }, n) => {
    const code = city.current.codeById(ride.codeId);
    if (code === undefined) throw new Error('a ride names a code that does not exist');
    const day = days[n] ?? 0;
    return {
      code: code.code8,
      unitId: unit?.unitId ?? null,
      suite: ride.suite,
      iss: ride.iss,
      day,
      w2: ride.w2,
      tag: ride.tag,
      eraseC: ride.eraseC,
      sealed: ride.sealed,
      boardedMs: ride.boardedMs,
      receivedS: ride.receivedS,
      runKey: assigned?.run?.run.runKey ?? null,
      boardSeq: assigned?.boardSeq ?? null,
      basis: assigned?.basis ?? 'usual',
      // How the run was known at arrival is of no use to the vault: it is told how it is known now.
      flags: withoutBasis(ride.flags),
      doubts: doubtsOf(ride.flags),
      notes: (byTag.get(`${day}|${ride.tag}`) ?? []).map(({ idx, ct }) => ({ idx, ct })),
    };
  });
}

/** A run as one vehicle made it. */
interface Made {
  readonly row: RunRow;
  readonly vehicleId: string;
  readonly basis: RunBasis;
}

/** Runs that the rides were on, and everything the spans' vehicles made within a span. */
async function runsAround(
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

async function runViews(sql: Sql, platform: Platform, made: readonly Made[]): Promise<RunView[]> {
  const { city, days } = platform;
  const asked = made.map(({ row, vehicleId }) => ({ runId: row.runId, vehicleId }));
  const times = new Map((await measuredOf(sql, asked)).map((row) => [row.runId, row]));
  function view({ row, vehicleId, basis }: Made): RunView {
    const { runId, run } = row;
    const measured = times.get(runId);
    const stops = measured === undefined ? run.stops : measuredRun(run, measured).stops;
    return {
      runKey: run.runKey,
      unitIds: city.current.unitsOf(vehicleId).map(({ unitId }) => unitId),
      vehicleId,
      line: lineView(city.current, run.lineId, run.dir),
      stops: stops.slice(0, 255).map(({ seq, stopId, arrMs, depMs }, n) => ({
        seq,
        name: city.current.stopName(stopId),
        arrMs,
        depMs,
        measured: (measured?.basis[n] ?? scheduledLetter) !== scheduledLetter,
      })),
      heads: days.headsOf(vehicleId, row),
      basis,
      measured: measured !== undefined,
    };
  }
  const keys = made.map(({ row, vehicleId }) => ({ vehicleId, day: row.run.day }));
  return days.using(keys, () => made.map(view));
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

/**
 * `rides` with their flags as judged now; `withheld`: how many doubtful ones are not among them. All carriages of a vehicle
 * are told, so that the vault can ask for the neighbours.
 */
export async function traceReply(
  sql: Sql,
  platform: Platform,
  { rides, withheld }: { readonly rides: readonly StoredRide[]; readonly withheld: number },
  spans: readonly UnitSpan[],
): Promise<Static<typeof TraceReply>> {
  const { city } = platform;
  // First: what is relabelled while this is put together is asked for again.
  const revision = await lastRelabel(sql);
  const known = await placed(platform, rides);
  const made = await runsAround(platform, known, spans);
  const vehicles = [
    ...known.flatMap(({ unit }) => unit?.vehicleId ?? []),
    ...spans.flatMap(({ unitId }) => city.current.unit(unitId)?.vehicleId ?? []),
  ];
  const ofRides = known.flatMap(({ ride, unit }): UnitSpan[] =>
    unit === undefined ? [] : [{ unitId: unit.unitId, fromMs: ride.boardedMs, toMs: ride.boardedMs }],
  );
  return {
    revision,
    withheld,
    rides: await rideViews(sql, platform, known),
    runs: await runViews(sql, platform, made),
    units: unitViews(platform, vehicles),
    shifts: await shiftViews(sql, spans.length > 0 ? spans : ofRides),
  };
}
