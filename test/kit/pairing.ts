// Which two rides were made one after the other by the same person? An attacker with the timetable guesses, having learned from
// half of the people how telling each clue is; then the halves change places. Each link of a ride to the next is guessed
// three ways: forwards, backwards, and all at once with every ride used only once.
import { createHash } from 'node:crypto';

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

/** A ride as its row and the public timetable tell it. */
export interface SeenRide {
  /** Known to the test only: whom guesses are compared with, and from half of whom the attacker learns. */
  readonly person: number;
  readonly atMs: number;
  readonly party: number;
  readonly way: string;
  readonly back: string;
  /** Number of the boarding stop. */
  readonly stop: number;
  /** When the run reaches stops ahead, and others one can walk to from there in no time to speak of, by their number. */
  readonly reach: ReadonlyMap<number, number>;
}

/** Something about an earlier and a later ride, as a small whole number below `codes`. */
export interface Clue {
  readonly codes: number;
  of(earlier: number, later: number): number;
}

export type Way = 'forwards' | 'backwards' | 'together';
/** For every link, whether it was guessed: 0..1. */
export type Guesses = Readonly<Record<Way, Float64Array>>;

const minuteMs = 60_000;
/** How many pairs' worth of doubt a clue has to overcome before it counts. */
const doubt = 20;
/** Candidates of a ride that are weighed against those of others. */
const shortList = 12;
/** The people are halved so many times, each time otherwise. */
const divisions = 4;

export function binOf(value: number, bounds: readonly number[]): number {
  let bin = 0;
  while (bin < bounds.length && value >= (bounds[bin] ?? 0)) bin += 1;
  return bin;
}

const crowdMs = 2_000;
const transferBounds = [-2, 0, 2, 4, 7, 12, 20, 40].map((minutes) => minutes * minuteMs);
const gapBounds = [5, 10, 20, 30, 45, 60, 120, 240, 480, 600, 720].map((minutes) => minutes * minuteMs);

const hourOf = (ms: number): number => Math.floor(ms / (60 * minuteMs)) % 24;

/** What timetable and rows tell of two rides without any note. */
export function plainClues(rides: readonly SeenRide[]): readonly Clue[] {
  const at = (index: number): SeenRide => {
    const ride = rides[index];
    if (ride === undefined) throw new RangeError(`no ride ${index}`);
    return ride;
  };
  const gap = (a: number, b: number): number => binOf(at(b).atMs - at(a).atMs, gapBounds);
  const transfer = (a: number, b: number): number => {
    const reachedMs = at(a).reach.get(at(b).stop);
    return reachedMs === undefined ? 0 : 1 + binOf(at(b).atMs - reachedMs, transferBounds);
  };
  /** Back the way one came: begins where the first could have ended and leads to where that began. */
  const back = (a: number, b: number): number => {
    if (at(a).way === at(b).way) return 1;
    if (at(a).back !== at(b).way) return 0;
    return at(a).reach.has(at(b).stop) && at(b).reach.has(at(a).stop) ? 3 : 2;
  };
  const gaps = gapBounds.length + 1;
  const times = rides.map(({ atMs }) => atMs);
  const within = (fromMs: number, toMs: number): number =>
    Math.min(2, times.filter((ms) => fromMs <= ms && ms <= toMs).length - 1);
  const crowds = times.map((ms) => within(ms - crowdMs, ms) * 3 + within(ms, ms + crowdMs));
  return [
    {
      codes: (transferBounds.length + 2) * gaps * 4,
      of: (a, b) => (transfer(a, b) * gaps + gap(a, b)) * 4 + back(a, b),
    },
    // Morning's transfers and evening's ways home, as fine as anything that goes with the time of day.
    { codes: 24 * gaps, of: (a, b) => hourOf(at(a).atMs) * gaps + gap(a, b) },
    { codes: 24 * 24, of: (a, b) => hourOf(at(a).atMs) * 24 + hourOf(at(b).atMs) },
    // Where many get on at once.
    { codes: 9, of: (_a, b) => crowds[b] ?? 0 },
    { codes: 3, of: (a, b) => (at(a).party !== at(b).party ? 0 : at(a).party === 0 ? 1 : 2) },
  ];
}

