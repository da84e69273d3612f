// What the vault is answered: sealed rides with their notes, and the runs, units and shifts around them.
import type { TraceBinding, TraceReply, TraceRide, TraceShift, TraceUnit } from '@tongche/contract';
import { dayOf } from '@tongche/protocol';
import type { Unit } from '@tongche/network';
import type { Static } from 'typebox';
import type { VehicleDays } from '../city/vehicle-days.ts';
import type { Platform } from '../platform.ts';
import type { Assigned } from '../rides/assign.ts';
import { doubtsOf, withoutBasis } from '../rides/flags.ts';
import { boardingsOf } from '../store/boardings.ts';
import type { StoredRide } from '../store/rides.ts';
import type { VehicleDayKey } from '../store/runs.ts';
import { lastRelabel } from '../store/segments.ts';
import type { Sql } from '../store/sql.ts';
import { shiftsOfWindows } from '../store/staff.ts';
import { crewEnds } from './crew.ts';
import { unitOfRide } from './doubts.ts';
import { notesOf } from './notes.ts';
import { runsAround, runViews } from './run-views.ts';
import type { Made } from './run-views.ts';
import { stationsAlong, trainsAfter } from './trains.ts';
import type { AtStation } from './trains.ts';

type Ride = Static<typeof TraceRide>;
type UnitView = Static<typeof TraceUnit>;
type ShiftView = Static<typeof TraceShift>;
type BindingView = Static<typeof TraceBinding>;

/** Lines whose boardings are told; a case's fortnight is on fewer. */
const MAX_LINES = 200;
const MAX_BOARDINGS = 20_000;
const MAX_BINDINGS = 10_000;
const MAX_STATION_STOPS = 50;

/** A unit and a time, both ends included. */
export interface UnitSpan {
  readonly unitId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A ride with the run its vehicle is now known to have made. */
export interface Placed {
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
  const notes = await notesOf(sql, platform, rides);
  const ends = await crewEnds(
    sql,
    rides.map(({ ride, unit }) => ({ unitId: unit?.unitId, boardedMs: ride.boardedMs, flags: ride.flags })),
  );
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
      crewUntilMs: ends[n] ?? null,
      notes: notes[n] ?? [],
    };
  });
}

function stopsOfStation({ city }: Platform, { unitId }: Unit): Pick<UnitView, 'stopIds'> {
  const stopIds = city.current.stations.stopIdsOf(unitId);
  return stopIds.length === 0 ? {} : { stopIds: stopIds.slice(0, MAX_STATION_STOPS) };
}

export function unitViews(platform: Platform, vehicleIds: Iterable<string>): UnitView[] {
  return [...new Set(vehicleIds)].flatMap((vehicleId) =>
    platform.city.current.unitsOf(vehicleId).map((unit) => ({
      unitId: unit.unitId,
      kind: unit.kind,
      plate: unit.plate ?? null,
      label: unit.label,
      vehicleId,
      carriageNo: unit.carriageNo ?? null,
      capacity: unit.capacity,
      air: unit.air ?? null,
      litresPerSecond: unit.litresPerSecond ?? null,
      ...stopsOfStation(platform, unit),
    })),
  );
}

/** What the codes that were ever stuck to these units were stuck to while the times last. */
function bindingViews({ city }: Platform, spans: readonly UnitSpan[]): BindingView[] {
  const found = new Map<string, BindingView>();
  for (const { unitId, fromMs, toMs } of spans) {
    for (const code of city.current.codesOf(unitId)) {
      for (const one of code.bindings) {
        if (one.fromMs > toMs || (one.toMs ?? Infinity) <= fromMs) continue;
        found.set(`${code.code8}|${one.fromMs}`, {
          code: code.code8,
          unitId: one.unitId,
          fromMs: one.fromMs,
          toMs: one.toMs ?? null,
        });
      }
    }
  }
  return [...found.values()].slice(0, MAX_BINDINGS);
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

/** Trains that riders who registered at a station can have taken, each once. */
async function trainsFrom(sql: Sql, platform: Platform, rides: readonly Placed[]): Promise<readonly Made[]> {
  const halls = new Map<string, AtStation>();
  for (const { unit, ride } of rides) {
    if (unit?.kind !== 'station') continue;
    const { unitId } = unit;
    halls.set(`${ride.boardedMs}|${unitId}`, { unitId, boardedMs: ride.boardedMs });
  }
  return (await trainsAfter(sql, platform, [...halls.values()])).flat();
}

/**
 * `rides` with their flags as judged now; `withheld`: how many doubtful ones are not among them. All carriages of a vehicle
 * are told, so that the vault can ask for the neighbours; so are the trains around registrations at stations, and the stations
 * along every train.
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
  const around = await runsAround(platform, known, spans);
  const trains = await trainsFrom(sql, platform, known);
  const made = [...new Map([...trains, ...around].map((one) => [one.row.run.runKey, one])).values()];
  const along = stationsAlong(
    city.current,
    made.map(({ row }) => row.run),
  );
  const vehicles = [
    ...known.flatMap(({ unit }) => unit?.vehicleId ?? []),
    ...spans.flatMap(({ unitId }) => city.current.unit(unitId)?.vehicleId ?? []),
    ...trains.map(({ vehicleId }) => vehicleId),
    ...along,
  ];
  const ofRides = known.flatMap(({ ride, unit }): UnitSpan[] =>
    unit === undefined ? [] : [{ unitId: unit.unitId, fromMs: ride.boardedMs, toMs: ride.boardedMs }],
  );
  const times = spans.length > 0 ? spans : ofRides;
  const lines = [...new Set(made.map(({ row }) => row.run.lineId))].slice(0, MAX_LINES);
  return {
    revision,
    withheld,
    rides: await rideViews(sql, platform, known),
    runs: await runViews(sql, platform, made),
    units: unitViews(platform, vehicles),
    bindings: bindingViews(platform, times),
    shifts: await shiftViews(sql, times),
    boardings: (await boardingsOf(sql, lines, MAX_BOARDINGS)).map((one) => ({
      ...one,
      name: city.current.stopName(one.stopId),
      hours: [...one.hours],
    })),
  };
}
