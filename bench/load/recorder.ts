// Counts what became of rides: within the measured time, and in all.
import { histogram } from '../kit/histogram.ts';
import { isUnanswered } from './connection.ts';
import type { Outcome } from './connection.ts';
import { sliceMs } from './messages.ts';
import type { LoadResult, Report, Slice } from './messages.ts';

export interface Window {
  readonly warmUpMs: number;
  readonly measureMs: number;
}
export type Tell = (report: Report) => void;

export interface Recorder {
  /** By performance.now(). */
  readonly startMs: number;
  readonly endMs: number;
  /** A ride that was due then, and settled just now. */
  record(outcome: Outcome, dueMs: number): void;
  offer(dueMs: number): void;
  result(): LoadResult;
}

/** Tells the bench when the measured time begins and ends, so that it reads the processors' clocks then. */
export function recorder({ warmUpMs, measureMs }: Window, tell: Tell): Recorder {
  const startMs = performance.now();
  const fromMs = startMs + warmUpMs;
  const endMs = fromMs + measureMs;
  const times = histogram();
  const errors: Record<string, number> = {};
  const outcomes: Record<string, number> = {};
  const slices: Slice[] = [];
  let [registered, offered, registeredInAll, unansweredInAll] = [0, 0, 0, 0];
  let before = process.cpuUsage();
  let used = before;
  setTimeout(() => {
    before = process.cpuUsage();
    tell({ kind: 'measuring' });
  }, warmUpMs);
  setTimeout(() => {
    used = process.cpuUsage(before);
    tell({ kind: 'measured' });
  }, warmUpMs + measureMs);

  const isMeasured = (atMs: number): boolean => atMs >= fromMs && atMs < endMs;
  function sliceAt(atMs: number): Slice {
    const n = Math.max(0, Math.floor((atMs - startMs) / sliceMs));
    return (slices[n] ??= { registered: 0, failed: 0, worstMs: 0 });
  }
  return {
    startMs,
    endMs,
    offer(dueMs) {
      if (isMeasured(dueMs)) offered += 1;
    },
    record(outcome, dueMs) {
      const nowMs = performance.now();
      const tookMs = nowMs - dueMs;
      const isRegistered = outcome === 'registered';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (isRegistered) registeredInAll += 1;
      else if (isUnanswered(outcome)) unansweredInAll += 1;
      const slice = sliceAt(dueMs);
      if (isRegistered) slice.registered += 1;
      else slice.failed += 1;
      slice.worstMs = Math.max(slice.worstMs, tookMs);
      if (isRegistered && isMeasured(nowMs)) registered += 1;
      if (!isMeasured(dueMs)) return;
      if (isRegistered) times.add(tookMs);
      else errors[outcome] = (errors[outcome] ?? 0) + 1;
    },
    result: () => ({
      kind: 'result',
      registered,
      measuredMs: measureMs,
      times: times.packed(),
      errors,
      outcomes,
      registeredInAll,
      unansweredInAll,
      slices: Array.from(slices, (slice) => slice ?? { registered: 0, failed: 0, worstMs: 0 }),
      offered,
      cpuMicros: used.user + used.system,
    }),
  };
}
