// Citus: some tables spread over several servers, each by the hash of one column; all others stay on the coordinator.
// What is spread is written in Citus's own catalogue (citus_tables), and only there.
import { ConfigError } from '@tongche/runtime';
import type { Log } from '@tongche/runtime';
import type { Database, Queryable } from './database.ts';
import { events } from './events.ts';

export interface DistributedTable {
  readonly table: string;
  /** Stands in every unique key of the table, and in most questions asked of it. */
  readonly column: string;
}

/**
 * Shards of a table for each worker there is when it is spread. Workers added later take whole shards over, so one may
 * become eight; every question that names no value of the column costs one answer of each.
 */
const shardsPerWorker = 8;
/** Second half of the advisory lock's key; the first is the migrations' own. */
const lockKey = 'citus';

interface Spread {
  readonly column: string;
  readonly shards: number;
}

async function spreadOf(sql: Queryable, table: string): Promise<Spread | undefined> {
  return sql.one<Spread>(
    `select distribution_column as column, shard_count::int as shards
       from citus_tables where table_name = to_regclass($1)`,
    [table],
  );
}

async function spread(sql: Queryable, { table, column }: DistributedTable, log: Log | undefined): Promise<void> {
  const found = await spreadOf(sql, table);
  if (found !== undefined) {
    if (found.column === column) return;
    throw new ConfigError(`the table ${table} is distributed by ${found.column}; this version needs ${column}`);
  }
  const workers = await sql.one<{ n: number }>('select count(*)::int as n from citus_get_active_worker_nodes()');
  const shards = shardsPerWorker * Math.max(1, workers?.n ?? 0);
  // No co-location: no statement joins two of these tables, and their columns are of different kinds.
  await sql.query(`select create_distributed_table($1, $2, colocate_with => 'none', shard_count => $3)`, [
    table,
    column,
    shards,
  ]);
  log?.event(events.distributed, { table, column, shards });
}

/**
 * Spreads the tables that are not spread yet, with the rows and partitions they have; partitions made later follow
 * their table. Run after the migrations of a database that has the extension. Repeatable, also by several at once.
 */
export async function distribute(db: Database, tables: readonly DistributedTable[], log?: Log): Promise<void> {
  await db.tx('distribute', async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', [lockKey]);
    for (const table of tables) await spread(tx, table, log);
  });
}
