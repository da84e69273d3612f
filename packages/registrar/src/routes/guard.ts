// What several routes check of a request before its body means anything.
import { Refusal } from '@tongche/contract';
import type { Clock } from '@tongche/runtime';
import type { Config, Limit } from '../config.ts';
import { networkOf, rateTable } from '../otp/rate.ts';

/** Refuses a network's requests beyond the limits: rate-limited. */
export function networkLimit(clock: Clock, limits: readonly Limit[]): (address: string) => void {
  const table = rateTable(clock, limits);
  const retryAfterS = Math.ceil(Math.min(...limits.map(({ windowMs }) => windowMs)) / 1_000);
  return (address) => {
    if (!table.take(networkOf(address))) throw new Refusal('rate-limited', { retryAfterS });
  };
}

/**
 * Refuses what a page of another origin sends in a browser's name: wrong-origin. Programs without an Origin header
 * carry no cookie of a person and pass.
 */
export function ownOrigin(config: Pick<Config, 'publicUrl'>): (origin: string | undefined, host: string) => void {
  return (origin, host) => {
    if (origin === undefined || origin === config.publicUrl) return;
    if (URL.canParse(origin) && new URL(origin).host === host) return;
    throw new Refusal('wrong-origin');
  };
}
