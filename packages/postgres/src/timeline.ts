// Asks a server whether it takes writes, and since which promotion.
import { Client } from 'pg';
import type { ClientBase, PoolConfig } from 'pg';
import { codeOf } from './failures.ts';

/** A server that needs longer than this to say who it is does not serve passengers either. */
const probeWithinMs = 2_000;

/** The timeline grows with every promotion: of two that call themselves primary, the higher was promoted last. */
const query = `select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as standby,
  case when pg_is_in_recovery() then '' else left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline`;

/** Timeline of a server that takes writes; undefined of one that does not. */
export async function timelineOf(client: ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ standby: boolean; timeline: string }>(query);
  const [row] = rows;
  return row === undefined || row.standby ? undefined : Number.parseInt(row.timeline, 16);
}

/** A server's timeline when it takes writes, else why it does not count: `standby`, `silent` or an error's code. */
export type Probed = number | string;

/** The same on a connection of its own. Of a server that does not answer it gives the error's code. */
export async function probe(settings: PoolConfig): Promise<Probed> {
  const client = new Client({ ...settings, connectionTimeoutMillis: probeWithinMs, query_timeout: probeWithinMs });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await timelineOf(client)) ?? 'standby';
  } catch (error) {
    return codeOf(error) || 'silent';
  } finally {
    void client.end().catch(() => {});
  }
}
