// Austin's buses of 2016 with the schedule they ran to, as they lie in the folder of real data; and the marks a matcher
// gets when the trip that each position names is held back from it.
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { runMatcher, serviceStartMs, timelineOf } from '../index.ts';
import type { Point, Run, RunMatch, RunStop, VehiclePosition } from '../index.ts';
import { readPositions } from './avl-or-feed.ts';
import { readTable } from './csv.ts';
import type { Row } from './row.ts';
import { newErrorList } from './row-error.ts';
import { openSource } from './source.ts';

const ZONE = 'America/Chicago';
const DAY_MS = 86_400_000;
const SPAN = '20160821-20170121';

export type AustinDay = {
  /** Of this day and, because buses run past midnight, of the day before. */
  readonly runs: readonly Run[];
  readonly stops: ReadonlyMap<string, Point>;
  readonly vehicles: ReadonlyMap<string, readonly VehiclePosition[]>;
};

/**
 * The schedule knows neither lines nor days (every trip is marked for all seven), so the candidates are the trips that some
 * vehicle named that day, which is what an operator's calendar would say, and lines are taken from the positions.
 */
export async function readAustin(data: string, date: string): Promise<AustinDay> {
  const folder = join(data, 'open-licence/avl');
  const stops = new Map<string, Point>();
  await readRows(join(folder, `austin-stops-${SPAN}.csv.gz`), (row) => {
    stops.set(row.text('stop_id'), { lat: row.number('stop_lat', -90, 90), lon: row.number('stop_lon', -180, 180) });
  });
  const { rows } = await readPositions(join(folder, `austin-${date}.csv.gz`));
  const lineOf = new Map(rows.map(({ tripId, routeId }) => [tripId ?? '', routeId ?? '']));
  const calls = new Map<string, { readonly stopId: string; readonly atS: number }[]>();
  await readRows(join(folder, `austin-schedule-${SPAN}.csv.gz`), (row) => {
    const tripId = row.text('trip_id');
    if (!lineOf.has(tripId)) return;
    const call = { stopId: row.text('stop_id'), atS: row.time('arrival_time') };
    calls.set(tripId, [...(calls.get(tripId) ?? []), call]);
  });
  const today = Date.parse(date) / DAY_MS;
  const runs = [today - 1, today].flatMap((day) => {
    const startMs = serviceStartMs(day, ZONE);
    return [...calls].map(([tripId, list]): Run => {
      const times = list.map(({ stopId, atS }, seq): RunStop => {
        return { seq, stopId, arrMs: startMs + atS * 1000, depMs: startMs + atS * 1000 };
      });
      const lineId = lineOf.get(tripId) ?? '';
      return { runKey: `${day}:${tripId}`, lineId, dir: 0, day, vehicleId: `trip:${tripId}`, stops: times };
    });
  });
  return { runs, stops, vehicles: Map.groupBy(rows, ({ vehicleId }) => vehicleId) };
}

async function readRows(path: string, onRow: (row: Row) => void): Promise<void> {
  await readTable(openSource(path).pipe(createGunzip()), { file: path, columns: [], errors: newErrorList(), onRow });
}

/** What the matcher is told beside place and time. */
export type Told = 'trip' | 'route' | 'nothing';

/** Shares of the trips that a vehicle named in at least three positions. */
export type Marks = {
  readonly trips: number;
  readonly right: number;
  readonly wrong: number;
  readonly none: number;
  /** Of the matches given with a confidence of 0.9 or more, the share that is right. */
  readonly sureRight: number;
};

const MIN_POSITIONS = 3;

