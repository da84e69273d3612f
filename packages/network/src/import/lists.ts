// Reads the operator's lists: any table with a header, its columns known by English keys and by Chinese words.
import { basename } from 'node:path';
import { addError, newErrorList } from './row-error.ts';
import type { RowError, RowReason } from './row-error.ts';
import { plainText, rowOf } from './row.ts';
import type { RejectedRow, Row, RowShape } from './row.ts';
import type { Source } from './source.ts';
import { TableFault } from './table-fault.ts';
import { readRecords } from './table-source.ts';
import type { SourceNotes } from './table-source.ts';

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
  /**
   * What was noticed but is no error: a stable word, and after ": " what it is about. `mended`: the file has our column
   * of errors, so it holds the rows that were bad once, and no others.
   */
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

/**
 * Reads a list. `onRow` keeps what it wants to in its own values, which `rows` hands over at the end. Of a file that
 * cannot be read to its end no row is good.
 */
export async function readList<T>(
  source: Source,
  spec: ListSpec,
  onRow: (row: Row, context: ListContext) => void,
  rows: () => Iterable<T>,
): Promise<ListRead<T>> {
  const file = typeof source === 'string' ? basename(source) : spec.file;
  const state = newState(file, onRow);
  /** Rows before the header, each taken for one. */
  const above: Heading[] = [];
  let heading: Heading | undefined;
  let whole = true;
  try {
    await readRecords(source, {
      onFound: state.found,
      onRecord(cells, line) {
        if (heading !== undefined) return state.read(cells, line, heading);
        const candidate = readHeading(cells, line, spec, file);
        if (candidate.missing.length === 0) heading = candidate;
        else if (above.length < MAX_ROWS_TO_HEADER) above.push(candidate);
      },
      onSkipped: state.skipped,
    });
    if (state.rowCount() > MAX_LIST_ROWS) throw new TableFault('too-large');
  } catch (fault) {
    if (!(fault instanceof TableFault)) throw fault;
    state.fault({ file, line: 0, column: '', reason: fault.reason });
    whole = false;
  }
  const [top] = above;
  if (heading !== undefined) {
    if (top !== undefined) state.note(`rows-above-header: ${above.length}`);
    if (heading.ignored.length > 0) state.note(`columns-ignored: ${heading.ignored.join(', ')}`);
    if (heading.width > heading.header.length) state.note('mended');
  } else if (whole) {
    for (const column of top?.missing ?? spec.needed.map(([first]) => first ?? ''))
      state.fault({ file, line: top?.line ?? 0, column, reason: 'missing-column' });
    if (top !== undefined) state.note(`columns-found: ${top.header.join(', ')}`);
  }
  return { rows: whole ? [...rows()] : [], header: (heading ?? top)?.header ?? [], ...state.result() };
}

type State = {
  readonly found: (found: SourceNotes) => void;
  readonly read: (cells: readonly string[], line: number, heading: Heading) => void;
  readonly skipped: (line: number) => void;
  readonly fault: (fault: RowError) => void;
  readonly note: (text: string) => void;
  readonly rowCount: () => number;
  readonly result: () => Pick<ListRead<unknown>, 'errors' | 'errorCount' | 'rejected' | 'rowCount' | 'notes'>;
};

/** What a list gathers while it is read. */
function newState(file: string, onRow: (row: Row, context: ListContext) => void): State {
  const errors = newErrorList();
  const rejected: RejectedRow[] = [];
  const notes = new Set<string>();
  let rowCount = 0;
  let damaged = false;
  const fault = (one: RowError): void => addError(errors, one);
  const keep = (row: RejectedRow): void => {
    if (rejected.length < MAX_REJECTED_ROWS) rejected.push(row);
  };
  return {
    found(found) {
      damaged = found.damaged;
      for (const note of found.notes) notes.add(note);
    },
    read(cells, line, heading) {
      if (isBlank(cells, heading)) return;
      rowCount += 1;
      if (rowCount > MAX_LIST_ROWS) return;
      const row = rowOf(cells, line, heading.shape, fault);
      checkCells(cells, heading, row, damaged);
      if (row.ok()) onRow(row, contextOf(heading, notes));
      if (row.ok()) return;
      keep({ line, cells: heading.header.map((_, at) => cells[at] ?? ''), errors: row.faults() });
    },
    skipped(line) {
      rowCount += 1;
      const one: RowError = { file, line, column: '', reason: 'bad-row' };
      fault(one);
      keep({ line, cells: [], errors: [one] });
    },
    fault,
    note: (text) => notes.add(text),
    rowCount: () => rowCount,
    result: () => ({ errors: errors.errors, errorCount: errors.total, rejected, rowCount, notes: [...notes] }),
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
