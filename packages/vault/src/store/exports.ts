// Exports asked for and the files taken of them.
import type { Queryable } from '@tongche/postgres';

export interface ExportRow {
  readonly exportHash: Buffer;
  readonly caseId: string;
  readonly askedMs: number;
  readonly expiresMs: number;
  readonly signedMs: number | null;
  readonly sealed: Buffer;
}

const COLUMNS = `export_hash as "exportHash", case_id as "caseId", asked_ms as "askedMs", expires_ms as "expiresMs",
       signed_ms as "signedMs", sealed`;

export async function addExport(db: Queryable, row: ExportRow): Promise<void> {
  await db.query(
    `insert into export_ask (export_hash, case_id, asked_ms, expires_ms, signed_ms, sealed)
     values ($1, $2, $3, $4, $5, $6)`,
    [row.exportHash, row.caseId, row.askedMs, row.expiresMs, row.signedMs, row.sealed],
  );
}

/** Newest first; by index export_ask_case. */
export function exportRows(db: Queryable, caseId: string, limit: number): Promise<readonly ExportRow[]> {
  return db.query<ExportRow>(
    `select ${COLUMNS} from export_ask where case_id = $1 order by asked_ms desc, export_hash limit $2`,
    [caseId, limit],
  );
}

/** Locked: signatures and takes of one export wait for each other. */
export function exportRow(tx: Queryable, caseId: string, exportHash: Buffer): Promise<ExportRow | undefined> {
  return tx.one<ExportRow>(`select ${COLUMNS} from export_ask where export_hash = $1 and case_id = $2 for update`, [
    exportHash,
    caseId,
  ]);
}

export async function updateExport(
  tx: Queryable,
  { exportHash, signedMs, sealed }: Pick<ExportRow, 'exportHash' | 'signedMs' | 'sealed'>,
): Promise<void> {
  await tx.query('update export_ask set signed_ms = $2, sealed = $3 where export_hash = $1', [
    exportHash,
    signedMs,
    sealed,
  ]);
}

/** Asked for since then in this case. */
export async function countExports(db: Queryable, caseId: string, sinceMs: number): Promise<number> {
  const row = await db.one<{ readonly count: number }>(
    'select count(*) as count from export_ask where case_id = $1 and asked_ms > $2',
    [caseId, sinceMs],
  );
  return row?.count ?? 0;
}

/** Files taken, by export in base64url. */
export async function takesOf(db: Queryable, caseId: string): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ readonly exportHash: Buffer; readonly count: number }>(
    `select t.export_hash as "exportHash", count(*) as count
       from export_take t join export_ask a on a.export_hash = t.export_hash
      where a.case_id = $1
      group by t.export_hash`,
    [caseId],
  );
  return new Map(rows.map(({ exportHash, count }) => [exportHash.toString('base64url'), count]));
}

/** How many other exports somebody took files of since then; by index export_take_person. */
export async function countOtherTakes(
  tx: Queryable,
  person: string,
  sinceMs: number,
  exportHash: Buffer,
): Promise<number> {
  const row = await tx.one<{ readonly count: number }>(
    `select count(distinct export_hash) as count
       from export_take where person = $1 and at_ms > $2 and export_hash <> $3`,
    [person, sinceMs, exportHash],
  );
  return row?.count ?? 0;
}

export async function addTake(tx: Queryable, exportHash: Buffer, person: string, atMs: number): Promise<void> {
  await tx.query('insert into export_take (export_hash, person, at_ms) values ($1, $2, $3)', [
    exportHash,
    person,
    atMs,
  ]);
}
