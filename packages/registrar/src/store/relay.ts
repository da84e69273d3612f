// Sealed blobs on their way to the platform. Read in the order of the blob itself, which is random, so that neither
// a batch nor its order tells when something arrived.
import { batchWriter } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';

export interface RelayStore {
  /**
   * Keeps a blob until its release; one that is already here keeps its first release time. Resolves when it is committed,
   * with others that came at the same moment. Throws QueueFull.
   */
  add(blob: Uint8Array, releaseMs: number): Promise<void>;
  due(nowMs: number, limit: number): Promise<Buffer[]>;
  remove(blobs: readonly Uint8Array[]): Promise<void>;
  count(): Promise<number>;
  expire(beforeMs: number): Promise<number>;
}

interface NewBlob {
  readonly blob: Buffer;
  readonly releaseMs: number;
}

export function relayStore(db: Database): RelayStore {
  const writer = batchWriter<NewBlob, undefined>({
    name: 'relay',
    async write(blobs) {
      await db.query(
        {
          name: 'keep-relay-blobs',
          text: `insert into relay_blob (blob, release_at)
                 select blob, to_timestamp(release_ms / 1000.0) from unnest($1::bytea[], $2::float8[]) b(blob, release_ms)
                 on conflict (blob) do nothing`,
        },
        [blobs.map(({ blob }) => blob), blobs.map(({ releaseMs }) => releaseMs)],
      );
      return blobs.map(() => undefined);
    },
  });

  return {
    add: (blob, releaseMs) => writer.add({ blob: Buffer.from(blob), releaseMs }),
    async due(nowMs, limit) {
      // Index: relay_blob_release; the sort is over what is due only.
      const rows = await db.query<{ blob: Buffer }>(
        `select blob from relay_blob where release_at <= to_timestamp($1 / 1000.0) order by blob limit $2`,
        [nowMs, limit],
      );
      return rows.map(({ blob }) => blob);
    },
    async remove(blobs) {
      await db.query(`delete from relay_blob where blob = any ($1::bytea[])`, [blobs]);
    },
    async count() {
      const row = await db.one<{ count: number }>(`select count(*) as count from relay_blob`, []);
      return row?.count ?? 0;
    },
    async expire(beforeMs) {
      const rows = await db.query(`delete from relay_blob where release_at <= to_timestamp($1 / 1000.0) returning 1`, [
        beforeMs,
      ]);
      return rows.length;
    },
  };
}
