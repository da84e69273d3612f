// Registrations of the case that were probably made on the wrong vehicle: the code of the bus beside, a photograph of another
// day's. They do not hang together with the rides around them, or stand where a usual ride should. An investigator decides.
import { dateWords } from './calendar.ts';
import { usualJourney } from './habits.ts';
import type { Habit } from './habits.ts';
import { lineWords } from './interview-words.ts';
import { endNear, isNear } from './itinerary.ts';
import type { Journey, OwnRide } from './itinerary.ts';
import type { Name, Presence, World } from './types.ts';

/**
 * `off-way`: begins nowhere near where the ride before can have ended, the ride behind begins nowhere near it either, and
 * those two meet without it.
 * `off-habit`: at the hour of a usual ride, on the same line but elsewhere along it or the other way. `twice`: within
 * minutes of a registration on another vehicle that fits. `no-run`: on a vehicle without a run, at the hour of a usual ride.
 */
export type WrongCode = 'off-way' | 'off-habit' | 'twice' | 'no-run';

export interface WrongVehicle {
  readonly presenceId: string;
  readonly code: WrongCode;
  /** 0..1, ours: how often such a registration is wrong, roughly. */
  readonly confidence: number;
  /** The usual line at that hour, which may be meant. */
  readonly meant: { readonly lineId: string; readonly dir: 0 | 1 | null } | null;
  readonly text: Name;
}

export interface WrongVehicleInput {
  readonly zone: string;
  /** The case's own registrations. */
  readonly presences: readonly Presence[];
  readonly world: World;
  /** Default 0.2: `off-way` alone is left out. */
  readonly minConfidence?: number;
}

const MIN_CONFIDENCE = 0.2;
/** Ours, by what was right in simulated cities with one wrong scan in a hundred. `leadsAway`: and not to the next ride. */
const CONFIDENCE = {
  offHabit: { leadsAway: 0.7, differs: 0.4, differsAlone: 0.2 },
  noRun: 0.7,
  twice: 0.3,
  offWay: 0.1,
} as const;
/** Somebody who notices the mistake scans the right code soon after. */
const TWICE_MS = 6 * 60_000;
const MARGIN_MIN = 30;
const MIN_HABIT_DAYS = 2;

interface Signs {
  readonly breaksBefore: boolean;
  readonly breaksAfter: boolean;
  /** Without this ride the ones around it meet. */
  readonly isDetour: boolean;
}

function signsOf(rides: readonly OwnRide[], i: number): Signs {
  const [before, ride, after] = [rides[i - 1], rides[i], rides[i + 1]];
  const breaks = (a: OwnRide | undefined, b: OwnRide | undefined): boolean =>
    a !== undefined && b !== undefined && endNear(a, b.board, b.presence.boardedMs) === undefined;
  const isBetween = before !== undefined && after !== undefined;
  return {
    breaksBefore: breaks(before, ride),
    breaksAfter: breaks(ride, after),
    isDetour: isBetween && !breaks(before, after),
  };
}

function isAtHour(habit: Habit, minute: number): boolean {
  return Math.abs(habit.minute - minute) <= habit.spreadMin + MARGIN_MIN;
}

/** Usual rides of that hour which nothing else on the day was. */
function openHabits(habits: readonly Habit[], day: number, minute: number): readonly Habit[] {
  return habits.filter(
    (habit) => habit.days.length >= MIN_HABIT_DAYS && !habit.days.includes(day) && isAtHour(habit, minute),
  );
}

/** The usual ride of the line at that hour, if this one is not it. */
function meantBy(ride: OwnRide, habits: readonly Habit[]): Habit | undefined {
  return openHabits(habits, ride.day, ride.minute).find(
    ({ lineId, dir, board }) => lineId === ride.run.lineId && (dir !== ride.run.dir || !isNear(board, ride.board)),
  );
}

function isUsual(ride: OwnRide, habits: readonly Habit[]): boolean {
  return habits.some((habit) => habit.days.length >= MIN_HABIT_DAYS && habit.rides.includes(ride));
}

/** A registration on another vehicle within minutes, at the same place or on the usual way. */
function corrected(rides: readonly OwnRide[], i: number, habits: readonly Habit[]): boolean {
  const ride = rides[i];
  return [rides[i - 1], rides[i + 1]].some(
    (other) =>
      ride !== undefined &&
      other !== undefined &&
      Math.abs(other.presence.boardedMs - ride.presence.boardedMs) <= TWICE_MS &&
      other.presence.unit !== ride.presence.unit &&
      endNear(ride, other.board, other.presence.boardedMs) === undefined &&
      isUsual(other, habits),
  );
}

