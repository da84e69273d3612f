// Backwards: on which runs a case can have been infected. The answer is runs in order, never a list of people: whom to look
// for there is a question of its own, under an order of its own.
import { dayOf } from '@tongche/protocol/formats';
import { dateWords } from './calendar.ts';
import { compare } from './contacts.ts';
import { checkIncubation, exposureDays, exposureWeight } from './incubation.ts';
import type { Incubation } from './incubation.ts';
import { lineWords, percentWords } from './interview-words.ts';
import { journeyOf } from './itinerary.ts';
import type { OwnRide } from './itinerary.ts';
import type { DayRange, Name, Presence, World } from './types.ts';

/** One case whose source is sought. */
export interface BackwardCase {
  readonly onset: DayRange;
  /** Their own registrations and confirmed legs. */
  readonly presences: readonly Presence[];
}

export interface BackwardInput {
  readonly zone: string;
  readonly incubation: Incubation;
  readonly cases: readonly BackwardCase[];
  readonly world: World;
  /** Heads aboard (estimated, else registered); undefined: unknown. */
  readonly heads: (runKey: string, unit: string) => number | undefined;
}

/** A run on which one case or more can have been infected. */
export interface BackwardRun {
  readonly runKey: string;
  readonly unit: string;
  readonly day: number;
  /** How many of the cases were on it within their incubation window. */
  readonly cases: number;
  /** Widest stretch of it that they can have ridden. */
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Expected minutes aboard of those cases, together. */
  readonly minutes: number;
  readonly heads: number | null;
  /** Days from then to the onset, over the cases. */
  readonly daysBefore: DayRange;
  /** Share of this run among all of the answer: day by incubation, minutes, people aboard. Sums to 1. Orders, proves nothing. */
  readonly share: number;
  readonly text: Name;
}

/** A run without a count is taken to hold the middle of those with one; without any, as many as a half-empty bus. */
const DEFAULT_HEADS = 20;

interface Stay {
  readonly ride: OwnRide;
  readonly day: number;
  readonly onset: DayRange;
  readonly minutes: number;
  readonly weight: number;
}

/** Days of exposure that a case's onset leaves, as local days: what to fetch before asking. */
export function backwardDays(onset: DayRange, incubation: Incubation): DayRange {
  checkIncubation(incubation);
  return exposureDays(onset, incubation);
}

/** Mean over where they can have got off; an end that is not known counts each stop alike. */
function minutesOf({ board, ends }: OwnRide): number {
  const sum = ends.reduce((total, stop) => total + Math.max(stop.arrMs - board.depMs, 0), 0);
  return ends.length === 0 ? 0 : sum / ends.length / 60_000;
}

function staysOf({ cases, world, zone, incubation }: BackwardInput): readonly Stay[] {
  return cases.flatMap(({ onset, presences }) =>
    journeyOf(presences, world, zone).rides.flatMap((ride) => {
      const day = dayOf(ride.presence.boardedMs, zone);
      const weight = ride.presence.doubtful ? 0 : exposureWeight(day, onset, incubation);
      return weight > 0 ? [{ ride, day, onset, minutes: minutesOf(ride), weight }] : [];
    }),
  );
}

function middleOf(heads: readonly number[]): number {
  const sorted = heads.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? DEFAULT_HEADS;
}

type Draft = Omit<BackwardRun, 'share' | 'text'> & { readonly score: number; readonly line: Name };

function draftOf(stays: readonly Stay[], heads: number | undefined, usualHeads: number): Draft | undefined {
  const [first] = stays;
  if (first === undefined) return undefined;
  const boards = stays.map(({ ride }) => ride.board);
  const ends = stays.flatMap(({ ride }) => ride.ends);
  const others = Math.max((heads ?? usualHeads) - 1, 1);
  return {
    runKey: first.ride.run.runKey,
    unit: first.ride.presence.unit,
    day: first.day,
    cases: stays.length,
    fromSeq: Math.min(...boards.map(({ seq }) => seq)),
    toSeq: Math.max(...ends.map(({ seq }) => seq)),
    fromMs: Math.min(...boards.map(({ depMs }) => depMs)),
    toMs: Math.max(...ends.map(({ arrMs }) => arrMs)),
    minutes: stays.reduce((sum, { minutes }) => sum + minutes, 0),
    heads: heads ?? null,
    daysBefore: {
      lo: Math.min(...stays.map(({ day, onset }) => onset.lo - day)),
      hi: Math.max(...stays.map(({ day, onset }) => onset.hi - day)),
    },
    score: stays.reduce((sum, { weight, minutes }) => sum + weight * minutes * others, 0),
    line: lineWords(first.ride.run),
  };
}

function textOf({ line, cases, minutes, daysBefore, day }: Draft, share: number): Name {
  const date = dateWords(day);
  const { lo, hi } = daysBefore;
  const before = lo === hi ? String(lo) : `${lo}–${hi}`;
  const percent = percentWords(share);
  return {
    zh: `${date.zh} ${line.zh}：${cases} 名病例在发病前 ${before} 天乘坐，共约 ${Math.round(minutes)} 分钟；占全部候选班次的 ${percent}%。仅用于确定排查顺序。`,
    en: `${date.en}, ${line.en}: ridden by ${cases} case${cases === 1 ? '' : 's'} ${before} days before onset, about ${Math.round(minutes)} min in all; ${percent} % of all candidate runs. For the order of enquiries only.`,
  };
}

/**
 * Runs within the incubation windows, most telling first: those of several cases before those of one, then by share.
 * Throws a RangeError for an incubation period that is not in order. No person is in the answer.
 */
export function backwardRuns(input: BackwardInput): readonly BackwardRun[] {
  checkIncubation(input.incubation);
  const stays = staysOf(input);
  const spaces = Map.groupBy(stays, ({ ride }) => `${ride.run.runKey} ${ride.presence.unit}`);
  const known = new Map(
    [...spaces].map(([key, [first]]) => [key, first && input.heads(first.ride.run.runKey, first.ride.presence.unit)]),
  );
  const usual = middleOf([...known.values()].flatMap((heads) => heads ?? []));
  const drafts = [...spaces].flatMap(([key, of]) => draftOf(of, known.get(key), usual) ?? []);
  const total = drafts.reduce((sum, { score }) => sum + score, 0);
  return drafts
    .map((draft): BackwardRun => {
      const { score, line: _, ...run } = draft;
      const share = total === 0 ? 0 : score / total;
      return { ...run, share, text: textOf(draft, share) };
    })
    .toSorted((a, b) => b.cases - a.cases || b.share - a.share || a.fromMs - b.fromMs || compare(a.runKey, b.runKey));
}
