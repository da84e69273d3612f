// Answers that are dear to make and may be a little old: kept, given at once, made anew in the background, never two at a
// time. Nobody looks: nothing is computed.
import type { Clock } from '@tongche/runtime';

/** Making an answer may take at most this part of one database connection's time: intake comes first. */
const restFactor = 20;
/** An answer older than this is not shown any more: who asks then waits for a new one. */
const staleMs = 2 * 60_000;

export interface Fresh<Value> {
  readonly value: Value;
  readonly computedMs: number;
}

interface Kept<Value> {
  fresh: Fresh<Value> | undefined;
  tookMs: number;
  making: Promise<Fresh<Value>> | undefined;
}

export interface FreshOptions<Key, Value> {
  readonly clock: Clock;
  readonly make: (key: Key) => Promise<Value>;
  /** Runs one job after the other; shared by everything that must not run side by side. */
  readonly inTurn: <T>(job: () => Promise<T>) => Promise<T>;
  /** Answers kept at once; the one asked for longest ago goes first. */
  readonly maxKept: number;
  /** How old this key's answer may become before it is made anew. */
  readonly freshMs: (key: Key) => number;
}

/** A queue of one. A failed job does not hold up the next. */
export function oneAtATime(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async (job) => {
    const turn = last.then(job, job);
    last = turn.catch(() => undefined);
    return turn;
  };
}

export function keepFresh<Key, Value>(options: FreshOptions<Key, Value>): (key: Key) => Promise<Fresh<Value>> {
  const { clock, make, inTurn, maxKept } = options;
  const kept = new Map<Key, Kept<Value>>();

  function remake(key: Key, entry: Kept<Value>): Promise<Fresh<Value>> {
    entry.making ??= inTurn(async () => {
      const began = performance.now();
      const computedMs = clock.now();
      const value = await make(key);
      entry.tookMs = performance.now() - began;
      return (entry.fresh = { value, computedMs });
    }).finally(() => (entry.making = undefined));
    return entry.making;
  }

  return async (key) => {
    const entry = kept.get(key) ?? { fresh: undefined, tookMs: 0, making: undefined };
    kept.delete(key);
    kept.set(key, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break;
      kept.delete(oldest);
    }
    if (entry.fresh === undefined) return remake(key, entry);
    const ageMs = clock.now() - entry.fresh.computedMs;
    const least = Math.max(options.freshMs(key), entry.tookMs * restFactor);
    if (ageMs < least && ageMs >= 0) return entry.fresh;
    if (ageMs > Math.max(staleMs, least * 2) || ageMs < 0) return remake(key, entry);
    // The fault of a background turn shows at the next one that is waited for.
    void remake(key, entry).catch(() => undefined);
    return entry.fresh;
  };
}
