// Receipts in the notifier's own database.
import type { PartReceipt } from '@tongche/outbox';
import type { Queryable } from '@tongche/postgres';

interface ReceiptRow {
  readonly gateway_id: string;
  readonly message_id: string | null;
  readonly state: PartReceipt['state'];
  readonly reason: string;
}

function receiptOf(row: ReceiptRow): PartReceipt {
  const { gateway_id: gatewayId, message_id: messageId, state, reason } = row;
  return { gatewayId, state, reason, ...(messageId === null ? {} : { messageId }) };
}

/** A repeated receipt changes nothing. */
export async function storeReceipt(db: Queryable, receipt: PartReceipt, nowMs: number): Promise<void> {
  await db.query(
    `insert into receipt (gateway_id, state, reason, received_ms, message_id)
     values (left($1, 80), $2, left($3, 80), $4, left($5, 80))
     on conflict (gateway_id, state) do nothing`,
    [receipt.gatewayId, receipt.state, receipt.reason, nowMs, receipt.messageId ?? null],
  );
}

export async function markApplied(db: Queryable, receipt: PartReceipt, nowMs: number): Promise<void> {
  await db.query(`update receipt set applied_ms = $3 where gateway_id = left($1, 80) and state = $2`, [
    receipt.gatewayId,
    receipt.state,
    nowMs,
  ]);
}

/** Receipts of these parts that found no message yet. By the primary key. */
export async function openReceiptsOf(db: Queryable, gatewayIds: readonly string[]): Promise<readonly PartReceipt[]> {
  const { rows } = await db.query<ReceiptRow>(
    `select gateway_id, message_id, state, reason from receipt where gateway_id = any($1::text[]) and applied_ms is null`,
    [gatewayIds],
  );
  return rows.map(receiptOf);
}

/** The newest receipts since `sinceMs` that found no message yet (index receipt_open). */
export async function openReceipts(db: Queryable, sinceMs: number, limit: number): Promise<readonly PartReceipt[]> {
  const { rows } = await db.query<ReceiptRow>(
    `select gateway_id, message_id, state, reason from receipt
      where applied_ms is null and received_ms >= $1
      order by received_ms desc limit $2`,
    [sinceMs, limit],
  );
  return rows.map(receiptOf);
}

/** Retention (index receipt_age). */
export async function deleteReceipts(db: Queryable, beforeMs: number): Promise<number> {
  const { rowCount } = await db.query('delete from receipt where received_ms < $1', [beforeMs]);
  return rowCount;
}
