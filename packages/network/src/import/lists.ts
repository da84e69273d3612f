// Reads the operator's lists: any table with a header, its columns known by English keys and by Chinese words.
import { basename } from 'node:path';
import { addError, newErrorList } from './row-error.ts';
import type { RowError, RowReason } from './row-error.ts';
import { plainText, rowOf } from './row.ts';
import type { RejectedRow, Row, RowShape } from './row.ts';
import type { Source } from './source.ts';
import { TableFault } from './table-fault.ts';
import { readRecords } from './table-source.ts';

/**
 * What a list gave. Rejects only when the source itself cannot be read (no such file); a file that is no table has an
 * error with line 0.
 */
export type ListRead<T> = {
  /** Good rows, in the order of the file. */
  readonly rows: readonly T[];
  /** The first thousand faults; `errorCount` counts all. */
  readonly errors: readonly RowError[];
  readonly errorCount: number;
  /** The header as it stands in the file, without an `error` column of ours. */
  readonly header: readonly string[];
  /** Rows left out, the first 100,000 of them. */
  readonly rejected: readonly RejectedRow[];
  /** Rows that hold anything, good and bad. */
  readonly rowCount: number;
  /** What was noticed but is no error: a stable word, and after ": " what it is about. */
  readonly notes: readonly string[];
};

/** Known to readers by `key`; `words` are other headings, Chinese ones first. */
export type ListColumn = {
  readonly key: string;
  readonly words: readonly string[];
  /** Text that is shown as it was written, not compared: a name, a QR code's content. */
  readonly prose?: true;
};

export type ListSpec = {
  /** Name of the file in errors when the source is bytes. */
  readonly file: string;
  readonly columns: readonly ListColumn[];
  /** Of each group one column must be there. */
  readonly needed: readonly (readonly string[])[];
};

/** Rejected rows kept for mending; who has more sends another file anyway. */
export const MAX_REJECTED_ROWS = 100_000;
/** Rows of one list: a month of hourly counts of a thousand lines is 744,000. */
export const MAX_LIST_ROWS = 2_000_000;
/** Excel's own limit of a cell. */
const MAX_CELL_CHARS = 32_767;
/** A title and a few remarks may stand above the header. */
const MAX_ROWS_TO_HEADER = 10;
/** The column in which rejected rows carry their faults. */
export const ERROR_COLUMN = 'error';

/** What the taker of a list knows against a row that is good in itself; undefined where nothing. */
export type RowCheck<T> = (value: T) => { readonly column: string; readonly reason: RowReason } | undefined;

/** What a list's reader knows of the header when it reads rows. */
export type ListContext = {
  has(column: string): boolean;
  /** What the file itself calls a column. */
  heading(column: string): string;
  note(text: string): void;
};

