// Trip chaining, on the phone: where a ride ended, told by where its rider boarded next. Ships in the passenger page, so it
// imports nothing. The rule is that of smart-card studies (Trépanier 2007; He and Trépanier 2015): the stop
// downstream that is nearest to the next boarding; the last ride of a day is taken to end where its first one began. See
// docs/decisions/0026-chaining-on-the-phone.md.

/** WGS 84 in ten-thousandths of a degree, latitude first: whole numbers, right to six metres. */
export type Position = readonly [lat: number, lon: number];

export interface ChainPlace {
  readonly name: { readonly zh: string };
  /** Absent where the operator knows none; two places are then the same by name or not at all. */
  readonly at?: Position | undefined;
}

/** A stop as the answer to a scan names it; minutes since the start of the ride's own day. */
export interface ChainStop extends ChainPlace {
  readonly seq: number;
  readonly arr: number;
  readonly dep: number;
}

export interface ChainRun {
  readonly boardSeq: number;
  /** In order of `seq`. */
  readonly stops: readonly ChainStop[];
}

/** A boarding by the same rider; `place` undefined where the vehicle has no stops. */
export interface Boarding {
  /** Since the start of the day of the ride that is to be ended: of another day it is below 0 or above 1,439. */
  readonly minute: number;
  readonly place: ChainPlace | undefined;
}

/**
 * What a stop note holds, and evidence for the tracing engine as it stands (StopEvidence): numbers of the own run and its own
 * minutes, nothing of any other ride.
 */
export interface Chained {
  readonly basis: 'chained';
  readonly boardLo: number;
  readonly boardHi: number;
  readonly alightLo: number;
  readonly alightHi: number;
  /** The likeliest stop; absent where there are only bounds. */
  readonly best?: number;
  /** Which boarding told it: the next one of the day, the day's first, another day's. Absent where only the time did. */
  readonly link?: ChainLink;
  /** From `best` to that boarding it is more than 350 m: such a note is wrong more often than right. */
  readonly far?: boolean;
  /** The rider got off at `best` on two other days at least, riding from here. */
  readonly settled?: boolean;
  readonly minuteLo: number;
  readonly minuteHi: number;
}

export type ChainLink = 'next' | 'wrap' | 'next-day';

/** As far as people walk from one stop to the next. */
export const MAX_WALK_M = 1_000;
const FAR_WALK_M = 350;
/** Crow's flight; streets take a quarter more at five kilometres an hour. */
const WALK_M_A_MINUTE = 65;
/** Vehicles run early and late. */
const SLACK_MINUTES = 3;
/** Boardings before three in the night still belong to the day before. */
const DAY_ENDS_MINUTE = 27 * 60;
/** Minutes a note can hold. */
const MAX_MINUTE = 2_879;
/** Wider bounds, by stops on either side, where the place is not that of the very next boarding of the day. */
const UNSURE_STOPS = 2;
const METRES_A_STEP = 11.13;
const RADIANS_A_STEP = Math.PI / 1_800_000;

/** Metres; undefined where they cannot be told and the names differ. */
export function walkM(a: ChainPlace, b: ChainPlace): number | undefined {
  if (a.at === undefined || b.at === undefined) return a.name.zh === b.name.zh ? 0 : undefined;
  const [lat, lon] = a.at;
  const north = b.at[0] - lat;
  const east = (b.at[1] - lon) * Math.cos(lat * RADIANS_A_STEP);
  return Math.hypot(north, east) * METRES_A_STEP;
}

/** A ride of the same phone, on another day, whose end its own chain, or its rider, told. */
export interface Ended {
  /** Numbers the days: an out-and-back of one day is one reason, not two. */
  readonly day: number;
  readonly board: ChainPlace;
  readonly end: ChainPlace;
}

/** As `Chained`, told by where the rider got off on other days. */
export interface Usual extends Omit<Chained, 'basis' | 'link' | 'far'> {
  readonly basis: 'habit';
  readonly best: number;
}

function isBeside(a: ChainPlace, b: ChainPlace): boolean {
  return (walkM(a, b) ?? Infinity) <= FAR_WALK_M;
}

function note(
  run: ChainRun,
  stops: readonly ChainStop[],
  lo: number,
  hi: number,
  best?: ChainStop,
): Chained | undefined {
  const first = stops[Math.max(0, lo)];
  const last = stops[Math.min(stops.length - 1, hi)];
  if (first === undefined || last === undefined) return undefined;
  const { boardSeq } = run;
  const clamp = (minute: number): number => Math.min(MAX_MINUTE, Math.max(0, Math.floor(minute)));
  const minuteLo = clamp(first.arr - SLACK_MINUTES);
  return {
    basis: 'chained',
    boardLo: boardSeq,
    boardHi: boardSeq,
    alightLo: first.seq,
    alightHi: last.seq,
    ...(best === undefined ? {} : { best: best.seq }),
    minuteLo,
    minuteHi: Math.max(minuteLo, clamp(last.dep + SLACK_MINUTES)),
  };
}

/** Stops within a walk of `place`, reached and walked from by `minute`; bounds are all that lie side by side with the nearest. */
function near(
  run: ChainRun,
  ahead: readonly ChainStop[],
  { place, minute }: Boarding,
  link: ChainLink,
): Chained | undefined {
  const walks = ahead.map((stop) => {
    const metres = place === undefined ? Infinity : (walkM(stop, place) ?? Infinity);
    return metres <= MAX_WALK_M && stop.arr + metres / WALK_M_A_MINUTE <= minute + SLACK_MINUTES ? metres : Infinity;
  });
  const least = Math.min(...walks);
  if (least === Infinity) return undefined;
  // Nearer still to where they got on: they came back some other way, and nothing tells from where.
  const start = run.stops.find(({ seq }) => seq === run.boardSeq);
  const back = start === undefined || place === undefined ? Infinity : (walkM(start, place) ?? Infinity);
  if (back <= least) return undefined;
  const best = walks.indexOf(least);
  let [lo, hi] = [best, best];
  while ((walks[lo - 1] ?? Infinity) < Infinity) lo -= 1;
  while ((walks[hi + 1] ?? Infinity) < Infinity) hi += 1;
  const wider = link === 'next' ? 0 : UNSURE_STOPS;
  const found = note(run, ahead, lo - wider, hi + wider, ahead[best]);
  return found === undefined ? undefined : { ...found, link, far: least > FAR_WALK_M };
}

