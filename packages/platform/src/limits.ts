// Counts requests of an address a minute, in memory and nowhere else: against guessing of typed codes and passwords.
import { Refusal } from '@tongche/contract';
import type { Clock } from '@tongche/runtime';

const windowMs = 60_000;
/** Addresses counted at a time. When full the counting starts anew: a flood must not eat the memory. */
const maxAddresses = 50_000;

/** Throws Refusal 'rate-limited' above `max` calls of one address within a minute. */
export function perMinute(clock: Clock, max: number): (address: string) => void {
  let startMs = 0;
  const counts = new Map<string, number>();
  return (address) => {
    const nowMs = clock.now();
    if (nowMs - startMs >= windowMs || nowMs < startMs || counts.size >= maxAddresses) {
      counts.clear();
      startMs = nowMs;
    }
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    if (count > max) throw new Refusal('rate-limited', { retryAfterS: Math.ceil((startMs + windowMs - nowMs) / 1000) });
  };
}
