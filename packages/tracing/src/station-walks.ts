// How long riders walk between a station's code and its trains, and what else is taken for likely of them: the inputs of a
// passenger-to-train assignment (Zhu, Koutsopoulos, Wilson 2017, doi 10.1016/j.trb.2017.06.005), which shares every rider out
// among the trains that they can have taken.

/** Log-normal walking times: half of all riders need `medianS` seconds at most; `spread` is the deviation of the logarithm. */
export interface Walk {
  readonly medianS: number;
  readonly spread: number;
}

/** All values (our default): in a network with gates on both ends they can be learned from those, as that paper does. */
export const stationDefaults = {
  /** From the code in the hall to where the train stops, with escalators and the search for one's platform. */
  access: { medianS: 75, spread: 0.5 },
  /** From the train to the code in the hall of arrival: tens of seconds, varying much (doi 10.1155/2022/3633293). */
  egress: { medianS: 60, spread: 0.5 },
  /** Share of those waiting whom a full train, or a friend who is late, leaves behind for the next one. */
  leftBehind: 0.05,
  /** Of registrations at another station later on: share made on the way out. The others begin another ride. */
  exitShare: 0.5,
  /** Where the case registered on the way out, so many of its fellow riders do. */
  outToo: 0.9,
  /** Those others come at any time within so many hours. */
  laterHours: 8,
  /** Whoever has boarded nothing within this did something else. */
  aheadMs: 30 * 60_000,
  /** A registration further off than this says nothing of the ride before. */
  sameDayMs: 16 * 3_600_000,
} as const;

/** Share of the normal distribution below `z`: Abramowitz and Stegun 26.2.17, error below 1e-7. */
export function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    Math.exp((-z * z) / 2) *
    0.3989422804014327 *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}

function sharpShare({ medianS, spread }: Walk, seconds: number): number {
  return seconds <= 0 ? 0 : normalShare(Math.log(seconds / medianS) / spread);
}

const STEP_S = 5;
/** Walks and clocks beyond so many deviations are left out. */
const DEVIATIONS = 4;

interface Blurred {
  readonly fromS: number;
  /** Shares at `fromS` and every step after it. */
  readonly shares: Float64Array;
}

/** The walk's shares, seen with a clock that is off by `clockS` (one deviation). */
function blurred(walk: Walk, clockS: number): Blurred {
  const longestS = walk.medianS * Math.exp(DEVIATIONS * walk.spread);
  const cells = Array.from({ length: Math.ceil(longestS / STEP_S) }, (_, i) => ({
    middleS: (i + 0.5) * STEP_S,
    share: sharpShare(walk, (i + 1) * STEP_S) - sharpShare(walk, i * STEP_S),
  }));
  const fromS = -DEVIATIONS * clockS;
  const count = Math.ceil((longestS - 2 * fromS) / STEP_S) + 1;
  const shares = Float64Array.from({ length: count }, (_, i) =>
    cells.reduce((sum, { middleS, share }) => sum + share * normalShare((fromS + i * STEP_S - middleS) / clockS), 0),
  );
  return { fromS, shares };
}

const tables = new WeakMap<Walk, Map<number, Blurred>>();

function blurredOnce(walk: Walk, clockS: number): Blurred {
  const own = tables.get(walk) ?? new Map<number, Blurred>();
  const known = own.get(clockS);
  if (known !== undefined) return known;
  const made = blurred(walk, clockS);
  tables.set(walk, own.set(clockS, made));
  return made;
}

/** Share of riders who have walked it within `ms`, where the clocks of both ends may differ by `clockMs` (one deviation). */
export function walkedWithin(walk: Walk, ms: number, clockMs: number): number {
  const clockS = Math.round(clockMs / 1000);
  if (clockS <= 0) return sharpShare(walk, ms / 1000);
  const { fromS, shares } = blurredOnce(walk, clockS);
  const at = (ms / 1000 - fromS) / STEP_S;
  if (at <= 0) return 0;
  const low = Math.floor(at);
  const before = shares[low] ?? 1;
  return before + ((shares[low + 1] ?? 1) - before) * (at - low);
}

/** The same as a density, per hour. */
export function walksPerHour(walk: Walk, ms: number, clockMs: number): number {
  const halfMs = STEP_S * 1000;
  const share = walkedWithin(walk, ms + halfMs, clockMs) - walkedWithin(walk, ms - halfMs, clockMs);
  return (Math.max(share, 0) * 3_600_000) / (2 * halfMs);
}

/** Within so many milliseconds `share` of all have walked it. */
export function longestWalkMs({ medianS, spread }: Walk, deviations: number): number {
  return medianS * Math.exp(deviations * spread) * 1000;
}
