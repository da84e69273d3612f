// Sealed notices and what became of them.
import type { Database } from '@tongche/postgres';

export interface NoticeRow {
  readonly id: Uint8Array;
  readonly blob: Uint8Array;
  readonly expiresMs: number;
}

export interface ReceiptRow {
  readonly id: Buffer;
  readonly outcome: string;
  readonly atMs: number;
}

export interface NoticeStore {
  put(notices: readonly NoticeRow[]): Promise<void>;
  get(id: Uint8Array, nowMs: number): Promise<Buffer | undefined>;
  /** Keeps the first time of an outcome; false when there is no such notice. */
  receipt(id: Uint8Array, outcome: string, nowMs: number): Promise<boolean>;
  receipts(afterMs: number, limit: number): Promise<ReceiptRow[]>;
  expire(nowMs: number): Promise<{ readonly notices: number; readonly receipts: number }>;
}

export function noticeStore(db: Database): NoticeStore {
  return {
    async put(notices) {
      await db.query(
        `insert into notice (notice_id, blob, expires_at)
         select id, blob, to_timestamp(expires / 1000.0)
         from unnest($1::bytea[], $2::bytea[], $3::bigint[]) as pushed (id, blob, expires)
         on conflict (notice_id) do update set blob = excluded.blob, expires_at = excluded.expires_at`,
        [notices.map(({ id }) => id), notices.map(({ blob }) => blob), notices.map(({ expiresMs }) => expiresMs)],
      );
    },
    async get(id, nowMs) {
      const row = await db.one<{ blob: Buffer }>(
        `select blob from notice where notice_id = $1 and expires_at > to_timestamp($2 / 1000.0)`,
        [id, nowMs],
      );
      return row?.blob;
    },
    async receipt(id, outcome, nowMs) {
      const row = await db.one<{ found: boolean }>(
        `with known as (select notice_id from notice where notice_id = $1 and expires_at > to_timestamp($3 / 1000.0)),
              kept as (insert into notice_receipt (notice_id, outcome, at)
                       select notice_id, $2, to_timestamp($3 / 1000.0) from known
                       on conflict (notice_id, outcome) do nothing)
         select exists (select 1 from known) as found`,
        [id, outcome, nowMs],
      );
      return row?.found === true;
    },
    async receipts(afterMs, limit) {
      // Index: notice_receipt_at.
      const rows = await db.query<{ notice_id: Buffer; outcome: string; at_ms: number }>(
        `select notice_id, outcome, (extract(epoch from at) * 1000)::bigint as at_ms from notice_receipt
         where at >= to_timestamp($1 / 1000.0) order by at, notice_id, outcome limit $2`,
        [afterMs, limit],
      );
      return rows.map((row) => ({ id: row.notice_id, outcome: row.outcome, atMs: row.at_ms }));
    },
    async expire(nowMs) {
      const receipts = await db.query(
        `delete from notice_receipt using notice where notice.notice_id = notice_receipt.notice_id
           and notice.expires_at <= to_timestamp($1 / 1000.0) returning 1`,
        [nowMs],
      );
      const notices = await db.query(`delete from notice where expires_at <= to_timestamp($1 / 1000.0) returning 1`, [
        nowMs,
      ]);
      return { notices: notices.length, receipts: receipts.length };
    },
  };
}