/** A trip counts as right when at least half of its positions lie within a match to it, else wrong if within another. */
export function markMatches(
  { runs, stops, vehicles }: AustinDay,
  told: Told,
  maxVehicles = Infinity,
): Marks & { readonly seconds: number } {
  const match = runMatcher(runs, stops);
  const known = new Set(runs.map(({ runKey }) => tripOf(runKey)));
  const count = { trips: 0, right: 0, wrong: 0, none: 0, sure: 0, sureRight: 0 };
  let spentMs = 0;
  for (const positions of [...vehicles.values()].slice(0, maxVehicles)) {
    const shown = positions.map((position) => hide(position, told));
    const startMs = performance.now();
    const matches = match(shown);
    spentMs += performance.now() - startMs;
    for (const found of matches) {
      if (found.confidence < 0.9) continue;
      const inside = positions.filter(({ atMs }) => found.fromMs <= atMs && atMs <= found.toMs);
      const right = inside.filter(({ tripId }) => tripId === tripOf(found.runKey));
      count.sure += 1;
      if (right.length * 2 > inside.length) count.sureRight += 1;
    }
    for (const [tripId, named] of Map.groupBy(positions, (position) => position.tripId ?? '')) {
      if (named.length < MIN_POSITIONS || !known.has(tripId)) continue;
      count.trips += 1;
      count[verdict(tripId, named, matches)] += 1;
    }
  }
  const share = (part: number, whole: number): number => Math.round((part / Math.max(1, whole)) * 1_000) / 1_000;
  return {
    trips: count.trips,
    right: share(count.right, count.trips),
    wrong: share(count.wrong, count.trips),
    none: share(count.none, count.trips),
    sureRight: share(count.sureRight, count.sure),
    seconds: Math.round(spentMs) / 1_000,
  };
}

/** Seconds between the instant a position saw a stop and the one a timeline without that position gives. */
export type TimelineMarks = {
  readonly stops: number;
  readonly medianS: number;
  readonly p90S: number;
  /** The same for the timetable itself. */
  readonly scheduleMedianS: number;
  readonly scheduleP90S: number;
};

/**
 * Every second position of each matched run is held back; the stops which one of those saw are compared with a timeline of
 * the others, where these lie before and after the stop.
 */
export function markTimelines({ runs, stops, vehicles }: AustinDay, maxVehicles = Infinity): TimelineMarks {
  const match = runMatcher(runs, stops);
  const runOf = new Map(runs.map((run) => [run.runKey, run]));
  const gaps: number[] = [];
  const scheduleGaps: number[] = [];
  for (const positions of [...vehicles.values()].slice(0, maxVehicles)) {
    const ordered = positions.toSorted((a, b) => a.atMs - b.atMs);
    for (const { runKey, fromMs, toMs } of match(ordered)) {
      const run = runOf.get(runKey);
      if (run === undefined) continue;
      const own = ordered.filter(({ atMs }) => fromMs <= atMs && atMs <= toMs);
      const seen = timelineOf(run, own, stops);
      const half = timelineOf(
        run,
        own.filter((_, at) => at % 2 === 0),
        stops,
      );
      for (const [at, { arrMs, depMs, basis }] of seen.stops.entries()) {
        const other = half.stops[at];
        // A halt seen twice has no one instant.
        if (basis !== 'observed' || arrMs !== depMs || other?.basis !== 'interpolated') continue;
        gaps.push(Math.abs(other.arrMs - arrMs) / 1000);
        scheduleGaps.push(Math.abs((run.stops[at]?.arrMs ?? 0) - arrMs) / 1000);
      }
    }
  }
  const quantile = (values: readonly number[], share: number): number =>
    Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN);
  return {
    stops: gaps.length,
    medianS: quantile(gaps, 0.5),
    p90S: quantile(gaps, 0.9),
    scheduleMedianS: quantile(scheduleGaps, 0.5),
    scheduleP90S: quantile(scheduleGaps, 0.9),
  };
}

function verdict(
  tripId: string,
  named: readonly VehiclePosition[],
  matches: readonly RunMatch[],
): 'right' | 'wrong' | 'none' {
  let right = 0;
  let none = 0;
  for (const { atMs } of named) {
    const within = matches.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
    if (within.some(({ runKey }) => tripOf(runKey) === tripId)) right += 1;
    else if (within.length === 0) none += 1;
  }
  if (right * 2 >= named.length) return 'right';
  return none * 2 >= named.length ? 'none' : 'wrong';
}

function hide({ tripId, routeId, ...rest }: VehiclePosition, told: Told): VehiclePosition {
  return {
    ...rest,
    ...(told === 'trip' && tripId !== undefined ? { tripId } : {}),
    ...(told !== 'nothing' && routeId !== undefined ? { routeId } : {}),
  };
}

function tripOf(runKey: string): string {
  return runKey.slice(runKey.indexOf(':') + 1);
}
