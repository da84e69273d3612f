// Reads a GTFS archive into a Feed: bad rows are left out and reported, the rest is used.
import type { Result } from '../result.ts';
import { readTable } from './csv.ts';
import type { Feed, StopTime } from './feed.ts';
import { newDraft, TABLES } from './gtfs-tables.ts';
import type { Draft, StopTimeRow, Table } from './gtfs-tables.ts';
import { addError, newErrorList } from './row-error.ts';
import type { ErrorList, RowError } from './row-error.ts';
import type { Source } from './source.ts';
import { openArchive } from './zip-read.ts';
import type { Archive } from './zip-read.ts';

/** `errors` holds the first thousand faults, `errorCount` all of them. */
export type FeedRead = { readonly feed: Feed; readonly errors: readonly RowError[]; readonly errorCount: number };

/** Refuses with `bad-archive` what is no readable ZIP. A feed without a required file has an error and is empty there. */
export async function readGtfs(source: Source): Promise<Result<FeedRead, 'bad-archive'>> {
  const errors = newErrorList();
  const draft = newDraft();
  let archive: Archive | undefined;
  try {
    archive = await openArchive(source);
    for (const table of TABLES) await readFile(archive, table, draft, errors);
  } catch (fault) {
    return { ok: false, code: 'bad-archive', detail: fault instanceof Error ? fault.message : 'unreadable' };
  } finally {
    archive?.close();
  }
  return { ok: true, value: { feed: feedOf(draft, errors), errors: errors.errors, errorCount: errors.total } };
}

async function readFile(archive: Archive, table: Table, draft: Draft, errors: ErrorList): Promise<void> {
  const { file, columns } = table;
  if (!archive.has(file)) {
    const other = file === 'calendar.txt' ? 'calendar_dates.txt' : 'calendar.txt';
    const missed = table.need === 'always' || (table.need === 'one-calendar' && !archive.has(other));
    if (missed) addError(errors, { file, line: 0, column: '', reason: 'missing-file' });
    return;
  }
  await readTable(await archive.open(file), { file, columns, errors, onRow: (row) => table.read(row, draft) });
}

function feedOf(draft: Draft, errors: ErrorList): Feed {
  const stopTimes = new Map<string, readonly StopTime[]>();
  for (const [tripId, rows] of draft.stopTimes) {
    const times = orderTimes(rows, errors);
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
function orderTimes(rows: StopTimeRow[], errors: ErrorList): StopTime[] {
  rows.sort((a, b) => a.seq - b.seq);
  const times: StopTime[] = [];
  let lastSeq = -1;
  let lastS = 0;
  for (const { line, stopId, seq, arrS, depS } of rows) {
    const fault = (column: string, reason: 'duplicate' | 'out-of-order' | 'missing-value'): void =>
      addError(errors, { file: 'stop_times.txt', line, column, reason });
    if (seq === lastSeq) fault('stop_sequence', 'duplicate');
    else if ((arrS ?? lastS) < lastS) fault('arrival_time', 'out-of-order');
    else if ((depS ?? lastS) < (arrS ?? lastS)) fault('departure_time', 'out-of-order');
    // Times in between are interpolated; before the first there is nothing to interpolate from.
    else if (times.length === 0 && depS === undefined) fault('departure_time', 'missing-value');
    else {
      times.push({ stopId, seq, arrS, depS });
      lastSeq = seq;
      lastS = depS ?? lastS;
    }
  }
  while (times.length > 0 && times.at(-1)?.arrS === undefined) {
    times.pop();
    const line = rows.at(-1)?.line ?? 0;
    addError(errors, { file: 'stop_times.txt', line, column: 'arrival_time', reason: 'missing-value' });
  }
  return times;
}
