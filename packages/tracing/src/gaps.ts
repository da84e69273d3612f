// Rides that are probably missing from a case's timeline. Each is a suggestion for an investigator to confirm with the case;
// nothing is sought for one that nobody confirmed.
//
// The strongest sign is a journey that does not hang together: the next ride begins nowhere near where the last one can have
// ended. What the case rides on other days, and the way back from it, tells which ride would close the gap.
import { DAY_MINUTES, instantAt, localTime } from './calendar.ts';
import { missingHalves } from './companions.ts';
import type { Missing } from './companions.ts';
import { daysLike, fillersOf, fillingOf, isRidden, outwardOf } from './fillers.ts';
import type { Filler, Gap, Slot } from './fillers.ts';
import { oddsWithout, OTHER_MEANS, ownRate, unregistered } from './gap-confidence.ts';
import { gapWords } from './gap-words.ts';
import { breaksOf } from './gap-breaks.ts';
import type { Break } from './gap-breaks.ts';
import { usualJourney } from './habits.ts';
import type { Habit } from './habits.ts';
import type { ToldLeg } from './interview.ts';
import { WALK_M } from './itinerary.ts';
import type { Journey } from './itinerary.ts';
import type { CallAt, Name, Presence, World } from './types.ts';
import { wrongVehicles } from './wrong-vehicles.ts';
import { compare } from './contacts.ts';

/**
 * `habit`: a usual ride is missing where the journey breaks. `no-return`: the way back from a ride is missing. `jump`: the
 * journey breaks, and nothing known closes it. `blank-day`: nothing at all on a day of a habit.
 */
export type GapCode = 'habit' | 'no-return' | 'jump' | 'blank-day';

export interface GapSuggestion {
  /** The same for the same gap. */
  readonly id: string;
  readonly code: GapCode;
  readonly day: number;
  readonly lineId: string | null;
  readonly line: Name | null;
  readonly dir: 0 | 1 | null;
  readonly from: { readonly stopId: string | null; readonly name: Name } | null;
  readonly to: { readonly stopId: string | null; readonly name: Name } | null;
  /** Between these instants it began. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Usual minute of the day; null where no habit tells. */
  readonly minute: number | null;
  /** Days on which the habit was seen, of the days on which it could have been; null without a habit. */
  readonly support: { readonly days: number; readonly of: number } | null;
  /** 0..1, by how the gap shows and by support: how often such a suggestion is right, roughly. */
  readonly confidence: number;
  /** The registrations around it; null where there is a night or nothing. */
  readonly after: string | null;
  readonly before: string | null;
  readonly text: Name;
  /** The leg to ask the case about, ready for `candidatesOn`; null where no line is known. */
  readonly told: ToldLeg | null;
}

export interface GapInput {
  readonly zone: string;
  /** Key of the case's person. */
  readonly person: string;
  /** The case's own registrations and confirmed legs. Those that `wrongVehicles` doubts tell nothing here. */
  readonly presences: readonly Presence[];
  readonly world: World;
  /** Days to look at, both included. */
  readonly days: { readonly from: number; readonly to: number };
  /** When the case was asked, or isolated: what is usually ridden later is not missing yet. Default: the end of `days`. */
  readonly untilMs?: number;
  /** Public holidays: no workdays. */
  readonly holidays?: readonly number[];
  /** Share of rides that are registered here (coverage reports tell it); default 0.85. The case's own rides correct it. */
  readonly registrationRate?: number;
  /** Suggestions less sure than this are left out; default 0.4: about one in seven is wrong then. */
  readonly minConfidence?: number;
}

/** Nothing but the break tells, or nothing but an empty day; a way back that was never seen is seldom one. */
const CONFIDENCE = { jump: 0.2, blankDay: 0.15, neverSeenFactor: 0.4 } as const;
/** Registrations doubted this much are left out. */
const WRONG_FROM = 0.5;
const MIN_CONFIDENCE = 0.4;
/** Of its days, so many must show a habit before an empty day is worth a question. */
const STEADY = 0.6;
const MAX_TOLERANCE_MIN = 12 * 60;

interface Looking {
  readonly input: GapInput;
  readonly journey: Journey;
  readonly habits: readonly Habit[];
  readonly holidays: ReadonlySet<number>;
  /** Share of the case's rides that are registered. */
  readonly rate: number;
}

/** Days of the habit's sort on which its time has come. */
function daysOf(habit: Habit, { input, holidays }: Looking): readonly number[] {
  const { days, untilMs = Infinity, zone } = input;
  return daysLike(habit, days.from, days.to, holidays).filter((day) => instantAt(day, habit.minute, zone) < untilMs);
}

