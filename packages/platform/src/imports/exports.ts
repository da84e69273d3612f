// What can be taken in can be taken out: each list from one snapshot of the database, the timetable as it was applied.
import type { ImportKind } from '@tongche/contract';
import {
  ALIASES_HEADER,
  aliasesRows,
  CODES_HEADER,
  codesRows,
  FLEET_HEADER,
  fleetRows,
  LINE_STOPS_HEADER,
  lineStopsRows,
  listCsv,
  RIDER_COUNTS_HEADER,
  riderCountsRows,
  ROSTER_HEADER,
  rosterRows,
  tableXlsx,
  VEHICLE_RUNS_HEADER,
  vehicleRunsRows,
} from '@tongche/network/import';
import type { ListRow } from '@tongche/network/import';
import type { Database } from '@tongche/postgres';
import { cityOfRows } from '../city/city.ts';
import { readCityRows, readDirections, readLines, readStops, readUnits } from '../store/city.ts';
import { allAliases } from '../store/codes.ts';
import { citySource, riderCounts } from '../store/imports.ts';
import { allStaff } from '../store/staff.ts';
import type { Sql } from '../store/sql.ts';
import { codesOfCity } from './codes.ts';
import { storedAssignments } from './dispatch.ts';

export interface ExportedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly fileName: string;
}
interface List {
  readonly header: readonly string[];
  readonly rows: readonly ListRow[];
}

const csvType = 'text/csv; charset=utf-8';
const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

async function listOf(sql: Sql, kind: ImportKind, nowMs: number): Promise<List | undefined> {
  switch (kind) {
    case 'fleet': {
      const inFleet = (await readUnits(sql)).filter(({ goneMs }) => goneMs === undefined);
      return { header: FLEET_HEADER, rows: fleetRows(inFleet) };
    }
    case 'codes':
      return { header: CODES_HEADER, rows: codesRows(codesOfCity(cityOfRows(await readCityRows(sql)), nowMs)) };
    case 'aliases': {
      const aliases = (await allAliases(sql)).map(({ content, code8 }) => ({ content, code: code8 }));
      return { header: ALIASES_HEADER, rows: aliasesRows(aliases) };
    }
    case 'roster':
      return { header: ROSTER_HEADER, rows: rosterRows(await allStaff(sql)) };
    case 'vehicle-runs':
      return { header: VEHICLE_RUNS_HEADER, rows: vehicleRunsRows(await storedAssignments(sql)) };
    case 'rider-counts':
      return { header: RIDER_COUNTS_HEADER, rows: riderCountsRows(await riderCounts(sql)) };
    case 'line-stops':
      return (await citySource(sql, 'network'))?.kind === kind ? lineStopsOf(sql) : undefined;
    case 'gtfs':
    case 'positions':
      return undefined;
    default:
      throw new Error(`unknown kind ${String(kind satisfies never)}`);
  }
}

/** Lines in service with their stops, in WGS 84 whatever the file's coordinates were. */
async function lineStopsOf(sql: Sql): Promise<List> {
  const lines = (await readLines(sql)).filter(({ goneMs }) => goneMs === undefined);
  const parts = { lines, directions: await readDirections(sql), stops: await readStops(sql) };
  return { header: LINE_STOPS_HEADER, rows: lineStopsRows(parts) };
}

/** The timetable in force, as it was applied. */
async function timetableFile(sql: Sql, kind: ImportKind): Promise<ExportedFile | undefined> {
  const source = kind === 'gtfs' ? await citySource(sql, 'network') : undefined;
  if (source?.kind !== kind) return undefined;
  return { bytes: new Uint8Array(source.body), type: 'application/zip', fileName: 'gtfs.zip' };
}

/** The file, or undefined where nothing of this kind is there to take out. */
export async function exportFile(
  db: Database,
  kind: ImportKind,
  format: 'csv' | 'xlsx',
  nowMs: number,
): Promise<ExportedFile | undefined> {
  return db.tx(
    'export',
    async (tx) => {
      const list = await listOf(tx, kind, nowMs);
      if (list === undefined) return timetableFile(tx, kind);
      const { header, rows } = list;
      if (format === 'xlsx') return { bytes: await tableXlsx(header, rows), type: xlsxType, fileName: `${kind}.xlsx` };
      const text = listCsv(header, rows, { bom: true });
      return { bytes: new Uint8Array(Buffer.from(text)), type: csvType, fileName: `${kind}.csv` };
    },
    { isolation: 'repeatable read' },
  );
}
