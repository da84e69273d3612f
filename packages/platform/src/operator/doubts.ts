// Doubtful rides of a day as the console shows them: how many for each reason, and on which vehicles in which hours.
import type { DoubtCount, DoubtList, DoubtQuery, DoubtRow, LineRef, RideDoubt, VehicleRow } from '@tongche/contract';
import { HOURS } from '@tongche/contract';
import { dayOf, dayText } from '@tongche/protocol';
import type { Platform } from '../platform.ts';
import { doubtsOf, REUSE } from '../rides/flags.ts';
import type { CountRow } from '../store/operator.ts';
import { pageSize, plain } from './refs.ts';
import type { DayRows } from './vehicles.ts';

export interface Doubts {
  readonly rides: number;
  readonly doubts: readonly DoubtCount[];
  readonly hours: readonly number[];
}
export interface DayDoubts extends Doubts {
  /** Rides of a tag that had been used before; no doubt by itself. */
  readonly reused: number;
  /** By unit; '': of stickers that were stuck to nothing. */
  readonly units: ReadonlyMap<string, Doubts>;
}

export const noDoubts: Doubts = { rides: 0, doubts: [], hours: Array.from({ length: HOURS }, () => 0) };

/** Rows of doubtful rides only; `localHour` of every hour since midnight. */
function sumOf(rows: readonly CountRow[], localHour: readonly number[]): Doubts {
  const byDoubt = new Map<RideDoubt, number>();
  const hours = [...noDoubts.hours];
  let total = 0;
  for (const { doubts, hour, rides } of rows) {
    const at = localHour[hour ?? 0] ?? HOURS - 1;
    hours[at] = (hours[at] ?? 0) + rides;
    total += rides;
    for (const doubt of doubtsOf(doubts ?? 0)) byDoubt.set(doubt, (byDoubt.get(doubt) ?? 0) + rides);
  }
  const doubts = [...byDoubt].map(([doubt, rides]) => ({ doubt, rides })).sort((a, b) => b.rides - a.rides);
  return { rides: total, doubts, hours };
}

/** `rows` are those of lines and hours. */
export function dayDoubts(rows: readonly CountRow[], localHour: readonly number[]): DayDoubts {
  const doubtful = rows.filter(({ doubtUnitId }) => doubtUnitId !== null);
  const byUnit = Map.groupBy(doubtful, ({ doubtUnitId }) => doubtUnitId ?? '');
  return {
    ...sumOf(doubtful, localHour),
    reused: rows.reduce((sum, { doubts, rides }) => sum + (((doubts ?? 0) & REUSE) === 0 ? 0 : rides), 0),
    units: new Map([...byUnit].map(([unitId, own]) => [unitId, sumOf(own, localHour)])),
  };
}

/** Stands in cursors for stickers that were stuck to nothing. */
const noUnit = '-';

interface Candidate extends DoubtRow {
  readonly key: string;
}

function rowsOf({ counts, rows, indexOf }: DayRows): readonly Candidate[] {
  return [...counts.doubts.units].map(([unitId, { rides, doubts, hours }]) => {
    const row: VehicleRow | undefined = rows[indexOf.get(unitId) ?? -1];
    const shown = { rides, doubts: [...doubts], hours: [...hours] };
    return { key: unitId === '' ? noUnit : unitId, unit: row?.unit ?? null, line: row?.line ?? null, ...shown };
  });
}

function ridesOf(row: DoubtRow, doubt: RideDoubt | undefined): number {
  return doubt === undefined ? row.rides : (row.doubts.find((one) => one.doubt === doubt)?.rides ?? 0);
}

function isFound({ unit, line }: DoubtRow, wanted: string): boolean {
  const texts = [
    unit?.plate ?? '',
    unit?.label.zh ?? '',
    unit?.label.en ?? '',
    unit?.unitId ?? '',
    line?.shortName ?? '',
  ];
  return texts.some((text) => plain(text).includes(wanted));
}

function linesOf(rows: readonly DoubtRow[]): LineRef[] {
  return [...new Map(rows.flatMap(({ line }) => (line === null ? [] : [[line.id, line] as const]))).values()];
}

export function doubtList({ clock, zone }: Platform, dayRows: DayRows, query: DoubtQuery): DoubtList {
  const { counts, computedMs } = dayRows;
  const { doubt, line, after } = query;
  const wanted = plain(query.q ?? '');
  const all = rowsOf(dayRows);
  const found = all
    .filter(
      (row) =>
        (line === undefined || (row.line?.id ?? '') === line) &&
        ridesOf(row, doubt) > 0 &&
        (wanted === '' || isFound(row, wanted)),
    )
    .sort((a, b) => ridesOf(b, doubt) - ridesOf(a, doubt) || (a.key < b.key ? -1 : 1));
  // Behind a row that is not there any more comes nothing: the page asks anew.
  const place = after === undefined ? -1 : found.findIndex(({ key }) => key === after);
  const from = after !== undefined && place < 0 ? found.length : place + 1;
  const limit = pageSize(query.limit);
  const page = found.slice(from, from + limit);
  return {
    date: dayText(counts.day),
    today: dayText(dayOf(clock.now(), zone)),
    computedMs,
    rides: counts.doubts.rides,
    doubts: [...counts.doubts.doubts],
    reused: counts.doubts.reused,
    lines: linesOf(all),
    rows: page.map(({ key: _key, ...row }) => row),
    next: from + limit < found.length ? (page.at(-1)?.key ?? null) : null,
    total: found.length,
  };
}
