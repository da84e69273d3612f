// Codes as the operator's office works on them: batches, moves, replacements, aliases, and who did what.
import { fromBase64Url, toBase64Url, unwrap } from '@tongche/protocol';
import type { CodePurpose } from '@tongche/network';
import { boardedMsOfUuid } from './rides.ts';
import type { Sql } from './sql.ts';

/** A code on its way in. */
export interface NewCode {
  readonly code8: Uint8Array;
  readonly shortCode: string;
  readonly unitId: string | null;
  readonly purpose: CodePurpose;
}
export interface LockedCode {
  readonly codeId: number;
  readonly purpose: CodePurpose;
  readonly revokedMs: number | null;
}
export interface BatchRow {
  readonly batchId: number;
  readonly madeMs: number;
  readonly purpose: CodePurpose;
  readonly perUnit: number;
  readonly units: number;
  readonly codes: number;
}
/** What happened to codes; see the table's comments. */
export interface Change {
  readonly atMs: number;
  readonly staffId: number | null;
  readonly verb: 'issue' | 'move' | 'replace' | 'revoke' | 'alias' | 'import';
  readonly codeId?: number;
  readonly batchId?: number;
  readonly unitId?: string;
  readonly fromMs?: number;
  readonly otherId?: number;
}

/** One of a kind in this database: makers of codes take turns, so that "units without a code" is said once. */
const issueLock = 7_140_501;

/** Waits until no other transaction issues codes. Held until the transaction ends. */
export async function lockIssuing(sql: Sql): Promise<void> {
  await sql.query('select pg_advisory_xact_lock($1)', [issueLock]);
}

/** Units with a living code of this purpose, as bound now. */
export async function unitsWithCode(sql: Sql, purpose: CodePurpose, nowMs: number): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ unit_id: string }>(
    `select distinct b.unit_id
       from code c cross join lateral (
         select unit_id from binding
          where code_id = c.code_id and from_ms <= $2 and (to_ms is null or to_ms > $2)
          order by from_ms desc limit 1
       ) b
      where c.purpose = $1 and c.revoked_ms is null`,
    [purpose, nowMs],
  );
  return new Set(rows.map((row) => row.unit_id));
}

export async function insertBatch(sql: Sql, batch: Omit<BatchRow, 'batchId'>): Promise<number> {
  const row = await sql.one<{ batch_id: number }>(
    `insert into code_batch (made_ms, purpose, per_unit, units, codes) values ($1, $2, $3, $4, $5)
     returning batch_id`,
    [batch.madeMs, batch.purpose, batch.perUnit, batch.units, batch.codes],
  );
  if (row === undefined) throw new Error('an insert returned no row');
  return row.batch_id;
}

/** Inserts the codes whose numbers are free, in one statement. Returns the code_id of each, undefined where one was taken. */
export async function insertCodes(
  sql: Sql,
  codes: readonly NewCode[],
  issued: { readonly batchId: number | null; readonly issuedMs: number },
): Promise<readonly (number | undefined)[]> {
  const rows = await sql.query<{ code_id: number; code8: Buffer }>(
    `insert into code (code8, short_code, purpose, batch_id, issued_ms)
     select code8, short_code, purpose, $4::int, $5::bigint
       from unnest($1::bytea[], $2::text[], $3::text[]) t(code8, short_code, purpose)
     on conflict do nothing
     returning code_id, code8`,
    [
      codes.map(({ code8 }) => Buffer.from(code8)),
      codes.map(({ shortCode }) => shortCode),
      codes.map(({ purpose }) => purpose),
      issued.batchId,
      issued.issuedMs,
    ],
  );
  const ids = new Map(rows.map((row) => [toBase64Url(row.code8), row.code_id]));
  return codes.map(({ code8 }) => ids.get(toBase64Url(code8)));
}

export async function insertBindings(
  sql: Sql,
  bindings: readonly { readonly codeId: number; readonly unitId: string }[],
  fromMs: number,
): Promise<void> {
  await sql.query(
    'insert into binding (code_id, unit_id, from_ms) select c, u, $3::bigint from unnest($1::int[], $2::text[]) t(c, u)',
    [bindings.map(({ codeId }) => codeId), bindings.map(({ unitId }) => unitId), fromMs],
  );
}

/** The code, kept from every other change until the transaction ends. */
export async function lockCode(sql: Sql, code8: string): Promise<LockedCode | undefined> {
  return sql.one<LockedCode>(
    `select code_id as "codeId", purpose, revoked_ms as "revokedMs" from code where code8 = $1 for update`,
    [Buffer.from(unwrap(fromBase64Url(code8)))],
  );
}

/**
 * From `fromMs` on the code is on `unitId` (null: nowhere). What was believed about later times is taken back: bindings
 * that began at or after it go, the one open then ends there.
 */
