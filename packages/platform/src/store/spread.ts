// The same answers where Citus spreads rides over servers, for the few questions whose usual statement it cannot send to
// the shards (docs/citus.md). Held to the usual ones, on the same rows, by spread.test.ts.
import { CREW } from '../rides/flags.ts';
import { spanArrays, spanTable } from './live.ts';
import type { SpanRide } from './live.ts';
import type { PartitionSize } from './operator.ts';
import { boardedColumn, idBounds } from './rides.ts';
import type { CodeSpan } from './rides.ts';
import type { Sql } from './sql.ts';

/**
 * As lastScans(). Usually one probe a code; here day after day from the latest, each asked only for the codes that no
 * later day has: nearly all are found on the first.
 */
export async function lastScansByDay(
  sql: Sql,
  days: readonly { readonly fromMs: number; readonly toMs: number }[],
): Promise<ReadonlyMap<number, number>> {
  const codes = await sql.query<{ code_id: number }>('select code_id from code');
  const left = new Set(codes.map((row) => row.code_id));
  const found = new Map<number, number>();
  for (const { fromMs, toMs } of days.toSorted((a, b) => b.fromMs - a.fromMs)) {
    if (left.size === 0) break;
    const rows = await sql.query<{ code_id: number; boarded_ms: number }>(
      `select code_id, max(${boardedColumn}) as boarded_ms from ride
        where ride_id >= $1 and ride_id <= $2 and code_id = any($3::int[]) group by code_id`,
      [...idBounds(fromMs, toMs), [...left]],
    );
    for (const row of rows) {
      found.set(row.code_id, row.boarded_ms);
      left.delete(row.code_id);
    }
  }
  return found;
}

/** As latestRides(): the rows are numbered within each code instead of cut off for each span. */
export async function latestRidesNumbered(
  sql: Sql,
  spans: readonly CodeSpan[],
  limit: number,
): Promise<readonly SpanRide[]> {
  return sql.query<SpanRide>(
    `select n, "codeId", "rideId", tag, "receivedS", w2, flags
       from (
         select (w.n - 1)::int as n, ride.code_id as "codeId", ride.ride_id as "rideId", ride.tag,
                ride.received_s as "receivedS", ride.w2, ride.flags,
                row_number() over (partition by ride.code_id, w.n order by ride.ride_id desc) as place
           from ${spanTable}
           join ride on ride.code_id = w.code_id and ride.ride_id >= w.lo and ride.ride_id <= w.hi
          where ride.flags & ${CREW} = 0
       ) r
      where place <= $4`,
    [...spanArrays(spans), limit],
  );
}

/** What run_command_on_shards asks each shard for; it puts the shard's name in the place of the one %s. */
const rowsOfShard = `select coalesce(nullif(pg_stat_get_live_tuples(c.oid), 0), greatest(c.reltuples, 0)::bigint)
  from pg_class c where c.oid = '%s'::regclass`;

/** As partitionSizes(): the coordinator's own partitions are empty. */
export async function partitionSizesOnShards(sql: Sql, table: 'ride' | 'ride_note'): Promise<readonly PartitionSize[]> {
  return sql.query<PartitionSize>(
    `select substring(c.relname from '_d([0-9]+)$')::int as day,
            (select coalesce(sum(s.result::bigint), 0) from run_command_on_shards(c.oid::regclass, $2) s
              where s.success)::bigint as rows,
            citus_total_relation_size(c.oid::regclass, false) as bytes
       from pg_class c join pg_inherits i on i.inhrelid = c.oid
      where i.inhparent = to_regclass($1) and c.relname ~ '_d[0-9]+$'
      order by 1 desc`,
    [table, rowsOfShard],
  );
}
