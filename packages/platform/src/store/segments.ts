// What is known of vehicles beside the timetable: dispatch and positions (run_segment), corrections, measured stop times,
// and what was relabelled by them. Found by vehicle and time (run_segment_vehicle, run_correction_vehicle).
import { prepared } from '@tongche/postgres';
import type { Run } from '@tongche/network';
import type { RunRow, VehicleSpan } from './runs.ts';
import type { Sql } from './sql.ts';

export interface Segment {
  readonly vehicleId: string;
  readonly runId: number;
  readonly basis: 'dispatch' | 'positions';
  readonly fromMs: number;
  readonly toMs: number;
  readonly confidence: number;
  readonly saidMs: number;
}
export interface CorrectionRow {
  readonly correctionId: number;
  readonly vehicleId: string;
  readonly runId: number | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly madeMs: number;
}
export interface StoredCorrection extends CorrectionRow {
  readonly runKey: string | null;
  readonly rides: number;
}
export type Cause = 'correction' | 'dispatch' | 'positions';

const segmentColumns = `g.vehicle_id as "vehicleId", g.run_id as "runId", g.basis, g.from_ms as "fromMs",
  g.to_ms as "toMs", g.confidence, g.said_ms as "saidMs"`;

function spanArrays(spans: readonly VehicleSpan[]): [string[], number[], number[]] {
  return [spans.map(({ vehicleId }) => vehicleId), spans.map(({ fromMs }) => fromMs), spans.map(({ toMs }) => toMs)];
}

/** Segments that touch one of the spans; each once. */
export async function segmentsOf(sql: Sql, spans: readonly VehicleSpan[]): Promise<readonly Segment[]> {
  return sql.query<Segment>(
    prepared(`select distinct on (g.segment_id) ${segmentColumns}
       from unnest($1::text[], $2::bigint[], $3::bigint[]) w(vehicle_id, from_ms, to_ms)
       join run_segment g on g.vehicle_id = w.vehicle_id and g.to_ms > w.from_ms and g.from_ms < w.to_ms
      order by g.segment_id`),
    spanArrays(spans),
  );
}

/** Measured segments that touch one of the spans. */
export async function positionSegmentsOf(sql: Sql, spans: readonly VehicleSpan[]): Promise<readonly Segment[]> {
  return (await segmentsOf(sql, spans)).filter(({ basis }) => basis === 'positions');
}

/** What other vehicles than the run's own claim of these runs. */
export async function claimsOn(sql: Sql, runs: readonly RunRow[]): Promise<readonly Segment[]> {
  return sql.query<Segment>(
    prepared(`select ${segmentColumns}
       from unnest($1::int[], $2::text[]) w(run_id, vehicle_id)
       join run_segment g on g.run_id = w.run_id and g.vehicle_id <> w.vehicle_id`),
    [runs.map(({ runId }) => runId), runs.map(({ run }) => run.vehicleId)],
  );
}

export async function correctionsOf(sql: Sql, spans: readonly VehicleSpan[]): Promise<readonly CorrectionRow[]> {
  return sql.query<CorrectionRow>(
    prepared(`select distinct on (c.correction_id) c.correction_id as "correctionId", c.vehicle_id as "vehicleId",
            c.run_id as "runId", c.from_ms as "fromMs", c.to_ms as "toMs", c.made_ms as "madeMs"
       from unnest($1::text[], $2::bigint[], $3::bigint[]) w(vehicle_id, from_ms, to_ms)
       join run_correction c on c.vehicle_id = w.vehicle_id and c.to_ms > w.from_ms and c.from_ms < w.to_ms
      order by c.correction_id`),
    spanArrays(spans),
  );
}

