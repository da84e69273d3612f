// The outbox between the vault and the notifier: one table in the vault's database, and all that touches it.
import { fileURLToPath } from 'node:url';

export { MAX_ENQUEUED, MAX_TEXT_CHARS } from './message.ts';
export type { ClaimedMessage, MessageState, MessageStatus, NewMessage } from './message.ts';
export {
  blankSettled,
  claim,
  countByState,
  markAccepted,
  markInterrupted,
  markQueued,
  markReceipt,
  markReceiptless,
  markRefused,
  markSending,
  markUncertain,
} from './notifier-store.ts';
export type { ClaimOptions, PartReceipt } from './notifier-store.ts';
export { OUTBOX_CHANNEL, enqueue, erase, grantNotifier, resend, statesOf } from './vault-store.ts';

/** Folder of the outbox's migrations, for the migration runner of whoever owns the table. */
export const outboxMigrations: string = fileURLToPath(new URL('../migrations', import.meta.url));
