// Rides that belong together: who changes from one line to another on some days does so on the others. Where one of the two
// is registered alone, the other is probably missing.
import type { Filler, Slot } from './fillers.ts';
import type { Habit } from './habits.ts';
import { endNear } from './itinerary.ts';
import type { OwnRide } from './itinerary.ts';

/** From boarding one vehicle to boarding the next one of the same trip. */
const TRIP_MS = 120 * 60_000;
/** Beside the usual time from one boarding to the other, so much may pass. */
const MARGIN_MIN = 20;

/** `first` and `second` were one trip on `days`; `leadMs` lay between their boardings. */
interface Change {
  readonly first: Filler;
  readonly second: Filler;
  readonly leadMs: number;
}

/** One ride of a change without the other. */
export interface Missing {
  readonly slot: Slot;
  readonly marginMin: number;
  /** The ride that is there. */
  readonly beside: OwnRide;
}

function isTrip(first: OwnRide, second: OwnRide): boolean {
  const apartMs = second.presence.boardedMs - first.presence.boardedMs;
  return apartMs > 0 && apartMs <= TRIP_MS && endNear(first, second.board, second.presence.boardedMs) !== undefined;
}

function leadOf(first: Habit, second: Habit, rides: readonly OwnRide[]): number | undefined {
  const leads = first.rides.flatMap((ride) => {
    const next = rides[rides.indexOf(ride) + 1];
    if (next === undefined || !second.rides.includes(next) || !isTrip(ride, next)) return [];
    return [next.presence.boardedMs - ride.presence.boardedMs];
  });
  return leads.sort((a, b) => a - b)[Math.floor((leads.length - 1) / 2)];
}

function changesOf(fillers: readonly Filler[], rides: readonly OwnRide[]): readonly Change[] {
  const usual = fillers.filter(({ kind }) => kind === 'usual');
  return usual.flatMap((first) =>
    usual.flatMap((second): readonly Change[] => {
      const leadMs = first === second ? undefined : leadOf(first.habit, second.habit, rides);
      return leadMs === undefined ? [] : [{ first, second, leadMs }];
    }),
  );
}

/** Something was ridden right before it, or right after, that leads there as well. */
function hasNeighbour(rides: readonly OwnRide[], ride: OwnRide, step: 1 | -1): boolean {
  const other = rides[rides.indexOf(ride) + step];
  if (other === undefined) return false;
  const apartMs = Math.abs(other.presence.boardedMs - ride.presence.boardedMs);
  return step === 1 ? apartMs <= TRIP_MS : isTrip(other, ride);
}

/** Rides of changes that are registered without their other half. */
export function missingHalves(fillers: readonly Filler[], rides: readonly OwnRide[]): readonly Missing[] {
  return changesOf(fillers, rides).flatMap(({ first, second, leadMs }) => [
    ...second.habit.rides
      .filter((ride) => !first.habit.days.includes(ride.day) && !hasNeighbour(rides, ride, -1))
      .map((beside) => missing(first, beside, beside.presence.boardedMs - leadMs)),
    ...first.habit.rides
      .filter((ride) => !second.habit.days.includes(ride.day) && !hasNeighbour(rides, ride, 1))
      .map((beside) => missing(second, beside, beside.presence.boardedMs + leadMs)),
  ]);
}

function missing(filler: Filler, beside: OwnRide, atMs: number): Missing {
  return { slot: { filler, day: beside.day, atMs }, marginMin: MARGIN_MIN, beside };
}
