// What the daily roll deletes besides partitions, and what it remembers.
import type { Sql } from './sql.ts';

/**
 * last-roll: day of the last finished roll. first-roll: of the first one ever. authority-day: the last day the authority
 * signed for. city-files: digest of the configuration's files that were taken in. leap-day, leap-waited-ms: a calendar not believed yet, see calendar.ts.
 */
export type StateName = 'city-files' | 'last-roll' | 'first-roll' | 'authority-day' | 'leap-day' | 'leap-waited-ms';

export async function stateValue(sql: Sql, name: StateName): Promise<number | undefined> {
  return (await sql.one<{ value: number }>('select value from platform_state where name = $1', [name]))?.value;
}

export async function putState(sql: Sql, name: StateName, value: number): Promise<void> {
  await sql.query(
    'insert into platform_state (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
    [name, value],
  );
}

/** Keeps the greater of two numbers. */
export async function raiseState(sql: Sql, name: StateName, value: number): Promise<void> {
  await sql.query(
    `insert into platform_state (name, value) values ($1, $2)
     on conflict (name) do update set value = greatest(platform_state.value, excluded.value)`,
    [name, value],
  );
}

/** Remembers a fact the first time only. */
export async function putStateOnce(sql: Sql, name: StateName, value: number): Promise<void> {
  await sql.query('insert into platform_state (name, value) values ($1, $2) on conflict do nothing', [name, value]);
}

export interface TraceDeadlines {
  /** Nonces used before this are stale by their request's own time. */
  readonly noncesMs: number;
  /** Orders whose watch ended before this. */
  readonly ordersMs: number;
  readonly accessMs: number;
  /** Matches of rides that boarded before this: their partitions are gone. */
  readonly ridesMs: number;
}

export async function deleteTraceRows(sql: Sql, before: TraceDeadlines): Promise<void> {
  await sql.query('delete from seen_nonce where at_ms < $1', [before.noncesMs]);
  await sql.query('delete from trace_order where greatest(watch_until_ms, expires_ms) < $1', [before.ordersMs]);
  await sql.query('delete from trace_match where boarded_ms < $1', [before.ridesMs]);
  await sql.query('delete from trace_window where to_ms < $1', [before.ridesMs]);
  await sql.query('delete from access_log where at_ms < $1', [before.accessMs]);
}
