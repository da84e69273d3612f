// The mirrored public log: entries without gaps, and the checkpoints that fitted them.
import type { Database } from '@tongche/postgres';

export interface LogStore {
  size(): Promise<number>;
  entries(from: number, limit: number): Promise<string[]>;
  /** Appends entries and their checkpoint together. */
  append(from: number, entries: readonly string[], size: number, checkpoint: string): Promise<void>;
  checkpoint(): Promise<string | undefined>;
}

export function logStore(db: Database): LogStore {
  return {
    async size() {
      const row = await db.one<{ size: number }>(`select coalesce(max(position) + 1, 0) as size from log_entry`, []);
      return row?.size ?? 0;
    },
    async entries(from, limit) {
      // Index: primary key.
      const rows = await db.query<{ entry: string }>(
        `select entry from log_entry where position >= $1 order by position limit $2`,
        [from, limit],
      );
      return rows.map(({ entry }) => entry);
    },
    async append(from, entries, size, checkpoint) {
      await db.tx('mirror-log', async (tx) => {
        await tx.query(
          `insert into log_entry (position, entry)
           select $1::bigint + ordinality - 1, entry from unnest($2::text[]) with ordinality as pushed (entry, ordinality)`,
          [from, entries],
        );
        await tx.query(
          `insert into log_checkpoint (size, checkpoint) values ($1, $2)
           on conflict (size) do update set checkpoint = excluded.checkpoint`,
          [size, checkpoint],
        );
      });
    },
    async checkpoint() {
      const row = await db.one<{ checkpoint: string }>(
        `select checkpoint from log_checkpoint order by size desc limit 1`,
        [],
      );
      return row?.checkpoint;
    },
  };
}
