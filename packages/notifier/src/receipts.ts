// Receipts: first stored in the notifier's own database, only then acknowledged, then applied to the outbox. They may
// come before the gateway's answer to the submission; then they wait in the store until the message is accepted.
import type { Receipt } from '@tongche/connectors';
import { markReceipt } from '@tongche/outbox';
import type { PartReceipt } from '@tongche/outbox';
import type { Database } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';

import { deleteReceipts, markApplied, openReceipts, openReceiptsOf, storeReceipt } from './store/inbox.ts';

/** Beyond this a receipt's message is not ours, or it was lost with its submission's answer. */
const LOOK_BACK_MS = 24 * 3_600_000;
const SWEEP_LIMIT = 1_000;
const KEEP_MS = 7 * 24 * 3_600_000;

export interface Receipts {
  /** Resolves when it is stored; rejects when it could not be, so that the gateway sends it again. */
  take(receipt: Receipt): Promise<void>;
  /** After a message is accepted: applies what came too early. */
  applyEarly(gatewayIds: readonly string[]): Promise<void>;
  /** Applies what a fault or a crash left open, and deletes what is old. */
  sweep(): Promise<void>;
  /** Resolves when nothing is being applied any more. */
  idle(): Promise<void>;
}

export interface ReceiptsOptions {
  readonly inbox: Database;
  readonly outbox: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** A failed receipt may have put a message back, for its next way. */
  readonly onPutBack: () => void;
}

export function createReceipts({ inbox, outbox, clock, log, onPutBack }: ReceiptsOptions): Receipts {
  const working = new Set<Promise<void>>();

  async function apply(receipt: PartReceipt): Promise<void> {
    if (await markReceipt(outbox, receipt, clock.now())) await markApplied(inbox, receipt, clock.now());
    if (receipt.state === 'failed') onPutBack();
  }

  /** A fault leaves the receipt open; the sweep comes back to it. */
  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => log.fault('notifier.receipt', error))
      .finally(() => working.delete(tracked));
    working.add(tracked);
  }

  return {
    async take(receipt) {
      await storeReceipt(inbox, receipt, clock.now());
      track(apply(receipt));
    },
    async applyEarly(gatewayIds) {
      for (const receipt of await openReceiptsOf(inbox, gatewayIds)) await apply(receipt);
    },
    async sweep() {
      for (const receipt of await openReceipts(inbox, clock.now() - LOOK_BACK_MS, SWEEP_LIMIT)) await apply(receipt);
      await deleteReceipts(inbox, clock.now() - KEEP_MS);
    },
    async idle() {
      while (working.size > 0) await Promise.all(working);
    },
  };
}
