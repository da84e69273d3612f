// How many requests are on the way to a provider, for gateways over HTTP and mail: room, and an orderly end.
import type { Clock } from '@tongche/runtime';

import { providerDown } from './gateway.ts';
import type { SendOutcome } from './gateway.ts';

/** How long a closing gateway waits for answers on their way. */
const CLOSE_WAIT_MS = 5_000;

export interface InFlight {
  room(): number;
  onRoom(handler: () => void): void;
  /** Refuses at once when all places are taken or the gateway closes. */
  run(work: () => Promise<SendOutcome>): Promise<SendOutcome>;
  close(): Promise<void>;
}

/** Waits for work of a closing gateway, but not for ever. */
export async function settledSoon(work: Promise<unknown>, wireClock: Clock): Promise<void> {
  const late = Promise.withResolvers<void>();
  const stopTimer = wireClock.after('gateway-close', CLOSE_WAIT_MS, late.resolve);
  await Promise.race([work, late.promise]);
  stopTimer();
}

export function createInFlight(windowSize: number, wireClock: Clock): InFlight {
  const running = new Set<Promise<SendOutcome>>();
  let isClosed = false;
  let roomHandler: (() => void) | undefined;
  return {
    room: () => (isClosed ? 0 : Math.max(0, windowSize - running.size)),
    onRoom(handler) {
      roomHandler = handler;
      handler();
    },
    async run(work) {
      if (isClosed) return providerDown('closing');
      if (running.size >= windowSize) return providerDown('busy');
      const one = work();
      running.add(one);
      try {
        return await one;
      } finally {
        running.delete(one);
        if (!isClosed) roomHandler?.();
      }
    },
    async close() {
      isClosed = true;
      await settledSoon(Promise.allSettled(running), wireClock);
    },
  };
}