interface Link {
  readonly earlier: number;
  readonly later: number;
}

/** Every person's rides and their next ones; `rides` are in order of time. */
export function linksOf(rides: readonly SeenRide[]): readonly Link[] {
  const last = new Map<number, number>();
  return rides.flatMap(({ person }, later) => {
    const earlier = last.get(person);
    last.set(person, later);
    return earlier === undefined ? [] : [{ earlier, later }];
  });
}

/** A clue worked out for every pair of an earlier and a later ride, row by row. */
export interface Worked {
  readonly codes: number;
  readonly of: Uint16Array;
}

function pairAt(count: number, earlier: number, later: number): number {
  return earlier * count - (earlier * (earlier + 1)) / 2 + later - earlier - 1;
}

export function work(rides: readonly SeenRide[], clue: Clue): Worked {
  const count = rides.length;
  const of = new Uint16Array((count * (count - 1)) / 2);
  for (let a = 0, n = 0; a < count; a += 1) for (let b = a + 1; b < count; b += 1, n += 1) of[n] = clue.of(a, b);
  return { codes: clue.codes, of };
}

/** The halves of one division of the people; each is guessed with what the other one taught. */
interface Half {
  readonly own: readonly number[];
  readonly others: readonly number[];
}

function halves(rides: readonly SeenRide[], division: number): readonly Half[] {
  const sideOf = (person: number): number => Number.parseInt(sha1(`${division}|${person}`).slice(0, 2), 16) % 2;
  const sides = rides.map(({ person }) => sideOf(person));
  return [0, 1].map((side) => ({
    own: [...rides.keys()].filter((index) => sides[index] === side),
    others: [...rides.keys()].filter((index) => sides[index] !== side),
  }));
}

/**
 * Logarithm of how much likelier each code is for a link than for any two rides, as far as links differ from any two
 * rides by more than chance makes them: what a clue seems to tell of so few links is taken off by the share that chance
 * alone would give (chi-squared against its degrees of freedom).
 */
function learn({ codes, of }: Worked, count: number, links: readonly Link[], others: readonly number[]): Float64Array {
  const any = new Float64Array(codes).fill(0.5);
  for (const [n, a] of others.entries())
    for (let m = n + 1; m < others.length; m += 1) {
      const code = of[pairAt(count, a, others[m] ?? 0)] ?? 0;
      any[code] = (any[code] ?? 0) + 1;
    }
  const all = any.reduce((sum, value) => sum + value, 0);
  const linked = new Float64Array(codes);
  for (const { earlier, later } of links) {
    const code = of[pairAt(count, earlier, later)] ?? 0;
    linked[code] = (linked[code] ?? 0) + 1;
  }
  let [chi, freedom] = [0, -1];
  for (const [code, value] of linked.entries()) {
    const expected = (links.length * (any[code] ?? 0)) / all;
    if (expected < 1 && value < 1) continue;
    chi += (value - expected) ** 2 / Math.max(expected, 1);
    freedom += 1;
  }
  const sure = freedom <= 0 ? 0 : Math.max(0, 1 - freedom / chi);
  return linked.map((value, code) => {
    const share = (any[code] ?? 0) / all;
    return sure * Math.log((value + doubt * share) / (links.length + doubt) / share);
  });
}

interface Candidate {
  readonly a: number;
  readonly b: number;
  readonly score: number;
}

/** Takes the best pair whose rides are both free, again and again. */
function together(candidates: readonly Candidate[]): ReadonlyMap<number, number> {
  const next = new Map<number, number>();
  const taken = new Set<number>();
  for (const { a, b } of candidates.toSorted((one, two) => two.score - one.score)) {
    if (next.has(a) || taken.has(b)) continue;
    next.set(a, b);
    taken.add(b);
  }
  return next;
}

