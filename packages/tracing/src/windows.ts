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
  /** Opened by a doubtful ride that a tracer took in knowingly, and by no other. */
  readonly included: boolean;
}

/** Windows of one vehicle's time, in order and apart from each other. */
type Span = Omit<Window, 'included'>;

function windowOf(presence: Presence, run: Run): Span {
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

function spansFor(rides: readonly Presence[], runs: ReadonlyMap<string, Run>): readonly Span[] {
  const wanted = rides.flatMap((presence) => {
    const run = presence.runKey === null ? undefined : runs.get(presence.runKey);
    return run === undefined ? [] : [windowOf(presence, run)];
  });
  wanted.sort((a, b) => compare(a.unit, b.unit) || a.fromMs - b.fromMs || b.toMs - a.toMs);
  const spans: Span[] = [];
  for (const span of wanted) {
    const before = spans.at(-1);
    const fromMs = before?.unit === span.unit ? Math.max(span.fromMs, before.toMs) : span.fromMs;
    if (fromMs < span.toMs) spans.push({ ...span, fromMs });
  }
  return spans;
}

/** What is left of a span beside others. */
function beside(span: Span, others: readonly Span[]): readonly Span[] {
  return others.reduce<readonly Span[]>(
    (left, other) =>
      left.flatMap((one) => {
        if (other.unit !== one.unit || other.toMs <= one.fromMs || other.fromMs >= one.toMs) return [one];
        const pieces = [
          { ...one, toMs: other.fromMs },
          { ...one, fromMs: other.toMs },
        ];
        return pieces.filter(({ fromMs, toMs }) => fromMs < toMs);
      }),
    [span],
  );
}

/**
 * One window per ride of the case that has a run, from the start of the run to where the case left at the latest;
 * disjoint per vehicle, in a fixed order. Fellow riders who board later or got off before are nobody's business.
 * `included` are doubtful rides that count all the same: their windows are told apart, and smaller by what is asked anyway.
 */
export function windowsFor(
  cases: readonly Presence[],
  runs: readonly Run[],
  included: readonly Presence[] = [],
): readonly Window[] {
  const byKey = new Map(runs.map((run) => [run.runKey, run]));
  const usual = spansFor(cases, byKey);
  const extra = spansFor(included, byKey).flatMap((span) => beside(span, usual));
  return [
    ...usual.map((span) => ({ ...span, included: false })),
    ...extra.map((span) => ({ ...span, included: true })),
  ].sort((a, b) => compare(a.unit, b.unit) || a.fromMs - b.fromMs);
}

/** By code units: the same everywhere, whatever the locale. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
