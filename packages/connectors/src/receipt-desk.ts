// Hands receipts that were asked for (not delivered) to their handler, until it has stored them.
import type { Clock, Log } from '@tongche/runtime';

import { events } from './events.ts';
import type { Receipt, ReceiptHandler } from './gateway.ts';

const FIRST_AGAIN_MS = 500;
const LONGEST_AGAIN_MS = 60_000;

export interface ReceiptDesk {
  onReceipt(handler: ReceiptHandler): void;
  /** Resolves when it is stored, or when the desk closes. Some providers hand out a receipt once only. */
  hand(receipt: Receipt): Promise<void>;
  close(): void;
}

export function createReceiptDesk(wireClock: Clock, log: Log): ReceiptDesk {
  const closing = Promise.withResolvers<void>();
  let isClosed = false;
  let handler: ReceiptHandler | undefined;

  async function pause(ms: number): Promise<void> {
    const over = Promise.withResolvers<void>();
    const stop = wireClock.after('receipt-again', ms, over.resolve);
    await Promise.race([over.promise, closing.promise]);
    stop();
  }

  return {
    onReceipt(one) {
      handler = one;
    },
    async hand(receipt) {
      for (let againMs = FIRST_AGAIN_MS; ; againMs = Math.min(againMs * 2, LONGEST_AGAIN_MS)) {
        try {
          await handler?.(receipt);
          return;
        } catch {
          log.event(events.receiptNotStored, {});
          if (isClosed) return;
          await pause(againMs);
          if (isClosed) return;
        }
      }
    },
    close() {
      isClosed = true;
      closing.resolve();
    },
  };
}
