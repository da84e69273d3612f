// Approved messages of a case: which contact, which notice page, what came back.
import { prepared } from '@tongche/postgres';
import type { Queryable } from '@tongche/postgres';

export interface NewNotice {
  readonly messageId: string;
  readonly contactId: string;
  readonly noticeId: Buffer;
  readonly blob: Buffer;
}

/** Inserts an approval's notices; answers the message ids that are new. */
export async function addNotices(
  tx: Queryable,
  batch: { readonly caseId: string; readonly batchId: Buffer; readonly approvedMs: number; readonly expiresMs: number },
  notices: readonly NewNotice[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ readonly message_id: string }>(
    `insert into notice (message_id, case_id, contact_id, batch_id, notice_id, blob, approved_ms, expires_ms)
     select n.message_id, $1, n.contact_id, $2, n.notice_id, n.blob, $3, $4
       from unnest($5::uuid[], $6::text[], $7::bytea[], $8::bytea[]) as n (message_id, contact_id, notice_id, blob)
     on conflict do nothing
     returning message_id`,
    [
      batch.caseId,
      batch.batchId,
      batch.approvedMs,
      batch.expiresMs,
      notices.map((notice) => notice.messageId),
      notices.map((notice) => notice.contactId),
      notices.map((notice) => notice.noticeId),
      notices.map((notice) => notice.blob),
    ],
  );
  return new Set(rows.map((row) => row.message_id));
}

export interface NoticeRow {
  readonly messageId: string;
  readonly contactId: string;
  readonly approvedMs: number;
  readonly receipt: string | null;
}

/** A case's messages, oldest first; by index notice_case. */
export function noticesOf(db: Queryable, caseId: string): Promise<readonly NoticeRow[]> {
  return db.query<NoticeRow>(
    prepared(`select message_id as "messageId", contact_id as "contactId", approved_ms as "approvedMs", receipt
       from notice where case_id = $1 order by approved_ms, message_id`),
    [caseId],
  );
}

export interface NoticeToPush {
  readonly messageId: string;
  readonly noticeId: Buffer;
  readonly blob: Buffer;
  readonly expiresMs: number;
}

/** By index notice_to_push. */
export function noticesToPush(db: Queryable, limit: number): Promise<readonly NoticeToPush[]> {
  return db.query<NoticeToPush>(
    `select message_id as "messageId", notice_id as "noticeId", blob, expires_ms as "expiresMs"
       from notice where pushed_ms is null order by approved_ms, message_id limit $1`,
    [limit],
  );
}

export async function markPushed(db: Queryable, messageIds: readonly string[], atMs: number): Promise<void> {
  await db.query('update notice set pushed_ms = $2, blob = null where message_id = any($1::uuid[])', [
    messageIds,
    atMs,
  ]);
}

/** Whether any notice still waits for its recipient. */
export async function hasOpenNotices(db: Queryable, nowMs: number): Promise<boolean> {
  const rows = await db.query('select 1 from notice where expires_ms > $1 and pushed_ms is not null limit 1', [nowMs]);
  return rows.length > 0;
}

/** Keeps a receipt unless a later one is kept. Answers the case it belongs to, when that changed. */
export async function putReceipt(
  db: Queryable,
  receipt: { readonly noticeId: Buffer; readonly outcome: string; readonly atMs: number },
): Promise<string | undefined> {
  const row = await db.one<{ readonly case_id: string }>(
    `update notice set receipt = $2, receipt_ms = $3
      where notice_id = $1 and (receipt_ms is null or receipt_ms < $3)
      returning case_id`,
    [receipt.noticeId, receipt.outcome, receipt.atMs],
  );
  return row?.case_id;
}

/** For each case with messages: a digest of their states, to notice changes. */
export async function messageDigests(db: Queryable): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ readonly case_id: string; readonly digest: string }>(
    `select n.case_id, md5(string_agg(m.state || coalesce(m.reason, ''), ',' order by m.message_id)) as digest
       from notice n join outbox.message m on m.message_id = n.message_id
      group by n.case_id`,
  );
  return new Map(rows.map((row) => [row.case_id, row.digest]));
}
