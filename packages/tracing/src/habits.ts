// What somebody usually rides: the same line, way and hour on several days, with where it usually begins and ends.
import { begunAt, endNear, isNear, journeyOf, walkM, WALK_M } from './itinerary.ts';
import type { Journey, OwnRide } from './itinerary.ts';
import type { CallAt, Presence, World } from './types.ts';
import { compare } from './contacts.ts';

/** One habit. `days`: on which it was seen, in order. */
export interface Habit {
  readonly lineId: string;
  readonly dir: 0 | 1 | null;
  readonly board: CallAt;
  /** Where it usually ends; undefined where no other ride ever told. */
  readonly end: CallAt | undefined;
  /** Middle of the minutes of the day at which it was registered, and how far they reach from it. */
  readonly minute: number;
  readonly spreadMin: number;
  readonly days: readonly number[];
  readonly rides: readonly OwnRide[];
}

/** Rides of one line further apart in the day than this are two habits. */
const APART_MIN = 90;
const LEAST_SPREAD_MIN = 10;
/** Some scan long after they boarded, and some phones' clocks are off. */
const LATE_SCAN_MS = 15 * 60_000;
const EARLY_SCAN_MS = 6 * 60_000;

/**
 * Where each ride ended, as far as the rides around it tell: seen or told, else near where the next one began, else (of a
 * day's last ride) near where the day, or the next day's, began.
 */
export function endsByChain(rides: readonly OwnRide[]): readonly (CallAt | undefined)[] {
  return rides.map((ride, i) => {
    if (ride.isEndKnown) return ride.ends[Math.floor((ride.ends.length - 1) / 2)];
    const next = rides[i + 1];
    const byNext = next === undefined ? undefined : endNear(ride, next.board, next.presence.boardedMs);
    if (byNext !== undefined || next?.day === ride.day) return byNext;
    const first = rides.find(({ day }) => day === ride.day);
    return first === undefined || first === ride ? undefined : endNear(ride, first.board);
  });
}

/** The commonest of some stops, taking those within a walk of it for the same; among equals the one with the least id. */
export function commonest(stops: readonly CallAt[]): CallAt | undefined {
  const ranked = stops.map((stop) => {
    const exact = stops.filter((other) => other.stopId === stop.stopId && other.stopId !== null).length;
    return { stop, near: stops.filter((other) => isNear(stop, other)).length, exact };
  });
  ranked.sort((a, b) => b.near - a.near || b.exact - a.exact || compare(a.stop.stopId ?? '', b.stop.stopId ?? ''));
  return ranked[0]?.stop;
}

/** Where the ride can have begun so that it began as usual: there, or where it passed shortly before the scan. */
function usualBoard(ride: OwnRide, board: CallAt): CallAt | undefined {
  if (isNear(ride.board, board)) return ride.board;
  if (ride.presence.boardSeq !== null || ride.isEndKnown) return undefined;
  return ride.run.stops.find(
    (stop) =>
      (walkM(stop, board) ?? Infinity) <= WALK_M / 2 &&
      stop.depMs >= ride.presence.boardedMs - LATE_SCAN_MS &&
      stop.depMs <= ride.presence.boardedMs + EARLY_SCAN_MS,
  );
}

function middle(sorted: readonly number[]): number {
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

function splitByTime(rides: readonly OwnRide[]): readonly (readonly OwnRide[])[] {
  const parts: OwnRide[][] = [];
  for (const ride of rides.toSorted((a, b) => a.minute - b.minute || a.day - b.day)) {
    const part = parts.at(-1);
    const last = part?.at(-1);
    if (part !== undefined && last !== undefined && ride.minute - last.minute <= APART_MIN) part.push(ride);
    else parts.push([ride]);
  }
  return parts;
}

/** All that was ridden, by line, direction and time of day; what was seen on one day only is among it. */
export function habitsOf({ rides }: Journey): readonly Habit[] {
  const ends = new Map(endsByChain(rides).map((end, i) => [rides[i], end]));
  const byLine = Map.groupBy(
    rides.filter(({ run }) => run.lineId !== null),
    ({ run }) => `${run.lineId} ${run.dir}`,
  );
  return [...byLine.values()].flatMap(splitByTime).flatMap((part) => {
    const board = commonest(part.map((ride) => ride.board));
    const lineId = part[0]?.run.lineId;
    if (board === undefined || lineId === undefined || lineId === null) return [];
    const usual = part.filter((ride) => usualBoard(ride, board) !== undefined);
    const minutes = usual.map(({ minute }) => minute);
    const minute = middle(minutes);
    const spread = Math.max(...minutes.map((one) => Math.abs(one - minute)), LEAST_SPREAD_MIN);
    const found: Habit = {
      lineId,
      dir: part[0]?.run.dir ?? null,
      board,
      end: commonest(usual.flatMap((ride) => ends.get(ride) ?? [])),
      minute,
      spreadMin: spread,
      days: [...new Set(usual.map(({ day }) => day))].sort((a, b) => a - b),
      rides: usual,
    };
    return [found];
  });
}

/** Registrations as a journey with its habits. A scan that came late, or a clock that is off, does not move a usual ride. */
export function usualJourney(
  presences: readonly Presence[],
  world: World,
  zone: string,
): { readonly journey: Journey; readonly habits: readonly Habit[] } {
  const journey = journeyOf(presences, world, zone);
  const boards = new Map<OwnRide, CallAt>();
  for (const { rides, board, days } of habitsOf(journey)) {
    for (const ride of days.length < 2 ? [] : rides) {
      const usual = usualBoard(ride, board);
      if (usual !== undefined && usual !== ride.board) boards.set(ride, usual);
    }
  }
  const rides = journey.rides.map((ride) => begunAt(ride, boards.get(ride) ?? ride.board));
  const settled = { ...journey, rides };
  return { journey: settled, habits: habitsOf(settled) };
}

/** Where the days usually begin; undefined where no two days agree. */
export function usualStart({ rides }: Pick<Journey, 'rides'>): CallAt | undefined {
  const firsts = [...Map.groupBy(rides, ({ day }) => day).values()].flatMap((ofDay) => ofDay[0]?.board ?? []);
  const start = commonest(firsts);
  if (start === undefined) return undefined;
  const agreeing = firsts.filter((stop) => (walkM(stop, start) ?? Infinity) <= 1_000 || stop === start).length;
  return agreeing >= 2 ? start : undefined;
}
