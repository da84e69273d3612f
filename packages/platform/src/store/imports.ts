// Imports and the files the city stands on. Files are read and written by the import thread, except where said.
import type { ImportKind, ImportReport } from '@tongche/contract';
import { DAY_MS } from '@tongche/protocol';
import type { Sql } from './sql.ts';

/** Files wait so long to be applied: a working day and the night after it. */
export const FILE_KEEP_MS = DAY_MS;
/** What was imported is remembered as long as somebody may ask why a line is gone. */
export const IMPORT_KEEP_MS = 90 * DAY_MS;

/** How a file is read. */
export interface ImportParams {
  readonly asOf?: string;
  readonly coordinates?: 'wgs84' | 'gcj02' | 'bd09';
  readonly platePrefix?: string;
}
export type ImportState = ImportReport['state'];
/** A report without what stands in columns of its own. */
export type StoredReport = Omit<ImportReport, 'importId' | 'kind' | 'name' | 'state' | 'madeMs' | 'appliedMs'>;

export interface ImportRow {
  readonly importId: string;
  readonly kind: ImportKind;
  readonly fileName: string;
  readonly params: ImportParams;
  readonly state: ImportState;
  readonly staffId: number | null;
  readonly madeMs: number;
  readonly appliedMs: number | null;
  readonly report: StoredReport;
}
export type SourceRole = 'network' | 'vehicle-runs' | 'fleet' | 'codes';
export interface SourceRow {
  readonly role: SourceRole;
  readonly kind: ImportKind;
  readonly fileName: string;
  readonly params: ImportParams;
  readonly origin: 'config' | 'import';
  /** Hexadecimal. */
  readonly sha256: string;
  readonly appliedMs: number;
}

const importColumns = `import_id as "importId", kind, file_name as "fileName", params, state, staff_id as "staffId",
  made_ms as "madeMs", applied_ms as "appliedMs", report`;

export async function insertImport(
  sql: Sql,
  row: ImportRow & { readonly sha256: Buffer; readonly body: Uint8Array; readonly badRows: string | null },
): Promise<void> {
  await sql.query(
    `insert into import_job (import_id, kind, file_name, params, state, staff_id, made_ms, applied_ms, sha256, body,
                             bad_rows, report)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      row.importId,
      row.kind,
      row.fileName,
      JSON.stringify(row.params),
      row.state,
      row.staffId,
      row.madeMs,
      row.appliedMs,
      row.sha256,
      Buffer.from(row.body.buffer, row.body.byteOffset, row.body.byteLength),
      row.badRows,
      JSON.stringify(row.report),
    ],
  );
}

export async function importOf(sql: Sql, importId: string): Promise<ImportRow | undefined> {
  return sql.one<ImportRow>(`select ${importColumns} from import_job where import_id = $1`, [importId]);
}

/** The import and its file, kept from others until the transaction ends. */
export async function lockImport(
  sql: Sql,
  importId: string,
): Promise<(ImportRow & { body: Buffer | null }) | undefined> {
  return sql.one<ImportRow & { body: Buffer | null }>(
    `select ${importColumns}, body from import_job where import_id = $1 for update`,
    [importId],
  );
}

export async function latestImports(sql: Sql, limit: number): Promise<readonly ImportRow[]> {
  return sql.query<ImportRow>(`select ${importColumns} from import_job order by made_ms desc, import_id limit $1`, [
    limit,
  ]);
}

export async function badRowsOf(sql: Sql, importId: string): Promise<string | null | undefined> {
  return (
    await sql.one<{ bad_rows: string | null }>('select bad_rows from import_job where import_id = $1', [importId])
  )?.bad_rows;
}

/** The import is done: its file goes, its report is what happened. */
export async function finishImport(sql: Sql, importId: string, report: StoredReport, nowMs: number): Promise<void> {
  await sql.query(
    `update import_job set state = 'applied', applied_ms = $2, body = null, report = $3 where import_id = $1`,
    [importId, nowMs, JSON.stringify(report)],
  );
}

export async function refuseImport(sql: Sql, importId: string): Promise<void> {
  await sql.query(`update import_job set state = 'refused' where import_id = $1 and state = 'checked'`, [importId]);
}

/** Files not applied within the time go, and rows to mend; whole imports after the second time. */
export async function expireImports(sql: Sql, filesBeforeMs: number, rowsBeforeMs: number): Promise<void> {
  await sql.query(
    `update import_job set body = null, bad_rows = null,
            state = case when state in ('checked', 'refused') then 'expired' else state end
      where made_ms < $1 and (body is not null or bad_rows is not null)`,
    [filesBeforeMs],
  );
  await sql.query('delete from import_job where made_ms < $1', [rowsBeforeMs]);
}

const sourceColumns = `role, kind, file_name as "fileName", params, origin, encode(sha256, 'hex') as sha256,
  applied_ms as "appliedMs"`;

export async function citySources(sql: Sql): Promise<readonly SourceRow[]> {
  return sql.query<SourceRow>(`select ${sourceColumns} from city_source order by role`);
}

export async function citySource(
  sql: Sql,
  role: SourceRole,
): Promise<(SourceRow & { readonly body: Buffer }) | undefined> {
  return sql.one<SourceRow & { body: Buffer }>(`select ${sourceColumns}, body from city_source where role = $1`, [
    role,
  ]);
}

export async function putCitySource(sql: Sql, source: SourceRow & { readonly body: Uint8Array }): Promise<void> {
  await sql.query(
    `insert into city_source (role, kind, file_name, params, origin, sha256, body, applied_ms)
     values ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8)
     on conflict (role) do update set kind = excluded.kind, file_name = excluded.file_name, params = excluded.params,
       origin = excluded.origin, sha256 = excluded.sha256, body = excluded.body, applied_ms = excluded.applied_ms`,
    [
      source.role,
      source.kind,
      source.fileName,
      JSON.stringify(source.params),
      source.origin,
      source.sha256,
      Buffer.from(source.body.buffer, source.body.byteOffset, source.body.byteLength),
      source.appliedMs,
    ],
  );
}

/** One of a kind in this database: imports write one after another. */
const importLock = 7_140_502;

export async function lockImporting(sql: Sql): Promise<void> {
  await sql.query('select pg_advisory_xact_lock($1)', [importLock]);
}

export interface RiderCountRow {
  readonly day: number;
  readonly lineId: string;
  readonly hour: number;
  readonly riders: number;
}

export async function riderCounts(sql: Sql): Promise<readonly RiderCountRow[]> {
  return sql.query<RiderCountRow>(
    'select day, line_id as "lineId", hour, riders from rider_count order by day, line_id, hour',
  );
}

/** Counts already there are replaced. */
export async function putRiderCounts(sql: Sql, rows: readonly RiderCountRow[]): Promise<void> {
  await sql.query(
    `insert into rider_count (day, line_id, hour, riders)
     select * from unnest($1::int[], $2::text[], $3::smallint[], $4::int[])
     on conflict (day, line_id, hour) do update set riders = excluded.riders`,
    [
      rows.map(({ day }) => day),
      rows.map(({ lineId }) => lineId),
      rows.map(({ hour }) => hour),
      rows.map(({ riders }) => riders),
    ],
  );
}
