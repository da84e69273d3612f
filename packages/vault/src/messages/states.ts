// What became of a case's messages: the latest one of each contact.
import { statesOf } from '@tongche/outbox';
import type { MessageStatus } from '@tongche/outbox';
import type { Queryable } from '@tongche/postgres';
import { noticesOf } from '../store/notices.ts';

export interface ContactMessage {
  readonly messageId: string;
  readonly state: MessageStatus['state'];
  readonly reason: string | null;
  readonly receipt: string | null;
  /** Oldest first. */
  readonly attempts: MessageStatus['history'];
}

/** By contact id. */
export async function messagesOf(db: Queryable, caseId: string): Promise<ReadonlyMap<string, ContactMessage>> {
  const notices = await noticesOf(db, caseId);
  const states = new Map(
    (
      await statesOf(
        db,
        notices.map(({ messageId }) => messageId),
      )
    ).map((one) => [one.messageId, one]),
  );
  const latest = new Map<string, ContactMessage>();
  for (const { messageId, contactId, receipt } of notices) {
    const status = states.get(messageId);
    if (status === undefined) continue;
    const { state, reason = null, history } = status;
    latest.set(contactId, { messageId, state, reason, receipt, attempts: history });
  }
  return latest;
}
