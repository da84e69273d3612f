// How far chained evidence may be believed: by which boarding it rests on, and by how far that lay away.
import type { StopEvidence } from '@tongche/tracing';
import { at } from '../kit/columns.ts';

/** A chained note beside where the rider truly got off, and what the engine would have thought without it. */
export interface KnownChain {
  readonly note: StopEvidence;
  readonly board: number;
  readonly alight: number;
  /** Share of getting off at each stop ahead of `board`, the next one first. */
  readonly prior: readonly number[];
}

export interface Belief {
  /** Share of notes whose bounds hold for a reason. */
  readonly sure: number;
  /** Of those, share of the stop named as the likeliest for a reason. */
  readonly best: number;
}

/** Shares of alighting ahead by draw and length, summing to 1. */
export function priorAhead(draw: readonly number[], weights: readonly number[]): readonly number[] {
  const shares = draw.map((each, i) => each * Math.max(weights[i] ?? weights.at(-1) ?? 0, 1e-6));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

function between({ board, prior }: KnownChain, lo: number, hi: number): number {
  return prior.reduce((sum, share, i) => sum + (board + 1 + i >= lo && board + 1 + i <= hi ? share : 0), 0);
}

const ROUNDS = 40;

/**
 * The belief under which the notes are likeliest (expectation maximisation): with `sure` the truth is within the bounds, there
 * with `best` at the likeliest stop, else as the prior says; otherwise the note tells nothing.
 */
export function beliefIn(chains: readonly KnownChain[]): Belief {
  let [sure, best] = [0.8, 0.8];
  const rows = chains.map((chain) => {
    const { alightLo, alightHi, best: named } = chain.note;
    const within = between(chain, alightLo, alightHi);
    return {
      isInside: chain.alight >= alightLo && chain.alight <= alightHi,
      isNamed: named !== undefined && alightLo !== alightHi,
      isBest: named === chain.alight,
      here: chain.prior[chain.alight - chain.board - 1] ?? 0,
      within,
    };
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    let [held, named, bestHeld] = [0, 0, 0];
    for (const { isInside, isNamed, isBest, here, within } of rows) {
      if (!isInside) continue;
      const peak = isNamed ? best : 0;
      const even = within > 0 ? here / within : 0;
      const byPeak = sure * peak * (isBest ? 1 : 0);
      const byBounds = sure * (1 - peak) * even;
      const all = byPeak + byBounds + (1 - sure) * here;
      if (all <= 0) continue;
      held += (byPeak + byBounds) / all;
      if (!isNamed) continue;
      named += (byPeak + byBounds) / all;
      bestHeld += byPeak / all;
    }
    sure = held / Math.max(1, rows.length);
    best = named > 0 ? bestHeld / named : best;
  }
  return { sure, best };
}

/** Share of notes whose likeliest stop is the true one or lies beside it, for the report. */
export function shareNear(chains: readonly KnownChain[], stops: number): number {
  const named = chains.filter(({ note }) => note.best !== undefined);
  return named.filter(({ note, alight }) => Math.abs((note.best ?? 0) - alight) <= stops).length / Math.max(1, named.length);
}

export function meanOf(column: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < column.length; i += 1) sum += at(column, i);
  return column.length === 0 ? 0 : sum / column.length;
}
