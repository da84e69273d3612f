// Runs and their calls, and what a vehicle's day holds: runs, trips, heads registered. Found by run_vehicle_day.
import { prepared } from '@tongche/postgres';
import type { Dir, Run } from '@tongche/network';
import type { Sql } from './sql.ts';

export interface RunRow {
  readonly runId: number;
  readonly run: Run;
  /** A list of the very day named the run's vehicle. */
  readonly dispatched: boolean;
}
export interface TripRow {
  readonly tripId: number;
  readonly vehicleId: string;
  readonly runId: number;
  readonly dir: Dir;
  readonly startedMs: number;
  readonly endedMs: number | undefined;
}
/** A vehicle and a time, half-open. */
export interface VehicleSpan {
  readonly vehicleId: string;
  readonly fromMs: number;
  readonly toMs: number;
}
export interface VehicleDayKey {
  readonly vehicleId: string;
  readonly day: number;
}

/** Runs of one statement: keeps a city's 50,000 runs from being one parameter of many megabytes. */
const chunkRuns = 2_000;

interface RunRecord {
  readonly run_id: number;
  readonly run_key: string;
  readonly day: number;
  readonly line_id: string;
  readonly dir: Dir;
  readonly vehicle_id: string;
  readonly dispatched: boolean;
  readonly stop_ids: readonly string[];
  readonly arr_s: readonly number[];
  readonly dep_s: readonly number[];
}

function rowOf(record: RunRecord): RunRow {
  const { run_id, run_key, day, line_id, dir, vehicle_id, stop_ids, arr_s, dep_s } = record;
  const stops = stop_ids.map((stopId, seq) => ({
    seq,
    stopId,
    arrMs: (arr_s[seq] ?? 0) * 1000,
    depMs: (dep_s[seq] ?? 0) * 1000,
  }));
  const run = { runKey: run_key, day, lineId: line_id, dir, vehicleId: vehicle_id, stops };
  return { runId: run_id, run, dispatched: record.dispatched };
}

/** Arrays as JSON, which is read in a fifth of the time: a trace reads a hundred runs. */
const runColumns = `r.run_id, r.run_key, r.day, r.line_id, r.dir, r.vehicle_id, r.dispatched,
  array_to_json(s.stop_ids) as stop_ids, array_to_json(s.arr_s) as arr_s, array_to_json(s.dep_s) as dep_s`;

/** Inserts runs that are not there yet; returns how many were new. */
export async function insertRuns(sql: Sql, runs: readonly Run[]): Promise<number> {
  let made = 0;
  for (let from = 0; from < runs.length; from += chunkRuns) {
    const chunk = runs.slice(from, from + chunkRuns);
    const rows = await sql.query<{ run_id: number }>(
      `with input as (
         select * from unnest($1::text[], $2::int[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::text[],
                              $8::text[], $9::boolean[])
           as t(run_key, day, line_id, dir, vehicle_id, stop_ids, arr_s, dep_s, dispatched)
       ), made as (
         insert into run (run_key, day, line_id, dir, vehicle_id, dispatched)
         select run_key, day, line_id, dir, vehicle_id, dispatched from input
         on conflict (run_key) do nothing
         returning run_id, run_key
       )
       insert into run_stop (run_id, stop_ids, arr_s, dep_s)
       select made.run_id, array(select jsonb_array_elements_text(stop_ids::jsonb)), arr_s::int[], dep_s::int[]
         from made join input using (run_key)
       returning run_id`,
      [
        chunk.map(({ runKey }) => runKey),
        chunk.map(({ day }) => day),
        chunk.map(({ lineId }) => lineId),
        chunk.map(({ dir }) => dir),
        chunk.map(({ vehicleId }) => vehicleId),
        chunk.map(({ stops }) => JSON.stringify(stops.map(({ stopId }) => stopId))),
        chunk.map(({ stops }) => `{${stops.map(({ arrMs }) => Math.floor(arrMs / 1000)).join(',')}}`),
        chunk.map(({ stops }) => `{${stops.map(({ depMs }) => Math.floor(depMs / 1000)).join(',')}}`),
        chunk.map(({ dispatched = false }) => dispatched),
      ],
    );
    made += rows.length;
  }
  return made;
}

/** Which of the days have runs of a timetable. */
export async function daysWithRuns(sql: Sql, days: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await sql.query<{ day: number }>(
    `select distinct day from run where day = any($1::int[]) and run_key not like 'trip:%'`,
    [days],
  );
  return new Set(rows.map(({ day }) => day));
}

/** Scheduled runs that leave after `fromS` (epoch seconds), except those a driver or the office has spoken of already. */
export async function deleteRunsNotBegun(sql: Sql, fromDay: number, fromS: number): Promise<void> {
  await sql.query(
    `delete from run r using run_stop s
      where s.run_id = r.run_id and r.day >= $1 and s.dep_s[1] > $2 and r.run_key not like 'trip:%'
        and not exists (select from trip where trip.run_id = r.run_id)
        and not exists (select from run_correction c where c.run_id = r.run_id)`,
    [fromDay, fromS],
  );
}

/** Runs of days from `fromDay` on, except those a driver began: a new timetable replaces them. */
export async function deleteScheduledRuns(sql: Sql, fromDay: number): Promise<void> {
  await sql.query(`delete from run where day >= $1 and run_key not like 'trip:%'`, [fromDay]);
}

