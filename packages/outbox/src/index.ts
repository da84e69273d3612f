// The outbox between the vault and the notifier: one table in the vault's database, and all that touches it.
import { fileURLToPath } from 'node:url';

export { MAX_ENQUEUED } from './message.ts';
export type { Attempt, ClaimedMessage, MessageState, MessageStatus, NewMessage } from './message.ts';
export { nextStep } from './next-step.ts';
export type { Refusal, Standing, Step } from './next-step.ts';
export {
  blankSettled,
  claim,
  countByState,
  forgetTried,
  markAccepted,
  markInterrupted,
  markPostponed,
  markReceiptless,
  markRefused,
  markSending,
  markUncertain,
  skipChannels,
} from './notifier-store.ts';
export type { ClaimOptions } from './notifier-store.ts';
export { awaitingReceipts, markReceipt } from './receipt-store.ts';
export type { AwaitedPart, PartReceipt } from './receipt-store.ts';
export { OUTBOX_CHANNEL, enqueue, erase, grantNotifier, resend, statesOf } from './vault-store.ts';

/** Folder of the outbox's migrations, for the migration runner of whoever owns the table. */
export const outboxMigrations: string = fileURLToPath(new URL('../migrations', import.meta.url));
