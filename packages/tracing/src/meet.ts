// From two stays to the probability of having been together for so long, and the minutes expected.
//
// Exact for independent stays: for every pair of boarding stops P = S(t*)·S'(t*) with t* = the later boarding + τ, and
// E = ∫ S·S' dt, which is a sum over stops, because people get off only there.
import { presentAt } from './stay.ts';
import type { Boarding, Stay, StopStay, TimeStay } from './stay.ts';

/** Written anew by every call: millions of pairs are looked at, few are kept. */
export interface Meeting {
  /** Together for the time asked for at least. */
  probability: number;
  /** Expected minutes together. */
  minutes: number;
  /** The widest extent the bounds allow; from > to where they cannot have met. */
  fromMs: number;
  toMs: number;
  /** Stop indices of that extent; -1 without stops. */
  first: number;
  last: number;
}

export function noMeeting(): Meeting {
  return { probability: 0, minutes: 0, fromMs: 0, toMs: -1, first: -1, last: -1 };
}

export interface MeetOptions {
  /** Shortest time together. */
  readonly overlapMs: number;
  /** What lies before this instant does not count (time runs forward through a chain of contacts). */
  readonly notBeforeMs: number;
}

/** Steps in which a meeting without stops is added up. */
const STEP_MS = 60_000;
const FADED = 1e-4;
/** Riders of a cab who registered within this are one fare; later ones are the next. */
const SAME_FARE_MS = 3 * 60_000;

/** Adds what one pair of boardings contributes. */
function addPair(arrMs: Float64Array, a: Boarding, b: Boarding, options: MeetOptions, out: Meeting): void {
  const startMs = Math.max(a.ms, b.ms, options.notBeforeMs);
  // Somebody who gets off at the very instant the other one boards was not together with them.
  const atMs = startMs + Math.max(options.overlapMs, 1);
  const weight = a.weight * b.weight;
  let isLong = false;
  let beforeMs = startMs;
  for (let j = Math.max(a.stop, b.stop) + 1; j < arrMs.length; j += 1) {
    const both = (a.behind[j - 1] ?? 0) * (b.behind[j - 1] ?? 0);
    if (both <= 0) break;
    const hereMs = arrMs[j] ?? 0;
    if (!isLong && hereMs >= atMs) {
      isLong = true;
      out.probability += weight * both;
    }
    if (hereMs > beforeMs) {
      out.minutes += (weight * both * (hereMs - beforeMs)) / 60_000;
      beforeMs = hereMs;
    }
  }
}

function meetOnStops(a: StopStay, b: StopStay, options: MeetOptions, out: Meeting): void {
  const { arrMs, depMs } = a.model;
  out.first = Math.max(a.first, b.first);
  out.last = Math.min(a.last, b.last);
  if (out.first >= out.last) return;
  out.fromMs = Math.max(depMs[out.first] ?? 0, options.notBeforeMs);
  out.toMs = arrMs[out.last] ?? 0;
  for (const mine of a.boardings) for (const yours of b.boardings) addPair(arrMs, mine, yours, options, out);
}

function endOf({ fromMs, lasting, goneMs }: TimeStay): number {
  return Math.min(fromMs + (lasting.length - 1) * STEP_MS, goneMs);
}

function meetInTime(a: TimeStay, b: TimeStay, isCab: boolean, options: MeetOptions, out: Meeting): void {
  const startMs = Math.max(a.fromMs, b.fromMs, options.notBeforeMs);
  const endMs = Math.min(endOf(a), endOf(b));
  out.fromMs = startMs;
  out.toMs = endMs;
  const isNextFare = isCab && !a.presence.staff && !b.presence.staff && Math.abs(a.fromMs - b.fromMs) > SAME_FARE_MS;
  if (startMs >= endMs || isNextFare) {
    out.toMs = startMs - 1;
    return;
  }
  const atMs = startMs + Math.max(options.overlapMs, 1);
  out.probability = presentAt(a, atMs) * presentAt(b, atMs);
  for (let ms = startMs; ms < endMs; ms += STEP_MS) {
    const stepMs = Math.min(STEP_MS, endMs - ms);
    const both = presentAt(a, ms + stepMs / 2) * presentAt(b, ms + stepMs / 2);
    if (both < FADED) break;
    out.minutes += (both * stepMs) / 60_000;
  }
}

/**
 * Writes the meeting of two stays in one space into `out`. Both must be on stops of the same run, or both without a
 * timeline. Symmetric: the same from either side.
 */
export function meet(a: Stay, b: Stay, isCab: boolean, options: MeetOptions, out: Meeting): void {
  out.probability = 0;
  out.minutes = 0;
  out.fromMs = 0;
  out.toMs = -1;
  out.first = -1;
  out.last = -1;
  if (a.kind === 'stops') {
    if (b.kind !== 'stops' || b.model !== a.model) throw new Error('stays of one run meet');
    meetOnStops(a, b, options, out);
  } else {
    if (b.kind !== 'time') throw new Error('a stay without a timeline meets its like');
    meetInTime(a, b, isCab, options, out);
  }
  const trust = a.trust * b.trust;
  out.probability = Math.min(out.probability * trust, 1);
  out.minutes *= trust;
}
