// What follows a definite refusal. Pure: the one place that decides between another provider, another time, another way
// to the person, and giving up. An unknown outcome never comes here: nothing follows it but a person's decision.

/** A message that is put off again and again fails on its route after this many rounds, about two hours. */
export const MAX_ROUNDS = 16;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 10 * 60_000;

export interface Standing {
  readonly rounds: number;
  /** A provider that refused earlier in this round may take it later. */
  readonly mayRetry: boolean;
  /** A provider of this channel that can be reached now was not asked in this round. */
  readonly hasNextProvider: boolean;
  readonly hasNextRoute: boolean;
}

export interface Refusal {
  /** `message`: this number or text, so that another provider is no way round it. */
  readonly fault: 'message' | 'provider';
  readonly retry: boolean;
  readonly retryInMs?: number;
}

export type Step =
  /** At once, on the same route. */
  | { readonly kind: 'next-provider' }
  /** All providers of the same route anew. */
  | { readonly kind: 'again'; readonly inMs: number }
  /** At once, by the next way. */
  | { readonly kind: 'next-route' }
  | { readonly kind: 'failed' };

export function nextStep(standing: Standing, refusal: Refusal): Step {
  const { rounds } = standing;
  if (refusal.fault === 'provider' && standing.hasNextProvider) return { kind: 'next-provider' };
  const mayRetry = refusal.retry || (refusal.fault === 'provider' && standing.mayRetry);
  if (mayRetry && rounds + 1 < MAX_ROUNDS) {
    const usualMs = Math.min(FIRST_RETRY_MS * 2 ** rounds, LONGEST_RETRY_MS);
    return { kind: 'again', inMs: Math.max(refusal.retryInMs ?? 0, usualMs) };
  }
  return standing.hasNextRoute ? { kind: 'next-route' } : { kind: 'failed' };
}
