// Expands the timetable of a service day into runs: calendar, repetitions, gaps between timed stops, vehicles.
import { distanceM } from '../distance.ts';
import type { Point } from '../distance.ts';
import type { Run, RunStop, VehicleId } from '../model.ts';
import { serviceStartMs, weekdayOf } from '../service-day.ts';
import type { Feed, Frequency, StopTime, Trip } from './feed.ts';

/** Which vehicle makes a trip or a whole block; `day` undefined for every day. The narrowest one that fits counts. */
export type Assignment = {
  readonly vehicleId: VehicleId;
  readonly blockId?: string;
  readonly tripId?: string;
  readonly day?: number;
};

/** Runs one frequency row may make a day: every ten seconds around the clock. */
const MAX_REPEATS = 8_640;

/** The ids of the services that run on a day, calendar and exceptions taken together. */
export function servicesOn(feed: Feed, day: number): ReadonlySet<string> {
  const weekday = weekdayOf(day);
  const active = new Set<string>();
  for (const { id, weekdays, fromDay, toDay } of feed.services) {
    if (fromDay <= day && day <= toDay && (weekdays[weekday] ?? false)) active.add(id);
  }
  for (const { serviceId, day: on, added } of feed.exceptions) {
    if (on !== day) continue;
    if (added) active.add(serviceId);
    else active.delete(serviceId);
  }
  return active;
}

/**
 * All runs of service day `day`, in order of first departure. Trips with fewer than two stops make none. Without an
 * assignment a block is taken as one vehicle named `block:<id>`, and a trip without a block as `trip:<id>`, so that no
 * two runs share a vehicle unless the operator says so.
 */
export function runsOf(feed: Feed, day: number, zone: string, assignments: readonly Assignment[] = []): readonly Run[] {
  return runExpander(feed, zone, assignments)(day);
}

/** The feed's day that stands for `day`: of the week that begins at `asOfDay`, the one with the same weekday. */
export function feedDayOf(day: number, asOfDay: number | undefined): number {
  if (asOfDay === undefined) return day;
  return asOfDay + ((((day - asOfDay) % 7) + 7) % 7);
}

/**
 * `runsOf` for many days of one feed: the indexes are made once. With `asOfDay` the week of the feed that begins there is
 * repeated for ever, weekday by weekday: how a feed whose calendar is over is used. Runs, keys and assignments are of the
 * real day all the same.
 */
export function runExpander(
  feed: Feed,
  zone: string,
  assignments: readonly Assignment[] = [],
  asOfDay?: number,
): (day: number) => readonly Run[] {
  const repeats = Map.groupBy(feed.frequencies, ({ tripId }) => tripId);
  const places = new Map(feed.stops.map((stop) => [stop.id, stop]));
  const vehicleOf = vehicleLookup(assignments);
  return (day) => {
    const active = servicesOn(feed, feedDayOf(day, asOfDay));
    const startMs = serviceStartMs(day, zone);
    const runs: Run[] = [];
    for (const trip of feed.trips) {
      if (!active.has(trip.serviceId)) continue;
      const times = feed.stopTimes.get(trip.id) ?? [];
      if (times.length < 2) continue;
      const offsets = interpolate(times, places);
      const named = vehicleOf(trip, day);
      const run = (shiftS: number, suffix: string): Run => ({
        runKey: `${day}:${trip.id}${suffix}`,
        lineId: trip.routeId,
        dir: trip.dir,
        day,
        vehicleId: named?.vehicleId ?? `${trip.blockId === '' ? `trip:${trip.id}` : `block:${trip.blockId}`}${suffix}`,
        ...(named?.dispatched === true ? { dispatched: true } : {}),
        stops: offsets.map((stop) => shifted(stop, startMs + shiftS * 1000)),
      });
      const frequencies = repeats.get(trip.id);
      if (frequencies === undefined) runs.push(run(0, ''));
      else {
        const firstS = (offsets[0]?.depMs ?? 0) / 1000;
        for (const fromS of departures(frequencies)) runs.push(run(fromS - firstS, `@${fromS}`));
      }
    }
    return runs.sort((a, b) => (a.stops[0]?.depMs ?? 0) - (b.stops[0]?.depMs ?? 0));
  };
}

