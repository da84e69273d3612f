// CSV tables with a header, read row by row with errors that name line and column.
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { rowOf } from './row.ts';
import type { RejectedRow, Row } from './row.ts';
import { addError } from './row-error.ts';
import type { ErrorList, RowError } from './row-error.ts';

/** One row is a line of text, not a document; also the bound on what an unclosed quote may swallow. */
const MAX_ROW_BYTES = 64 * 1024;

export type TableOptions = {
  readonly file: string;
  /** Without one of these the table cannot be read: one error, no rows. */
  readonly columns: readonly string[];
  readonly errors: ErrorList;
  /** The header as it stands in the file. */
  onHeader?(header: readonly string[]): void;
  onRow(row: Row): void;
  /** Called after `onRow` for a row that failed there. */
  onRejected?(row: RejectedRow): void;
};

/** Reads a whole table. Rejects only when the source itself fails. Returns the number of data rows seen. */
export async function readTable(source: Readable, options: TableOptions): Promise<number> {
  let header: Map<string, number> | undefined;
  let readable = true;
  let rows = 0;
  const onFault = (fault: RowError): void => addError(options.errors, fault);
  await parseCsv(source, {
    onSkipped: (line) => onFault({ file: options.file, line, column: '', reason: 'bad-row' }),
    onRecord(cells, line) {
      if (header === undefined) {
        header = new Map(cells.map((name, index) => [name.toLowerCase(), index]));
        readable = checkHeader(header, options);
        options.onHeader?.(cells);
      } else if (readable) {
        rows += 1;
        const row = rowOf(cells, line, { file: options.file, index: header }, onFault);
        options.onRow(row);
        if (!row.ok()) options.onRejected?.({ line: row.line, cells, errors: row.faults() });
      }
    },
  });
  if (header === undefined) checkHeader(new Map(), options);
  return rows;
}

export type CsvOptions = {
  /** A comma when absent. */
  readonly delimiter?: string;
  onRecord(cells: readonly string[], line: number): void;
  /** A row that is none: a quote that is never closed, or more than a row may hold. */
  onSkipped(line: number): void;
};

/**
 * The records of a CSV text, header included (UTF-8 bytes or texts). Spaces around cells are dropped, those inside
 * quotes kept; empty lines are skipped. `line` is the one a record ends on. Rejects only when the source fails.
 */
export async function parseCsv(source: Readable, options: CsvOptions): Promise<void> {
  let lastFaultLine = -1;
  const parser = parse({
    bom: true,
    trim: true,
    delimiter: options.delimiter ?? ',',
    relax_column_count: true,
    // Hand-made files hold names like: Gate "North". The quotes are then part of the text.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_ROW_BYTES,
    on_skip(fault) {
      const line = typeof fault?.['lines'] === 'number' ? fault['lines'] : 0;
      // The parser may stumble several times over one row.
      if (line !== lastFaultLine) options.onSkipped(line);
      lastFaultLine = line;
      return undefined;
    },
    on_record(cells: readonly string[], context) {
      options.onRecord(cells, context.lines);
      return null;
    },
  });
  parser.resume();
  await pipeline(source, parser);
}

function checkHeader(header: ReadonlyMap<string, number>, { file, columns, errors }: TableOptions): boolean {
  const missing = columns.filter((column) => !header.has(column));
  for (const column of missing) addError(errors, { file, line: 1, column, reason: 'missing-column' });
  return missing.length === 0;
}
