// Reads a GTFS archive into a Feed: bad rows are left out and reported, the rest is used.
import type { Result } from '../result.ts';
import { readTable } from './csv.ts';
import type { Feed, StopTime } from './feed.ts';
import { feedNotes, fileNotes, spanOf } from './gtfs-notes.ts';
import type { FeedNote, FeedSpan } from './gtfs-notes.ts';
import { newDraft, TABLES } from './gtfs-tables.ts';
import type { Draft, StopTimeRow, Table } from './gtfs-tables.ts';
import { MAX_REJECTED_ROWS } from './lists.ts';
import { addError, newErrorList } from './row-error.ts';
import type { ErrorList, RowError, RowReason } from './row-error.ts';
import type { RejectedRow } from './row.ts';
import type { Source } from './source.ts';
import { openArchive } from './zip-read.ts';
import type { Archive } from './zip-read.ts';

/** The rows of one table that were left out, under its own header. */
export type RejectedTable = { readonly header: readonly string[]; readonly rows: readonly RejectedRow[] };

/**
 * `errors` holds the first thousand faults, `errorCount` all of them. `rejected` has the rows left out, by file, in order
 * of line, at most `MAX_REJECTED_ROWS` each; `rowCounts` the data rows seen, by file. `span` is undefined when no service runs on any day.
 */
export type FeedRead = {
  readonly feed: Feed;
  readonly errors: readonly RowError[];
  readonly errorCount: number;
  readonly rejected: ReadonlyMap<string, RejectedTable>;
  readonly rowCounts: ReadonlyMap<string, number>;
  readonly notes: readonly FeedNote[];
  readonly span: FeedSpan | undefined;
};

/** `todayDay` (local day number): when given, a feed that is over or not yet in force is noted. */
export type GtfsOptions = { readonly todayDay?: number };

/** Rows of one table: three times the largest national feeds. All calls of a feed are held in memory. */
export const MAX_TABLE_ROWS = 50_000_000;

const STOP_TIMES = 'stop_times.txt';
const FILES: ReadonlySet<string> = new Set(TABLES.map(({ file }) => file));

type Reading = {
  readonly archive: Archive;
  readonly draft: Draft;
  readonly errors: ErrorList;
  readonly rejected: Map<string, RejectedTable>;
  readonly rowCounts: Map<string, number>;
};

/** Refuses with `bad-archive` what is no readable ZIP. A feed without a required file has an error and is empty there. */
export async function readGtfs(
  source: Source,
  { todayDay }: GtfsOptions = {},
): Promise<Result<FeedRead, 'bad-archive'>> {
  const errors = newErrorList();
  const draft = newDraft();
  const rejected = new Map<string, RejectedTable>();
  const rowCounts = new Map<string, number>();
  let archive: Archive | undefined;
  try {
    archive = await openArchive(source, FILES);
    const reading: Reading = { archive, draft, errors, rejected, rowCounts };
    for (const table of TABLES) await readFile(table, reading);
    const late: LateFaults = new Map();
    const feed = feedOf(draft, errors, late);
    if (late.size > 0) await rejectLate(late, reading);
    const notes = [...fileNotes(archive.names, FILES), ...feedNotes(feed, draft.flexibleCalls, todayDay)];
    const { errors: kept, total } = errors;
    return {
      ok: true,
      value: { feed, errors: kept, errorCount: total, rejected, rowCounts, notes, span: spanOf(feed) },
    };
  } catch (fault) {
    return { ok: false, code: 'bad-archive', detail: fault instanceof Error ? fault.message : 'unreadable' };
  } finally {
    archive?.close();
  }
}

