// Counts what was sent against a provider's rates, in sliding windows. Pure: time and the digest of keys are arguments.
//
// Kept in memory only, as digests under a key of this process: no list of numbers is written down anywhere. After a
// restart it knows nothing; then the provider's own counters answer, and a refusal of theirs for the number's sake puts
// the message off until its time (see the providers' tables), so that nothing is lost, only asked once too often.
import { isCodeTemplate } from './rates.ts';
import type { CountedBy, Rate } from './rates.ts';

/** Above a day's messages of a large city; beyond it the longest unused keys are forgotten. */
const MAX_KEYS = 1_000_000;

export interface Counted {
  readonly to: string;
  readonly template: string;
  readonly text: string;
}

export interface Limiter {
  /** How long this message must wait; 0 when it may go now. */
  waitMs(message: Counted, nowMs: number): number;
  /** Counts a message that goes now. */
  take(message: Counted, nowMs: number): void;
  /** It did not go after all. */
  giveBack(message: Counted, takenMs: number): void;
  /** How many may go now as far as the rates for all together are concerned, at most `most`. */
  room(nowMs: number, most: number): number;
  /** When there is room again. */
  roomInMs(nowMs: number): number;
}

export interface LimiterOptions {
  readonly rates: readonly Rate[];
  readonly digest: (text: string) => string;
}

function applies(rate: Rate, template: string): boolean {
  return rate.of === undefined || (rate.of === 'code') === isCodeTemplate(template);
}

export function createLimiter({ rates, digest }: LimiterOptions): Limiter {
  /** Times of what was sent, oldest first, by rate and key. */
  const sent = new Map<string, number[]>();

  function keyOf(rate: Rate, at: number, { to, template, text }: Counted): string {
    const parts: Readonly<Record<CountedBy, readonly string[]>> = {
      all: [],
      number: [to],
      'number-template': [to, template],
      'number-text': [to, text],
    };
    const counted = parts[rate.by];
    return counted.length === 0 ? `${at}` : `${at}|${digest(counted.join('|'))}`;
  }

  function recent(key: string, rate: Rate, nowMs: number): readonly number[] {
    const times = sent.get(key);
    if (times === undefined) return [];
    const kept = times.filter((timeMs) => timeMs > nowMs - rate.windowMs);
    if (kept.length === 0) sent.delete(key);
    else if (kept.length < times.length) sent.set(key, kept);
    return kept;
  }

  function waitOf(rate: Rate, key: string, nowMs: number): number {
    const times = recent(key, rate, nowMs);
    const oldest = times[times.length - rate.max];
    return oldest === undefined ? 0 : oldest + rate.windowMs - nowMs;
  }

  function eachRate(message: Counted, visit: (rate: Rate, key: string) => void): void {
    for (const [at, rate] of rates.entries()) {
      if (applies(rate, message.template)) visit(rate, keyOf(rate, at, message));
    }
  }

  return {
    waitMs(message, nowMs) {
      let longestMs = 0;
      eachRate(message, (rate, key) => {
        longestMs = Math.max(longestMs, waitOf(rate, key, nowMs));
      });
      return longestMs;
    },
    take(message, nowMs) {
      eachRate(message, (rate, key) => {
        const times = [...recent(key, rate, nowMs), nowMs];
        sent.delete(key);
        sent.set(key, times);
        const oldest = sent.keys().next().value;
        if (sent.size > MAX_KEYS && oldest !== undefined) sent.delete(oldest);
      });
    },
    giveBack(message, takenMs) {
      eachRate(message, (_rate, key) => {
        const times = sent.get(key) ?? [];
        const at = times.lastIndexOf(takenMs);
        if (at < 0) return;
        if (times.length === 1) sent.delete(key);
        else sent.set(key, times.toSpliced(at, 1));
      });
    },
    room(nowMs, most) {
      return rates.reduce(
        (room, rate, at) => (rate.by === 'all' ? Math.min(room, rate.max - recent(`${at}`, rate, nowMs).length) : room),
        most,
      );
    },
    roomInMs(nowMs) {
      return rates.reduce(
        (waitMs, rate, at) => (rate.by === 'all' ? Math.max(waitMs, waitOf(rate, `${at}`, nowMs)) : waitMs),
        0,
      );
    },
  };
}