/** Reads a list. `onRow` keeps what it wants to in its own values, which `rows` hands over at the end. */
export async function readList<T>(
  source: Source,
  spec: ListSpec,
  onRow: (row: Row, context: ListContext) => void,
  rows: () => Iterable<T>,
): Promise<ListRead<T>> {
  const file = typeof source === 'string' ? basename(source) : spec.file;
  const errors = newErrorList();
  const rejected: RejectedRow[] = [];
  const notes = new Set<string>();
  const onFault = (fault: RowError): void => addError(errors, fault);
  /** Rows before the header, each taken for one. */
  const above: Heading[] = [];
  let heading: Heading | undefined;
  let rowCount = 0;
  let damaged = false;
  const fileFault = (column: string, reason: RowError['reason'], line: number): void =>
    onFault({ file, line, column, reason });

  const keep = (cells: readonly string[], line: number, faults: readonly RowError[]): void => {
    if (rejected.length < MAX_REJECTED_ROWS) rejected.push({ line, cells, errors: faults });
  };
  const read = (cells: readonly string[], line: number, known: Heading): void => {
    rowCount += 1;
    if (rowCount > MAX_LIST_ROWS) return;
    const row = rowOf(cells, line, known.shape, onFault);
    checkCells(cells, known, row, damaged);
    if (row.ok()) onRow(row, contextOf(known, notes));
    if (!row.ok())
      keep(
        known.header.map((_, at) => cells[at] ?? ''),
        line,
        row.faults(),
      );
  };

  try {
    await readRecords(source, {
      onFound(found) {
        damaged = found.damaged;
        for (const note of found.notes) notes.add(note);
      },
      onRecord(cells, line) {
        if (heading !== undefined) {
          if (!isBlank(cells, heading)) read(cells, line, heading);
          return;
        }
        const candidate = readHeading(cells, line, spec, file);
        if (candidate.missing.length === 0) heading = candidate;
        else if (above.length < MAX_ROWS_TO_HEADER) above.push(candidate);
      },
      onSkipped(line) {
        const fault: RowError = { file, line, column: '', reason: 'bad-row' };
        onFault(fault);
        keep([], line, [fault]);
      },
    });
  } catch (fault) {
    if (!(fault instanceof TableFault)) throw fault;
    fileFault('', fault.reason, 0);
  }
  if (rowCount > MAX_LIST_ROWS) fileFault('', 'too-large', 0);
  if (heading === undefined && errors.total === 0) {
    const missing = above[0]?.missing ?? spec.needed.map(([column]) => column ?? '');
    for (const column of missing) fileFault(column, 'missing-column', above[0]?.line ?? 0);
    if (above[0] !== undefined) notes.add(`columns-found: ${above[0].header.join(', ')}`);
  } else if (above.length > 0) notes.add(`rows-above-header: ${above.length}`);
  if (heading !== undefined && heading.ignored.length > 0) notes.add(`columns-ignored: ${heading.ignored.join(', ')}`);
  return {
    rows: [...rows()],
    errors: errors.errors,
    errorCount: errors.total,
    header: (heading ?? above[0])?.header ?? [],
    rejected,
    rowCount,
    notes: [...notes],
  };
}

type Heading = {
  /** Columns of the file, an `error` column included. */
  readonly width: number;
  readonly header: readonly string[];
  readonly shape: RowShape;
  readonly line: number;
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
};

function readHeading(cells: readonly string[], line: number, spec: ListSpec, file: string): Heading {
  const keys = new Map<string, string>();
  for (const { key, words } of spec.columns) for (const word of [key, ...words]) keys.set(headingKey(word), key);
  const ours = headingKey(cells.at(-1) ?? '') === ERROR_COLUMN;
  const header = cells.slice(0, cells.length - (ours ? 1 : 0)).map((cell) => cell.trim());
  const index = new Map<string, number>();
  const headings = new Map<string, string>();
  const ignored: string[] = [];
  for (const [at, name] of header.entries()) {
    const key = keys.get(headingKey(name));
    if (key === undefined || index.has(key)) {
      if (name !== '') ignored.push(name);
      continue;
    }
    index.set(key, at);
    headings.set(key, name);
  }
  const missing = spec.needed.filter((group) => !group.some((key) => index.has(key))).map(([first]) => first ?? '');
  const prose = new Set(spec.columns.filter((column) => column.prose === true).map(({ key }) => key));
  return { width: cells.length, header, shape: { file, index, headings, prose }, line, missing, ignored };
}

function contextOf({ shape }: Heading, notes: Set<string>): ListContext {
  return {
    has: (column) => shape.index.has(column),
    heading: (column) => shape.headings?.get(column) ?? '',
    note: (text) => notes.add(text),
  };
}

/** Headings are compared without case, spaces, marks, and what stands in brackets: "Unit ID", "核载（人）". */
function headingKey(text: string): string {
  return plainText(text)
    .toLowerCase()
    .replace(/\([^()]*\)|[\s_\-*:.·/]/g, '');
}

/** A row without anything of its own; what stands in our `error` column does not count. */
function isBlank(cells: readonly string[], { header, width }: Heading): boolean {
  return cells.every((cell, at) => (at >= header.length && at < width) || cell.trim() === '');
}

/** Faults of the cells themselves. A comma too many shifts all that follow: nothing of such a row can be trusted. */
function checkCells(cells: readonly string[], { width, shape }: Heading, row: Row, damaged: boolean): void {
  const beyond = cells.slice(width).some((cell) => cell.trim() !== '');
  if (beyond) row.fail('', 'bad-row');
  for (const [key, at] of shape.index) {
    const cell = cells[at] ?? '';
    if (cell.length > MAX_CELL_CHARS) row.fail(key, 'too-large');
    if (damaged && cell.includes('\uFFFD')) row.fail(key, 'bad-encoding');
  }
}