function judge({ rides }: Journey, i: number, habits: readonly Habit[]): Omit<WrongVehicle, 'text'> | undefined {
  const ride = rides[i];
  if (ride === undefined || isUsual(ride, habits) || ride.presence.via === 'investigator') return undefined;
  const presenceId = ride.presence.id;
  const { breaksBefore, breaksAfter, isDetour } = signsOf(rides, i);
  const habit = meantBy(ride, habits);
  const meant = habit === undefined ? null : { lineId: habit.lineId, dir: habit.dir };
  if (corrected(rides, i, habits)) return { presenceId, code: 'twice', confidence: CONFIDENCE.twice, meant };
  if (habit !== undefined) {
    const { leadsAway, differs, differsAlone } = CONFIDENCE.offHabit;
    const isSameWay = habit.dir === ride.run.dir;
    const confidence = breaksAfter ? leadsAway : breaksBefore && isSameWay ? differs : differsAlone;
    return { presenceId, code: 'off-habit', confidence, meant };
  }
  if (breaksBefore && breaksAfter && isDetour)
    return { presenceId, code: 'off-way', confidence: CONFIDENCE.offWay, meant };
  return undefined;
}

function withoutRun({ elsewhere }: Journey, habits: readonly Habit[]): readonly Omit<WrongVehicle, 'text'>[] {
  return elsewhere.flatMap(({ presence, day, minute }) => {
    const [habit] = openHabits(habits, day, minute);
    if (habit === undefined || presence.via === 'investigator') return [];
    const meant = { lineId: habit.lineId, dir: habit.dir };
    return [{ presenceId: presence.id, code: 'no-run' as const, confidence: CONFIDENCE.noRun, meant }];
  });
}

function textOf({ code }: Omit<WrongVehicle, 'text'>, day: number, usual: Name): Name {
  const date = dateWords(day);
  const words: Readonly<Record<WrongCode, Name>> = {
    'off-way': {
      zh: '与前后两次乘车的地点都不相接，可能扫错了车辆，请核实。',
      en: 'fits neither the ride before nor the one behind; the wrong vehicle may have been scanned. Please verify.',
    },
    'off-habit': {
      zh: `此时段通常乘坐${usual.zh}，但登记的方向或上车地点不同，可能扫错了车辆，请核实。`,
      en: `at this hour ${usual.en} is usual, but the direction or the place differs; the wrong vehicle may have been scanned. Please verify.`,
    },
    twice: {
      zh: '几分钟内又登记了另一车辆，且后者与行程相符，本次可能扫错，请核实。',
      en: 'another vehicle that fits was registered within minutes; this one may be a mistake. Please verify.',
    },
    'no-run': {
      zh: `登记的车辆当时没有班次，而此时段通常乘坐${usual.zh}，可能扫错了车辆，请核实。`,
      en: `the vehicle had no run then, and at this hour ${usual.en} is usual; the wrong vehicle may have been scanned. Please verify.`,
    },
  };
  return { zh: `${date.zh}的登记：${words[code].zh}`, en: `Registration of ${date.en}: ${words[code].en}` };
}

/** Registrations that are probably of a wrong vehicle, in order of time. Never one that an investigator told. */
export function wrongVehicles({
  zone,
  presences,
  world,
  minConfidence = MIN_CONFIDENCE,
}: WrongVehicleInput): readonly WrongVehicle[] {
  const { journey, habits } = usualJourney(presences, world, zone);
  const found = [...journey.rides.flatMap((_, i) => judge(journey, i, habits) ?? []), ...withoutRun(journey, habits)];
  const days = new Map([...journey.rides, ...journey.elsewhere].map(({ presence, day }) => [presence.id, day]));
  const order = new Map(presences.map(({ id, boardedMs }) => [id, boardedMs]));
  return found
    .filter(({ confidence }) => confidence >= minConfidence)
    .map((one): WrongVehicle => {
      const usual = habits.find(({ lineId, dir }) => lineId === one.meant?.lineId && dir === one.meant.dir);
      return { ...one, text: textOf(one, days.get(one.presenceId) ?? 0, lineWords(usual?.rides[0]?.run)) };
    })
    .sort((a, b) => (order.get(a.presenceId) ?? 0) - (order.get(b.presenceId) ?? 0));
}
