// Rides that could close a gap in a journey: those somebody makes otherwise, and their way back.
import { weekdayOf } from './calendar.ts';
import { DAY_MINUTES, instantAt } from './calendar.ts';
import type { Habit } from './habits.ts';
import { isNear } from './itinerary.ts';
import type { OwnRide } from './itinerary.ts';
import type { CallAt } from './types.ts';

/** A ride somebody is known to make (`usual`), or the way back from it (`mirror`). */
export interface Filler {
  readonly kind: 'usual' | 'mirror';
  readonly habit: Habit;
  readonly lineId: string;
  readonly dir: 0 | 1 | null;
  readonly board: CallAt;
  readonly end: CallAt;
  /** Null: any time of the day. */
  readonly minute: number | null;
  readonly spreadMin: number;
  readonly lastsMs: number;
}

/** The gap: from where and when, to where and by when. */
export interface Gap {
  /** Where the rider can have been; several where nobody knows. */
  readonly from: readonly CallAt[];
  readonly fromMs: number;
  readonly fromDay: number;
  readonly to: CallAt;
  readonly toMs: number;
  readonly toDay: number;
  /** How near to its ends a ride must begin and end to close it, metres. */
  readonly withinM: number;
}

/** Both ends lie within a walk of one another: only somebody's very own ride between the two is worth a question. */
export const SAME_PLACE_M = 250;

/** A filler on a day. `atMs`: when it usually begins; null: any time within the gap. */
export interface Slot {
  readonly filler: Filler;
  readonly day: number;
  readonly atMs: number | null;
}

/** First rides of a day begin, and last ones end, about here. */
const SERVICE_MIN = { first: 4 * 60, last: DAY_MINUTES + 60 } as const;
const DEFAULT_LASTS_MS = 20 * 60_000;

function lastsMs(habit: Habit, end: CallAt): number {
  const ride = habit.rides[0];
  const at = ride?.run.stops.find((stop) => stop.stopId === end.stopId && stop.seq > ride.board.seq);
  return ride === undefined || at === undefined ? DEFAULT_LASTS_MS : Math.max(at.arrMs - ride.board.depMs, 60_000);
}

/** Both ways of every habit whose end is known. */
export function fillersOf(habits: readonly Habit[]): readonly Filler[] {
  return habits.flatMap((habit) => {
    const { end, lineId, dir, board, minute, spreadMin } = habit;
    if (end === undefined) return [];
    const common = { habit, lineId, lastsMs: lastsMs(habit, end) };
    const back = dir === null ? null : dir === 0 ? (1 as const) : (0 as const);
    return [
      { ...common, kind: 'usual' as const, dir, board, end, minute, spreadMin },
      { ...common, kind: 'mirror' as const, dir: back, board: end, end: board, minute: null, spreadMin },
    ];
  });
}

function isWorkday(day: number, holidays: ReadonlySet<number>): boolean {
  return weekdayOf(day) < 5 && !holidays.has(day);
}

/** Days of the habit's own sort in a stretch: workdays where it was never seen on others, and the other way round. */
export function daysLike(habit: Habit, from: number, to: number, holidays: ReadonlySet<number>): readonly number[] {
  const days = Array.from({ length: Math.max(to - from + 1, 0) }, (_, i) => from + i);
  const [work, free] = [
    habit.days.some((day) => isWorkday(day, holidays)),
    habit.days.some((day) => !isWorkday(day, holidays)),
  ];
  return days.filter((day) => (isWorkday(day, holidays) ? work : free));
}

interface SlotRules {
  readonly zone: string;
  readonly holidays: ReadonlySet<number>;
}

/** The day on which a filler closes a gap best: that of the ride before, else of the ride behind, else the first between. */
function slotIn(filler: Filler, gap: Gap, { zone, holidays }: SlotRules): Slot | undefined {
  const days =
    filler.minute === null ? [gap.fromDay, gap.toDay] : daysLike(filler.habit, gap.fromDay, gap.toDay, holidays);
  const slackMs = (filler.spreadMin + 15) * 60_000;
  const fitting = days.flatMap((day): readonly Slot[] => {
    if (filler.minute === null) {
      const earliest = Math.max(gap.fromMs, instantAt(day, SERVICE_MIN.first, zone));
      const latest = Math.min(gap.toMs, instantAt(day, SERVICE_MIN.last, zone));
      return latest - earliest >= filler.lastsMs ? [{ filler, day, atMs: null }] : [];
    }
    const atMs = instantAt(day, filler.minute, zone);
    if (filler.habit.days.includes(day)) return [];
    return atMs >= gap.fromMs - slackMs && atMs + filler.lastsMs <= gap.toMs + slackMs ? [{ filler, day, atMs }] : [];
  });
  return fitting.find(({ day }) => day === gap.fromDay) ?? fitting.find(({ day }) => day === gap.toDay) ?? fitting[0];
}

function startsFrom(filler: Filler, { from, withinM }: Gap): boolean {
  return from.some((stop) => isNear(stop, filler.board, withinM));
}

/** More days first; then the usual way before its mirror. */
function byTrust(a: Filler, b: Filler): number {
  return Number(a.kind === 'mirror') - Number(b.kind === 'mirror') || b.habit.days.length - a.habit.days.length;
}

/** One ride, else two with a change, that lead from where the gap begins to where it ends; empty where none do. */
export function fillingOf(gap: Gap, fillers: readonly Filler[], rules: SlotRules): readonly Slot[] {
  const isShort = gap.withinM <= SAME_PLACE_M;
  const trusted = fillers.filter(({ kind }) => !isShort || kind === 'usual').toSorted(byTrust);
  for (const filler of trusted) {
    if (!startsFrom(filler, gap) || !isNear(filler.end, gap.to, gap.withinM)) continue;
    const slot = slotIn(filler, gap, rules);
    if (slot !== undefined) return [slot];
  }
  if (isShort) return [];
  for (const first of trusted.filter((filler) => startsFrom(filler, gap))) {
    for (const second of trusted) {
      if (second.kind !== first.kind || !isNear(second.end, gap.to) || !isNear(first.end, second.board)) continue;
      const slots = pairOf(slotIn(first, gap, rules), slotIn(second, gap, rules));
      if (slots !== undefined) return slots;
    }
  }
  return [];
}

/** A usual ride from where the gap begins, on the day on which it ends, before that; whatever it leads to. */
export function outwardOf(gap: Gap, fillers: readonly Filler[], rules: SlotRules): Slot | undefined {
  for (const filler of fillers.toSorted(byTrust)) {
    if (filler.kind !== 'usual' || !startsFrom(filler, gap)) continue;
    const slot = slotIn(filler, { ...gap, fromDay: gap.toDay }, rules);
    if (slot !== undefined && slot.day === gap.toDay) return slot;
  }
  return undefined;
}

function pairOf(first: Slot | undefined, second: Slot | undefined): readonly Slot[] | undefined {
  if (first === undefined || second === undefined || first.day !== second.day) return undefined;
  if (first.atMs !== null && second.atMs !== null && second.atMs < first.atMs) return undefined;
  return [first, second];
}

/** Whether a ride and the slot are the same journey: the same line and way at about that time. */
export function isRidden(slot: Slot, rides: readonly OwnRide[]): boolean {
  const { lineId, dir, minute, spreadMin } = slot.filler;
  return rides.some(
    (ride) =>
      ride.day === slot.day &&
      ride.run.lineId === lineId &&
      ride.run.dir === dir &&
      (minute === null || Math.abs(ride.minute - minute) <= spreadMin + 30),
  );
}
