// Percentiles of a few hundred exact times.
import { round } from './measure.ts';

export interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The value that this share (0..1) of them does not exceed; 0 where there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

export function timesOf(values: readonly number[]): Times {
  const of = (share: number): number => round(percentile(values, share));
  return { p50Ms: of(0.5), p99Ms: of(0.99), maxMs: of(1) };
}

export function mean(values: readonly number[]): number {
  return round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length), 1);
}
