// One row of a table under its header: typed reads that remember what was wrong, so a row is reported whole.
import { parseDate, parseTime } from './fields.ts';
import type { RowError, RowReason } from './row-error.ts';

/**
 * One row under its header. The readers return a value in every case and remember failures: a caller builds its object
 * and keeps it only `if (row.ok())`, so all the faults of a row are reported at once.
 */
export type Row = {
  readonly line: number;
  ok(): boolean;
  /** What was wrong so far, columns named as the file names them. */
  faults(): readonly RowError[];
  has(column: string): boolean;
  /** The text, '' when empty or when the table has no such column. */
  text(column: string): string;
  required(column: string): string;
  number(column: string, min: number, max: number): number;
  integer(column: string, min: number, max: number): number;
  /** Seconds of the service day. */
  time(column: string): number;
  /** Day number. */
  date(column: string): number;
  fail(column: string, reason: RowReason): void;
};

/** A row that was left out, as it stood in the file, and why. `line` as in `RowError`. */
export type RejectedRow = {
  readonly line: number;
  readonly cells: readonly string[];
  readonly errors: readonly RowError[];
};

/** What all rows of one table have in common. */
export type RowShape = {
  readonly file: string;
  /** Cell number by column key. */
  readonly index: ReadonlyMap<string, number>;
  /** What the file itself calls a column, where that is not its key. */
  readonly headings?: ReadonlyMap<string, string>;
  /** Columns whose text is prose or foreign and stays as it is; absent: all. The others are normalised by `plainText`. */
  readonly prose?: ReadonlySet<string>;
};

const NO_FAULTS: readonly RowError[] = [];

/** Identifiers, plates and numbers as they are compared: half-width letters and digits (NFKC), no outer spaces. */
export function plainText(text: string): string {
  // Most cells are plain already, and normalising is what costs.
  if (/^[!-~]*$/.test(text)) return text;
  return text.normalize('NFKC').trim();
}

/** Dates as office programs and people write them: 2026/11/20, 2026-1-5, 2026.1.5, 2026年1月5日. */
function parsePeoplesDate(text: string): number | undefined {
  const match = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text);
  if (match === null) return parseDate(text);
  const [, year = '', month = '', date = ''] = match;
  return parseDate(`${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`);
}

export function rowOf(
  cells: readonly string[],
  line: number,
  shape: RowShape,
  onFault: (fault: RowError) => void,
): Row {
  const { file, index, headings, prose } = shape;
  let faults: RowError[] | undefined;
  const fail = (column: string, reason: RowReason): void => {
    const fault = { file, line, column: headings?.get(column) ?? column, reason };
    (faults ??= []).push(fault);
    onFault(fault);
  };
  const text = (column: string): string => {
    const at = index.get(column);
    const cell = at === undefined ? '' : (cells[at] ?? '');
    if (prose === undefined || cell === '') return cell;
    if (!prose.has(column)) return plainText(cell);
    return cell.trim() === '' ? '' : cell;
  };
  const required = (column: string): string => {
    const value = text(column);
    if (value === '') fail(column, 'missing-value');
    return value;
  };
  const parsed = (column: string, reason: RowReason, read: (value: string) => number | undefined): number => {
    const value = required(column);
    const result = value === '' ? 0 : read(value);
    if (result === undefined) fail(column, reason);
    return result ?? 0;
  };
  const number = (column: string, min: number, max: number): number =>
    parsed(column, 'bad-number', (value) => {
      const result = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : NaN;
      return result >= min && result <= max ? result : undefined;
    });
  return {
    line,
    ok: () => faults === undefined,
    faults: () => faults ?? NO_FAULTS,
    has: (column) => text(column) !== '',
    text,
    required,
    number,
    integer(column, min, max) {
      const value = number(column, min, max);
      if (!Number.isInteger(value)) fail(column, 'bad-number');
      return value;
    },
    time: (column) => parsed(column, 'bad-time', parseTime),
    date: (column) => parsed(column, 'bad-date', prose === undefined ? parseDate : parsePeoplesDate),
    fail,
  };
}
