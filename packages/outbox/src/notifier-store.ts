// The notifier's side of the outbox. Every change names the states it may start from, so that a late or repeated one
// changes nothing.
import type { Queryable } from '@tongche/postgres';

import type { ClaimedMessage } from './message.ts';

interface ClaimRow {
  readonly message_id: string;
  readonly address: string;
  readonly text: string;
  readonly attempts: number;
}

export interface ClaimOptions {
  readonly limit: number;
  readonly nowMs: number;
  /** In quiet hours only urgent messages go. */
  readonly urgentOnly: boolean;
}

/** Locks what may go next, urgent first, oldest first (index message_waiting). Call in a transaction with markSending. */
export async function claim(tx: Queryable, options: ClaimOptions): Promise<readonly ClaimedMessage[]> {
  const { rows } = await tx.query<ClaimRow>(
    `select message_id, address, text, attempts
       from outbox.message
      where state = 'queued' and not_before_ms <= $1 and (urgent or not $2)
      order by urgent desc, queued_ms, message_id
      limit $3
        for update skip locked`,
    [options.nowMs, options.urgentOnly, options.limit],
  );
  return rows.map((row) => ({
    messageId: row.message_id,
    address: row.address,
    text: row.text,
    attempts: row.attempts,
  }));
}

/** Must be committed before the gateway is called. */
export async function markSending(tx: Queryable, messageIds: readonly string[], nowMs: number): Promise<void> {
  await tx.query(
    `update outbox.message
        set state = 'sending', attempts = attempts + 1, sending_ms = $2, reason = null
      where message_id = any($1::uuid[]) and state = 'queued'`,
    [messageIds, nowMs],
  );
}

/** Also from `uncertain`: a sweep may have been faster than the gateway's answer, and the answer is the better word. */
export async function markAccepted(db: Queryable, messageId: string, gatewayIds: readonly string[]): Promise<boolean> {
  const { rowCount } = await db.query(
    `update outbox.message
        set state = 'accepted', gateway_ids = $2, delivered_ids = '{}', reason = null
      where message_id = $1 and state in ('sending', 'uncertain')`,
    [messageId, gatewayIds],
  );
  return rowCount === 1;
}

/** The gateway certainly did not take it, and never will. */
export async function markRefused(db: Queryable, messageId: string, reason: string, nowMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `update outbox.message
        set state = 'failed', reason = left($2, 80), settled_ms = $3
      where message_id = $1 and state in ('sending', 'uncertain')`,
    [messageId, reason, nowMs],
  );
  return rowCount === 1;
}

/** The gateway certainly did not take it, and may later. What was erased meanwhile fails. */
export async function markQueued(db: Queryable, messageId: string, reason: string, notBeforeMs: number): Promise<void> {
  await db.query(
    `update outbox.message
        set state = case when address is null then 'failed' else 'queued' end,
            settled_ms = case when address is null then $3::bigint end,
            reason = case when address is null then 'erased' else left($2, 80) end,
            not_before_ms = $3
      where message_id = $1 and state = 'sending'`,
    [messageId, reason, notBeforeMs],
  );
}

/** It may have been sent. Nothing but a person's decision, or a late receipt, gets it out of this state. */
export async function markUncertain(db: Queryable, messageId: string, reason: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update outbox.message
        set state = 'uncertain', reason = left($2, 80)
      where message_id = $1 and state = 'sending'`,
    [messageId, reason],
  );
  return rowCount === 1;
}

/** At the start of a notifier: whatever was being sent when the last one died may have been sent. Returns how many. */
export async function markInterrupted(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    `update outbox.message set state = 'uncertain', reason = 'interrupted' where state = 'sending'`,
  );
  return rowCount;
}

/** Accepted before `beforeMs` and no receipt of all its parts since: nobody knows. Returns how many. */
export async function markReceiptless(db: Queryable, beforeMs: number): Promise<number> {
  const { rowCount } = await db.query(
    `update outbox.message set state = 'uncertain', reason = 'no-receipt'
      where state = 'accepted' and sending_ms < $1`,
    [beforeMs],
  );
  return rowCount;
}

export interface PartReceipt {
  readonly gatewayId: string;
  readonly state: 'delivered' | 'failed' | 'unknown';
  readonly reason: string;
}

/**
 * Applies the receipt of one part (index message_gateway): delivered once all parts are, failed with the first that is.
 * A second time changes nothing. True when its message is known, also when that is settled; false: no such part (yet).
 */
export async function markReceipt(db: Queryable, receipt: PartReceipt, nowMs: number): Promise<boolean> {
  const { gatewayId, state } = receipt;
  const { rowCount } =
    state === 'delivered' ? await partDelivered(db, gatewayId, nowMs) : await partNot(db, receipt, nowMs);
  if (rowCount > 0) return true;
  const { rows } = await db.query(
    // Settled only: a message accepted since the update above still needs this receipt, from whoever applies it next.
    `select 1 from outbox.message
      where gateway_ids @> array[$1::text] and gateway_ids <> '{}' and state in ('delivered', 'failed') limit 1`,
    [gatewayId],
  );
  return rows.length > 0;
}

function partDelivered(db: Queryable, gatewayId: string, nowMs: number) {
  return db.query(
    `update outbox.message
        set delivered_ids = array_append(array_remove(delivered_ids, $1::text), $1),
            state = case when array_append(delivered_ids, $1) @> gateway_ids then 'delivered' else state end,
            reason = case when array_append(delivered_ids, $1) @> gateway_ids then null else reason end,
            settled_ms = case when array_append(delivered_ids, $1) @> gateway_ids then $2::bigint end
      where gateway_ids @> array[$1::text] and gateway_ids <> '{}' and state in ('accepted', 'uncertain')`,
    [gatewayId, nowMs],
  );
}

function partNot(db: Queryable, { gatewayId, state, reason }: PartReceipt, nowMs: number) {
  return db.query(
    `update outbox.message
        set state = case when $2 then 'failed' else 'uncertain' end,
            reason = left($3, 80),
            settled_ms = case when $2 then $4::bigint end
      where gateway_ids @> array[$1::text] and gateway_ids <> '{}' and state in ('accepted', 'uncertain')`,
    [gatewayId, state === 'failed', reason, nowMs],
  );
}

/** Destroys address and text of messages settled before `settledBeforeMs`. Returns how many. */
export async function blankSettled(db: Queryable, settledBeforeMs: number, nowMs: number): Promise<number> {
  const { rows } = await db.query<{ readonly blanked: number }>('select outbox.blank_settled($1, $2) as blanked', [
    settledBeforeMs,
    nowMs,
  ]);
  return rows[0]?.blanked ?? 0;
}

/** How many messages stand in each state, for health and metrics. */
export async function countByState(db: Queryable): Promise<Readonly<Record<string, number>>> {
  const { rows } = await db.query<{ readonly state: string; readonly count: number }>(
    'select state, count(*) as count from outbox.message group by state',
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}
