// Cases and their orders: identifiers, times and states in clear, everything else sealed by the caller.
import type { OrderState } from '@tongche/contract';
import { bytesArray, prepared } from '@tongche/postgres';
import type { Queryable } from '@tongche/postgres';
import type { Static } from 'typebox';

export type State = Static<typeof OrderState>;

export interface CaseRow {
  readonly caseId: string;
  readonly enteredMs: number;
  readonly destroyByMs: number;
  readonly closedMs: number | null;
  readonly sealed: Buffer | null;
}

export interface OrderRow {
  readonly orderHash: Buffer;
  readonly caseId: string;
  readonly state: State;
  readonly askedMs: number;
  readonly expiresMs: number;
  readonly watchUntilMs: number;
  readonly signedMs: number | null;
  readonly logIndex: number | null;
  readonly sealed: Buffer | null;
}

const CASE_COLUMNS = `case_id as "caseId", entered_ms as "enteredMs", destroy_by_ms as "destroyByMs",
  closed_ms as "closedMs", sealed`;
const ORDER_COLUMNS = `order_hash as "orderHash", case_id as "caseId", state, asked_ms as "askedMs",
  expires_ms as "expiresMs", watch_until_ms as "watchUntilMs", signed_ms as "signedMs", log_index as "logIndex", sealed`;

export async function addCase(db: Queryable, row: CaseRow): Promise<void> {
  await db.query(
    prepared('insert into case_file (case_id, entered_ms, destroy_by_ms, sealed) values ($1, $2, $3, $4)'),
    [row.caseId, row.enteredMs, row.destroyByMs, row.sealed],
  );
}

export async function putCase(tx: Queryable, caseId: string, sealed: Buffer): Promise<void> {
  await tx.query(prepared('update case_file set sealed = $2 where case_id = $1 and closed_ms is null'), [
    caseId,
    sealed,
  ]);
}

export function caseRow(db: Queryable, caseId: string): Promise<CaseRow | undefined> {
  return db.one<CaseRow>(prepared(`select ${CASE_COLUMNS} from case_file where case_id = $1`), [caseId]);
}

/** Until the transaction ends. */
export async function lockCase(tx: Queryable, caseId: string): Promise<void> {
  await tx.query(prepared('select case_id from case_file where case_id = $1 for update'), [caseId]);
}

/** Open cases, newest first; by index case_file_open. */
export function openCaseRows(db: Queryable, limit: number): Promise<readonly CaseRow[]> {
  return db.query<CaseRow>(
    prepared(
      `select ${CASE_COLUMNS} from case_file where closed_ms is null order by entered_ms desc, case_id limit $1`,
    ),
    [limit],
  );
}

/** Destroys what the database holds of a case; its key is destroyed before. False when it was closed already. */
export async function closeCase(tx: Queryable, caseId: string, atMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    prepared('update case_file set closed_ms = $2, sealed = null where case_id = $1 and closed_ms is null'),
    [caseId, atMs],
  );
  await tx.query(
    prepared(`update trace_order
        set sealed = null,
            state = case when state in ('awaiting-signatures', 'signed', 'running') then 'expired' else state end
      where case_id = $1`),
    [caseId],
  );
  await tx.query(prepared('delete from contact where case_id = $1'), [caseId]);
  await tx.query(prepared('delete from notice where case_id = $1'), [caseId]);
  await tx.query(prepared('delete from reveal where case_id = $1'), [caseId]);
  await tx.query(prepared('delete from export_ask where case_id = $1'), [caseId]);
  return rowCount === 1;
}

export async function addOrder(db: Queryable, row: OrderRow): Promise<void> {
  await db.query(
    prepared(`insert into trace_order (order_hash, case_id, state, asked_ms, expires_ms, watch_until_ms, sealed)
     values ($1, $2, $3, $4, $5, $6, $7)`),
    [row.orderHash, row.caseId, row.state, row.askedMs, row.expiresMs, row.watchUntilMs, row.sealed],
  );
}

export function orderRow(db: Queryable, orderHash: Buffer, lock = false): Promise<OrderRow | undefined> {
  return db.one<OrderRow>(
    prepared(`select ${ORDER_COLUMNS} from trace_order where order_hash = $1${lock ? ' for update' : ''}`),
    [orderHash],
  );
}