/** What the attacker makes of one half: for every ride the likeliest next and previous one, and all at once. */
function guessHalf(count: number, own: readonly number[], weighed: readonly (readonly [Worked, Float64Array])[]) {
  const next = new Map<number, Candidate>();
  const previous = new Map<number, Candidate>();
  const short: Candidate[] = [];
  for (const [n, a] of own.entries()) {
    let list: Candidate[] = [];
    let least = -Infinity;
    for (let m = n + 1; m < own.length; m += 1) {
      const b = own[m] ?? 0;
      const pair = pairAt(count, a, b);
      // A hair's breadth apart, so that equals are not always guessed in order.
      let score = ((a * 7_919 + b * 104_729) % 1_009) / 1e9;
      for (const [{ of }, weights] of weighed) score += weights[of[pair] ?? 0] ?? 0;
      if (score > (previous.get(b)?.score ?? -Infinity)) previous.set(b, { a, b, score });
      if (score <= least && list.length >= shortList) continue;
      list.push({ a, b, score });
      if (list.length < 2 * shortList) continue;
      list = list.toSorted((one, two) => two.score - one.score).slice(0, shortList);
      least = list.at(-1)?.score ?? -Infinity;
    }
    list = list.toSorted((one, two) => two.score - one.score).slice(0, shortList);
    const [first] = list;
    if (first !== undefined) next.set(a, first);
    short.push(...list);
  }
  return { next, previous, matched: together(short) };
}

/** The attacker's guesses with these clues: for every link, in order of `linksOf`, the share of divisions in which it was guessed. */
export function guess(rides: readonly SeenRide[], clues: readonly Worked[]): Guesses {
  const links = linksOf(rides);
  const count = rides.length;
  const all = {
    forwards: new Float64Array(links.length),
    backwards: new Float64Array(links.length),
    together: new Float64Array(links.length),
  };
  for (let division = 0; division < divisions; division += 1) {
    for (const { own, others } of halves(rides, division)) {
      const isOwn = new Set(own);
      const taught = links.filter(({ later }) => !isOwn.has(later));
      const weighed = clues.map((clue) => [clue, learn(clue, count, taught, others)] as const);
      const { next, previous, matched } = guessHalf(count, own, weighed);
      for (const [n, { earlier, later }] of links.entries()) {
        if (!isOwn.has(later)) continue;
        all.forwards[n] = (all.forwards[n] ?? 0) + Number(next.get(earlier)?.b === later) / divisions;
        all.backwards[n] = (all.backwards[n] ?? 0) + Number(previous.get(later)?.a === earlier) / divisions;
        all.together[n] = (all.together[n] ?? 0) + Number(matched.get(earlier) === later) / divisions;
      }
    }
  }
  return all;
}

export interface Gain {
  readonly way: Way;
  /** Share of links guessed, with and without. */
  readonly with: number;
  readonly without: number;
  /** Difference, and its standard error over people, whose links are not independent of each other. */
  readonly gain: number;
  readonly error: number;
}

export function gains(rides: readonly SeenRide[], more: Guesses, less: Guesses): readonly Gain[] {
  const links = linksOf(rides);
  return (['forwards', 'backwards', 'together'] as const).map((way) => {
    const byPerson = new Map<number, number>();
    let [hits, before] = [0, 0];
    for (const [n, { later }] of links.entries()) {
      const [one, other] = [more[way][n] ?? 0, less[way][n] ?? 0];
      const person = rides[later]?.person ?? 0;
      hits += one;
      before += other;
      byPerson.set(person, (byPerson.get(person) ?? 0) + one - other);
    }
    const count = links.length;
    const mean = (hits - before) / byPerson.size;
    const spread = [...byPerson.values()].reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return {
      way,
      with: hits / count,
      without: before / count,
      gain: (hits - before) / count,
      error: Math.sqrt(spread) / count,
    };
  });
}