export async function rebind(sql: Sql, codeId: number, unitId: string | null, fromMs: number): Promise<void> {
  await sql.query('delete from binding where code_id = $1 and from_ms >= $2', [codeId, fromMs]);
  await sql.query('update binding set to_ms = $2 where code_id = $1 and (to_ms is null or to_ms > $2)', [
    codeId,
    fromMs,
  ]);
  if (unitId === null) return;
  await sql.query('insert into binding (code_id, unit_id, from_ms) values ($1, $2, $3)', [codeId, unitId, fromMs]);
}

/** Where the code is at that instant. */
export async function boundUnit(sql: Sql, codeId: number, atMs: number): Promise<string | undefined> {
  const row = await sql.one<{ unit_id: string }>(
    `select unit_id from binding where code_id = $1 and from_ms <= $2 and (to_ms is null or to_ms > $2)
      order by from_ms desc limit 1`,
    [codeId, atMs],
  );
  return row?.unit_id;
}

/** The code is out of use, `newId` has its place and its aliases. */
export async function putReplacement(sql: Sql, oldId: number, newId: number, nowMs: number): Promise<void> {
  await sql.query('update code set revoked_ms = $3, replaced_by = $2 where code_id = $1', [oldId, newId, nowMs]);
  await sql.query('update code_alias set code_id = $2 where code_id = $1', [oldId, newId]);
}

/** Binds contents to codes; one bound before follows the new word. Returns how many are new or changed. */
export async function putAliases(
  sql: Sql,
  aliases: readonly { readonly digest: Uint8Array; readonly content: string; readonly codeId: number }[],
  nowMs: number,
): Promise<number> {
  const rows = await sql.query<{ n: number }>(
    `with put as (
       insert into code_alias (digest, content, code_id, bound_ms)
       select digest, content, code_id, $4::bigint
         from unnest($1::bytea[], $2::text[], $3::int[]) t(digest, content, code_id)
       on conflict (digest) do update set code_id = excluded.code_id, bound_ms = excluded.bound_ms
        where code_alias.code_id <> excluded.code_id
       returning 1)
     select count(*)::int as n from put`,
    [
      aliases.map(({ digest }) => Buffer.from(digest)),
      aliases.map(({ content }) => content),
      aliases.map(({ codeId }) => codeId),
      nowMs,
    ],
  );
  return rows[0]?.n ?? 0;
}

/** The code a content stands for; one look-up in the primary key. */
export async function codeIdOfAlias(sql: Sql, digest: Uint8Array): Promise<number | undefined> {
  const row = await sql.one<{ code_id: number }>('select code_id from code_alias where digest = $1', [
    Buffer.from(digest),
  ]);
  return row?.code_id;
}

export async function insertChange(sql: Sql, change: Change): Promise<void> {
  await sql.query(
    `insert into code_change (at_ms, staff_id, verb, code_id, batch_id, unit_id, from_ms, other_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      change.atMs,
      change.staffId,
      change.verb,
      change.codeId ?? null,
      change.batchId ?? null,
      change.unitId ?? null,
      change.fromMs ?? null,
      change.otherId ?? null,
    ],
  );
}

export async function deleteChangesBefore(sql: Sql, ms: number): Promise<void> {
  await sql.query('delete from code_change where at_ms < $1', [ms]);
}

const batchColumns = `batch_id as "batchId", made_ms as "madeMs", purpose, per_unit as "perUnit", units, codes`;

export async function latestBatches(sql: Sql, limit: number): Promise<readonly BatchRow[]> {
  return sql.query<BatchRow>(`select ${batchColumns} from code_batch order by batch_id desc limit $1`, [limit]);
}

export async function batchOf(sql: Sql, batchId: number): Promise<BatchRow | undefined> {
  return sql.one<BatchRow>(`select ${batchColumns} from code_batch where batch_id = $1`, [batchId]);
}

/** Codes of a batch in the order they were made, base64url. Found by code_of_batch. */
export async function codesOfBatch(sql: Sql, batchId: number): Promise<readonly string[]> {
  const rows = await sql.query<{ code8: Buffer }>('select code8 from code where batch_id = $1 order by code_id', [
    batchId,
  ]);
  return rows.map(({ code8 }) => toBase64Url(code8));
}

/** Boarding minute of the code's latest ride. One probe of the primary key a day. */
export async function lastScan(sql: Sql, codeId: number): Promise<number | undefined> {
  const row = await sql.one<{ ride_id: string }>(
    'select ride_id from ride where code_id = $1 order by ride_id desc limit 1',
    [codeId],
  );
  return row === undefined ? undefined : boardedMsOfUuid(row.ride_id);
}

export interface AliasRow {
  readonly content: string;
  readonly codeId: number;
  /** base64url. */
  readonly code8: string;
}

export async function allAliases(sql: Sql): Promise<readonly AliasRow[]> {
  const rows = await sql.query<{ content: string; code_id: number; code8: Buffer }>(
    'select a.content, a.code_id, c.code8 from code_alias a join code c using (code_id) order by a.content',
  );
  return rows.map(({ content, code_id, code8 }) => ({ content, codeId: code_id, code8: toBase64Url(code8) }));
}
