// Sends through the first provider that takes a message, for callers without a store of their own (one-time codes). The
// next one is asked only after a certain refusal that is the provider's fault, never after an unknown outcome.
import type { OutgoingMessage, SendOutcome } from './gateway.ts';
import type { Provider } from './providers.ts';

export interface Fallback {
  send(message: OutgoingMessage): Promise<SendOutcome>;
}

export interface FallbackOptions {
  /** Of one channel, in order; at least one. */
  readonly providers: readonly Provider[];
  readonly onRefused?: (provider: string, reason: string) => void;
}

export function fallback({ providers, onRefused }: FallbackOptions): Fallback {
  return {
    async send(message) {
      // One that has no connection now would only keep the message waiting; it still has its turn as the last hope.
      const order = [...providers].sort((a, b) => Number(b.gateway.connected()) - Number(a.gateway.connected()));
      let retry = false;
      let reason = 'no-provider';
      for (const { name, gateway } of order) {
        const outcome = await gateway.send(message);
        if (outcome.kind !== 'refused' || outcome.fault === 'message') return outcome;
        onRefused?.(name, outcome.reason);
        retry ||= outcome.retry;
        reason = outcome.reason;
      }
      return { kind: 'refused', reason, fault: 'provider', retry };
    },
  };
}