function shifted({ seq, stopId, arrMs, depMs }: RunStop, byMs: number): RunStop {
  return { seq, stopId, arrMs: byMs + arrMs, depMs: byMs + depMs };
}

/** Departures of a repeated trip, each once even where two rows of the table meet. */
function departures(frequencies: readonly Frequency[]): readonly number[] {
  const starts = new Set<number>();
  for (const { fromS, toS, headwayS } of frequencies) {
    const count = Math.min(MAX_REPEATS, Math.ceil((toS - fromS) / headwayS));
    for (let index = 0; index < count; index += 1) starts.add(fromS + index * headwayS);
  }
  return [...starts].sort((a, b) => a - b);
}

/**
 * Stops of a trip as milliseconds of the service day. Untimed ones stand between their timed neighbours in proportion to
 * the feed's distances, else to the straight lines between the stops' places, else at equal steps.
 */
export function interpolate(
  times: readonly StopTime[],
  places: ReadonlyMap<string, Point> = new Map(),
): readonly RunStop[] {
  const stops: RunStop[] = [];
  for (const [index, { stopId, arrS, depS }] of times.entries()) {
    if (arrS !== undefined && depS !== undefined) {
      stops.push({ seq: index, stopId, arrMs: arrS * 1000, depMs: depS * 1000 });
      continue;
    }
    // A gap is filled whole at its first call.
    if (index < stops.length) continue;
    const next = times.findIndex((other, at) => at > index && other.arrS !== undefined);
    const gap = times.slice(Math.max(0, index - 1), next < 0 ? times.length : next + 1);
    const fromS = gap[0]?.depS ?? 0;
    const toS = next < 0 ? fromS : (times[next]?.arrS ?? fromS);
    const shares = sharesOf(gap, places);
    const untimed = gap.filter(({ arrS: known }) => known === undefined);
    for (const call of untimed) {
      const share = shares[gap.indexOf(call)] ?? 1;
      const ms = Math.round((fromS + (toS - fromS) * share) * 1000);
      stops.push({ seq: stops.length, stopId: call.stopId, arrMs: ms, depMs: ms });
    }
  }
  return stops;
}

/** How far along the gap each of its calls lies, from 0 to 1, never decreasing. */
function sharesOf(gap: readonly StopTime[], places: ReadonlyMap<string, Point>): readonly number[] {
  const even = gap.map((_, index) => index / Math.max(1, gap.length - 1));
  const first = gap[0]?.dist;
  const last = gap.at(-1)?.dist;
  if (first !== undefined && last !== undefined && last > first) {
    const shares = gap.map(({ dist }) => (dist === undefined ? NaN : (dist - first) / (last - first)));
    if (shares.every((share, index) => share >= (shares[index - 1] ?? 0) && share <= 1)) return shares;
  }
  let totalM = 0;
  const alongM: number[] = [0];
  for (const [index, { stopId }] of gap.slice(1).entries()) {
    const from = places.get(gap[index]?.stopId ?? '');
    const to = places.get(stopId);
    if (from === undefined || to === undefined) return even;
    totalM += distanceM(from, to);
    alongM.push(totalM);
  }
  return totalM > 0 ? alongM.map((m) => m / totalM) : even;
}

type Named = { readonly vehicleId: VehicleId; readonly dispatched: boolean };

function vehicleLookup(assignments: readonly Assignment[]): (trip: Trip, day: number) => Named | undefined {
  const byKey = new Map<string, Named>();
  const key = (kind: 'trip' | 'block', id: string, day: number | undefined): string => `${kind} ${day ?? ''} ${id}`;
  for (const { vehicleId, blockId, tripId, day } of assignments) {
    const named = { vehicleId, dispatched: day !== undefined };
    if (tripId !== undefined) byKey.set(key('trip', tripId, day), named);
    else if (blockId !== undefined) byKey.set(key('block', blockId, day), named);
  }
  return ({ id, blockId }, day) =>
    byKey.get(key('trip', id, day)) ??
    byKey.get(key('trip', id, undefined)) ??
    (blockId === ''
      ? undefined
      : (byKey.get(key('block', blockId, day)) ?? byKey.get(key('block', blockId, undefined))));
}
