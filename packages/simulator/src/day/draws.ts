// Repeatable draws for a plan: one stream per label, so that a change in one part of a day leaves the others as they were.
import { drawBytes } from '../city/draw.ts';

export interface Draws {
  /** Uniform in [0, 1). */
  unit(): number;
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  happens(share: number): boolean;
  /** An index, each as likely as its weight. */
  weighted(weights: readonly number[]): number;
  pick<T>(items: readonly T[]): T;
  exponential(mean: number): number;
  normal(): number;
}

/** sfc32 of Chris Doty-Humphrey's PractRand, seeded with a digest of seed and label. */
function stream(seed: number, label: string): () => number {
  const bytes = drawBytes(seed, label);
  let [a, b, c, counter] = [bytes.readInt32LE(0), bytes.readInt32LE(4), bytes.readInt32LE(8), bytes.readInt32LE(12)];
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}

export function openDraws(seed: number, label: string): Draws {
  const unit = stream(seed, label);
  const below = (count: number): number => Math.floor(unit() * count);
  return {
    unit,
    below,
    happens: (share) => unit() < share,
    weighted(weights) {
      let left = unit() * weights.reduce((sum, weight) => sum + weight, 0);
      const found = weights.findIndex((weight) => (left -= weight) < 0);
      return found < 0 ? weights.findLastIndex((weight) => weight > 0) : found;
    },
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to draw from');
      return item;
    },
    exponential: (mean) => -mean * Math.log(1 - unit()),
    normal: () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
  };
}
