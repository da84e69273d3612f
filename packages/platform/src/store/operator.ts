// Counts and evidence for the operator's console. Every statement adds up rows in the database; no ride, tag or sealed
// contact leaves it. Day counts walk one partition of ride; last scans probe its primary key once a code.
import type { Database } from '@tongche/postgres';
import { ASSISTED, CREW, IMPLAUSIBLE, LATE, REASONS, REUSE } from '../rides/flags.ts';
import { boardedMsOfUuid, idBounds } from './rides.ts';
import type { CodeSpan } from './rides.ts';
import type { Sql } from './sql.ts';

/** Minutes of the day, `toMin` exclusive, in which a code was stuck to a unit. */
export interface CodeSegment {
  readonly codeId: number;
  readonly fromMin: number;
  readonly toMin: number;
  readonly unitId: string;
}
/**
 * Either of one unit (`unitId` set) or of one line and hour since midnight (`hour` set). Crew are not counted. Of the
 * latter, doubtful rides have rows of their own: by unit ('': none) and the bits of `flags` that say why.
 */
export interface CountRow {
  readonly unitId: string | null;
  readonly doubtUnitId: string | null;
  readonly doubts: number | null;
  readonly lineId: string | null;
  readonly hour: number | null;
  readonly rides: number;
  readonly heads: number;
  readonly assisted: number;
  readonly late: number;
  readonly flagged: number;
  /** Latest boarding minute of the day. */
  readonly lastMin: number;
}

/** Flags that the console tells apart. */
const SHOWN = IMPLAUSIBLE | REASONS | REUSE;
/** A scan of a day's million rows must neither take the machine's memory nor wait for ever. */
const countSettings = `set local work_mem = '64MB'; set local max_parallel_workers_per_gather = 0;
  set local statement_timeout = '120s'`;
/** Codes that changed their unit on the day are counted by minute, all others by hour: far fewer groups. */
const countText = `
with seg as (
  select * from unnest($3::int[], $4::smallint[], $5::smallint[], $6::text[]) t(code_id, from_min, to_min, unit_id)
), counted as materialized (
  select code_id, run,
         case when code_id = any($7::int[]) then w2 & 2047 else (w2 & 2047) / 60 * 60 end as at_min,
         count(*) as rides,
         sum(1 + ((w2 >> 11) & 7)) as heads,
         coalesce(sum(1 + ((w2 >> 11) & 7)) filter (where flags & ${ASSISTED} <> 0), 0) as assisted,
         coalesce(sum(1 + ((w2 >> 11) & 7)) filter (where flags & ${LATE} <> 0), 0) as late,
         flags & ${SHOWN} as doubts,
         max(w2 & 2047) as last_min
    from ride where ride_id >= $1 and ride_id <= $2 and flags & ${CREW} = 0
   group by 1, 2, 3, flags & ${SHOWN}
), placed as (
  select s.unit_id, coalesce(r.line_id, u.usual_line_id) as line_id, c.at_min / 60 as hour,
         c.rides, c.heads, c.assisted, c.late, c.doubts, c.last_min,
         case when c.doubts & ${IMPLAUSIBLE} <> 0 then coalesce(s.unit_id, '') end as doubt_unit_id
    from counted c
    left join seg s on s.code_id = c.code_id and c.at_min >= s.from_min and c.at_min < s.to_min
    left join unit u on u.unit_id = s.unit_id
    left join run r on r.run_id = c.run
)
select case when grouping(unit_id) = 0 then coalesce(unit_id, '') end as "unitId", line_id as "lineId", hour,
       sum(rides)::int as rides, sum(heads)::int as heads, sum(assisted)::int as assisted, sum(late)::int as late,
       coalesce(sum(rides) filter (where doubts & ${IMPLAUSIBLE} <> 0), 0)::int as flagged,
       max(last_min)::int as "lastMin", doubt_unit_id as "doubtUnitId", doubts
  from placed group by grouping sets ((line_id, hour, doubt_unit_id, doubts), (unit_id))`;

/** Codes with more than one segment. */
function movedCodes(segments: readonly CodeSegment[]): readonly number[] {
  const seen = new Set<number>();
  const moved = new Set<number>();
  for (const { codeId } of segments) (seen.has(codeId) ? moved : seen).add(codeId);
  return [...moved];
}

/** Sums of the rides that boarded between the two instants: one local day, both ends included. */
export async function countDay(
  db: Database,
  fromMs: number,
  toMs: number,
  segments: readonly CodeSegment[],
): Promise<readonly CountRow[]> {
  const [lo, hi] = idBounds(fromMs, toMs);
  return db.tx('count-day', async (tx) => {
    await tx.query(countSettings);
    return tx.query<CountRow>(countText, [
      lo,
      hi,
      segments.map(({ codeId }) => codeId),
      segments.map(({ fromMin }) => fromMin),
      segments.map(({ toMin }) => toMin),
      segments.map(({ unitId }) => unitId),
      movedCodes(segments),
    ]);
  });
}

