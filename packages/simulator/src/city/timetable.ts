// Departures, journey times and blocks of a line: which vehicle makes which trip, so that none is in two places.
import type { StopTime, Trip } from '@tongche/network/import';
import { distanceM } from '@tongche/network';
import type { Point } from '@tongche/network';
import type { LinePlan, Period } from './lines.ts';

/** A stop of the line with its id in the feed. */
export type PlacedStop = Point & { readonly id: string };

/** Seconds from departure at the first stop to arrival and departure at each. Ends are rounded to the half minute. */
export function journey(stops: readonly PlacedStop[], { speedKmh, dwellS }: LinePlan): readonly StopTime[] {
  const times: StopTime[] = [];
  let clockS = 0;
  for (const [seq, stop] of stops.entries()) {
    const before = stops[seq - 1];
    if (before !== undefined) {
      const driveS = distanceM(before, stop) / (speedKmh / 3.6);
      clockS += Math.max(30, Math.round(driveS / 30) * 30);
    }
    const ends = before === undefined || seq === stops.length - 1;
    times.push({ stopId: stop.id, seq, arrS: clockS, depS: ends ? clockS : clockS + dwellS });
    if (!ends) clockS += dwellS;
  }
  return times;
}

/** Departures of the periods in order, the first `offsetS` after the start of service. */
export function departures(periods: readonly Period[], offsetS: number): readonly number[] {
  const result: number[] = [];
  let nextS = (periods[0]?.from ?? 0) * 3600 + offsetS;
  for (const { to, headwayMin } of periods) {
    for (; nextS < to * 3600; nextS += headwayMin * 60) result.push(nextS);
  }
  return result;
}

export type Timetable = {
  readonly trips: readonly Trip[];
  readonly stopTimes: ReadonlyMap<string, readonly StopTime[]>;
  /** Blocks used, `<line>-<pool><nn>`; the same numbers on every service, so one fleet serves both. */
  readonly blocks: readonly string[];
};

export type TimetableOptions = {
  readonly plan: LinePlan;
  readonly stops: readonly PlacedStop[];
  readonly serviceId: string;
  readonly periods: readonly Period[];
  readonly headsigns: readonly [out: string, back: string];
  readonly offsetS: number;
  /** Vehicles of one pool make no trips of another: '' for the day, 'n' for the night. */
  readonly pool: '' | 'n';
};

/**
 * Both directions depart at the same rhythm. A departure takes the vehicle that has rested longest at that terminus, and
 * a new one when none has rested enough, which is how many vehicles the line needs.
 */
export function timetableOf(options: TimetableOptions): Timetable {
  const { plan, stops, serviceId, periods, headsigns, offsetS, pool } = options;
  const ways = [journey(stops, plan), journey(stops.toReversed(), plan)] as const;
  const starts = departures(periods, offsetS);
  const resting: readonly [{ block: string; readyS: number }[], { block: string; readyS: number }[]] = [[], []];
  const blocks: string[] = [];
  const trips: Trip[] = [];
  const stopTimes = new Map<string, readonly StopTime[]>();
  for (const [index, startS] of starts.entries()) {
    for (const dir of [0, 1] as const) {
      const waiting = resting[dir];
      const rested = (waiting[0]?.readyS ?? Infinity) <= startS ? waiting.shift() : undefined;
      const block = rested?.block ?? `${plan.id}-${pool}${String(blocks.length + 1).padStart(2, '0')}`;
      if (rested === undefined) blocks.push(block);
      const id = `${plan.id}-${serviceId}-${dir}-${pool}${String(index + 1).padStart(3, '0')}`;
      trips.push({ id, routeId: plan.id, serviceId, headsign: headsigns[dir], dir, blockId: block });
      const times = ways[dir].map(({ stopId, seq, arrS, depS }) => ({
        stopId,
        seq,
        arrS: startS + (arrS ?? 0),
        depS: startS + (depS ?? 0),
      }));
      stopTimes.set(id, times);
      resting[dir === 0 ? 1 : 0].push({ block, readyS: (times.at(-1)?.arrS ?? startS) + plan.layoverS });
    }
  }
  return { trips, stopTimes, blocks };
}