/** Corrections of a time, of one vehicle or of all; newest first. */
export async function listCorrections(
  sql: Sql,
  asked: { readonly vehicleId: string | null; readonly fromMs: number; readonly toMs: number; readonly limit: number },
): Promise<readonly StoredCorrection[]> {
  return sql.query<StoredCorrection>(
    `select c.correction_id as "correctionId", c.vehicle_id as "vehicleId", c.run_id as "runId",
            c.from_ms as "fromMs", c.to_ms as "toMs", c.made_ms as "madeMs", c.rides, r.run_key as "runKey"
       from run_correction c left join run r using (run_id)
      where ($1::text is null or c.vehicle_id = $1) and c.to_ms > $2 and c.from_ms < $3
      order by c.correction_id desc limit $4`,
    [asked.vehicleId, asked.fromMs, asked.toMs, asked.limit],
  );
}

export async function insertCorrection(
  sql: Sql,
  row: Omit<CorrectionRow, 'correctionId'> & { readonly staffId: number | null },
): Promise<number> {
  const made = await sql.one<{ id: number }>(
    `insert into run_correction (vehicle_id, run_id, from_ms, to_ms, made_ms, staff_id, rides)
     values ($1, $2, $3, $4, $5, $6, 0) returning correction_id as id`,
    [row.vehicleId, row.runId, row.fromMs, row.toMs, row.madeMs, row.staffId],
  );
  if (made === undefined) throw new Error('an insert returned no row');
  return made.id;
}

export async function putCorrectionRides(sql: Sql, correctionId: number, rides: number): Promise<void> {
  await sql.query('update run_correction set rides = $2 where correction_id = $1', [correctionId, rides]);
}

export async function insertSegments(sql: Sql, segments: readonly Segment[]): Promise<void> {
  if (segments.length === 0) return;
  await sql.query(
    `insert into run_segment (vehicle_id, run_id, basis, from_ms, to_ms, confidence, said_ms)
     select * from unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::real[], $7::bigint[])`,
    [
      segments.map(({ vehicleId }) => vehicleId),
      segments.map(({ runId }) => runId),
      segments.map(({ basis }) => basis),
      segments.map(({ fromMs }) => fromMs),
      segments.map(({ toMs }) => toMs),
      segments.map(({ confidence }) => confidence),
      segments.map(({ saidMs }) => saidMs),
    ],
  );
}

/** The vehicle's measured segments that touch the span give way to `segments`. */
export async function replacePositionSegments(
  sql: Sql,
  { vehicleId, fromMs, toMs }: VehicleSpan,
  segments: readonly Segment[],
): Promise<void> {
  await sql.query(
    `delete from run_segment where vehicle_id = $1 and basis = 'positions' and to_ms > $2 and from_ms < $3`,
    [vehicleId, fromMs, toMs],
  );
  await insertSegments(sql, segments);
}

/** Which vehicle a list of the day named last, by run; only runs that a later list gave away. */
export async function dispatchOf(sql: Sql, runIds: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const rows = await sql.query<{ runId: number; vehicleId: string }>(
    `select distinct on (run_id) run_id as "runId", vehicle_id as "vehicleId"
       from run_segment where run_id = any($1::int[]) and basis = 'dispatch' order by run_id, to_ms desc, segment_id desc`,
    [runIds],
  );
  return new Map(rows.map(({ runId, vehicleId }) => [runId, vehicleId]));
}

/** A dispatch of these runs ends at `atMs` for whoever had it before; what had not begun by then goes. */
export async function endDispatch(sql: Sql, runIds: readonly number[], atMs: readonly number[]): Promise<void> {
  await sql.query(
    `delete from run_segment g using unnest($1::int[], $2::bigint[]) w(run_id, at_ms)
      where g.run_id = w.run_id and g.basis = 'dispatch' and g.from_ms >= w.at_ms`,
    [runIds, atMs],
  );
  await sql.query(
    `update run_segment g set to_ms = w.at_ms from unnest($1::int[], $2::bigint[]) w(run_id, at_ms)
      where g.run_id = w.run_id and g.basis = 'dispatch' and g.to_ms > w.at_ms`,
    [runIds, atMs],
  );
}

export interface MeasuredRow {
  readonly runId: number;
  readonly vehicleId: string;
  readonly arrS: readonly number[];
  readonly depS: readonly number[];
  /** One letter a stop: o, i or s. */
  readonly basis: string;
}