export interface Stretch {
  readonly vehicleId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Stretches of vehicles' time whose run became another one after rides had come in. Found by relabel_vehicle's end. */
export async function relabelledStretches(sql: Sql, fromMs: number, toMs: number): Promise<readonly Stretch[]> {
  return sql.query<Stretch>(
    `select distinct vehicle_id as "vehicleId", greatest(from_ms, $1) as "fromMs", least(to_ms, $2) as "toMs"
       from relabel where to_ms > $1 and from_ms < $2`,
    [fromMs, toMs],
  );
}

export interface MinuteHeads {
  readonly codeId: number;
  /** Minute of the day. */
  readonly atMin: number;
  /** Of the run answered at arrival; null: none. */
  readonly lineId: string | null;
  readonly heads: number;
}

/** Heads of codes by boarding minute; walks the primary key. */
export async function headsByMinute(sql: Sql, spans: readonly CodeSpan[]): Promise<readonly MinuteHeads[]> {
  const bounds = spans.map(({ fromMs, toMs }) => idBounds(fromMs, toMs));
  return sql.query<MinuteHeads>(
    `with counted as materialized (
       select code_id, at_min, run, sum(heads)::int as heads
         from (
           select distinct ride.code_id, ride.ride_id, ride.run, ride.w2 & 2047 as at_min,
                           1 + ((ride.w2 >> 11) & 7) as heads
             from unnest($1::int[], $2::uuid[], $3::uuid[]) w(code_id, lo, hi)
             join ride on ride.code_id = w.code_id and ride.ride_id >= w.lo and ride.ride_id <= w.hi
            where ride.flags & ${CREW} = 0
         ) distinct_rides
        group by 1, 2, 3
     )
     select c.code_id as "codeId", c.at_min as "atMin", r.line_id as "lineId", sum(c.heads)::int as heads
       from counted c left join run r on r.run_id = c.run
      group by 1, 2, 3`,
    [spans.map(({ codeId }) => codeId), bounds.map(([lo]) => lo), bounds.map(([, hi]) => hi)],
  );
}

export interface VehicleLine {
  readonly vehicleId: string;
  readonly lineId: string;
  readonly runs: number;
}

/** Vehicles with a run (also a driver's trip) on the service day, or one of the day before that is still under way at `startMs`. */
export async function runningVehicles(sql: Sql, day: number, startMs: number): Promise<readonly VehicleLine[]> {
  return sql.query<VehicleLine>(
    `select r.vehicle_id as "vehicleId", r.line_id as "lineId", count(*)::int as runs
       from run r left join run_stop s using (run_id)
      where r.day = $1 or (r.day = $1 - 1 and s.arr_s[array_length(s.arr_s, 1)] > $2)
      group by 1, 2 order by 3 desc, 2`,
    [day, Math.floor(startMs / 1000)],
  );
}

/** On how many of the days each vehicle had a run. */
export async function serviceDays(sql: Sql, fromDay: number, toDay: number): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.query<{ vehicle_id: string; n: number }>(
    'select vehicle_id, count(distinct day)::int as n from run where day between $1 and $2 group by vehicle_id',
    [fromDay, toDay],
  );
  return new Map(rows.map((row) => [row.vehicle_id, row.n]));
}

/** First sign-in on each vehicle among shifts that touched the time; those begun before `sinceMs` were forgotten open. */
export async function firstSignIns(
  sql: Sql,
  fromMs: number,
  toMs: number,
  sinceMs: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.query<{ vehicle_id: string; at_ms: number }>(
    `select u.vehicle_id, min(s.started_ms) as at_ms
       from shift s join unit u using (unit_id)
      where s.started_ms < $2 and s.started_ms >= $3 and coalesce(s.ended_ms, $2) > $1
      group by u.vehicle_id`,
    [fromMs, toMs, sinceMs],
  );
  return new Map(rows.map((row) => [row.vehicle_id, row.at_ms]));
}

/** Boarding minute of each code's latest ride, also of crew. Codes never scanned within the retention are absent. */
export async function lastScans(sql: Sql): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.query<{ code_id: number; ride_id: string }>(
    `-- plain only
     select c.code_id, r.ride_id from code c cross join lateral (
       select ride_id from ride where ride.code_id = c.code_id order by ride_id desc limit 1) r`,
  );
  return new Map(rows.map((row) => [row.code_id, boardedMsOfUuid(row.ride_id)]));
}

/** Rides of the codes that boarded in the time. */
export async function ridesOfCodes(
  sql: Sql,
  codeIds: readonly number[],
  fromMs: number,
  toMs: number,
): Promise<ReadonlyMap<number, number>> {
  const [lo, hi] = idBounds(fromMs, toMs);
  const rows = await sql.query<{ code_id: number; n: number }>(
    `select code_id, count(*)::int as n from ride
      where code_id = any($1::int[]) and ride_id >= $2 and ride_id <= $3 group by code_id`,
    [codeIds, lo, hi],
  );
  return new Map(rows.map((row) => [row.code_id, row.n]));
}

