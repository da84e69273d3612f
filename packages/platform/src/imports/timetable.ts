// The timetable that was taken in: expanded from its file into the runs of the days around today.
import type { Run } from '@tongche/network';
import { cityOf, parseDate, readGtfs } from '@tongche/network/import';
import type { Assignment, Feed } from '@tongche/network/import';
import { MINUTE_MS } from '@tongche/protocol';
import { daysAround } from '../city/days.ts';
import { citySource } from '../store/imports.ts';
import type { ImportParams } from '../store/imports.ts';
import { applyDispatch } from '../runs/dispatch.ts';
import type { DispatchTaken } from '../runs/dispatch.ts';
import { daysWithRuns, deleteRunsNotBegun, insertRuns } from '../store/runs.ts';
import type { Sql } from '../store/sql.ts';
import { storedAssignments } from './dispatch.ts';
import type { Expand } from './draft.ts';

/** Doors open, drivers sign in and rides are assigned before a run leaves: what leaves later may still be changed. */
const settledMs = 30 * MINUTE_MS;

/** A list of vehicles may tell of days past as far as rides are kept at most. */
const maxDaysBack = 60;

/** The stored timetable with the stored list of vehicles; undefined where none was taken in. */
export async function storedExpand(sql: Sql, zone: string): Promise<Expand | undefined> {
  const source = await citySource(sql, 'network');
  if (source === undefined) return undefined;
  // Line lists have no times: their vehicles run without a timetable.
  if (source.kind !== 'gtfs') return () => [];
  const read = await readGtfs(source.body);
  if (!read.ok) throw new Error(`the stored timetable cannot be read: ${read.code}`);
  return expandOf(read.value.feed, await storedAssignments(sql), { zone, params: source.params });
}

/** The feed's runs of a day, with the vehicles of the list. */
export function expandOf(
  feed: Feed,
  assignments: readonly Assignment[],
  { zone, params }: { readonly zone: string; readonly params: ImportParams },
): Expand {
  const asOfDay = params.asOf === undefined ? undefined : parseDate(params.asOf);
  const city = cityOf({ feed, units: [], codes: [], assignments, zone, ...(asOfDay === undefined ? {} : { asOfDay }) });
  return (day) => city.runs(day);
}

/** Writes the runs of days that have none. Returns how many. */
export async function expandMissing(tx: Sql, expand: Expand, days: readonly number[]): Promise<number> {
  const present = await daysWithRuns(tx, days);
  let made = 0;
  for (const day of days) if (!present.has(day)) made += await insertRuns(tx, expand(day));
  return made;
}

/**
 * A changed timetable counts from now on: runs that have not begun are replaced, those under way and over stay as they
 * were, with the rides that name them. A list of vehicles speaks of those too, also of days past.
 */
export async function replaceRuns(tx: Sql, expand: Expand, nowMs: number, zone: string): Promise<DispatchTaken> {
  const days = daysAround(nowMs, zone);
  const first = days[0] ?? 0;
  const fromMs = nowMs + settledMs;
  await deleteRunsNotBegun(tx, first, Math.floor(fromMs / 1000));
  const begun = await daysWithRuns(tx, days);
  const named = new Set((await storedAssignments(tx)).flatMap(({ day }) => day ?? []));
  const said: Run[] = [...named]
    .filter((day) => day < first && day >= first - maxDaysBack)
    .flatMap((day) => expand(day).filter(({ dispatched }) => dispatched === true));
  for (const day of days) {
    const runs = expand(day);
    await insertRuns(tx, begun.has(day) ? runs.filter(({ stops }) => (stops[0]?.depMs ?? 0) > fromMs) : runs);
    said.push(...runs.filter(({ dispatched }) => dispatched === true));
  }
  return applyDispatch(tx, { zone, runs: said, nowMs });
}
