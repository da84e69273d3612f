// Rides of which only a station is known: which trains left it afterwards, and, the other way round, at which stations a train
// called. The vault works out who can have been on which; here it is only told what ran.
import { firstDepartureMs, lastArrivalMs } from '@tongche/network';
import type { Run } from '@tongche/network';
import { dayOf, MINUTE_MS } from '@tongche/protocol';
import type { City } from '../city/city.ts';
import type { Platform } from '../platform.ts';
import { runsOfLines } from '../store/runs.ts';
import type { RunRow } from '../store/runs.ts';
import type { Sql } from '../store/sql.ts';
import type { MatchedRide } from '../store/trace.ts';
import { unitOfRide } from './doubts.ts';
import { madeBy } from './run-views.ts';
import type { Made } from './run-views.ts';

/** Trains of the timetable are told so long before a registration, for they run late, and after it, for riders wait. */
const BEFORE_MS = 20 * MINUTE_MS;
const AFTER_MS = 35 * MINUTE_MS;
/** Doors stand open at a terminus, riders walk out at the end, clocks differ. */
const DOORS_MS = 20 * MINUTE_MS;
/** Of one stretch of time; the lines of a large interchange make some hundreds in an hour. */
const MAX_TRAINS = 2_000;

/** A registration by a station's code. */
export interface AtStation {
  readonly unitId: string;
  readonly boardedMs: number;
}

interface Block {
  readonly fromMs: number;
  toMs: number;
  readonly lineIds: Set<string>;
}

/** Stretches of time that overlap as one, with the lines of all stations asked about in it. */
function blocksOf(city: City, asked: readonly AtStation[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const { unitId, boardedMs } of asked.toSorted((a, b) => a.boardedMs - b.boardedMs)) {
    const lines = city.stations.stopIdsOf(unitId).flatMap((stopId) => city.stations.linesAt(stopId));
    const [fromMs, toMs] = [boardedMs - BEFORE_MS, boardedMs + AFTER_MS];
    const last = blocks.at(-1);
    if (last === undefined || fromMs > last.toMs) blocks.push({ fromMs, toMs, lineIds: new Set(lines) });
    else {
      last.toMs = toMs;
      for (const line of lines) last.lineIds.add(line);
    }
  }
  return blocks.filter(({ lineIds }) => lineIds.size > 0);
}

async function trainsIn(
  sql: Sql,
  { days, zone }: Platform,
  { fromMs, toMs, lineIds }: Block,
): Promise<readonly Made[]> {
  const asked: number[] = [];
  for (let day = dayOf(fromMs, zone) - 1; day <= dayOf(toMs, zone); day += 1) asked.push(day);
  const rows = await runsOfLines(sql, { lineIds: [...lineIds], days: asked, fromMs, toMs, limit: MAX_TRAINS });
  const keys = rows.flatMap(({ run }: RunRow) => days.keysOf(run.vehicleId, firstDepartureMs(run)));
  return days.using(keys, () => rows.map((row) => madeBy(days, row)));
}

function leaves({ stops }: Run, stopIds: ReadonlySet<string>, boardedMs: number): boolean {
  const [fromMs, toMs] = [boardedMs - BEFORE_MS, boardedMs + AFTER_MS];
  return stops.slice(0, -1).some(({ stopId, depMs }) => stopIds.has(stopId) && depMs >= fromMs && depMs <= toMs);
}

/** Of each registration, the trains that left around and after it. */
export async function trainsAfter(
  sql: Sql,
  platform: Platform,
  asked: readonly AtStation[],
): Promise<readonly (readonly Made[])[]> {
  const { city } = platform;
  const found: Made[] = [];
  for (const block of blocksOf(city.current, asked)) found.push(...(await trainsIn(sql, platform, block)));
  const once = [...new Map(found.map((one) => [one.row.runId, one])).values()];
  return asked.map(({ unitId, boardedMs }) => {
    const stopIds = new Set(city.current.stations.stopIdsOf(unitId));
    return stopIds.size === 0 ? [] : once.filter(({ row }) => leaves(row.run, stopIds, boardedMs));
  });
}

/** Stations, as vehicles of their own, at which trains of these runs called, and when they were to leave. */
function callsAlong(
  { stations }: City,
  runs: readonly Run[],
): readonly { readonly vehicleId: string; readonly depMs: number }[] {
  return runs
    .filter(({ lineId }) => stations.isTrainLine(lineId))
    .flatMap(({ stops }) => stops)
    .flatMap(({ stopId, depMs }) => stations.at(stopId).map(({ vehicleId }) => ({ vehicleId, depMs })));
}

export function stationsAlong(city: City, runs: readonly Run[]): ReadonlySet<string> {
  return new Set(callsAlong(city, runs).map(({ vehicleId }) => vehicleId));
}

/** A vehicle that riders can have been on with the case, or a station from which they can have come to it, and when. */
export interface Beside {
  readonly vehicleId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

function besideOf(city: City, trains: readonly Made[], isCarriageTold: boolean): readonly Beside[] {
  const aboard = isCarriageTold ? [] : trains;
  return [
    ...aboard.map(({ vehicleId, row: { run } }) => ({
      vehicleId,
      fromMs: firstDepartureMs(run) - BEFORE_MS - DOORS_MS,
      toMs: lastArrivalMs(run) + BEFORE_MS + DOORS_MS,
    })),
    ...callsAlong(
      city,
      trains.map(({ row }) => row.run),
    ).map(({ vehicleId, depMs }) => ({
      vehicleId,
      fromMs: depMs - BEFORE_MS - AFTER_MS,
      toMs: depMs + BEFORE_MS + DOORS_MS,
    })),
  ];
}

/**
 * What else rides of the case open windows on beside their own vehicle: a registration at a station the trains from there, and
 * the stations along them while their riders can have come to them or left; one in a carriage the stations along its train.
 */
export async function besideRides(
  sql: Sql,
  platform: Platform,
  rides: readonly MatchedRide[],
): Promise<ReadonlyMap<MatchedRide, readonly Beside[]>> {
  const { days } = platform;
  const city = platform.city.current;
  const units = rides.map((ride) => unitOfRide(platform, ride));
  const halls = rides.flatMap((ride, n) => (units[n]?.kind === 'station' ? [{ ride, unitId: units[n].unitId }] : []));
  const trains = await trainsAfter(
    sql,
    platform,
    halls.map(({ ride: { boardedMs }, unitId }) => ({ unitId, boardedMs })),
  );
  const beside = new Map<MatchedRide, readonly Beside[]>();
  for (const [n, { ride }] of halls.entries()) beside.set(ride, besideOf(city, trains[n] ?? [], false));
  const carriages = rides.flatMap((ride, n) => {
    const unit = units[n];
    return unit?.kind === 'carriage' ? [{ ride, vehicleId: unit.vehicleId }] : [];
  });
  const keys = carriages.flatMap(({ ride, vehicleId }) => days.keysOf(vehicleId, ride.boardedMs));
  await days.using(keys, () => {
    for (const { ride, vehicleId } of carriages) {
      const { run: row, basis } = days.assign(vehicleId, ride.boardedMs);
      if (row !== undefined) beside.set(ride, besideOf(city, [{ row, vehicleId, basis }], true));
    }
  });
  return beside;
}
