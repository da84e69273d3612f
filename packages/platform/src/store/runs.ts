// Runs and their calls, and what a vehicle's day holds: runs, trips, heads registered. Found by run_vehicle_day.
import type { Dir, Run } from '@tongche/network';
import type { Sql } from './sql.ts';

export interface RunRow {
  readonly runId: number;
  readonly run: Run;
}
export interface TripRow {
  readonly tripId: number;
  readonly vehicleId: string;
  readonly runId: number;
  readonly dir: Dir;
  readonly startedMs: number;
  readonly endedMs: number | undefined;
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
  return { runId: run_id, run: { runKey: run_key, day, lineId: line_id, dir, vehicleId: vehicle_id, stops } };
}

const runColumns = `r.run_id, r.run_key, r.day, r.line_id, r.dir, r.vehicle_id, s.stop_ids, s.arr_s, s.dep_s`;

/** Inserts runs that are not there yet; returns how many were new. */
export async function insertRuns(sql: Sql, runs: readonly Run[]): Promise<number> {
  let made = 0;
  for (let from = 0; from < runs.length; from += chunkRuns) {
    const chunk = runs.slice(from, from + chunkRuns);
    const rows = await sql.query<{ run_id: number }>(
      `with input as (
         select * from unnest($1::text[], $2::int[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::text[],
                              $8::text[])
           as t(run_key, day, line_id, dir, vehicle_id, stop_ids, arr_s, dep_s)
       ), made as (
         insert into run (run_key, day, line_id, dir, vehicle_id)
         select run_key, day, line_id, dir, vehicle_id from input
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
      ],
    );
    made += rows.length;
  }
  return made;
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
    `select ${runColumns}
       from unnest($1::text[], $2::int[]) w(vehicle_id, day)
       join run r using (vehicle_id, day)
       join run_stop s using (run_id)`,
    [keys.map(({ vehicleId }) => vehicleId), keys.map(({ day }) => day)],
  );
  return rows.map(rowOf);
}

export async function runsById(sql: Sql, ids: readonly number[]): Promise<readonly RunRow[]> {
  const rows = await sql.query<RunRecord>(
    `select ${runColumns} from run r join run_stop s using (run_id) where r.run_id = any($1::int[])`,
    [ids],
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
export async function tripsOfVehicles(
  sql: Sql,
  spans: readonly { readonly vehicleId: string; readonly fromMs: number; readonly toMs: number }[],
): Promise<readonly TripRow[]> {
  const rows = await sql.query<{
    trip_id: number;
    vehicle_id: string;
    run_id: number;
    dir: Dir;
    started_ms: number;
    ended_ms: number | null;
  }>(
    `select t.trip_id, u.vehicle_id, t.run_id, t.dir, t.started_ms, t.ended_ms
       from unnest($1::text[], $2::bigint[], $3::bigint[]) w(vehicle_id, from_ms, to_ms)
       join unit u using (vehicle_id)
       join shift s on s.unit_id = u.unit_id
       join trip t using (shift_id)
      where t.started_ms >= w.from_ms and t.started_ms < w.to_ms`,
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
