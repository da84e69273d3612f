// Riders counted by other means (card taps, drivers, cameras), to be held against registrations.
import type { LineId } from '../model.ts';
import { formatDate } from './fields.ts';
import { lineFinder } from './line-names.ts';
import type { NamedLine } from './line-names.ts';
import { listCsv } from './list-write.ts';
import type { ListRow } from './list-write.ts';
import { readList } from './lists.ts';
import type { ListRead, ListSpec } from './lists.ts';
import type { Row } from './row.ts';
import type { Source } from './source.ts';

export type RiderCount = {
  /** Local calendar day, days since 1970-01-01. */
  readonly day: number;
  readonly lineId: LineId;
  /** Local hour in which riders got on, 0 to 23. */
  readonly hour: number;
  readonly riders: number;
};

export const SPEC: ListSpec = {
  file: 'rider_counts.csv',
  columns: [
    { key: 'date', words: ['日期', '统计日期', '运营日期', 'day'] },
    { key: 'line_id', words: ['线路', '线路编号', '线路名称', 'line', 'route', 'route_id'] },
    { key: 'hour', words: ['小时', '时段', '时间段', '时间'] },
    { key: 'riders', words: ['人数', '客流', '客流量', '上车人数', '刷卡量', '乘客数', '人次', 'passengers', 'taps'] },
  ],
  needed: [['date'], ['line_id'], ['hour'], ['riders']],
};
/** The busiest metro line of the world carries a tenth of this in an hour. */
const MAX_RIDERS = 1_000_000;

export type RiderCountOptions = {
  /** When given, lines are known by id and by name, and no others. */
  readonly lines?: readonly NamedLine[];
};

export async function readRiderCounts(source: Source, options: RiderCountOptions = {}): Promise<ListRead<RiderCount>> {
  const counts = new Map<string, RiderCount>();
  const lineOf = options.lines === undefined ? undefined : lineFinder(options.lines);
  const read = (row: Row): void => {
    const day = row.date('date');
    const text = row.required('line_id');
    const lineId = lineOf === undefined ? text : lineOf(text);
    const hour = readHour(row);
    const riders = row.integer('riders', 0, MAX_RIDERS);
    if (lineId === undefined && text !== '') row.fail('line_id', 'unknown-reference');
    const key = `${day} ${hour} ${lineId ?? ''}`;
    if (row.ok() && counts.has(key)) row.fail('hour', 'duplicate');
    if (row.ok() && lineId !== undefined) counts.set(key, { day, lineId, hour, riders });
  };
  return readList(source, SPEC, read, () => counts.values());
}

/** 8, 08, 08:00, 8时, 8点, 08:00-09:00: the hour in which the count begins. */
function readHour(row: Row): number {
  const text = row.required('hour');
  const hour = Number(/^(\d{1,2})(?:[时点]|:00(?::00)?)?(?:\s*[-~至]\s*\d.*)?$/.exec(text)?.[1] ?? NaN);
  if (hour >= 0 && hour <= 23) return hour;
  if (text !== '') row.fail('hour', 'bad-number');
  return 0;
}

export const RIDER_COUNTS_HEADER: readonly string[] = SPEC.columns.map(({ key }) => key);

export function riderCountsRows(counts: readonly RiderCount[]): readonly ListRow[] {
  return counts.map(({ day, lineId, hour, riders }) => [formatDate(day), lineId, hour, riders]);
}

export function riderCountsCsv(counts: readonly RiderCount[]): string {
  return listCsv(RIDER_COUNTS_HEADER, riderCountsRows(counts));
}
