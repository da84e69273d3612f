// Withdrawn tickets, by hash.
import type { Database } from '@tongche/postgres';

export interface Denial {
  readonly hash: Uint8Array;
  readonly epoch: number;
  /** Tickets issued up to this second; null: whatever the time. */
  readonly untilS: number | null;
}

export interface DenialStore {
  deny(denials: readonly Denial[]): Promise<void>;
  /** Whether a ticket with these hashes, issued at this second, is withdrawn. */
  isDenied(hashes: readonly Uint8Array[], issuedS: number): Promise<boolean>;
  /** Deletes denials of epochs up to this one. */
  dropThrough(epoch: number): Promise<number>;
}

export function denialStore(db: Database): DenialStore {
  return {
    async deny(denials) {
      for (const { hash, epoch, untilS } of denials) {
        await db.query(
          `insert into ticket_deny (hash, epoch, until_s) values ($1, $2, $3)
           on conflict (hash) do update set epoch = greatest(ticket_deny.epoch, excluded.epoch),
             until_s = greatest(ticket_deny.until_s, excluded.until_s)`,
          [hash, epoch, untilS],
        );
      }
    },
    async isDenied(hashes, issuedS) {
      // Index: primary key.
      const row = await db.one<{ denied: boolean }>(
        `select exists (select 1 from ticket_deny where hash = any ($1::bytea[]) and (until_s is null or until_s >= $2)) as denied`,
        [hashes, issuedS],
      );
      return row?.denied === true;
    },
    async dropThrough(epoch) {
      const rows = await db.query(`delete from ticket_deny where epoch <= $1 returning 1`, [epoch]);
      return rows.length;
    },
  };
}
