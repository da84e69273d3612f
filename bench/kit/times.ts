// Percentiles of a few hundred exact times.
import type { TraceView } from '@tongche/contract';
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

/** Half of the traces took at most so long for each of their steps, and for all. */
export function stepsOf(views: readonly TraceView[]): Readonly<Record<string, number>> {
  const names = [...new Set(views.flatMap(({ steps }) => steps.map(({ step }) => step)))];
  const msOf = ({ steps }: TraceView, step: string): number => steps.find((one) => one.step === step)?.ms ?? 0;
  const median = (ms: (view: TraceView) => number): number => percentile(views.map(ms), 0.5);
  return {
    ...Object.fromEntries(names.map((name) => [name, median((view) => msOf(view, name))])),
    total: median(({ totalMs }) => totalMs),
  };
}
