// Signed day bundles, public, kept until no phone can use them any more.
import type { Bundle } from '@tongche/contract';
import type { Database } from '@tongche/postgres';

export interface BundleStore {
  put(bundle: Bundle): Promise<void>;
  all(): Promise<Bundle[]>;
  dropBefore(day: number): Promise<number>;
}

export function bundleStore(db: Database): BundleStore {
  return {
    async put(bundle) {
      await db.query(
        `insert into day_bundle (day, bundle) values ($1, $2) on conflict (day) do update set bundle = excluded.bundle`,
        [bundle.day, JSON.stringify(bundle)],
      );
    },
    async all() {
      const rows = await db.query<{ bundle: string }>(`select bundle from day_bundle order by day`, []);
      // Checked against schema and signatures before it was stored.
      return rows.map(({ bundle }) => JSON.parse(bundle) as Bundle);
    },
    async dropBefore(day) {
      const rows = await db.query(`delete from day_bundle where day < $1 returning 1`, [day]);
      return rows.length;
    },
  };
}
