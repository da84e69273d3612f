// Names of files, and cells for the two kinds of readers: programs that import, people who open.
import { carried, csvText, guard, isNumberLike, isolate } from './table/index.ts';
import type { CsvStyle } from './table/index.ts';
import { localDay } from './moments.ts';
import type { ExportInput, TextFile } from './model.ts';

const MAX_CASE_NO = 40;

/** `tongche-HJ-2026-001-sormas-contacts-20261118.csv`; case numbers keep what no file system minds. */
export function fileName({ caseNo, atMs, zone }: ExportInput, what: string, extension: 'csv' | 'json'): string {
  const safe = caseNo.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '');
  const day = localDay(atMs, zone).replaceAll('-', '');
  return `tongche-${safe === '' ? 'case' : safe.slice(0, MAX_CASE_NO)}-${what}-${day}.${extension}`;
}

/** For programs: nothing is added but what keeps a cell from being run or from turning others round. */
export function importCell(text: string): string {
  return guard(isolate(carried(text)));
}

/** For people: right-to-left letters are isolated too. */
export function readCell(text: string): string {
  return guard(isolate(carried(text), { letters: true }));
}

/** For people: numbers that are no quantities, kept digit by digit. */
export function readNumber(text: string): string {
  const cell = readCell(text);
  return isNumberLike(cell) ? `'${cell}` : cell;
}

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
}

export function csvFile<Row>(
  parts: Pick<TextFile, 'part' | 'name' | 'encoding'>,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: CsvStyle,
): TextFile {
  const text = csvText(
    columns.map(({ head }) => head),
    rows.map((row) => columns.map(({ cell }) => cell(row))),
    style,
  );
  return { ...parts, type: 'text/csv', text, rows: rows.length };
}
