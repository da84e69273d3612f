// How far chained evidence may be believed: by which boarding it rests on, and by how far that lay away.
import type { SpaceKind, StopEvidence } from '@tongche/tracing';

/** A chained note beside where the rider truly got off. */
export interface SeenChain {
  readonly note: StopEvidence;
  readonly kind: SpaceKind;
  readonly board: number;
  readonly alight: number;
  /** Draw of each stop ahead of `board`, the next one first. */
  readonly draw: readonly number[];
}

/** With what the engine would have thought without the note: the share of getting off at each stop ahead. */
export type KnownChain = Omit<SeenChain, 'draw' | 'kind'> & { readonly prior: readonly number[] };

export interface Belief {
  /** Share of notes that are right for a reason. */
  readonly sure: number;
  /** Of those, share of the very stop they name. */
  readonly exact: number;
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

interface Row {
  /** Mass of the prior at the true stop, and within the range that the note speaks of; 0 outside. */
  readonly here: number;
  readonly within: number;
  readonly isNamed: boolean;
  readonly isBest: boolean;
}

/** Where a stop is named the note speaks of it and its neighbours, else of its bounds: as the engine reads it. */
function rowOf(chain: KnownChain): Row {
  const { best, alightLo, alightHi } = chain.note;
  const [lo, hi] = best === undefined ? [alightLo, alightHi] : [best - 1, best + 1];
  const isInside = chain.alight >= lo && chain.alight <= hi;
  return {
    here: chain.prior[chain.alight - chain.board - 1] ?? 0,
    within: isInside ? between(chain, lo, hi) : 0,
    isNamed: best !== undefined,
    isBest: best === chain.alight,
  };
}

/**
 * The belief under which the notes are likeliest (expectation maximisation): with `sure` the truth is where the note says, there
 * with `exact` at the named stop, else as the prior says; otherwise the note tells nothing.
 */
export function beliefIn(chains: readonly KnownChain[]): Belief {
  let [sure, exact] = [0.8, 0.8];
  const rows = chains.map(rowOf);
  for (let round = 0; round < ROUNDS; round += 1) {
    let [held, named, exactly] = [0, 0, 0];
    for (const { here, within, isNamed, isBest } of rows) {
      const peak = isNamed ? exact : 0;
      const byName = sure * peak * (isBest ? 1 : 0);
      const byRange = within > 0 ? (sure * (1 - peak) * here) / within : 0;
      const all = byName + byRange + (1 - sure) * here;
      if (all <= 0) continue;
      const holds = (byName + byRange) / all;
      held += holds;
      if (!isNamed) continue;
      named += holds;
      exactly += byName / all;
    }
    sure = held / Math.max(1, rows.length);
    exact = named > 0 ? exactly / named : exact;
  }
  return { sure, exact };
}