/** The newest order of a case; by index trace_order_case. */
export function latestOrder(db: Queryable, caseId: string): Promise<OrderRow | undefined> {
  return db.one<OrderRow>(
    prepared(`select ${ORDER_COLUMNS} from trace_order where case_id = $1 order by asked_ms desc, order_hash limit 1`),
    [caseId],
  );
}

export async function updateOrder(
  db: Queryable,
  row: Pick<OrderRow, 'orderHash' | 'state' | 'signedMs' | 'logIndex' | 'sealed'>,
): Promise<void> {
  await db.query(
    prepared('update trace_order set state = $2, signed_ms = $3, log_index = $4, sealed = $5 where order_hash = $1'),
    [row.orderHash, row.state, row.signedMs, row.logIndex, row.sealed],
  );
}

/** Orders that were signed and not finished, and finished ones still watched. */
export async function ordersToCarryOut(
  db: Queryable,
  nowMs: number,
): Promise<{ readonly unfinished: readonly Buffer[]; readonly watched: readonly Buffer[] }> {
  const rows = await db.query<{ readonly orderHash: Buffer; readonly unfinished: boolean }>(
    prepared(`select o.order_hash as "orderHash", o.state in ('signed', 'running') as unfinished
       from trace_order o join case_file c on c.case_id = o.case_id
      where c.closed_ms is null
        and (o.state in ('signed', 'running') or (o.state = 'done' and o.watch_until_ms > $1))
      order by o.asked_ms, o.order_hash`),
    [nowMs],
  );
  return {
    unfinished: rows.filter((row) => row.unfinished).map((row) => row.orderHash),
    watched: rows.filter((row) => !row.unfinished).map((row) => row.orderHash),
  };
}

export interface ContactRow {
  readonly contactId: string;
  readonly rank: number;
  readonly sealed: Buffer;
}

/** In calling order; by index contact_in_order. */
export function contactRows(db: Queryable, caseId: string): Promise<readonly ContactRow[]> {
  return db.query<ContactRow>(
    prepared(
      'select contact_id as "contactId", rank, sealed from contact where case_id = $1 order by rank, contact_id',
    ),
    [caseId],
  );
}

export function contactRow(db: Queryable, caseId: string, contactId: string): Promise<ContactRow | undefined> {
  return db.one<ContactRow>(
    prepared(
      'select contact_id as "contactId", rank, sealed from contact where case_id = $1 and contact_id = $2 for update',
    ),
    [caseId, contactId],
  );
}

/** Writes contacts; those of an earlier run of the same case are overwritten, none is removed. */
export async function putContacts(tx: Queryable, caseId: string, rows: readonly ContactRow[]): Promise<void> {
  await tx.query(
    prepared(`insert into contact (case_id, contact_id, rank, sealed)
     select $1, n.contact_id, n.rank, n.sealed
       from unnest($2::text[], $3::int[], $4::bytea[]) as n (contact_id, rank, sealed)
     on conflict (case_id, contact_id) do update set rank = excluded.rank, sealed = excluded.sealed`),
    [caseId, rows.map((row) => row.contactId), rows.map((row) => row.rank), bytesArray(rows.map((row) => row.sealed))],
  );
}

/** Contacts that a correction showed to have been on no run of the case. */
export async function deleteContacts(tx: Queryable, caseId: string, contactIds: readonly string[]): Promise<void> {
  if (contactIds.length === 0) return;
  await tx.query(prepared('delete from contact where case_id = $1 and contact_id = any($2::text[])'), [
    caseId,
    contactIds,
  ]);
}

export async function countReveals(db: Queryable, person: string, sinceMs: number): Promise<number> {
  const row = await db.one<{ readonly count: number }>(
    prepared('select count(*) as count from reveal where person = $1 and at_ms > $2'),
    [person, sinceMs],
  );
  return row?.count ?? 0;
}

export async function addReveal(tx: Queryable, caseId: string, person: string, atMs: number): Promise<void> {
  await tx.query(prepared('insert into reveal (case_id, person, at_ms) values ($1, $2, $3)'), [caseId, person, atMs]);
}
