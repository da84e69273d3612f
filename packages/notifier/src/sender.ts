// Sends what is queued. The order that makes "at most once" true: claim and mark `sending`, COMMIT, call the gateway,
// record the outcome. A crash in between leaves `sending`, which the next start turns into `uncertain`.
import type { Provider, SendOutcome } from '@tongche/connectors';
import type { Channel } from '@tongche/messages';
import {
  claim,
  markAccepted,
  markPostponed,
  markRefused,
  markSending,
  markUncertain,
  nextStep,
  skipChannels,
} from '@tongche/outbox';
import type { ClaimedMessage } from '@tongche/outbox';
import type { Database } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';

import { events } from './events.ts';
import type { QuietHours } from './quiet-hours.ts';
import type { Reach } from './reach.ts';
import type { Receipts } from './receipts.ts';

/** One claim's transaction stays short. */
const MAX_CLAIM = 64;
/** How often messages by a way that has no provider here are looked for. */
const SKIP_EVERY_MS = 1_000;
/** An outcome that the database does not take is tried again until it does. */
const FIRST_RECORD_RETRY_MS = 200;
const LONGEST_RECORD_RETRY_MS = 5_000;

export interface SenderOptions {
  readonly outbox: Database;
  /** In the order in which they are asked. */
  readonly providers: readonly Provider[];
  readonly reach: Reach;
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
  const { outbox, providers, reach, receipts, clock, log } = options;
  const channels: readonly Channel[] = [...new Set(providers.map(({ channel }) => channel))];
  const inFlight = new Set<Promise<void>>();
  let claiming: Promise<void> | undefined;
  let wakeAgain = false;
  let stopped = false;
  let skippedMs = -Infinity;

  function claimSome(provider: Provider, limit: number, reachable: readonly string[]) {
    const nowMs = clock.now();
    const urgentOnly = options.quiet.isQuiet(nowMs);
    const { name, channel } = provider;
    return outbox.tx('claim', async (tx) => {
      const messages = await claim(tx, { limit, nowMs, urgentOnly, channel, provider: name, reachable });
      const ids = messages.map((message) => message.messageId);
      if (ids.length > 0) await markSending(tx, ids, name, nowMs);
      return messages;
    });
  }

  function reachableOn(channel: Channel): readonly Provider[] {
    return providers.filter((provider) => provider.channel === channel && !reach.isDown(provider));
  }

  /** Messages by a way for which there is no provider go on by their next way. */
  async function skip(): Promise<void> {
    const nowMs = options.wireClock.now();
    if (nowMs - skippedMs < SKIP_EVERY_MS) return;
    skippedMs = nowMs;
    const count = await skipChannels(outbox, channels, clock.now());
    if (count > 0) log.event(events.skipped, { count });
  }

  async function claimWhileRoom(): Promise<void> {
    do {
      wakeAgain = false;
      if (stopped || !options.mayClaim()) return;
      await skip();
      for (const channel of channels) {
        const reachable = reachableOn(channel);
        const names = reachable.map(({ name }) => name);
        for (const provider of reachable) {
          const room = Math.min(provider.gateway.room(), MAX_CLAIM);
          if (stopped || room <= 0) continue;
          const messages = await claimSome(provider, room, names);
          if (messages.length === 0) continue;
          log.event(events.claimed, { count: messages.length });
          wakeAgain = true;
          for (const message of messages) start(message, provider);
        }
      }
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

  function start(message: ClaimedMessage, provider: Provider): void {
    const work = sendAndRecord(message, provider)
      .catch((error: unknown) => log.fault('notifier.send', error))
      .finally(() => {
        inFlight.delete(work);
        wake();
      });
    inFlight.add(work);
  }

  async function sendAndRecord(message: ClaimedMessage, provider: Provider): Promise<void> {
    const { messageId: id, address: to, wording, channel } = message;
    const outcome = await provider.gateway.send({ id, to, wording });
    const reason = outcome.kind === 'accepted' ? '' : outcome.reason;
    log.event(events.attempt, { messageId: id, channel, provider: provider.name, outcome: outcome.kind, reason });
    let retryInMs = FIRST_RECORD_RETRY_MS;
    for (;;) {
      try {
        await record(message, provider, outcome);
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

  async function record(message: ClaimedMessage, provider: Provider, outcome: SendOutcome): Promise<void> {
    const { messageId } = message;
    const nowMs = clock.now();
    switch (outcome.kind) {
      case 'accepted':
        await markAccepted(outbox, messageId, outcome.gatewayIds, nowMs);
        await receipts.applyEarly(outcome.gatewayIds);
        return;
      case 'unknown':
        await markUncertain(outbox, messageId, outcome.reason, nowMs);
        log.event(events.uncertain, { messageId, reason: outcome.reason });
        return;
      case 'postponed':
        await markPostponed(outbox, messageId, outcome.reason, nowMs + outcome.retryInMs);
        return;
      case 'refused':
        await recordRefused(message, provider, outcome);
    }
  }

  async function recordRefused(
    message: ClaimedMessage,
    provider: Provider,
    outcome: SendOutcome & { readonly kind: 'refused' },
  ): Promise<void> {
    const { messageId, tried, channel } = message;
    const hasNextProvider = reachableOn(channel).some(({ name }) => name !== provider.name && !tried.includes(name));
    const chosen = nextStep({ ...message, hasNextProvider }, outcome);
    // What a stopping process puts back is ready for the next one.
    const step = chosen.kind === 'again' && stopped ? { ...chosen, inMs: 0 } : chosen;
    await markRefused(outbox, messageId, outcome, step, clock.now());
    if (step.kind === 'failed') log.event(events.failed, { messageId, reason: outcome.reason });
    else log.event(events.putBack, { messageId, next: step.kind, retryInMs: step.kind === 'again' ? step.inMs : 0 });
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
