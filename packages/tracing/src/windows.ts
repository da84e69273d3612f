// Which stretches of which vehicles' time must be looked at: where fellow riders of the case can have got on.
import { intervalOf, stopsInOrder } from './interval.ts';
import type { Presence, Run } from './model.ts';

/** The operator answers only for windows within this of a matched ride. */
export const MAX_WINDOW_REACH_MS = 180 * 60_000;
/** Clocks of phones may be off by three minutes, and some scan a little late. */
const SLACK_MS = 5 * 60_000;

export interface Window {
  readonly unit: string;
  readonly fromMs: number;
  readonly toMs: number;
}

function windowOf(presence: Presence, run: Run): Window {
  const { unit, boardedMs } = presence;
  const stops = stopsInOrder(run);
  const interval = intervalOf(presence, run);
  const first = stops[0];
  const left = stops.find((stop) => stop.seq >= (interval?.alightHi ?? Number.POSITIVE_INFINITY)) ?? stops.at(-1);
  const fromMs = first === undefined ? 0 : first.arrMs - SLACK_MS;
  const toMs = left === undefined ? Number.POSITIVE_INFINITY : left.depMs + SLACK_MS;
  return {
    unit,
    // A scan far outside its run's times (a replaced timeline) still gets a window around itself.
    fromMs: Math.min(Math.max(fromMs, boardedMs - MAX_WINDOW_REACH_MS), boardedMs),
    toMs: Math.max(Math.min(toMs, boardedMs + MAX_WINDOW_REACH_MS), boardedMs + 1),
  };
}

/**
 * One window per ride of the case that has a run, from the start of the run to where the case left at the latest;
 * disjoint per vehicle, in a fixed order. Fellow riders who board later or got off before are nobody's business.
 */
export function windowsFor(cases: readonly Presence[], runs: readonly Run[]): readonly Window[] {
  const byKey = new Map(runs.map((run) => [run.runKey, run]));
  const wanted = cases.flatMap((presence) => {
    const run = presence.runKey === null ? undefined : byKey.get(presence.runKey);
    return run === undefined ? [] : [windowOf(presence, run)];
  });
  wanted.sort((a, b) => compare(a.unit, b.unit) || a.fromMs - b.fromMs || b.toMs - a.toMs);
  const windows: Window[] = [];
  for (const window of wanted) {
    const before = windows.at(-1);
    const fromMs = before?.unit === window.unit ? Math.max(window.fromMs, before.toMs) : window.fromMs;
    if (fromMs < window.toMs) windows.push({ ...window, fromMs });
  }
  return windows;
}

/** By code units: the same everywhere, whatever the locale. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
