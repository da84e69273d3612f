// How many people were aboard who are registered nowhere: a distribution, from a count of heads or from how well people
// register on runs like this one.
import { logFactorial } from './hypergeometric.ts';
import type { RunCounts } from './types.ts';

/** Shares of 0, 1, 2 ... unregistered riders; they sum to 1. */
export type Heads = readonly number[];

/** A run of the same line, direction, hour and sort of day on which both were counted. */
export interface ComparableRun {
  readonly registered: number;
  readonly aboard: number;
}

type CountedBy = NonNullable<RunCounts['estimated']>['by'];

/**
 * How far a count is off (one deviation, as a share of it and in heads at least), and whether it can only be too low:
 * nobody pays or taps without being there, but some ride without. Our defaults; counters are sold as right to 5 %.
 */
const COUNTING: Readonly<
  Record<CountedBy, { readonly share: number; readonly least: number; readonly isFloor: boolean }>
> = {
  apc: { share: 0.05, least: 1, isFloor: false },
  fares: { share: 0.12, least: 1, isFloor: true },
  driver: { share: 0.12, least: 1.5, isFloor: false },
  taps: { share: 0.15, least: 1, isFloor: true },
};
const FURTHEST_DEVIATIONS = 5;
/** Nobody counts more heads into one space than this where its size is not known. */
const DEFAULT_CAPACITY = 200;
/** Vehicles are filled beyond what they are built for. */
const CROWDED = 1.5;
const MIN_SPREAD = 1e-4;
const MAX_SPREAD = 0.5;

function normalised(weights: readonly number[]): Heads {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return sum > 0 ? weights.map((weight) => weight / sum) : [1];
}

/** From a count of all heads aboard. A count far below the registered says that all are registered. */
export function fromCount(registered: number, heads: number, by: CountedBy): Heads {
  const { share, least, isFloor } = COUNTING[by];
  const deviation = Math.max(share * heads, least);
  const most = Math.max(Math.ceil(heads + FURTHEST_DEVIATIONS * deviation) - registered, 0);
  const lowest = isFloor ? heads : 0;
  return normalised(
    Array.from({ length: most + 1 }, (_, unregistered) => {
      const aboard = registered + unregistered;
      return aboard < lowest ? 0 : Math.exp(-(((aboard - heads) / deviation) ** 2) / 2);
    }),
  );
}

/** Registration rate over comparable runs as a Beta distribution: their mean, and how much they differ beyond chance. */
export function rateOf(runs: readonly ComparableRun[]): { readonly a: number; readonly b: number } | undefined {
  const counted = runs.filter(({ aboard }) => aboard > 0);
  const aboard = counted.reduce((sum, run) => sum + run.aboard, 0);
  if (aboard === 0) return undefined;
  const registered = counted.reduce((sum, run) => sum + Math.min(run.registered, run.aboard), 0);
  const mean = (registered + 0.5) / (aboard + 1);
  const chance = mean * (1 - mean);
  const squares = counted.reduce(
    (sum, run) => sum + run.aboard * (Math.min(run.registered / run.aboard, 1) - mean) ** 2,
    0,
  );
  const runsLess = counted.length - 1;
  const weight = aboard - counted.reduce((sum, run) => sum + run.aboard ** 2, 0) / aboard - runsLess;
  // One run says nothing about how runs differ: then as much as a tenth is allowed for.
  const between = weight > 0 ? (squares - chance * runsLess) / (chance * weight) : 0.1;
  const spread = Math.min(Math.max(between, MIN_SPREAD) + 1 / (aboard + 1), MAX_SPREAD);
  const size = 1 / spread - 1;
  return { a: mean * size, b: (1 - mean) * size };
}

/**
 * From the registered alone, at the rate of comparable runs: every number of riders is alike beforehand, as many as fit in.
 * P(u) ∝ C(n+u, n) · B(a+n, b+u). Undefined without a comparable run.
 */
export function fromRate(
  registered: number,
  runs: readonly ComparableRun[],
  capacity: number | null,
): Heads | undefined {
  const rate = rateOf(runs);
  if (rate === undefined) return undefined;
  const most = Math.max(Math.ceil((capacity ?? DEFAULT_CAPACITY) * CROWDED) - registered, registered);
  const logs: number[] = [];
  // B(a+n, b+u) up to what does not depend on u, by its ratios: Γ needs no values between whole numbers then.
  let beta = 0;
  for (let u = 0; u <= most; u += 1) {
    logs.push(logFactorial(registered + u) - logFactorial(u) + beta);
    beta += Math.log(rate.b + u) - Math.log(rate.a + rate.b + registered + u);
  }
  const highest = Math.max(...logs);
  return normalised(logs.map((log) => Math.exp(log - highest)));
}

export function meanOf(heads: Heads): number {
  return heads.reduce((sum, share, count) => sum + share * count, 0);
}

/** Least number that is not exceeded with this probability. */
export function quantileOf(heads: Heads, probability: number): number {
  let sum = 0;
  for (const [count, share] of heads.entries()) {
    sum += share;
    if (sum >= probability - 1e-12) return count;
  }
  return heads.length - 1;
}