export async function deleteRunsBefore(sql: Sql, day: number): Promise<number> {
  const rows = await sql.query<{ n: number }>(
    'with gone as (delete from run where day < $1 returning 1) select count(*)::int as n from gone',
    [day],
  );
  return rows[0]?.n ?? 0;
}

export async function runsOfVehicleDays(sql: Sql, keys: readonly VehicleDayKey[]): Promise<readonly RunRow[]> {
  const rows = await sql.query<RunRecord>(
    prepared(`select ${runColumns}
       from unnest($1::text[], $2::int[]) w(vehicle_id, day)
       join run r using (vehicle_id, day)
       join run_stop s using (run_id)`),
    [keys.map(({ vehicleId }) => vehicleId), keys.map(({ day }) => day)],
  );
  return rows.map(rowOf);
}

/**
 * Which of the days (`day|vehicle`) the standing timetable gives other vehicles runs and this one none, although it did
 * within the week before. Found by run_day and run_vehicle_day. A list of the day may be late: it proves nothing.
 */
export async function idleDays(sql: Sql, keys: readonly VehicleDayKey[]): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ vehicle_id: string; day: number }>(
    prepared(`with planned as (
       select day from (select distinct unnest($2::int[])) d(day)
        where exists (select from run r join unit u using (vehicle_id)
                       where r.day = d.day and not r.dispatched and r.run_key not like 'trip:%')
     )
     select w.vehicle_id, w.day from unnest($1::text[], $2::int[]) w(vehicle_id, day) join planned using (day)
      where not exists (select from run r where r.vehicle_id = w.vehicle_id and r.day = w.day)
        and exists (select from run r where r.vehicle_id = w.vehicle_id and r.day between w.day - 7 and w.day - 1
                       and not r.dispatched and r.run_key not like 'trip:%')`),
    [keys.map(({ vehicleId }) => vehicleId), keys.map(({ day }) => day)],
  );
  return new Set(rows.map((row) => `${row.day}|${row.vehicle_id}`));
}

export async function runsById(sql: Sql, ids: readonly number[]): Promise<readonly RunRow[]> {
  if (ids.length === 0) return [];
  const rows = await sql.query<RunRecord>(
    prepared(`select ${runColumns} from run r join run_stop s using (run_id) where r.run_id = any($1::int[])`),
    [ids],
  );
  return rows.map(rowOf);
}

export async function runsByKeys(sql: Sql, runKeys: readonly string[]): Promise<readonly RunRow[]> {
  const rows = await sql.query<RunRecord>(
    `select ${runColumns} from run r join run_stop s using (run_id) where r.run_key = any($1::text[])`,
    [runKeys],
  );
  return rows.map(rowOf);
}

export async function runByKey(sql: Sql, runKey: string): Promise<RunRow | undefined> {
  return (await runsByKeys(sql, [runKey]))[0];
}

/** Runs of these lines, service days and trips under way some time in the span, in order of departure. */
export async function runsOfLines(
  sql: Sql,
  asked: {
    readonly lineIds: readonly string[];
    readonly days: readonly number[];
    readonly fromMs: number;
    readonly toMs: number;
    readonly limit: number;
  },
): Promise<readonly RunRow[]> {
  const rows = await sql.query<RunRecord>(
    `select ${runColumns} from run r join run_stop s using (run_id)
      where r.day = any($1::int[]) and r.line_id = any($2::text[])
        and s.dep_s[1] < $4 and s.arr_s[array_length(s.arr_s, 1)] > $3
      order by s.dep_s[1], r.run_id limit $5`,
    [asked.days, asked.lineIds, Math.floor(asked.fromMs / 1000), Math.ceil(asked.toMs / 1000), asked.limit],
  );
  return rows.map(rowOf);
}

/** A run of this line and direction, the nearest in time to `aroundMs`: travel times for a trip without a timetable. */
export async function sampleRun(sql: Sql, lineId: string, dir: Dir, day: number): Promise<RunRow | undefined> {
  const rows = await sql.query<RunRecord>(
    `select ${runColumns} from run r join run_stop s using (run_id)
      where r.line_id = $1 and r.dir = $2 and r.day between $3 - 7 and $3 + 1
      order by abs(r.day - $3), r.run_id limit 1`,
    [lineId, dir, day],
  );
  return rows[0] === undefined ? undefined : rowOf(rows[0]);
}

/** Trips that began in the given times on any unit of the vehicles. */
export async function tripsOfVehicles(sql: Sql, spans: readonly VehicleSpan[]): Promise<readonly TripRow[]> {
  const rows = await sql.query<{
    trip_id: number;
    vehicle_id: string;
    run_id: number;
    dir: Dir;
    started_ms: number;
    ended_ms: number | null;
  }>(
    prepared(`select t.trip_id, u.vehicle_id, t.run_id, t.dir, t.started_ms, t.ended_ms
       from unnest($1::text[], $2::bigint[], $3::bigint[]) w(vehicle_id, from_ms, to_ms)
       join unit u using (vehicle_id)
       join shift s on s.unit_id = u.unit_id
       join trip t using (shift_id)
      where t.started_ms >= w.from_ms and t.started_ms < w.to_ms`),
    [spans.map(({ vehicleId }) => vehicleId), spans.map(({ fromMs }) => fromMs), spans.map(({ toMs }) => toMs)],
  );
  return rows.map((row) => ({
    tripId: row.trip_id,
    vehicleId: row.vehicle_id,
    runId: row.run_id,
    dir: row.dir,
    startedMs: row.started_ms,
    endedMs: row.ended_ms ?? undefined,
  }));
}
