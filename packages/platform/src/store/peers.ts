// Notifications between the platform's processes: said within the transaction they are about, so that they are delivered
// exactly when it is committed. And locks that are PostgreSQL's, so that they end with whoever holds them.
import { CHANNEL, newsHead, newsParts } from '../peers/messages.ts';
import type { News } from '../peers/messages.ts';
import type { Sql } from './sql.ts';

/** Says each part, behind `head` and the transaction's number, when the transaction commits; returns that number. */
export async function tell(tx: Sql, head: string, parts: readonly string[]): Promise<number> {
  const row = await tx.one<{ xid: string }>(
    `select pg_current_xact_id()::text as xid, count(pg_notify($1, $2 || pg_current_xact_id()::text || '.' || part))
       from unnest($3::text[]) part`,
    [CHANNEL, head, parts],
  );
  return Number(row?.xid);
}

export async function sayNews(tx: Sql, origin: string, news: News): Promise<number> {
  return tell(tx, newsHead(origin), newsParts(news));
}

/** First half of the locks' keys: 'tcpl' in ASCII. */
const lockSpace = 0x7463706c;

/** First half of the locks by which processes are seen: 'tcpk' in ASCII. */
const presenceSpace = 0x7463706b;

/** Shows a number of this process for as long as its session lasts; returns those that others show. */
export async function showInSession(session: Sql, shown: number): Promise<readonly number[]> {
  await session.query('select pg_advisory_lock_shared($1, $2)', [presenceSpace, shown]);
  const rows = await session.query<{ shown: number }>(
    `select distinct objid::bigint as shown from pg_locks
      where locktype = 'advisory' and classid::bigint = $1 and objid::bigint <> $2 and objsubid = 2
        and database = (select oid from pg_database where datname = current_database())`,
    [presenceSpace, shown],
  );
  return rows.map((row) => row.shown);
}

/** What one process at a time does, by its number in the lock. */
export const LOCKS = {
  shifts: 1,
  positions: 2,
  roll: 3,
  seed: 4,
  slots: 5,
  feed: 6,
  roller: 7,
  seal: 8,
  imports: 16,
} as const;

/** Until the transaction ends. */
export async function lockInTx(tx: Sql, lock: number): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1, $2)', [lockSpace, lock]);
}

/** For the session, which waits for it. */
export async function lockInSession(session: Sql, lock: number): Promise<void> {
  await session.query('select pg_advisory_lock($1, $2)', [lockSpace, lock]);
}

/** Before the session ends, which may take a moment that others would wait for. */
export async function unlockInSession(session: Sql, lock: number): Promise<void> {
  await session.query('select pg_advisory_unlock($1, $2)', [lockSpace, lock]);
}

/** For the session; false when another holds it. */
export async function tryLockInSession(session: Sql, lock: number): Promise<boolean> {
  const row = await session.one<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [lockSpace, lock]);
  return row?.got === true;
}
