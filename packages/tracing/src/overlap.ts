// How likely, and for how many minutes, two riders of one run were aboard together.
//
// Within its bounds a boarding or alighting stop is taken as equally likely everywhere: the plainest prior there is. It
// errs towards calling: real riders get off earlier than "anywhere down to the terminus". Two riders are independent.
import type { Interval, RunStop } from './model.ts';

export interface Overlap {
  /** Probability of at least one stop-to-stop section together; 1 when certain. */
  readonly probability: number;
  readonly certain: boolean;
  readonly minutes: number;
  /** The widest extent the bounds allow. */
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Up to which stop they certainly stayed together; fromSeq or below where that is not certain at all. */
  readonly sureToSeq: number;
}

interface Choice {
  readonly board: number;
  /** Alighting is uniform over these, both included. */
  readonly alightLo: number;
  readonly alightHi: number;
  readonly weight: number;
}

/** Every boarding stop of the bounds with the alighting stops it leaves. */
function choicesOf({ boardLo, boardHi, alightLo, alightHi }: Interval): readonly Choice[] {
  const weight = 1 / (boardHi - boardLo + 1);
  return Array.from({ length: boardHi - boardLo + 1 }, (_, i) => {
    const board = boardLo + i;
    return { board, alightLo: Math.max(alightLo, board + 1), alightHi, weight };
  });
}

/** Probability that the alighting stop lies behind `seq`. */
function staysBehind({ alightLo, alightHi }: Choice, seq: number): number {
  const count = alightHi - alightLo + 1;
  return Math.min(Math.max(alightHi - Math.max(seq, alightLo - 1), 0), count) / count;
}

/** Probability of having boarded at or before `boardedBy` and getting off behind `seq`. */
function aboard(choices: readonly Choice[], boardedBy: number, seq: number): number {
  let sum = 0;
  for (const choice of choices) if (choice.board <= boardedBy) sum += choice.weight * staysBehind(choice, seq);
  return sum;
}

function togetherProbability(a: readonly Choice[], b: readonly Choice[]): number {
  let sum = 0;
  for (const one of a) {
    for (const other of b) {
      const seq = Math.max(one.board, other.board);
      sum += one.weight * other.weight * staysBehind(one, seq) * staysBehind(other, seq);
    }
  }
  return Math.min(sum, 1);
}

/** Riding time of each section both are aboard, and the standing time of each stop both stay through. */
function expectedMinutes(a: readonly Choice[], b: readonly Choice[], stops: readonly RunStop[]): number {
  let ms = 0;
  for (const [i, stop] of stops.entries()) {
    const next = stops[i + 1];
    if (next === undefined) break;
    ms += Math.max(next.arrMs - stop.depMs, 0) * aboard(a, stop.seq, stop.seq) * aboard(b, stop.seq, stop.seq);
    const before = stop.seq - 1;
    ms += Math.max(stop.depMs - stop.arrMs, 0) * aboard(a, before, stop.seq) * aboard(b, before, stop.seq);
  }
  return ms / 60_000;
}

/**
 * Undefined where they cannot have met. Overlap is strict: who gets off where the other gets on was not aboard together.
 * `stops` in order. Symmetric in a and b.
 */
export function overlapOf(a: Interval, b: Interval, stops: readonly RunStop[]): Overlap | undefined {
  const fromSeq = Math.max(a.boardLo, b.boardLo);
  const toSeq = Math.min(a.alightHi, b.alightHi);
  if (fromSeq >= toSeq) return undefined;
  const sureToSeq = Math.min(a.alightLo, b.alightLo);
  const certain = Math.max(a.boardHi, b.boardHi) < sureToSeq;
  const [mine, yours] = [choicesOf(a), choicesOf(b)];
  const probability = certain ? 1 : togetherProbability(mine, yours);
  return { probability, certain, minutes: expectedMinutes(mine, yours, stops), fromSeq, toSeq, sureToSeq };
}