export interface PartitionSize {
  readonly day: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Rows and bytes of a table's day partitions, as PostgreSQL's own statistics have them. */
export async function partitionSizes(
  sql: Sql,
  table: 'ride' | 'ride_note' | 'vehicle_position',
): Promise<readonly PartitionSize[]> {
  return sql.query<PartitionSize>(
    `select substring(c.relname from '_d([0-9]+)$')::int as day,
            sum(coalesce(nullif(pg_stat_get_live_tuples(leaf.oid), 0), greatest(leaf.reltuples, 0)::bigint))::bigint as rows,
            sum(pg_total_relation_size(leaf.oid))::bigint as bytes
       from pg_class c join pg_inherits i on i.inhrelid = c.oid
      cross join pg_partition_tree(c.oid) t join pg_class leaf on leaf.oid = t.relid
      where i.inhparent = to_regclass($1) and c.relname ~ '_d[0-9]+$'
      group by c.relname
      order by 1 desc`,
    [table],
  );
}

export interface OtherCount {
  readonly count: number;
  readonly oldestMs: number | null;
}

export interface OtherCounts {
  readonly runs: number;
  readonly shifts: OtherCount;
  readonly sessions: OtherCount;
  readonly orders: OtherCount;
  readonly access: OtherCount;
  /** Files of imports, kept to be applied; and the reports of imports. */
  readonly importFiles: OtherCount;
  readonly imports: OtherCount;
  readonly codeChanges: OtherCount;
}

/** How many rows of other kinds are held, and since when. Sessions: the first to expire; orders: the first watch to end. */
export async function otherCounts(sql: Sql): Promise<OtherCounts> {
  const runs = await sql.one<{ n: number }>(
    `select coalesce(nullif(pg_stat_get_live_tuples(oid), 0), greatest(reltuples, 0)::bigint) as n from pg_class where oid = 'run'::regclass`,
  );
  const count = async (text: string): Promise<OtherCount> =>
    (await sql.one<OtherCount>(text)) ?? { count: 0, oldestMs: null };
  return {
    runs: runs?.n ?? 0,
    shifts: await count('select count(*)::int as count, min(ended_ms) as "oldestMs" from shift'),
    sessions: await count('select count(*)::int as count, min(expires_ms) as "oldestMs" from staff_session'),
    orders: await count(
      'select count(*)::int as count, min(greatest(watch_until_ms, expires_ms)) as "oldestMs" from trace_order',
    ),
    access: await count('select count(*)::int as count, min(at_ms) as "oldestMs" from access_log'),
    importFiles: await count(
      `select count(*)::int as count, min(made_ms) as "oldestMs" from import_job
        where body is not null or bad_rows is not null`,
    ),
    imports: await count('select count(*)::int as count, min(made_ms) as "oldestMs" from import_job'),
    codeChanges: await count('select count(*)::int as count, min(at_ms) as "oldestMs" from code_change'),
  };
}

export interface CodeExtras {
  readonly batchId: number | null;
  readonly issuedMs: number | null;
  readonly aliases: number;
}

/** What the city in memory does not hold of these codes. */
export async function codeExtras(sql: Sql, codeIds: readonly number[]): Promise<ReadonlyMap<number, CodeExtras>> {
  const rows = await sql.query<CodeExtras & { readonly codeId: number }>(
    `select c.code_id as "codeId", c.batch_id as "batchId", c.issued_ms as "issuedMs",
            (select count(*)::int from code_alias a where a.code_id = c.code_id) as aliases
       from code c where c.code_id = any($1::int[])`,
    [codeIds],
  );
  return new Map(rows.map(({ codeId, ...extras }) => [codeId, extras]));
}

export async function codesOfBatch(sql: Sql, batchId: number): Promise<ReadonlySet<number>> {
  const rows = await sql.query<{ code_id: number }>('select code_id from code where batch_id = $1', [batchId]);
  return new Set(rows.map((row) => row.code_id));
}

/** Heads counted by other means, by line ('' where the line is not named). Empty where nobody delivered counts. */
export async function expectedHeads(sql: Sql, day: number): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.query<{ line_id: string | null; heads: number }>(
    'select line_id, sum(riders)::int as heads from rider_count where day = $1 group by line_id',
    [day],
  );
  return new Map(rows.map((row) => [row.line_id ?? '', row.heads]));
}
export interface Roll {
  readonly day: number;
  readonly partitions: number;
  readonly keys: number;
  readonly atMs: number;
}

/** Adds to what the roll of this day has destroyed. */
export async function logRoll(sql: Sql, roll: Roll): Promise<void> {
  await sql.query(
    `insert into roll_log (day, at_ms, partitions, keys) values ($1, $2, $3, $4)
     on conflict (day) do update set at_ms = excluded.at_ms,
       partitions = roll_log.partitions + excluded.partitions, keys = roll_log.keys + excluded.keys`,
    [roll.day, roll.atMs, roll.partitions, roll.keys],
  );
}

export async function deleteRollsBefore(sql: Sql, day: number): Promise<void> {
  await sql.query('delete from roll_log where day < $1', [day]);
}

export async function lastRolls(sql: Sql, limit: number): Promise<readonly Roll[]> {
  return sql.query<Roll>('select day, at_ms as "atMs", partitions, keys from roll_log order by day desc limit $1', [
    limit,
  ]);
}
