// Staff accounts, sessions, shifts and trips.
import { prepared } from '@tongche/postgres';
import type { Dir } from '@tongche/network';
import { CREW, ASSISTED, LATE } from '../rides/flags.ts';
import type { CodeSpan } from './rides.ts';
import { boardedColumn, idBounds } from './rides.ts';
import type { Sql } from './sql.ts';

export type StaffRole = 'driver' | 'station' | 'admin';
export interface StaffRow {
  readonly staffId: number;
  readonly account: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly role: StaffRole;
}
export interface ShiftRow {
  readonly shiftId: number;
  readonly staffId: number;
  readonly unitId: string;
  readonly codeId: number;
  readonly startedMs: number;
  readonly endedMs: number | null;
}
export interface OpenTripRow {
  readonly tripId: number;
  readonly shiftId: number;
  readonly runId: number;
  readonly dir: Dir;
  readonly startedMs: number;
}

interface StaffRecord {
  readonly staffId: number;
  readonly account: string;
  readonly zh: string;
  readonly en: string;
  readonly role: StaffRole;
}

function staffOf({ staffId, account, zh, en, role }: StaffRecord): StaffRow {
  return { staffId, account, name: { zh, en }, role };
}

export async function putStaff(
  sql: Sql,
  staff: Omit<StaffRow, 'staffId'> & { readonly password: string; readonly demo: boolean },
): Promise<void> {
  await sql.query(
    `insert into staff_account (account, name_zh, name_en, role, password, demo) values ($1, $2, $3, $4, $5, $6)
     on conflict (account) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
       role = excluded.role, password = excluded.password, demo = excluded.demo, disabled = false`,
    [staff.account, staff.name.zh, staff.name.en, staff.role, staff.password, staff.demo],
  );
}

export async function hasDemoStaff(sql: Sql): Promise<boolean> {
  const row = await sql.one<{ found: boolean }>(
    'select exists (select from staff_account where demo and not disabled) as found',
  );
  return row?.found === true;
}

export async function staffByAccount(
  sql: Sql,
  account: string,
): Promise<(StaffRow & { readonly password: string }) | undefined> {
  const row = await sql.one<StaffRecord & { readonly password: string }>(
    `select staff_id as "staffId", account, name_zh as zh, name_en as en, role, password
       from staff_account where account = $1 and not disabled`,
    [account],
  );
  return row === undefined ? undefined : { ...staffOf(row), password: row.password };
}

export async function insertSession(sql: Sql, tokenHash: Buffer, staffId: number, expiresMs: number): Promise<void> {
  await sql.query('insert into staff_session (token_hash, staff_id, expires_ms) values ($1, $2, $3)', [
    tokenHash,
    staffId,
    expiresMs,
  ]);
}

export async function staffOfSession(sql: Sql, tokenHash: Buffer, nowMs: number): Promise<StaffRow | undefined> {
  const row = await sql.one<StaffRecord>(
    `select a.staff_id as "staffId", a.account, a.name_zh as zh, a.name_en as en, a.role
       from staff_session s join staff_account a using (staff_id)
      where s.token_hash = $1 and s.expires_ms > $2 and not a.disabled`,
    [tokenHash, nowMs],
  );
  return row === undefined ? undefined : staffOf(row);
}

export async function deleteSession(sql: Sql, tokenHash: Buffer): Promise<void> {
  await sql.query('delete from staff_session where token_hash = $1', [tokenHash]);
}

export async function deleteExpiredSessions(sql: Sql, nowMs: number): Promise<void> {
  await sql.query('delete from staff_session where expires_ms <= $1', [nowMs]);
}

const shiftColumns = `shift_id as "shiftId", staff_id as "staffId", unit_id as "unitId", code_id as "codeId",
  started_ms as "startedMs", ended_ms as "endedMs"`;

/** A shift that is on, with the trip under way. */
export interface OpenShiftRow extends Omit<ShiftRow, 'endedMs'> {
  readonly trip: OpenTripRow | undefined;
}

interface OpenShiftRecord extends Omit<ShiftRow, 'endedMs'> {
  readonly tripId: number | null;
  readonly runId: number;
  readonly dir: Dir;
  readonly tripMs: number;
}

/** Shifts that are on: those named, or all (shift_open_unit, trip_open_shift). */
export async function openShifts(sql: Sql, ids?: readonly number[]): Promise<readonly OpenShiftRow[]> {
  const rows = await sql.query<OpenShiftRecord>(
    `select s.shift_id as "shiftId", s.staff_id as "staffId", s.unit_id as "unitId", s.code_id as "codeId",
            s.started_ms as "startedMs", t.trip_id as "tripId", t.run_id as "runId", t.dir, t.started_ms as "tripMs"
       from shift s left join trip t on t.shift_id = s.shift_id and t.ended_ms is null
      where s.ended_ms is null and ($1::int[] is null or s.shift_id = any($1::int[]))
      order by s.shift_id`,
    [ids ?? null],
  );
  return rows.map(({ tripId, runId, dir, tripMs, ...shift }) => ({
    ...shift,
    trip: tripId === null ? undefined : { tripId, shiftId: shift.shiftId, runId, dir, startedMs: tripMs },
  }));
}

/** The shift somebody is on (shift_open_staff). */
export async function openShiftOfStaff(sql: Sql, staffId: number): Promise<number | undefined> {
  const row = await sql.one<{ id: number }>(
    'select shift_id as id from shift where staff_id = $1 and ended_ms is null',
    [staffId],
  );
  return row?.id;
}

/** Whether the shift is on; it stays so until the transaction ends. */
export async function lockOpenShift(tx: Sql, shiftId: number): Promise<boolean> {
  const row = await tx.one<{ id: number }>(
    'select shift_id as id from shift where shift_id = $1 and ended_ms is null for update',
    [shiftId],
  );
  return row !== undefined;
}

