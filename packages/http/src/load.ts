// How near a process is to what it can do, as one number: the most used of requests under way, delay of the event loop, age of
// the oldest request and wait for the database, each as a share of its limit. Cheap: every request asks.
import type { IncomingMessage } from 'node:http';
import { lineup } from './lineup.ts';
import type { Place } from './lineup.ts';

export interface LoadLimits {
  /** Requests under way. What they hold in memory, and the longest anybody waits for those before. */
  readonly maxOpen: number;
  /** A turn of the event loop may be late by so much. */
  readonly maxDelayMs: number;
  /** Somebody may have waited for so long: on a slow machine fewer requests than `maxOpen` are too many. */
  readonly maxAgeMs: number;
}

/** A quick request, when it began, where it stands among the others. */
export type Quick = Place<{ readonly request: IncomingMessage; readonly beganMs: number }>;

export interface Load {
  /** 0: idle; 1: at the limit. */
  share(): number;
  /** `isQuick`: its age tells; others may take long by their nature. Returns what a quick one ends with. */
  began(request: IncomingMessage, isQuick: boolean): Quick | undefined;
  ended(quick: Quick | undefined, isGood: boolean): void;
  readonly open: number;
  readonly delayMs: number;
  /** Requests answered well a second, of late. */
  readonly perSecond: number;
  /** Measures; to be called every `lookMs`. Returns the highest share since the last call. */
  look(): number;
}

/** Often enough to be told within a breath, seldom enough to cost nothing. */
export const lookMs = 100;
/** Weight of the last look: one long collection of garbage is not an overload. */
const delayWeight = 0.4;
const rateWeight = 0.1;

/** `waitShare`: what the process itself knows about its waits, as a share of their limit. */
export function loadOf(
  { maxOpen, maxDelayMs, maxAgeMs }: LoadLimits,
  steadyMs: () => number,
  waitShare: () => number = () => 0,
): Load {
  let [open, good, delayMs, ageMs, perSecond, highest] = [0, 0, 0, 0, 0, 0];
  /** The oldest first. */
  const quick = lineup<Quick['value']>();
  let lookedMs = steadyMs();

  function share(): number {
    const now = Math.max(open / maxOpen, delayMs / maxDelayMs, ageMs / maxAgeMs, waitShare());
    if (now > highest) highest = now;
    return now;
  }
  /** Of those whose body is here: who sends one byte a second has only to wait for himself. */
  function oldestMs(nowMs: number): number {
    for (const { value } of quick.values()) if (value.request.complete) return nowMs - value.beganMs;
    return 0;
  }
  return {
    share,
    began(request, isQuick) {
      open += 1;
      return isQuick ? quick.enter({ request, beganMs: steadyMs() }) : undefined;
    },
    ended(place, isGood) {
      open -= 1;
      if (place !== undefined) quick.leave(place);
      if (isGood) good += 1;
    },
    get open() {
      return open;
    },
    get delayMs() {
      return delayMs;
    },
    get perSecond() {
      return perSecond;
    },
    look() {
      const nowMs = steadyMs();
      const passedMs = Math.max(1, nowMs - lookedMs);
      lookedMs = nowMs;
      delayMs += (Math.max(0, passedMs - lookMs) - delayMs) * delayWeight;
      perSecond += ((good * 1_000) / passedMs - perSecond) * rateWeight;
      good = 0;
      ageMs = oldestMs(nowMs);
      const seen = Math.max(highest, share());
      highest = 0;
      return seen;
    },
  };
}
