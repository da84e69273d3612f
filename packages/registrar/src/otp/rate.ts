// Counting requests in sliding windows, in memory only. Two tables: one by a plain key (a network, the whole city),
// one by phone number under keys that are forgotten, so that nothing about a number can be read from it later.
import { createHmac } from 'node:crypto';
import type { Clock, Random } from '@tongche/runtime';
import type { Limit } from '../config.ts';
import { MAX_RATE_KEYS } from '../limits.ts';

interface Count {
  windowStartMs: number;
  before: number;
  now: number;
}

export interface RateTable {
  /** Whether one more request of this key is within every limit. Counts nothing. */
  fits(key: string): boolean;
  /** Counts one request. */
  add(key: string): void;
  /** fits, then add. */
  take(key: string): boolean;
  /** Requests of the key in the widest window, about. */
  seen(key: string): number;
}

/**
 * Sliding windows by two counters a window: the last whole window counts with the share that still overlaps.
 * At most MAX_RATE_KEYS keys; the longest-standing one makes room.
 */
export function rateTable(clock: Pick<Clock, 'now'>, limits: readonly Limit[]): RateTable {
  const counts = new Map<string, Count[]>();

  function current(key: string): Count[] | undefined {
    const found = counts.get(key);
    if (found === undefined) return undefined;
    const nowMs = clock.now();
    for (const [index, { windowMs }] of limits.entries()) {
      const count = found[index];
      if (count === undefined) continue;
      const startMs = Math.floor(nowMs / windowMs) * windowMs;
      if (startMs === count.windowStartMs) continue;
      count.before = startMs - count.windowStartMs === windowMs ? count.now : 0;
      count.now = 0;
      count.windowStartMs = startMs;
    }
    return found;
  }

  function load(count: Count | undefined, windowMs: number): number {
    if (count === undefined) return 0;
    const overlap = 1 - (clock.now() - count.windowStartMs) / windowMs;
    return count.now + count.before * overlap;
  }

  function fits(key: string): boolean {
    const found = current(key);
    return found === undefined || limits.every(({ windowMs, max }, index) => load(found[index], windowMs) + 1 <= max);
  }

  function add(key: string): void {
    let found = current(key);
    if (found === undefined) {
      if (counts.size >= MAX_RATE_KEYS) counts.delete(counts.keys().next().value ?? '');
      found = limits.map(({ windowMs }) => ({
        windowStartMs: Math.floor(clock.now() / windowMs) * windowMs,
        before: 0,
        now: 0,
      }));
      counts.set(key, found);
    }
    for (const count of found) count.now += 1;
  }

  return {
    fits,
    add,
    take(key) {
      const fit = fits(key);
      if (fit) add(key);
      return fit;
    },
    seen(key) {
      const found = current(key);
      return found === undefined ? 0 : Math.max(...limits.map(({ windowMs }, index) => load(found[index], windowMs)));
    },
  };
}

/** Exact times of what was sent to one number, newest last. */
type Times = number[];

export interface NumberTable {
  /** Counts one message to the number if every limit allows it. The same work is done either way. */
  take(phone: bigint): boolean;
}

/**
 * Limits of a number, exact to the millisecond. Keys are HMACs under a random key that exists in memory only, for a
 * day; the one before is kept for as long as a window still reaches back into it. Whoever reads the memory of
 * tomorrow learns nothing about the numbers of today.
 */
export function numberTable(clock: Pick<Clock, 'now'>, limits: readonly Limit[], random: Random): NumberTable {
  const widestMs = Math.max(...limits.map(({ windowMs }) => windowMs));
  const lifeMs = 86_400_000;
  const keep = Math.max(...limits.map(({ max }) => max));
  let generations = [{ key: random(32), bornMs: clock.now(), times: new Map<string, Times>() }];

  function turn(nowMs: number): void {
    const [newest] = generations;
    if (newest !== undefined && nowMs - newest.bornMs < lifeMs) return;
    generations = [{ key: random(32), bornMs: nowMs, times: new Map<string, Times>() }, ...generations].filter(
      ({ bornMs }) => nowMs - bornMs < lifeMs + widestMs,
    );
  }

  function take(phone: bigint): boolean {
    const nowMs = clock.now();
    turn(nowMs);
    const keyed = generations.map((generation) => ({
      generation,
      id: createHmac('sha256', generation.key).update(phone.toString()).digest('base64'),
    }));
    const times = keyed.flatMap(({ generation, id }) => generation.times.get(id) ?? []);
    const fit = limits.every(({ windowMs, max }) => times.filter((ms) => nowMs - ms < windowMs).length < max);
    const [newest] = keyed;
    if (fit && newest !== undefined) {
      const { times: table } = newest.generation;
      const mine = [...(table.get(newest.id) ?? []), nowMs].slice(-keep);
      // Taken out and put in again: the order of the map is the order of use, the longest unused leaves first.
      table.delete(newest.id);
      if (table.size >= MAX_RATE_KEYS) table.delete(table.keys().next().value ?? '');
      table.set(newest.id, mine);
    }
    return fit;
  }

  return { take };
}

/** The network an address belongs to: /24 of IPv4 (also when written as IPv6), /56 of IPv6. */
export function networkOf(address: string): string {
  const v4 = /(?:^|:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/.exec(address);
  if (v4 !== null) return `${v4[1]}.${v4[2]}.${v4[3]}`;
  const [head = '', tail = ''] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16) || 0);
  const [a = 0, b = 0, c = 0, d = 0] = groups;
  return [a, b, c, d & 0xff00].map((group) => group.toString(16)).join(':');
}
