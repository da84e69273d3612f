// What can be taken in can be taken out: each list from one snapshot of the database, the timetable as it was applied.
import type { ImportKind } from '@tongche/contract';
import {
  ALIASES_HEADER,
  aliasesRows,
  CODES_HEADER,
  codesRows,
  FLEET_HEADER,
  fleetRows,
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
import { readCityRows, readUnits } from '../store/city.ts';
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
    case 'gtfs':
    case 'line-stops':
    case 'positions':
      return undefined;
    default:
      throw new Error(`unknown kind ${String(kind satisfies never)}`);
  }
}

/** The network file in force, when it is of this kind. */
async function networkFile(sql: Sql, kind: ImportKind): Promise<ExportedFile | undefined> {
  const source = kind === 'gtfs' || kind === 'line-stops' ? await citySource(sql, 'network') : undefined;
  if (source?.kind !== kind) return undefined;
  const bytes = new Uint8Array(source.body);
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (kind === 'gtfs') return { bytes, type: 'application/zip', fileName: 'gtfs.zip' };
  return isZip
    ? { bytes, type: xlsxType, fileName: 'line-stops.xlsx' }
    : { bytes, type: csvType, fileName: 'line-stops.csv' };
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
      if (list === undefined) return networkFile(tx, kind);
      const { header, rows } = list;
      if (format === 'xlsx') return { bytes: await tableXlsx(header, rows), type: xlsxType, fileName: `${kind}.xlsx` };
      const text = listCsv(header, rows, { bom: true });
      return { bytes: new Uint8Array(Buffer.from(text)), type: csvType, fileName: `${kind}.csv` };
    },
    { isolation: 'repeatable read' },
  );
}
