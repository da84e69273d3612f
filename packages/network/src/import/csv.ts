// CSV tables with a header, read row by row with errors that name line and column; and their writer.
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { parseDate, parseTime } from './fields.ts';
import { addError } from './row-error.ts';
import type { ErrorList, RowReason } from './row-error.ts';

/** One row is a line of text, not a document; also the bound on what an unclosed quote may swallow. */
const MAX_ROW_BYTES = 64 * 1024;

/**
 * One row under its header. The readers return a value in every case and remember failures: a caller builds its object
 * and keeps it only `if (row.ok())`, so all the faults of a row are reported at once.
 */
export type Row = {
  readonly line: number;
  ok(): boolean;
  has(column: string): boolean;
  /** The trimmed text, '' when empty or when the table has no such column. */
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

export type TableOptions = {
  readonly file: string;
  /** Without one of these the table cannot be read: one error, no rows. */
  readonly columns: readonly string[];
  readonly errors: ErrorList;
  onRow(row: Row): void;
};

/** Reads a whole table. Rejects only when the source itself fails. Returns the number of data rows seen. */
export async function readTable(source: Readable, options: TableOptions): Promise<number> {
  let header: Map<string, number> | undefined;
  let readable = true;
  let rows = 0;
  let lastFaultLine = -1;
  const parser = parse({
    bom: true,
    trim: true,
    relax_column_count: true,
    // Hand-made files hold names like: Gate "North". The quotes are then part of the text.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_ROW_BYTES,
    on_skip(fault) {
      const line = typeof fault?.['lines'] === 'number' ? fault['lines'] : 0;
      // The parser may stumble several times over one row.
      if (line !== lastFaultLine) addError(options.errors, { file: options.file, line, column: '', reason: 'bad-row' });
      lastFaultLine = line;
      return undefined;
    },
    on_record(fields: readonly string[], context) {
      if (header === undefined) {
        header = new Map(fields.map((name, index) => [name.toLowerCase(), index]));
        readable = checkHeader(header, options);
      } else if (readable) {
        rows += 1;
        options.onRow(rowOf(fields, header, context.lines, options));
      }
      return null;
    },
  });
  parser.resume();
  await pipeline(source, parser);
  if (header === undefined) checkHeader(new Map(), options);
  return rows;
}

function checkHeader(header: ReadonlyMap<string, number>, { file, columns, errors }: TableOptions): boolean {
  const missing = columns.filter((column) => !header.has(column));
  for (const column of missing) addError(errors, { file, line: 1, column, reason: 'missing-column' });
  return missing.length === 0;
}

function rowOf(
  fields: readonly string[],
  header: ReadonlyMap<string, number>,
  line: number,
  { file, errors }: TableOptions,
): Row {
  let good = true;
  const fail = (column: string, reason: RowReason): void => {
    good = false;
    addError(errors, { file, line, column, reason });
  };
  const text = (column: string): string => {
    const index = header.get(column);
    return index === undefined ? '' : (fields[index] ?? '');
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
    ok: () => good,
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
    date: (column) => parsed(column, 'bad-date', parseDate),
    fail,
  };
}

/** A CSV text with a header line; fields are quoted where they must be (RFC 4180), lines end in LF. */
export function csvText(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [header, ...rows].map((row) => `${row.map(csvField).join(',')}\n`).join('');
}

function csvField(value: string | number): string {
  const text = String(value);
  return /^\s|[",\r\n]|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
