// Accounts and sessions. Look-ups go by primary key; the sweep uses session_expires.
import type { Database } from '@tongche/postgres';

export type StaffRole = 'tracer' | 'approver' | 'officer';
export interface StaffMember {
  readonly person: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly role: StaffRole;
}
interface StaffRow {
  readonly person: string;
  readonly name_zh: string;
  readonly name_en: string;
  readonly role: StaffRole;
  readonly password: string;
}

function member(row: StaffRow): StaffMember {
  return { person: row.person, nameZh: row.name_zh, nameEn: row.name_en, role: row.role };
}

/** Adds an account or replaces its names, role and password. */
export async function putStaff(
  db: Database,
  staff: StaffMember,
  password: string,
  options: { demo: boolean; nowMs: number },
): Promise<void> {
  await db.query(
    `insert into staff (person, name_zh, name_en, role, password, demo, created_ms)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (person) do update
       set name_zh = excluded.name_zh, name_en = excluded.name_en, role = excluded.role,
           password = excluded.password, demo = excluded.demo`,
    [staff.person, staff.nameZh, staff.nameEn, staff.role, password, options.demo, options.nowMs],
  );
}

/** The account with its password hash, or nothing. */
export async function findStaff(
  db: Database,
  person: string,
): Promise<{ member: StaffMember; password: string } | undefined> {
  const { rows } = await db.query<StaffRow>(
    'select person, name_zh, name_en, role, password from staff where person = $1',
    [person],
  );
  const row = rows[0];
  return row && { member: member(row), password: row.password };
}

/** How many demonstration accounts there are. */
export async function countDemoStaff(db: Database): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*)::int as count from staff where demo');
  return rows[0]?.count ?? 0;
}

export async function putSession(
  db: Database,
  session: { tokenHash: Uint8Array; person: string; nowMs: number; expiresMs: number },
): Promise<void> {
  await db.query('insert into session (token_hash, person, created_ms, expires_ms) values ($1, $2, $3, $4)', [
    Buffer.from(session.tokenHash),
    session.person,
    session.nowMs,
    session.expiresMs,
  ]);
}

/** Who holds a living session. */
export async function sessionMember(
  db: Database,
  tokenHash: Uint8Array,
  nowMs: number,
): Promise<StaffMember | undefined> {
  const { rows } = await db.query<StaffRow>(
    `select s.person, s.name_zh, s.name_en, s.role, s.password
       from session t join staff s on s.person = t.person
      where t.token_hash = $1 and t.expires_ms > $2`,
    [Buffer.from(tokenHash), nowMs],
  );
  return rows[0] && member(rows[0]);
}

export async function dropSession(db: Database, tokenHash: Uint8Array): Promise<void> {
  await db.query('delete from session where token_hash = $1', [Buffer.from(tokenHash)]);
}

export async function sweepSessions(db: Database, nowMs: number): Promise<void> {
  await db.query('delete from session where expires_ms <= $1', [nowMs]);
}
