// Published daily lists.
import type { Database } from '@tongche/postgres';

export type ListKind = 'expo1' | 'notice1';

export interface ListStore {
  put(kind: ListKind, date: string, list: Uint8Array): Promise<void>;
  get(kind: ListKind, date: string): Promise<Buffer | undefined>;
  all(): Promise<{ readonly kind: ListKind; readonly date: string; readonly count: number }[]>;
  dropBefore(date: string): Promise<number>;
}

export function listStore(db: Database): ListStore {
  return {
    async put(kind, date, list) {
      await db.query(
        `insert into daily_list (kind, date, list) values ($1, $2, $3)
         on conflict (kind, date) do update set list = excluded.list`,
        [kind, date, list],
      );
    },
    async get(kind, date) {
      const row = await db.one<{ list: Buffer }>(`select list from daily_list where kind = $1 and date = $2`, [
        kind,
        date,
      ]);
      return row?.list;
    },
    async all() {
      const rows = await db.query<{ kind: ListKind; date: string; count: number }>(
        `select kind, date, octet_length(list) / 8 as count from daily_list order by date, kind`,
        [],
      );
      return [...rows];
    },
    async dropBefore(date) {
      const rows = await db.query(`delete from daily_list where date < $1 returning 1`, [date]);
      return rows.length;
    },
  };
}
