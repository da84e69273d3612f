// Codes on their way to the gateway, in the background of the answer. They live in memory only, for seconds.
import type { MessageGateway } from '@tongche/connectors';
import type { Wording } from '@tongche/messages';
import type { Clock, Log, Random } from '@tongche/runtime';
import { events } from '../events.ts';
import { MAX_WAITING_MESSAGES, MESSAGE_RETRY_MS } from '../limits.ts';

export interface Messages {
  /** Whether there is room for one more. */
  hasRoom(): boolean;
  send(to: bigint, wording: Wording): void;
  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void>;
}

export function backgroundMessages(
  gateway: Pick<MessageGateway, 'send'>,
  clock: Clock,
  log: Log,
  random: Random,
): Messages {
  const waiting = new Set<Promise<void>>();
  let retrying = 0;

  async function attempt(to: string, wording: Wording, mayRetry: boolean): Promise<void> {
    const id = `otp-${Buffer.from(random(9)).toString('base64url')}`;
    const outcome = await gateway.send({ id, to, wording });
    if (outcome.kind === 'accepted') return;
    const mayGoLater = outcome.kind === 'postponed' || (outcome.kind === 'refused' && outcome.retry);
    if (mayGoLater && mayRetry) {
      retrying += 1;
      clock.after('otp-retry', MESSAGE_RETRY_MS, () => {
        retrying -= 1;
        track(attempt(to, wording, false));
      });
      return;
    }
    // An unknown outcome is not sent again: a second code in a person's hands would only confuse.
    log.event(events.otpMessage, { outcome: outcome.kind, reason: outcome.reason.slice(0, 40) });
  }

  function track(sending: Promise<void>): void {
    const settled = sending
      .catch((error: unknown) => log.fault('registrar.otp-message', error))
      .finally(() => {
        waiting.delete(settled);
      });
    waiting.add(settled);
  }

  return {
    hasRoom: () => waiting.size + retrying < MAX_WAITING_MESSAGES,
    send: (to, wording) => track(attempt(to.toString(), wording, true)),
    async idle() {
      while (waiting.size > 0) await Promise.all(waiting);
    },
  };
}