/** Ends the shifts of the unit and of the person, with their trips; their numbers. */
export async function endShiftsOf(
  tx: Sql,
  { unitId, staffId }: { readonly unitId: string; readonly staffId: number },
  endedMs: number,
): Promise<readonly number[]> {
  const rows = await tx.query<{ id: number }>(
    'select shift_id as id from shift where (unit_id = $1 or staff_id = $2) and ended_ms is null',
    [unitId, staffId],
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0) await endShifts(tx, ids, endedMs);
  return ids;
}

export async function insertShift(sql: Sql, shift: Omit<ShiftRow, 'shiftId' | 'endedMs'>): Promise<number> {
  const row = await sql.one<{ shift_id: number }>(
    `insert into shift (staff_id, unit_id, code_id, started_ms) values ($1, $2, $3, $4) returning shift_id`,
    [shift.staffId, shift.unitId, shift.codeId, shift.startedMs],
  );
  if (row === undefined) throw new Error('an insert returned no row');
  return row.shift_id;
}

/** Ends the shifts and their open trips. */
export async function endShifts(sql: Sql, shiftIds: readonly number[], endedMs: number): Promise<void> {
  await sql.query('update trip set ended_ms = $2 where shift_id = any($1::int[]) and ended_ms is null', [
    shiftIds,
    endedMs,
  ]);
  await sql.query('update shift set ended_ms = $2 where shift_id = any($1::int[]) and ended_ms is null', [
    shiftIds,
    endedMs,
  ]);
}

export async function insertTrip(sql: Sql, trip: Omit<OpenTripRow, 'tripId'>): Promise<number> {
  const row = await sql.one<{ trip_id: number }>(
    'insert into trip (shift_id, run_id, dir, started_ms) values ($1, $2, $3, $4) returning trip_id',
    [trip.shiftId, trip.runId, trip.dir, trip.startedMs],
  );
  if (row === undefined) throw new Error('an insert returned no row');
  return row.trip_id;
}

/** Ends the trip under way; whether there was one. */
export async function endTripOf(sql: Sql, shiftId: number, endedMs: number): Promise<boolean> {
  const ended = await sql.query('update trip set ended_ms = $2 where shift_id = $1 and ended_ms is null', [
    shiftId,
    endedMs,
  ]);
  return ended.rowCount > 0;
}

export async function deleteShiftsBefore(sql: Sql, endedBeforeMs: number): Promise<number> {
  const row = await sql.one<{ n: number }>(
    'with gone as (delete from shift where ended_ms < $1 returning 1) select count(*)::int as n from gone',
    [endedBeforeMs],
  );
  return row?.n ?? 0;
}

/** Shifts that touched one of the windows. */
export async function shiftsOfWindows(
  sql: Sql,
  windows: readonly { readonly unitId: string; readonly fromMs: number; readonly toMs: number }[],
): Promise<readonly ShiftRow[]> {
  return sql.query<ShiftRow>(
    prepared(`select distinct ${shiftColumns}
       from unnest($1::text[], $2::bigint[], $3::bigint[]) w(w_unit, w_from, w_to)
       join shift on unit_id = w_unit and started_ms <= w_to and coalesce(ended_ms, w_to) >= w_from
      order by "startedMs"`),
    [windows.map(({ unitId }) => unitId), windows.map(({ fromMs }) => fromMs), windows.map(({ toMs }) => toMs)],
  );
}

export interface MinuteTally {
  readonly boardedMs: number;
  readonly heads: number;
  readonly assisted: number;
  readonly late: number;
}

/** Passenger heads of a unit's codes by boarding minute: what the summary at the end is made of. */
export async function tallyByMinute(sql: Sql, spans: readonly CodeSpan[]): Promise<readonly MinuteTally[]> {
  const bounds = spans.map(({ fromMs, toMs }) => idBounds(fromMs, toMs));
  return sql.query<MinuteTally>(
    `select r.boarded_ms as "boardedMs", sum(heads)::int as heads,
            coalesce(sum(heads) filter (where flags & ${ASSISTED} <> 0), 0)::int as assisted,
            coalesce(sum(heads) filter (where flags & ${LATE} <> 0), 0)::int as late
       from unnest($1::int[], $2::uuid[], $3::uuid[]) w(code_id, lo, hi)
      cross join lateral (
        select ${boardedColumn} as boarded_ms, 1 + ((w2 >> 11) & 7) as heads, flags from ride
         where ride.code_id = w.code_id and ride_id >= w.lo and ride_id <= w.hi and flags & ${CREW} = 0
      ) r
      group by 1`,
    [spans.map(({ codeId }) => codeId), bounds.map(([lo]) => lo), bounds.map(([, hi]) => hi)],
  );
}

/** Accounts in use, in order of their names. */
export async function allStaff(sql: Sql): Promise<readonly StaffRow[]> {
  const rows = await sql.query<StaffRecord>(
    `select staff_id as "staffId", account, name_zh as zh, name_en as en, role
       from staff_account where not disabled order by account`,
  );
  return rows.map(staffOf);
}

/** A new account; a disabled one of that name is in use again. */
export async function insertStaff(
  sql: Sql,
  staff: Omit<StaffRow, 'staffId'> & { readonly password: string },
): Promise<void> {
  await putStaff(sql, { ...staff, demo: false });
}

/** Name and role anew; the password stays. */
export async function renameStaff(sql: Sql, staff: Omit<StaffRow, 'staffId'>): Promise<void> {
  await sql.query('update staff_account set name_zh = $2, name_en = $3, role = $4 where account = $1', [
    staff.account,
    staff.name.zh,
    staff.name.en,
    staff.role,
  ]);
}