function without(habit: Habit, looking: Looking): number {
  const busy = new Set(looking.journey.rides.map(({ day }) => day));
  return oddsWithout(habit, daysOf(habit, looking).filter((day) => busy.has(day)).length, looking.rate);
}

function confidenceOf(slots: readonly Slot[], { before }: Break, looking: Looking): number {
  const [slot] = slots;
  if (slot === undefined) return CONFIDENCE.jump;
  const isSeenBehind = before !== undefined && before.day === slot.day;
  const others = isSeenBehind ? OTHER_MEANS : without(slot.filler.habit, looking);
  const factor = slot.filler.kind === 'mirror' ? CONFIDENCE.neverSeenFactor : 1;
  return unregistered(looking.rate, slots.length, others) * factor;
}

function supportOf(habit: Habit, looking: Looking): { readonly days: number; readonly of: number } {
  return { days: habit.days.length, of: daysOf(habit, looking).length };
}

function toldOf(draft: Omit<GapSuggestion, 'text' | 'told'>, { input }: Looking, spreadMin: number): ToldLeg | null {
  if (draft.lineId === null) return null;
  const [first, last] = [draft.fromMs, draft.toMs].map((ms) => (ms - instantAt(draft.day, 0, input.zone)) / 60_000);
  const span = { middle: ((first ?? 0) + (last ?? 0)) / 2, half: ((last ?? 0) - (first ?? 0)) / 2 };
  const minute = Math.max(draft.minute ?? Math.round(span.middle), 0);
  const toleranceMin = Math.min(Math.ceil(draft.minute === null ? span.half : spreadMin * 1.5), MAX_TOLERANCE_MIN);
  const stops = (place: GapSuggestion['from']) => (place?.stopId === null || place === null ? null : [place.stopId]);
  return {
    id: draft.id,
    person: input.person,
    lineIds: [draft.lineId],
    dir: draft.dir,
    units: null,
    fromStops: stops(draft.from),
    toStops: stops(draft.to),
    about: { minute, toleranceMin: Math.max(toleranceMin, 1), of: 'boarding' },
    row: null,
  };
}

function place({ stopId, name }: CallAt): NonNullable<GapSuggestion['from']> {
  return { stopId, name };
}

function suggestionOf(slot: Slot, of: Break, confidence: number, looking: Looking): GapSuggestion {
  const { filler, day, atMs } = slot;
  const marginMs = filler.spreadMin * 60_000;
  const bounds = atMs === null ? boundsOn(day, of.gap, looking) : { fromMs: atMs - marginMs, toMs: atMs + marginMs };
  const line = filler.habit.rides[0]?.run.line ?? null;
  const draft = {
    id: `gap:${day}:${filler.lineId}:${filler.dir}:${filler.board.stopId}`,
    code: filler.kind === 'usual' ? ('habit' as const) : ('no-return' as const),
    day,
    lineId: filler.lineId,
    line,
    dir: filler.dir,
    from: place(filler.board),
    to: place(filler.end),
    ...bounds,
    minute: filler.minute,
    support: filler.kind === 'usual' ? supportOf(filler.habit, looking) : null,
    confidence,
    after: of.after?.presence.id ?? null,
    before: of.before?.presence.id ?? null,
  };
  return { ...draft, text: gapWords(draft), told: toldOf(draft, looking, filler.spreadMin) };
}

function boundsOn(day: number, gap: Gap, { input }: Looking): { readonly fromMs: number; readonly toMs: number } {
  const [start, end] = [instantAt(day, 0, input.zone), instantAt(day, DAY_MINUTES, input.zone)];
  return { fromMs: Math.max(gap.fromMs, start), toMs: Math.min(gap.toMs, end) };
}

function jumpOf(of: Break, looking: Looking): readonly GapSuggestion[] {
  // Not coming home by any known ride is no break that was seen.
  if (of.after === undefined || of.before === undefined || of.gap.withinM < WALK_M) return [];
  const { gap } = of;
  const day = localTime(gap.fromMs, looking.input.zone).day;
  const [only] = gap.from;
  const draft = {
    id: `gap:${gap.fromMs}:${gap.to.stopId}`,
    code: 'jump' as const,
    day,
    lineId: null,
    line: null,
    dir: null,
    from: gap.from.length === 1 && only !== undefined ? place(only) : null,
    to: place(gap.to),
    fromMs: gap.fromMs,
    toMs: gap.toMs,
    minute: null,
    support: null,
    confidence: CONFIDENCE.jump,
    after: of.after.presence.id,
    before: of.before.presence.id,
  };
  return [{ ...draft, text: gapWords(draft), told: null }];
}

