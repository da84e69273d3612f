// Receipts of the networks, applied to the outbox: each any number of times, in any order, early or late.
import type { Queryable } from '@tongche/postgres';

/** Others of the same account, one-time codes among them, have ids of another kind. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface PartReceipt {
  /** Begins with the provider's name and a colon. */
  readonly gatewayId: string;
  /** The message's id, where the provider carries it: tells about a message whose sending had no answer. */
  readonly messageId?: string;
  readonly state: 'delivered' | 'failed' | 'unknown';
  readonly reason: string;
}

/**
 * Applies the receipt of one part (index message_gateway): delivered once all parts are; with the first that failed,
 * the next route where there is one and no part has arrived, else failed. A second time changes nothing. True when its
 * message is known, also when that is settled; false: no such part (yet).
 */
export async function markReceipt(db: Queryable, receipt: PartReceipt, nowMs: number): Promise<boolean> {
  const { rowCount } =
    receipt.state === 'delivered' ? await partDelivered(db, receipt, nowMs) : await partNot(db, receipt, nowMs);
  if (rowCount > 0) return true;
  if (await answerUnknown(db, receipt, nowMs)) return true;
  const { rows } = await db.query(
    // Settled only: a message accepted since the update above still needs this receipt, from whoever applies it next.
    `select 1 from outbox.message
      where gateway_ids @> array[$1::text] and gateway_ids <> '{}' and state in ('delivered', 'failed') limit 1`,
    [receipt.gatewayId],
  );
  return rows.length > 0;
}

function partDelivered(db: Queryable, { gatewayId, reason }: PartReceipt, nowMs: number) {
  return db.query(
    `update outbox.message
        set delivered_ids = array_append(array_remove(delivered_ids, $1::text), $1),
            state = case when array_append(delivered_ids, $1) @> gateway_ids then 'delivered' else state end,
            reason = case when array_append(delivered_ids, $1) @> gateway_ids then null else reason end,
            settled_ms = case when array_append(delivered_ids, $1) @> gateway_ids then $2::bigint end,
            history = case when array_append(delivered_ids, $1) @> gateway_ids
                           then outbox.with_attempt(history, $2, channel, provider, 'delivered', $3) else history end
      where gateway_ids @> array[$1::text] and gateway_ids <> '{}' and state in ('accepted', 'uncertain')`,
    [gatewayId, nowMs, reason],
  );
}

/**
 * Only an accepted message goes on by its next route by itself: an uncertain one was shown to people, who may be on the
 * telephone already; it fails, and they decide.
 */
function partNot(db: Queryable, { gatewayId, state, reason }: PartReceipt, nowMs: number) {
  return db.query(
    `with old as (
       select message_id,
              $2 and state = 'accepted' and routes is not null and delivered_ids = '{}'
                and route + 1 < jsonb_array_length(routes) as goes_on
         from outbox.message
        where gateway_ids @> array[$1::text] and gateway_ids <> '{}' and state in ('accepted', 'uncertain')
          for update
     )
     update outbox.message m
        set state = case when goes_on then 'queued' when $2 then 'failed' else 'uncertain' end,
            reason = left($3, 80),
            settled_ms = case when $2 and not goes_on then $4::bigint end,
            channel = case when goes_on then routes -> (route + 1) ->> 'channel' else channel end,
            route = case when goes_on then route + 1 else route end,
            gateway_ids = case when goes_on then '{}' else gateway_ids end,
            not_before_ms = case when goes_on then $4::bigint else not_before_ms end,
            tried = '{}', may_retry = false, rounds = 0,
            history = outbox.with_attempt(history, $4, channel, provider, case when $2 then 'undelivered' else 'unknown' end, $3)
       from old
      where m.message_id = old.message_id`,
    [gatewayId, state === 'failed', reason, nowMs],
  );
}

/**
 * A sending without an answer, told apart by a receipt that names the message. "Failed" counts only where it can mean
 * no other attempt: the first.
 */
async function answerUnknown(db: Queryable, receipt: PartReceipt, nowMs: number): Promise<boolean> {
  const { gatewayId, messageId, state, reason } = receipt;
  if (messageId === undefined || !UUID.test(messageId) || state === 'unknown') return false;
  const { rowCount } = await db.query(
    `update outbox.message
        set state = $3, settled_ms = $5, gateway_ids = array[$2::text],
            delivered_ids = case when $3 = 'delivered' then array[$2::text] else '{}' end,
            reason = case when $3 = 'delivered' then null else left($4, 80) end,
            history = outbox.with_attempt(history, $5, channel, provider,
                                          case when $3 = 'delivered' then 'delivered' else 'undelivered' end, $4)
      where message_id = $1::uuid and state = 'uncertain' and gateway_ids = '{}'
        and provider = split_part($2, ':', 1) and ($3 = 'delivered' or attempts = 1)`,
    [messageId, gatewayId, state, reason, nowMs],
  );
  return rowCount === 1;
}

export interface AwaitedPart {
  readonly gatewayId: string;
  readonly address: string;
  readonly acceptedMs: number;
}

/** Accepted messages of one part whose receipt has not come (index message_open), for providers that must be asked. */
export async function awaitingReceipts(db: Queryable, sinceMs: number, limit: number): Promise<readonly AwaitedPart[]> {
  const { rows } = await db.query<{
    readonly gateway_id: string;
    readonly address: string;
    readonly sending_ms: number;
  }>(
    `select gateway_ids[1] as gateway_id, routes -> route ->> 'address' as address, sending_ms
       from outbox.message
      where state = 'accepted' and sending_ms >= $1 and routes is not null and cardinality(gateway_ids) = 1
      order by sending_ms desc
      limit $2`,
    [sinceMs, limit],
  );
  return rows.map((row) => ({ gatewayId: row.gateway_id, address: row.address, acceptedMs: row.sending_ms }));
}