async function readFile(table: Table, { archive, draft, errors, rejected, rowCounts }: Reading): Promise<void> {
  const { file, columns } = table;
  if (!archive.has(file)) {
    const other = file === 'calendar.txt' ? 'calendar_dates.txt' : 'calendar.txt';
    const missed = table.need === 'always' || (table.need === 'one-calendar' && !archive.has(other));
    if (missed) addError(errors, { file, line: 0, column: '', reason: 'missing-file' });
    return;
  }
  const rows: RejectedRow[] = [];
  let header: readonly string[] = [];
  let count = 0;
  await readTable(await archive.open(file), {
    file,
    columns,
    errors,
    onHeader: (names) => (header = names),
    onRow(row) {
      count += 1;
      if (count > MAX_TABLE_ROWS) throw new Error(`${file} has more than ${MAX_TABLE_ROWS} rows`);
      table.read(row, draft);
    },
    onRejected(row) {
      if (rows.length < MAX_REJECTED_ROWS) rows.push(row);
    },
  });
  rowCounts.set(file, count);
  if (rows.length > 0) rejected.set(file, { header, rows });
}

function feedOf(draft: Draft, errors: ErrorList, late: LateFaults): Feed {
  const stopTimes = new Map<string, readonly StopTime[]>();
  const fault = (line: number, column: string, reason: RowReason): void => {
    addError(errors, { file: STOP_TIMES, line, column, reason });
    if (late.size < MAX_REJECTED_ROWS) late.set(line, { column, reason });
  };
  for (const [tripId, rows] of draft.stopTimes) {
    const times = orderTimes(rows, fault);
    if (times.length > 0) stopTimes.set(tripId, times);
  }
  const agencies = [...draft.agencies.values()];
  return {
    agencies,
    stops: [...draft.stops.values()],
    routes: [...draft.routes.values()],
    services: [...draft.services.values()],
    exceptions: [...draft.exceptions.values()],
    trips: [...draft.trips.values()],
    stopTimes,
    frequencies: draft.frequencies,
    translations: draft.translations,
    lang: draft.lang !== '' ? draft.lang : (agencies[0]?.lang ?? ''),
  };
}

/** The calls of one trip in order of sequence, without repeated sequences and without steps back in time. */
function orderTimes(
  rows: StopTimeRow[],
  fault: (line: number, column: string, reason: RowReason) => void,
): readonly StopTime[] {
  rows.sort((a, b) => a.seq - b.seq);
  const good: StopTimeRow[] = [];
  let lastSeq = -1;
  let lastS = 0;
  for (const row of rows) {
    const { line, seq, arrS, depS } = row;
    if (seq === lastSeq) fault(line, 'stop_sequence', 'duplicate');
    else if ((arrS ?? lastS) < lastS) fault(line, 'arrival_time', 'out-of-order');
    else if ((depS ?? lastS) < (arrS ?? lastS)) fault(line, 'departure_time', 'out-of-order');
    // Times in between are interpolated; before the first there is nothing to interpolate from.
    else if (good.length === 0 && depS === undefined) fault(line, 'departure_time', 'missing-value');
    else {
      good.push(row);
      lastSeq = seq;
      lastS = depS ?? lastS;
    }
  }
  for (let last = good.at(-1); last !== undefined && last.arrS === undefined; last = good.at(-1)) {
    good.pop();
    fault(last.line, 'arrival_time', 'missing-value');
  }
  const untimed = good.some(({ arrS }) => arrS === undefined);
  return good.map(({ stopId, seq, arrS, depS, dist }) =>
    untimed && dist !== undefined ? { stopId, seq, arrS, depS, dist } : { stopId, seq, arrS, depS },
  );
}

/** Faults that show only once a trip is complete, by line: its cells are no longer at hand. */
type LateFaults = Map<number, { readonly column: string; readonly reason: RowReason }>;

/** Reads the calls a second time for the cells of the rows that turned out bad. */
async function rejectLate(late: LateFaults, { archive, rejected }: Reading): Promise<void> {
  const early = rejected.get(STOP_TIMES);
  const rows = [...(early?.rows ?? [])];
  let header: readonly string[] = [];
  await readTable(await archive.open(STOP_TIMES), {
    file: STOP_TIMES,
    columns: [],
    errors: newErrorList(),
    onHeader: (names) => (header = names),
    onRow(row) {
      const fault = late.get(row.line);
      if (fault !== undefined) row.fail(fault.column, fault.reason);
    },
    onRejected(row) {
      if (rows.length < MAX_REJECTED_ROWS) rows.push(row);
    },
  });
  rejected.set(STOP_TIMES, { header, rows: rows.sort((a, b) => a.line - b.line) });
}
