// Heads of a shift minute by minute, four bytes each: thousands of shifts are counted at once.
import { MINUTE_MS } from '@tongche/protocol';

export interface MinuteHeads {
  add(boardedMs: number, heads: number): void;
  /** Of all minutes, or of those that fit. */
  sum(fits?: (boardedMs: number) => boolean): number;
}

const growBy = 64;
/** Two days: what a shift that nobody ended holds of earlier minutes is kept as one number, which fits no trip. */
const maxMinutes = 2 * 24 * 60;

/** Minutes before `fromMs` are not counted. */
export function minuteHeads(fromMs: number): MinuteHeads {
  let base = Math.floor(fromMs / MINUTE_MS);
  let counts = new Int32Array(0);
  let before = 0;

  /** Makes room for a minute beyond the end. */
  function reach(at: number): number {
    const beyond = Math.max(0, at + 1 - maxMinutes);
    if (beyond > 0) {
      for (const heads of counts.subarray(0, beyond)) before += heads;
      counts = counts.slice(Math.min(beyond, counts.length));
      base += beyond;
    }
    const grown = new Int32Array(Math.min(maxMinutes, Math.ceil((at - beyond + 1) / growBy) * growBy));
    grown.set(counts);
    counts = grown;
    return at - beyond;
  }

  return {
    add(boardedMs, heads) {
      let at = Math.floor(boardedMs / MINUTE_MS) - base;
      if (at < 0) {
        // Of before the shift, or folded already.
        if (boardedMs >= fromMs) before += heads;
        return;
      }
      if (at >= counts.length) at = reach(at);
      counts[at] = (counts[at] ?? 0) + heads;
    },
    sum(fits) {
      let sum = fits === undefined ? before : 0;
      counts.forEach((heads, at) => {
        if (heads !== 0 && (fits === undefined || fits((base + at) * MINUTE_MS))) sum += heads;
      });
      return sum;
    },
  };
}
