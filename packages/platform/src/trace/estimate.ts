// How many were probably aboard a run: its registrations, scaled by what the operator counted on the line in those hours.
import type { LineDay } from '../store/boardings.ts';

const HOUR_MS = 3_600_000;

export interface RunHeads {
  readonly heads: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Midnight of the run's first local day. */
  readonly dayStartMs: number;
}

/** Undefined where nobody counted, or nobody registered, on the line in the hours of the run. Never below what registered. */
export function estimatedAboard(run: RunHeads, line: LineDay): number | undefined {
  const first = Math.floor((run.fromMs - run.dayStartMs) / HOUR_MS);
  const last = Math.floor((run.toMs - run.dayStartMs) / HOUR_MS);
  let [counted, registered] = [0, 0];
  for (let hour = first; hour <= last; hour += 1) {
    counted += line.counted[hour] ?? 0;
    registered += line.registered[hour] ?? 0;
  }
  if (counted === 0 || registered === 0) return undefined;
  return Math.max(run.heads, Math.round((run.heads * counted) / registered));
}