/**
 * Where the rider of `run` got off, told by `next`, their next boarding of another vehicle (or of the same one on a later
 * run), whenever it was; undefined `next`: there was none yet, but the ride's day is over. `first` is the first boarding of
 * the ride's own day, if that was another ride.
 *
 * 1. `next` on the same day: the stop ahead nearest to it, at most 1,000 m away, reached early enough to walk there. `best` is
 *    that stop, the bounds are the stops beside it that are within a walk too. None within a walk: every stop reached by
 *    then, without a `best`, if that leaves any out.
 * 2. Otherwise the stop nearest to `first`; without one, to `next`; bounds two stops wider on either side.
 *
 * Undefined where nothing can be told. Pure; the result never depends on the time of `next` beyond which stops were
 * reached by then, and on its line not at all.
 */
export function chained(run: ChainRun, next: Boarding | undefined, first?: Boarding): Chained | undefined {
  const ahead = run.stops.filter(({ seq }) => seq > run.boardSeq);
  if (next !== undefined && next.minute < DAY_ENDS_MINUTE) {
    const reached = ahead.filter(({ arr }) => arr <= next.minute + SLACK_MINUTES);
    const cut = reached.length < ahead.length ? note(run, reached, 0, reached.length - 1) : undefined;
    return near(run, ahead, next, 'next') ?? cut;
  }
  const home = (one: Boarding | undefined, link: ChainLink): Chained | undefined =>
    one === undefined ? undefined : near(run, ahead, { place: one.place, minute: Infinity }, link);
  return home(first, 'wrap') ?? home(next, 'next-day');
}

/** Told by the very next boarding, or by the day's first, close by: what other days say is no better. */
export function isStrong(chain: Pick<Chained, 'link' | 'far'> | undefined): boolean {
  return chain?.link !== undefined && chain.link !== 'next-day' && chain.far !== true;
}

/** The stop of `ahead` that lies beside a place. */
function besideOf(ahead: readonly ChainStop[], there: ChainPlace): number | undefined {
  const walks = ahead.map((stop) => walkM(stop, there) ?? Infinity);
  const least = Math.min(...walks);
  return least <= FAR_WALK_M ? walks.indexOf(least) : undefined;
}

/** The other end of a ride that went from about `start`, or back to it. */
export function leadsTo(start: ChainPlace, { board, end }: Ended): ChainPlace | undefined {
  return isBeside(board, start) ? end : isBeside(end, start) ? board : undefined;
}

/** On so many other days the same stop: what a single next boarding says between stops side by side weighs less. */
const SETTLED_DAYS = 2;

/**
 * Where the rider of `run` usually gets off, by their rides on other days: those from about here to a place ahead, and those from
 * there back to about here. The stop that most of their days name; of equals the nearest ahead. Stops that were not reached by
 * the next boarding are not named.
 */
export function usual(run: ChainRun, others: readonly Ended[], next?: Boarding): Usual | undefined {
  const start = run.stops.find(({ seq }) => seq === run.boardSeq);
  const trips = start === undefined ? [] : others.filter((other) => leadsTo(start, other) !== undefined);
  if (start === undefined || trips.length === 0) return undefined;
  const byMinute = (next?.minute ?? Infinity) + SLACK_MINUTES;
  const ahead = run.stops.filter(({ seq, arr }) => seq > run.boardSeq && arr <= byMinute);
  const days = ahead.map(() => new Set<number>());
  for (const other of trips) {
    const there = leadsTo(start, other);
    const named = there === undefined ? undefined : besideOf(ahead, there);
    if (named !== undefined) days[named]?.add(other.day);
  }
  const most = Math.max(0, ...days.map(({ size }) => size));
  const at = days.findIndex(({ size }) => size === most);
  const best = most === 0 ? undefined : ahead[at];
  const found = best === undefined ? undefined : note(run, ahead, at - 1, at + 1, best);
  if (found === undefined || best === undefined) return undefined;
  return { ...found, basis: 'habit', best: best.seq, ...(most >= SETTLED_DAYS ? { settled: true } : {}) };
}

/**
 * What to tell of a ride's end. A strong chain tells it; where two other days agree on one of the stops that it left open, that
 * one. A weak chain tells less than a habit.
 */
export function told(
  run: ChainRun,
  chain: Chained | undefined,
  others: readonly Ended[],
  next?: Boarding,
): Chained | Usual | undefined {
  const habit = usual(run, others, next);
  if (habit === undefined) return chain;
  if (chain === undefined || !isStrong(chain)) return habit;
  const { best, settled } = habit;
  const isOpen = best >= chain.alightLo && best <= chain.alightHi;
  return settled === true && isOpen ? { ...chain, best, settled } : chain;
}

/** As much of a note as tells whether a later one is worth a message. */
export type Told = Pick<Chained | Usual, 'basis' | 'settled'>;

/** Other days have agreed since, or have come to tell what a weak chain could not. */
export function isBetter(now: Told, before: Told): boolean {
  if (before.settled === true) return false;
  return now.settled === true || (now.basis === 'habit' && before.basis === 'chained');
}
