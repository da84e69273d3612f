// Where a journey does not hang together: between two rides of a day, and between the place where the days usually begin
// and the first and last of them.
import { DAY_MINUTES, instantAt } from './calendar.ts';
import type { Gap } from './fillers.ts';
import { usualStart } from './habits.ts';
import type { Habit } from './habits.ts';
import { endNear, isNear } from './itinerary.ts';
import type { Journey, OwnRide } from './itinerary.ts';
import type { CallAt } from './types.ts';

/** Between two rides, or between one and the usual place of the night: then only one of them is there. */
export interface Break {
  readonly gap: Gap;
  readonly after: OwnRide | undefined;
  readonly before: OwnRide | undefined;
}

/** Rides after midnight still belong to the day before. */
const NIGHT_ENDS_MIN = DAY_MINUTES + 180;

/** Where a ride ended: as seen, else as its habit usually does, else anywhere it can have. */
function whereabouts(ride: OwnRide, habits: readonly Habit[]): readonly CallAt[] {
  if (ride.isEndKnown) return ride.ends;
  const usual = habits.find((habit) => habit.rides.includes(ride))?.end;
  const here = ride.ends.filter((stop) => usual !== undefined && stop.stopId === usual.stopId);
  return here.length > 0 ? here : ride.ends;
}

function leavingOf(ride: OwnRide, habits: readonly Habit[]): Pick<Gap, 'from' | 'fromMs' | 'fromDay'> {
  const from = whereabouts(ride, habits);
  return { from, fromMs: from[0]?.arrMs ?? ride.presence.boardedMs, fromDay: ride.day };
}

function between(a: OwnRide, b: OwnRide, habits: readonly Habit[]): readonly Break[] {
  if (endNear(a, b.board, b.presence.boardedMs) !== undefined) return [];
  const gap = { ...leavingOf(a, habits), to: b.board, toMs: b.presence.boardedMs, toDay: b.day };
  return gap.fromMs < gap.toMs ? [{ gap, after: a, before: b }] : [];
}

/** The way to a day's first ride, and the way back from its last one, by where the nights are usually spent. */
function aroundNight(
  ofDay: readonly OwnRide[],
  home: CallAt,
  habits: readonly Habit[],
  zone: string,
): readonly Break[] {
  const [first, last] = [ofDay[0], ofDay.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { day } = first;
  const out = { from: [home], fromMs: instantAt(day, 0, zone), fromDay: day };
  const toFirst = { ...out, to: first.board, toMs: first.presence.boardedMs, toDay: day };
  const fromLast = { ...leavingOf(last, habits), to: home, toMs: instantAt(day, NIGHT_ENDS_MIN, zone), toDay: day };
  return [
    ...(isNear(home, first.board) ? [] : [{ gap: toFirst, after: undefined, before: first }]),
    ...(endNear(last, home) === undefined ? [{ gap: fromLast, after: last, before: undefined }] : []),
  ];
}

/** All breaks. Where nobody can tell where the nights are spent, the last ride of a day and the next day's first are compared. */
export function breaksOf({ rides }: Pick<Journey, 'rides'>, habits: readonly Habit[], zone: string): readonly Break[] {
  const home = usualStart({ rides });
  const inside = rides.flatMap((ride, i) => {
    const next = rides[i + 1];
    return next !== undefined && (home === undefined || next.day === ride.day) ? between(ride, next, habits) : [];
  });
  if (home === undefined) return inside;
  const days = [...Map.groupBy(rides, ({ day }) => day).values()];
  return [...inside, ...days.flatMap((ofDay) => aroundNight(ofDay, home, habits, zone))];
}
