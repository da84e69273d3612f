// The vault's side of the outbox: put messages in, see what became of them, decide about uncertain ones, destroy.
import { prepared } from '@tongche/postgres';
import type { Queryable } from '@tongche/postgres';

import type { Channel, Route, Wording } from '@tongche/messages';

import { MAX_TEXT_CHARS } from '@tongche/messages';
import { MAX_ENQUEUED, MAX_ROUTES, MAX_VALUES_CHARS } from './message.ts';
import type { Attempt, MessageState, MessageStatus, NewMessage } from './message.ts';

/** NOTIFY channel; the payload is empty, so that nothing about a message travels in it. */
export const OUTBOX_CHANNEL = 'outbox_message';

/** What an address of a channel looks like; anything else could never be sent. */
const ADDRESSES: Readonly<Record<Channel, RegExp>> = {
  sms: /^[1-9][0-9]{5,14}$/,
  wechat: /^[A-Za-z0-9_-]{16,64}$/,
  mail: /^[^\s@<>"',;\p{Cc}]{1,64}@[A-Za-z0-9.-]{1,190}$/u,
};

function checkRoutes(routes: readonly Route[]): void {
  if (routes.length < 1 || routes.length > MAX_ROUTES) throw new RangeError(`a message has 1 to ${MAX_ROUTES} routes`);
  for (const { channel, address } of routes) {
    if (!ADDRESSES[channel].test(address)) throw new RangeError(`an address is not one of channel ${channel}`);
  }
}

function checkWording({ text, values, subject = '' }: Wording): void {
  if (text === '' || text.length > MAX_TEXT_CHARS) throw new RangeError('a text is empty or too long');
  const chars = Object.values(values).reduce((sum, value) => sum + value.length, 0);
  if (chars > MAX_VALUES_CHARS || subject.length > MAX_TEXT_CHARS)
    throw new RangeError('values or subject are too long');
}

/**
 * Puts messages in, in the caller's transaction; the notifier hears of them at its commit. Ids already there are left
 * as they are. Returns how many are new. Throws on a wording or an address that could never be sent.
 */
export async function enqueue(tx: Queryable, messages: readonly NewMessage[], nowMs: number): Promise<number> {
  if (messages.length === 0) return 0;
  if (messages.length > MAX_ENQUEUED) throw new RangeError(`more than ${MAX_ENQUEUED} messages at once`);
  for (const { routes, wording } of messages) {
    checkRoutes(routes);
    checkWording(wording);
  }
  const { rowCount } = await tx.query(
    `insert into outbox.message (message_id, channel, routes, wording, urgent, state, not_before_ms, queued_ms)
     select message_id, routes -> 0 ->> 'channel', routes, wording, urgent, 'queued', not_before_ms, $6
       from unnest($1::uuid[], $2::jsonb[], $3::jsonb[], $4::boolean[], $5::bigint[])
         as n (message_id, routes, wording, urgent, not_before_ms)
     on conflict (message_id) do nothing`,
    [
      messages.map((message) => message.messageId),
      messages.map(({ routes }) => JSON.stringify(routes.map(({ channel, address }) => ({ channel, address })))),
      messages.map((message) => JSON.stringify(message.wording)),
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
    `grant update (state, channel, route, provider, tried, may_retry, rounds, history, attempts, gateway_ids,
                   delivered_ids, reason, not_before_ms, sending_ms, settled_ms)
        on outbox.message to ${name}`,
  );
  await tx.query(`grant execute on function outbox.blank_settled(bigint, bigint) to ${name}`);
  await tx.query(`grant execute on function outbox.with_attempt(jsonb, bigint, text, text, text, text) to ${name}`);
}

interface StatusRow {
  readonly message_id: string;
  readonly state: MessageState;
  readonly channel: Channel;
  readonly provider: string | null;
  readonly attempts: number;
  readonly history: readonly Attempt[];
  readonly reason: string | null;
  readonly queued_ms: number;
  readonly sending_ms: number | null;
  readonly settled_ms: number | null;
  readonly resent_by: string | null;
}

/** States of messages, in no order; ids that are not there are left out. By the primary key. */
export async function statesOf(db: Queryable, messageIds: readonly string[]): Promise<readonly MessageStatus[]> {
  if (messageIds.length === 0) return [];
  const { rows } = await db.query<StatusRow>(
    prepared(`select message_id, state, channel, provider, attempts, history, reason, queued_ms, sending_ms, settled_ms, resent_by
       from outbox.message
      where message_id = any($1::uuid[])`),
    [messageIds],
  );
  return rows.map(statusOf);
}

function statusOf(row: StatusRow): MessageStatus {
  return {
    messageId: row.message_id,
    state: row.state,
    channel: row.channel,
    attempts: row.attempts,
    history: row.history,
    queuedMs: row.queued_ms,
    ...(row.provider === null ? {} : { provider: row.provider }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.sending_ms === null ? {} : { sendingMs: row.sending_ms }),
    ...(row.settled_ms === null ? {} : { settledMs: row.settled_ms }),
    ...(row.resent_by === null ? {} : { resentBy: row.resent_by }),
  };
}

/**
 * A person decided that an uncertain message goes out again, by the way it went last. False when it is not uncertain (any more) or its text is
 * already destroyed. `byWhom` is the staff key id.
 */
export async function resend(db: Queryable, messageId: string, byWhom: string, nowMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `with again as (
       update outbox.message
          set state = 'queued', reason = null, gateway_ids = '{}', delivered_ids = '{}', queued_ms = $3,
              not_before_ms = $3, resent_by = $2, tried = '{}', may_retry = false, rounds = 0
        where message_id = $1 and state = 'uncertain' and routes is not null
       returning message_id
     )
     select pg_notify($4, '') from again`,
    [messageId, byWhom, nowMs, OUTBOX_CHANNEL],
  );
  return rowCount === 1;
}

/**
 * Destroys routes and wording now, whatever the state: a case is closed or a contact withdrew. What was still queued is
 * never sent and fails as `erased`. Returns how many texts were destroyed.
 */
export async function erase(db: Queryable, messageIds: readonly string[], nowMs: number): Promise<number> {
  const { rowCount } = await db.query(
    `update outbox.message
        set routes = null, wording = null, blanked_ms = $2,
            state = case when state = 'queued' then 'failed' else state end,
            reason = case when state = 'queued' then 'erased' else reason end,
            settled_ms = case when state = 'queued' then $2 else settled_ms end
      where message_id = any($1::uuid[]) and routes is not null`,
    [messageIds, nowMs],
  );
  return rowCount;
}
