// Where people board, hour by hour: counted at night from the rides of a day that is over, as they were answered at arrival.
import { prepared } from '@tongche/postgres';
import { CREW, IMPLAUSIBLE } from '../rides/flags.ts';
import { idBounds } from './rides.ts';
import type { Sql } from './sql.ts';

export const HOURS = 24;
/** Below this a cell would speak of single people. */
const LEAST_SHOWN = 10;
/** What a night leaves of the sum so far: four weeks are remembered. */
const KEPT_SHARE = 27 / 28;
const CHUNK_ROWS = 5_000;

/** Heads of one hour; `dir` and `stopId` null where the run is not known any more. */
export interface HourCell {
  readonly lineId: string;
  readonly dir: 0 | 1;
  readonly stopId: string;
  readonly hour: number;
  readonly heads: number;
}

export interface StopBoardings {
  readonly lineId: string;
  readonly dir: 0 | 1;
  readonly stopId: string;
  /** 24 numbers. */
  readonly hours: readonly number[];
}

/** Boardings between the two instants, both included: one local day. Crew and doubtful rides are left out. */
export async function cellsOfDay(sql: Sql, fromMs: number, toMs: number): Promise<readonly HourCell[]> {
  const [lo, hi] = idBounds(fromMs, toMs);
  return sql.query<HourCell>(
    `with counted as materialized (
       select run, board_seq, least((w2 & 2047) / 60, ${HOURS - 1}) as hour, sum(1 + ((w2 >> 11) & 7))::int as heads
         from ride
        where ride_id >= $1 and ride_id <= $2 and run <> 0 and board_seq >= 0 and flags & ${CREW | IMPLAUSIBLE} = 0
        group by 1, 2, 3
     )
     select r.line_id as "lineId", r.dir, s.stop_ids[c.board_seq + 1] as "stopId", c.hour, sum(c.heads)::int as heads
       from counted c join run r on r.run_id = c.run join run_stop s using (run_id)
      where s.stop_ids[c.board_seq + 1] is not null
      group by 1, 2, 3, 4`,
    [lo, hi],
  );
}

/** Which of the days were counted. */
export async function countedDays(sql: Sql, days: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await sql.query<{ day: number }>(
    `select day from line_boarding where line_id = '' and day = any($1::int[])`,
    [days],
  );
  return new Set(rows.map(({ day }) => day));
}

/** False when the day was counted already. */
export async function putLineBoardings(
  sql: Sql,
  day: number,
  lines: ReadonlyMap<string, readonly number[]>,
): Promise<boolean> {
  const rows = await sql.query(
    `insert into line_boarding (day, line_id, hours)
     select $1, line_id, hours::int[] from unnest($2::text[], $3::text[]) t(line_id, hours)
     on conflict do nothing returning line_id`,
    [day, [...lines.keys()], [...lines.values()].map(arrayText)],
  );
  return rows.length > 0;
}

/** Lets the sums so far fade by a night, then adds the day's. */
export async function addStopBoardings(sql: Sql, stops: readonly StopBoardings[]): Promise<void> {
  await sql.query(
    `update stop_boarding set hours = array(select h * ${KEPT_SHARE} from unnest(hours) with ordinality t(h, n) order by n)`,
  );
  for (let at = 0; at < stops.length; at += CHUNK_ROWS) {
    const chunk = stops.slice(at, at + CHUNK_ROWS);
    await sql.query(
      `insert into stop_boarding (line_id, dir, stop_id, hours)
       select line_id, dir, stop_id, hours::real[]
         from unnest($1::text[], $2::smallint[], $3::text[], $4::text[]) t(line_id, dir, stop_id, hours)
       on conflict (line_id, dir, stop_id) do update set hours = array(
         select a + b from unnest(stop_boarding.hours, excluded.hours) with ordinality t(a, b, n) order by n)`,
      [
        chunk.map(({ lineId }) => lineId),
        chunk.map(({ dir }) => dir),
        chunk.map(({ stopId }) => stopId),
        chunk.map(({ hours }) => arrayText(hours)),
      ],
    );
  }
}

function arrayText(hours: readonly number[]): string {
  return `{${hours.join(',')}}`;
}

/** Boardings of these lines' stops, at most `limit` of them; cells of fewer than ten heads are 0, stops of nothing else left out. */
export async function boardingsOf(
  sql: Sql,
  lineIds: readonly string[],
  limit: number,
): Promise<readonly StopBoardings[]> {
  if (lineIds.length === 0) return [];
  return sql.query<StopBoardings>(
    prepared(`select line_id as "lineId", dir, stop_id as "stopId", array_to_json(shown) as hours
       from stop_boarding
      cross join lateral (
        select array(select case when h < ${LEAST_SHOWN} then 0 else round(h)::int end
                       from unnest(hours) with ordinality t(h, n) order by n) as shown) s
      where line_id = any($1::text[]) and ${LEAST_SHOWN} <= any(hours)
      order by line_id, dir, stop_id limit $2`),
    [lineIds, limit],
  );
}

export interface LineDayKey {
  readonly lineId: string;
  readonly day: number;
}

/** What was registered and what was counted by other means on a line and day, by hour. */
export interface LineDay extends LineDayKey {
  readonly registered: readonly number[];
  readonly counted: readonly number[];
}

/** Only line-days of which both is known. */
export async function lineDays(sql: Sql, keys: readonly LineDayKey[]): Promise<readonly LineDay[]> {
  if (keys.length === 0) return [];
  const rows = await sql.query<LineDayKey & { readonly hours: readonly number[]; readonly riders: readonly number[] }>(
    prepared(`select b.line_id as "lineId", b.day, b.hours, array(
              select coalesce(c.riders, 0) from generate_series(0, ${HOURS - 1}) h
                left join rider_count c on c.day = b.day and c.line_id = b.line_id and c.hour = h order by h) as riders
       from unnest($1::text[], $2::int[]) w(line_id, day) join line_boarding b using (line_id, day)
      where exists (select from rider_count c where c.day = b.day and c.line_id = b.line_id)`),
    [keys.map(({ lineId }) => lineId), keys.map(({ day }) => day)],
  );
  return rows.map(({ lineId, day, hours, riders }) => ({ lineId, day, registered: hours, counted: riders }));
}

export async function deleteLineBoardings(sql: Sql, beforeDay: number): Promise<void> {
  await sql.query('delete from line_boarding where day < $1', [beforeDay]);
}