export async function putMeasured(sql: Sql, rows: readonly MeasuredRow[]): Promise<void> {
  for (const { runId, vehicleId, arrS, depS, basis } of rows) {
    await sql.query(
      `insert into run_measured (run_id, vehicle_id, arr_s, dep_s, basis) values ($1, $2, $3, $4, $5)
       on conflict (run_id, vehicle_id) do update set arr_s = excluded.arr_s, dep_s = excluded.dep_s,
         basis = excluded.basis`,
      [runId, vehicleId, arrS, depS, basis],
    );
  }
}

export async function measuredOf(
  sql: Sql,
  asked: readonly { readonly runId: number; readonly vehicleId: string }[],
): Promise<readonly MeasuredRow[]> {
  if (asked.length === 0) return [];
  return sql.query<MeasuredRow>(
    prepared(`select m.run_id as "runId", m.vehicle_id as "vehicleId", m.arr_s as "arrS", m.dep_s as "depS", m.basis
       from unnest($1::int[], $2::text[]) w(run_id, vehicle_id) join run_measured m using (run_id, vehicle_id)`),
    [asked.map(({ runId }) => runId), asked.map(({ vehicleId }) => vehicleId)],
  );
}

/** The run with the times at which the vehicle really called. */
export function measuredRun(run: Run, { arrS, depS }: MeasuredRow): Run {
  const stops = run.stops.map((stop, n) => ({
    ...stop,
    arrMs: (arrS[n] ?? stop.arrMs / 1000) * 1000,
    depMs: (depS[n] ?? stop.depMs / 1000) * 1000,
  }));
  return { ...run, stops };
}

export interface Relabelled {
  readonly vehicleId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rides: number;
}

export async function insertRelabels(
  sql: Sql,
  rows: readonly Relabelled[],
  cause: Cause,
  madeMs: number,
): Promise<void> {
  for (const { vehicleId, fromMs, toMs, rides } of rows) {
    await sql.query(
      'insert into relabel (vehicle_id, from_ms, to_ms, made_ms, cause, rides) values ($1, $2, $3, $4, $5, $6)',
      [vehicleId, fromMs, toMs, madeMs, cause, rides],
    );
  }
}

/** The last number given; readers that know it have seen everything before. */
export async function lastRelabel(sql: Sql): Promise<number> {
  const row = await sql.one<{ last: number }>(prepared('select coalesce(max(relabel_id), 0) as last from relabel'));
  return row?.last ?? 0;
}

/**
 * What was relabelled after `since` near rides the order has matched, or in windows it has fetched (trains after a registration at
 * a station): those may have other fellow riders now.
 */
export async function relabelsOfOrder(
  sql: Sql,
  orderHash: Uint8Array,
  since: number,
  nearMs: number,
): Promise<{ readonly last: number | null; readonly rides: number }> {
  const row = await sql.one<{ last: number | null; rides: number }>(
    `select max(l.relabel_id) as last, coalesce(sum(l.rides), 0)::int as rides
       from relabel l
      where l.relabel_id > $2
        and (exists (select from trace_match m
                      where m.order_hash = $1 and m.vehicle_id = l.vehicle_id
                        and l.to_ms > m.boarded_ms - $3 and l.from_ms < m.boarded_ms + $3)
             or exists (select from trace_window w join unit u using (unit_id)
                         where w.order_hash = $1 and u.vehicle_id = l.vehicle_id
                           and l.to_ms > w.from_ms and l.from_ms <= w.to_ms))`,
    [Buffer.from(orderHash), since, nearMs],
  );
  return row ?? { last: null, rides: 0 };
}

export async function deleteRunKnowledge(sql: Sql, beforeMs: number): Promise<void> {
  await sql.query('delete from run_segment where to_ms < $1', [beforeMs]);
  await sql.query('delete from run_correction where to_ms < $1', [beforeMs]);
  await sql.query('delete from relabel where to_ms < $1', [beforeMs]);
}
