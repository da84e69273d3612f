// The vault's side of the outbox: put messages in, see what became of them, decide about uncertain ones, destroy.
import type { Queryable } from '@tongche/postgres';

import { MAX_ENQUEUED, MAX_TEXT_CHARS } from './message.ts';
import type { MessageState, MessageStatus, NewMessage } from './message.ts';

/** NOTIFY channel; the payload is empty, so that nothing about a message travels in it. */
export const OUTBOX_CHANNEL = 'outbox_message';

/**
 * Puts messages in, in the caller's transaction; the notifier hears of them at its commit. Ids already there are left
 * as they are. Returns how many are new. Throws on a text or an address that could never be sent.
 */
export async function enqueue(tx: Queryable, messages: readonly NewMessage[], nowMs: number): Promise<number> {
  if (messages.length === 0) return 0;
  if (messages.length > MAX_ENQUEUED) throw new RangeError(`more than ${MAX_ENQUEUED} messages at once`);
  for (const { address, text } of messages) {
    if (!/^[1-9][0-9]{5,14}$/.test(address)) throw new RangeError('an address is not a number in E.164 digits');
    if (text === '' || text.length > MAX_TEXT_CHARS) throw new RangeError('a text is empty or too long');
  }
  const { rowCount } = await tx.query(
    `insert into outbox.message (message_id, channel, address, text, urgent, state, not_before_ms, queued_ms)
     select message_id, channel, address, text, urgent, 'queued', not_before_ms, $7
       from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[])
         as n (message_id, channel, address, text, urgent, not_before_ms)
     on conflict (message_id) do nothing`,
    [
      messages.map((message) => message.messageId),
      messages.map((message) => message.channel),
      messages.map((message) => message.address),
      messages.map((message) => message.text),
      messages.map((message) => message.urgent),
      messages.map((message) => message.notBeforeMs ?? nowMs),
      nowMs,
    ],
  );
  await tx.query('select pg_notify($1, $2)', [OUTBOX_CHANNEL, '']);
  return rowCount;
}

/** Lets the notifier's role see the outbox and report outcomes, and nothing else of this database. */
export async function grantNotifier(tx: Queryable, role: string): Promise<void> {
  const name = `"${role.replaceAll('"', '""')}"`;
  await tx.query(`grant usage on schema outbox to ${name}`);
  await tx.query(`grant select on outbox.message to ${name}`);
  await tx.query(
    `grant update (state, attempts, gateway_ids, delivered_ids, reason, not_before_ms, sending_ms, settled_ms)
        on outbox.message to ${name}`,
  );
  await tx.query(`grant execute on function outbox.blank_settled(bigint, bigint) to ${name}`);
}

interface StatusRow {
  readonly message_id: string;
  readonly state: MessageState;
  readonly attempts: number;
  readonly reason: string | null;
  readonly queued_ms: number;
  readonly sending_ms: number | null;
  readonly settled_ms: number | null;
  readonly resent_by: string | null;
}

/** States of messages, in no order; ids that are not there are left out. By the primary key. */
export async function statesOf(db: Queryable, messageIds: readonly string[]): Promise<readonly MessageStatus[]> {
  const { rows } = await db.query<StatusRow>(
    `select message_id, state, attempts, reason, queued_ms, sending_ms, settled_ms, resent_by
       from outbox.message
      where message_id = any($1::uuid[])`,
    [messageIds],
  );
  return rows.map(statusOf);
}

function statusOf(row: StatusRow): MessageStatus {
  return {
    messageId: row.message_id,
    state: row.state,
    attempts: row.attempts,
    queuedMs: row.queued_ms,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.sending_ms === null ? {} : { sendingMs: row.sending_ms }),
    ...(row.settled_ms === null ? {} : { settledMs: row.settled_ms }),
    ...(row.resent_by === null ? {} : { resentBy: row.resent_by }),
  };
}

/**
 * A person decided that an uncertain message goes out again. False when it is not uncertain (any more) or its text is
 * already destroyed. `byWhom` is the staff key id.
 */
export async function resend(db: Queryable, messageId: string, byWhom: string, nowMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `with again as (
       update outbox.message
          set state = 'queued', reason = null, gateway_ids = '{}', delivered_ids = '{}', queued_ms = $3,
              not_before_ms = $3, resent_by = $2
        where message_id = $1 and state = 'uncertain' and address is not null
       returning message_id
     )
     select pg_notify($4, '') from again`,
    [messageId, byWhom, nowMs, OUTBOX_CHANNEL],
  );
  return rowCount === 1;
}

/**
 * Destroys address and text now, whatever the state: a case is closed or a contact withdrew. What was still queued is
 * never sent and fails as `erased`. Returns how many texts were destroyed.
 */
export async function erase(db: Queryable, messageIds: readonly string[], nowMs: number): Promise<number> {
  const { rowCount } = await db.query(
    `update outbox.message
        set address = null, text = null, blanked_ms = $2,
            state = case when state = 'queued' then 'failed' else state end,
            reason = case when state = 'queued' then 'erased' else reason end,
            settled_ms = case when state = 'queued' then $2 else settled_ms end
      where message_id = any($1::uuid[]) and address is not null`,
    [messageIds, nowMs],
  );
  return rowCount;
}
