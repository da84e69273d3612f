// A network file (GTFS): lines, directions and stops into tables; its times stay in the file, which is kept.
import type { Direction, Line, Stop } from '@tongche/network';
import {
  directionsOf,
  gtfsZip,
  linesOf,
  listCsv,
  namesOf,
  parseDate,
  readGtfs,
  stopsOf,
} from '@tongche/network/import';
import type { FeedRead } from '@tongche/network/import';
import { dayOf } from '@tongche/protocol';
import {
  markGone,
  readDirections,
  readLines,
  readStops,
  writeDirections,
  writeLines,
  writeStops,
} from '../store/city.ts';
import type { Sql } from '../store/sql.ts';
import { compare, formsOf } from './change.ts';
import { Unreadable } from './draft.ts';
import type { ImportContext, Plan, Reader } from './draft.ts';
import { expandOf } from './timetable.ts';

interface Network {
  readonly lines: readonly Line[];
  readonly directions: readonly Direction[];
  readonly stops: readonly Stop[];
}

const lineForm = ({ name, shortName, mode, colour }: Line): string =>
  JSON.stringify([name.zh, name.en, shortName, mode, colour]);
const directionKey = ({ lineId, dir }: Direction): string => `${lineId}|${dir}`;
const directionForm = ({ headsign, stops }: Direction): string => JSON.stringify([headsign.zh, headsign.en, stops]);
const stopForm = ({ name, lat, lon }: Stop): string => JSON.stringify([name.zh, name.en, lat, lon]);

/** Compares with the city's own. Lines a complete file does not name are gone; stops stay, past runs name them. */
export async function planNetwork(
  sql: Sql,
  network: Network,
  { nowMs }: ImportContext,
  complete: boolean,
): Promise<Plan> {
  const inService = (await readLines(sql)).filter(({ goneMs }) => goneMs === undefined);
  const lines = compare({
    what: 'lines',
    before: formsOf(inService, ({ id }) => id, lineForm),
    after: network.lines,
    keyOf: ({ id }) => id,
    formOf: lineForm,
    complete,
  });
  const known = await readDirections(sql);
  const named = new Set(network.lines.map(({ id }) => id));
  const stay = complete ? [] : known.filter(({ lineId }) => !named.has(lineId));
  const all = [...network.directions, ...stay];
  const directions = compare({
    what: 'directions',
    before: formsOf(known, directionKey, directionForm),
    after: all,
    keyOf: directionKey,
    formOf: directionForm,
    complete: true,
  });
  const stops = compare({
    what: 'stops',
    before: formsOf(await readStops(sql), ({ id }) => id, stopForm),
    after: network.stops,
    keyOf: ({ id }) => id,
    formOf: stopForm,
  });
  return {
    changes: [lines.change, directions.change, stops.change],
    async write(tx) {
      await writeStops(tx, stops.put);
      await writeLines(tx, lines.put);
      await markGone(tx, 'line', lines.gone, nowMs);
      if (directions.put.length + directions.gone.length > 0) await writeDirections(tx, all);
      return {};
    },
  };
}

/** Bad rows of several tables cannot be one table: where they stand, what is wrong, and the row. */
function badRowsOf({ rejected }: FeedRead): string | null {
  const rows = [...rejected].flatMap(([file, { header, rows: bad }]) =>
    bad.map(({ line, cells, errors }) => [
      file,
      line,
      errors.map(({ column, reason }) => `${column}: ${reason}`).join('; '),
      header.map((name, at) => `${name}=${cells[at] ?? ''}`).join(' | '),
    ]),
  );
  return rows.length === 0 ? null : listCsv(['file', 'line', 'error', 'row'], rows, { bom: true });
}

export const readGtfsDraft: Reader = async (source, context) => {
  // A feed that is over is in force again on the day it is taken as of.
  const asOfDay = context.params.asOf === undefined ? undefined : parseDate(context.params.asOf);
  const read = await readGtfs(source, { todayDay: asOfDay ?? dayOf(context.nowMs, context.zone) });
  if (!read.ok) throw new Unreadable(read.code);
  const { feed, errors, errorCount, notes, rejected, rowCounts } = read.value;
  const sum = (numbers: Iterable<number>): number => Iterator.from(numbers).reduce((total, n) => total + n, 0);
  const rows = sum(rowCounts.values());
  const bad = sum([...rejected.values()].map((table) => table.rows.length));
  const nameOf = namesOf(feed);
  const network = {
    lines: linesOf(feed, nameOf),
    directions: directionsOf(feed, nameOf),
    stops: stopsOf(feed, nameOf),
  };
  return {
    rows,
    good: rows - bad,
    bad,
    errors,
    errorCount,
    notes,
    badRows: badRowsOf(read.value),
    keep: { role: 'network', body: () => (errorCount === 0 ? undefined : gtfsZip(feed)) },
    expand: (assignments) => expandOf(feed, assignments, context),
    plan: (sql) => planNetwork(sql, network, context, errorCount === 0),
  };
};
