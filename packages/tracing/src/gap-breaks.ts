// Where a journey does not hang together: between two rides of a day, and between the place where the days usually begin
// and the first and last of them.
import { DAY_MINUTES, instantAt } from './calendar.ts';
import { SAME_PLACE_M } from './fillers.ts';
import type { Gap } from './fillers.ts';
import { usualStart } from './habits.ts';
import type { Habit } from './habits.ts';
import { endNear, isNear, WALK_M } from './itinerary.ts';
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

/** How a place compares with where somebody was: the same, a walk away, or further. */
function apart(from: readonly CallAt[], to: CallAt): 'same' | 'walk' | 'far' {
  if (from.some((stop) => isNear(stop, to, SAME_PLACE_M))) return 'same';
  return from.some((stop) => isNear(stop, to)) ? 'walk' : 'far';
}

/** The break between leaving a ride and being at a place; undefined where there is none. */
function breakTo(ride: OwnRide, to: Pick<Gap, 'to' | 'toMs' | 'toDay'>, habits: readonly Habit[]): Gap | undefined {
  const leaving = leavingOf(ride, habits);
  if (leaving.fromMs >= to.toMs) return undefined;
  if (endNear(ride, to.to, to.toMs) === undefined) return { ...leaving, ...to, withinM: WALK_M };
  // It could have ended near there; where it usually ends is another place.
  const isUsual = leaving.from.length < ride.ends.length || ride.isEndKnown;
  return isUsual && apart(leaving.from, to.to) === 'walk' ? { ...leaving, ...to, withinM: SAME_PLACE_M } : undefined;
}

function between(a: OwnRide, b: OwnRide, habits: readonly Habit[]): readonly Break[] {
  const gap = breakTo(a, { to: b.board, toMs: b.presence.boardedMs, toDay: b.day }, habits);
  return gap === undefined ? [] : [{ gap, after: a, before: b }];
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
  const how = apart([home], first.board);
  const out: Gap = {
    from: [home],
    fromMs: instantAt(day, 0, zone),
    fromDay: day,
    to: first.board,
    toMs: first.presence.boardedMs,
    toDay: day,
    withinM: how === 'far' ? WALK_M : SAME_PLACE_M,
  };
  const back = breakTo(last, { to: home, toMs: instantAt(day, NIGHT_ENDS_MIN, zone), toDay: day }, habits);
  return [
    ...(how === 'same' ? [] : [{ gap: out, after: undefined, before: first }]),
    ...(back === undefined ? [] : [{ gap: back, after: last, before: undefined }]),
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
