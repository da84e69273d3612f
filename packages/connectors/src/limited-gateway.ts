// A gateway with its provider's rates in front of it: over the limit means later, never lost.
import { createHmac, randomBytes } from 'node:crypto';

import type { Clock, Stop } from '@tongche/runtime';

import type { MessageGateway } from './gateway.ts';
import { createLimiter } from './limiter.ts';
import type { Rate } from './rates.ts';

/** Enough against two numbers that happen to be counted together. */
const DIGEST_CHARS = 22;

export interface LimitedOptions {
  readonly gateway: MessageGateway;
  readonly rates: readonly Rate[];
  readonly clock: Clock;
}

export function limitedGateway({ gateway, rates, clock }: LimitedOptions): MessageGateway {
  if (rates.length === 0) return gateway;
  const key = randomBytes(32);
  const digest = (text: string) => createHmac('sha256', key).update(text).digest('base64url').slice(0, DIGEST_CHARS);
  const limiter = createLimiter({ rates, digest });
  let roomHandler: (() => void) | undefined;
  let stopWake: Stop | undefined;

  return {
    async send(message) {
      const { template, text } = message.wording;
      const counted = { to: message.to, template, text };
      const nowMs = clock.now();
      const waitMs = limiter.waitMs(counted, nowMs);
      if (waitMs > 0) return { kind: 'postponed', reason: 'rate', retryInMs: waitMs };
      limiter.take(counted, nowMs);
      const outcome = await gateway.send(message);
      // What may have gone counts as gone.
      if (outcome.kind === 'refused') limiter.giveBack(counted, nowMs);
      return outcome;
    },
    onReceipt: (handler) => gateway.onReceipt(handler),
    awaitReceipts: (messages) => gateway.awaitReceipts?.(messages),
    connected: () => gateway.connected(),
    room() {
      const nowMs = clock.now();
      const room = limiter.room(nowMs, gateway.room());
      const waitMs = limiter.roomInMs(nowMs);
      // Where the gateway itself is full it calls by itself.
      if (waitMs > 0 && roomHandler !== undefined) {
        stopWake?.();
        stopWake = clock.after('rate-room', waitMs, roomHandler);
      }
      return Math.max(0, room);
    },
    onRoom(handler) {
      roomHandler = handler;
      gateway.onRoom(handler);
    },
    async close() {
      stopWake?.();
      await gateway.close();
    },
  };
}
