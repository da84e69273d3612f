// Sends what is queued. The order that makes "at most once" true: claim and mark `sending`, COMMIT, call the gateway,
// record the outcome. A crash in between leaves `sending`, which the next start turns into `uncertain`.
import type { MessageGateway, SendOutcome } from '@tongche/connectors';
import { claim, markAccepted, markQueued, markRefused, markSending, markUncertain } from '@tongche/outbox';
import type { ClaimedMessage } from '@tongche/outbox';
import type { Database } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';

import { events } from './events.ts';
import type { QuietHours } from './quiet-hours.ts';
import type { Receipts } from './receipts.ts';

/** One claim's transaction stays short. */
const MAX_CLAIM = 64;
/** A message the gateway keeps postponing fails after this many tries, about two hours. */
const MAX_ATTEMPTS = 16;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 10 * 60_000;
/** An outcome that the database does not take is tried again until it does. */
const FIRST_RECORD_RETRY_MS = 200;
const LONGEST_RECORD_RETRY_MS = 5_000;

export interface SenderOptions {
  readonly outbox: Database;
  readonly gateway: MessageGateway;
  readonly receipts: Receipts;
  readonly quiet: QuietHours;
  readonly clock: Clock;
  readonly wireClock: Clock;
  readonly log: Log;
  /** Whether this process is the one that may send. */
  readonly mayClaim: () => boolean;
}

export interface Sender {
  /** There may be something to send, or room to send it. */
  wake(): void;
  inFlight(): number;
  /** Claims nothing more. */
  stop(): void;
  /** Resolves when every outcome is recorded. */
  idle(): Promise<void>;
}

export function createSender(options: SenderOptions): Sender {
  const { outbox, gateway, receipts, clock, log } = options;
  const inFlight = new Set<Promise<void>>();
  let claiming: Promise<void> | undefined;
  let wakeAgain = false;
  let stopped = false;

  function claimSome(limit: number): Promise<readonly ClaimedMessage[]> {
    const nowMs = clock.now();
    return outbox.tx('claim', async (tx) => {
      const messages = await claim(tx, { limit, nowMs, urgentOnly: options.quiet.isQuiet(nowMs) });
      const ids = messages.map((message) => message.messageId);
      if (ids.length > 0) await markSending(tx, ids, nowMs);
      return messages;
    });
  }

  async function claimWhileRoom(): Promise<void> {
    do {
      wakeAgain = false;
      const room = Math.min(gateway.room(), MAX_CLAIM);
      if (stopped || room === 0 || !options.mayClaim()) return;
      const messages = await claimSome(room);
      if (messages.length > 0) {
        log.event(events.claimed, { count: messages.length });
        wakeAgain = true;
      }
      for (const message of messages) start(message);
    } while (wakeAgain);
  }

  function wake(): void {
    wakeAgain = true;
    if (stopped || claiming !== undefined) return;
    // A fault leaves everything queued; the next poll tries again.
    claiming = claimWhileRoom()
      .catch((error: unknown) => {
        wakeAgain = false;
        log.fault('notifier.claim', error);
      })
      .finally(() => {
        claiming = undefined;
        if (wakeAgain) wake();
      });
  }

  function start(message: ClaimedMessage): void {
    const work = sendAndRecord(message)
      .catch((error: unknown) => log.fault('notifier.send', error))
      .finally(() => {
        inFlight.delete(work);
        wake();
      });
    inFlight.add(work);
  }

  async function sendAndRecord(message: ClaimedMessage): Promise<void> {
    const outcome = await gateway.send({
      id: message.messageId,
      to: message.address,
      wording: { template: 'notice', version: 1, values: {}, text: message.text },
    });
    let retryInMs = FIRST_RECORD_RETRY_MS;
    for (;;) {
      try {
        await record(message, outcome);
        return;
      } catch (error) {
        log.fault('notifier.record', error);
        log.event(events.notRecorded, { retryInMs });
        // A stopping process gives up after one more try: the message stays `sending` and becomes `uncertain`.
        if (stopped && retryInMs > FIRST_RECORD_RETRY_MS) return;
        await new Promise<void>((resolve) => options.wireClock.after('notifier-record', retryInMs, resolve));
        retryInMs = Math.min(retryInMs * 2, LONGEST_RECORD_RETRY_MS);
      }
    }
  }

  async function record(message: ClaimedMessage, outcome: SendOutcome): Promise<void> {
    const { messageId, attempts } = message;
    switch (outcome.kind) {
      case 'accepted':
        await markAccepted(outbox, messageId, outcome.gatewayIds);
        await receipts.applyEarly(outcome.gatewayIds);
        return;
      case 'unknown':
        await markUncertain(outbox, messageId, outcome.reason);
        log.event(events.uncertain, { messageId, reason: outcome.reason });
        return;
      case 'postponed':
        await markQueued(outbox, messageId, outcome.reason, clock.now() + outcome.retryInMs);
        return;
      case 'refused':
        if (outcome.retry && attempts + 1 < MAX_ATTEMPTS) {
          const retryInMs = stopped ? 0 : Math.min(FIRST_RETRY_MS * 2 ** attempts, LONGEST_RETRY_MS);
          await markQueued(outbox, messageId, outcome.reason, clock.now() + retryInMs);
          log.event(events.putBack, { messageId, reason: outcome.reason, retryInMs });
        } else {
          await markRefused(outbox, messageId, outcome.reason, clock.now());
          log.event(events.failed, { messageId, reason: outcome.reason });
        }
    }
  }

  return {
    wake,
    inFlight: () => inFlight.size,
    stop() {
      stopped = true;
    },
    async idle() {
      await claiming;
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}