/** Habits on days of theirs on which nothing at all is registered. */
function blankDays(looking: Looking): readonly GapSuggestion[] {
  const { journey, habits } = looking;
  const busy = new Set([...journey.rides, ...journey.elsewhere].map(({ day }) => day));
  return habits.flatMap((habit) => {
    const days = daysOf(habit, looking);
    if (habit.days.length < 2 || habit.days.length < STEADY * days.length) return [];
    return days.filter((day) => !busy.has(day)).map((day) => blankOf(habit, day, looking));
  });
}

function blankOf(habit: Habit, day: number, looking: Looking): GapSuggestion {
  const atMs = instantAt(day, habit.minute, looking.input.zone);
  const marginMs = habit.spreadMin * 60_000;
  const draft = {
    id: `gap:${day}:${habit.lineId}:${habit.dir}:${habit.board.stopId}`,
    code: 'blank-day' as const,
    day,
    lineId: habit.lineId,
    line: habit.rides[0]?.run.line ?? null,
    dir: habit.dir,
    from: place(habit.board),
    to: habit.end === undefined ? null : place(habit.end),
    fromMs: atMs - marginMs,
    toMs: atMs + marginMs,
    minute: habit.minute,
    support: supportOf(habit, looking),
    confidence: CONFIDENCE.blankDay,
    after: null,
    before: null,
  };
  return { ...draft, text: gapWords(draft), told: toldOf(draft, looking, habit.spreadMin) };
}

function closing(one: Break, fillers: readonly Filler[], looking: Looking): readonly GapSuggestion[] {
  const slots = fillingOf(one.gap, fillers, { zone: looking.input.zone, holidays: looking.holidays });
  if (slots.length === 0) return leaving(one, fillers, looking) ?? jumpOf(one, looking);
  const confidence = confidenceOf(slots, one, looking);
  return slots
    .filter((slot) => !isRidden(slot, looking.journey.rides))
    .map((slot) => suggestionOf(slot, one, confidence, looking));
}

/** The usual way out, where the gap begins, on a day that went on elsewhere. */
function leaving(one: Break, fillers: readonly Filler[], looking: Looking): readonly GapSuggestion[] | undefined {
  const slot = outwardOf(one.gap, fillers, { zone: looking.input.zone, holidays: looking.holidays });
  if (
    slot === undefined ||
    one.before === undefined ||
    one.gap.withinM < WALK_M ||
    isRidden(slot, looking.journey.rides)
  )
    return undefined;
  return [suggestionOf(slot, one, unregistered(looking.rate, 1, without(slot.filler.habit, looking)), looking)];
}

function halfOf({ slot, beside }: Missing, looking: Looking): GapSuggestion {
  const { atMs } = slot;
  const isBefore = atMs !== null && atMs < beside.presence.boardedMs;
  const gap: Gap = {
    from: [slot.filler.board],
    fromMs: atMs ?? beside.presence.boardedMs,
    fromDay: beside.day,
    to: beside.board,
    toMs: beside.presence.boardedMs,
    toDay: beside.day,
    withinM: WALK_M,
  };
  const around = isBefore ? { after: undefined, before: beside } : { after: beside, before: undefined };
  return suggestionOf(slot, { gap, ...around }, unregistered(looking.rate, 1, OTHER_MEANS), looking);
}

/** Suggestions in order of time; none twice. Deterministic; the order of presences does not matter. */
export function gapsOf(input: GapInput): readonly GapSuggestion[] {
  const { zone, world } = input;
  const doubts = wrongVehicles({ zone, world, presences: input.presences, minConfidence: WRONG_FROM });
  const wrong = new Set(doubts.map(({ presenceId }) => presenceId));
  const presences = input.presences.filter(({ id }) => !wrong.has(id));
  const { journey, habits } = usualJourney(presences, world, zone);
  const fillers = fillersOf(habits);
  const halves = missingHalves(fillers, journey.rides);
  const rate = ownRate(input.registrationRate, journey.rides.length, halves.length);
  const looking: Looking = { input, journey, habits, holidays: new Set(input.holidays), rate };
  const found = [
    ...halves.filter(({ slot }) => !isRidden(slot, journey.rides)).map((half) => halfOf(half, looking)),
    ...breaksOf(journey, habits, zone).flatMap((one) => closing(one, fillers, looking)),
    ...blankDays(looking),
  ];
  const byId = new Map<string, GapSuggestion>();
  for (const one of found) {
    const known = byId.get(one.id);
    if (known === undefined || known.confidence < one.confidence) byId.set(one.id, one);
  }
  const least = input.minConfidence ?? MIN_CONFIDENCE;
  const { days, untilMs = Infinity } = input;
  return [...byId.values()]
    .filter(({ day, confidence }) => day >= days.from && day <= days.to && confidence >= least)
    .filter(({ fromMs }) => fromMs < untilMs)
    .sort((a, b) => a.day - b.day || a.fromMs - b.fromMs || compare(a.id, b.id));
}
