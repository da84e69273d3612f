// Rewriting a day of rides in code order while it is used: a trigger notes the keys of what changes, a copy is made in order
// and caught up, and under a lock of that day alone, for some milliseconds, the copy takes the day's place. Until that
// transaction commits the day is untouched, so an end at any moment costs nothing but a copy that is thrown away. See
// docs/decisions/0021-sealing-a-day.md. Independent of the table's columns but for its key (code_id, ride_id).
import { setTimeout as wait } from 'node:timers/promises';
import { ALL_ROWS, dayTable, LEAF } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { LOCKS, tryLockInSession, unlockInSession } from './peers.ts';
import type { Sql } from './sql.ts';

const trigger = 'ride_changes';
const check = 'ride_day';

/** Whoever writes a ride of this day waits as long as we wait for its lock: less than anybody notices. */
const lockWithinMs = 200;
/** Between two attempts those who queued behind us get through. */
const pauseMs = 1_000;
/** A trace or a count that reads the day holds the copy off for no longer than this many attempts. */
const maxAttempts = 60;
/** Keys made up for at once; more under the lock would hold up who writes the day. */
const changesAtOnce = 5_000;
const fewChanges = 500;
/** lock_not_available, deadlock_detected. */
const heldCodes = new Set(['55P03', '40P01']);

/** Where a rewriting has come to; for whoever must do something in between. */
export type SealStage = 'watched' | 'copied' | 'ready';

export interface SealOptions {
  readonly signal?: AbortSignal;
  readonly at?: (stage: SealStage) => Promise<void>;
  readonly attempts?: number;
  readonly pauseMs?: number;
}

export interface Sealed {
  readonly rows: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Rides that came or were erased meanwhile. */
  readonly changes: number;
  /** How long the day was locked, and how often the lock was asked for. */
  readonly lockedMs: number;
  readonly attempts: number;
}

export interface UnsealedDay {
  readonly day: number;
  /** With indexes. */
  readonly bytes: number;
}

/** Days that are still in the order of arrival and can be rewritten; newest first. */
export async function unsealedDays(sql: Sql): Promise<readonly UnsealedDay[]> {
  return sql.query<UnsealedDay>(
    `select substring(d.relname from '_d([0-9]+)$')::int as day, pg_total_relation_size(leaf.oid) as bytes
       from pg_inherits o join pg_class d on d.oid = o.inhrelid
       join pg_inherits i on i.inhparent = d.oid join pg_class leaf on leaf.oid = i.inhrelid
      where o.inhparent = to_regclass('ride') and not o.inhdetachpending and leaf.relname = d.relname || $1
      order by 1 desc`,
    [LEAF.hot],
  );
}

async function sweep(sql: Sql): Promise<void> {
  const left = await sql.query<{ name: string; copied: boolean }>(
    `select quote_ident(relname) as name, not relispartition as copied from pg_class
      where relnamespace = (select relnamespace from pg_class where oid = to_regclass('ride')) and relkind = 'r'
        and (relname ~ ('^ride_d[0-9]+' || $1 || '$') and not relispartition
             or relname ~ ('^ride_d[0-9]+' || $2 || '$') and 'autovacuum_enabled=off' = any(reloptions))`,
    [LEAF.copy, LEAF.hot],
  );
  for (const { name, copied } of left) {
    await sql.query(
      copied ? `drop table if exists ${name}` : `alter table if exists ${name} reset (autovacuum_enabled)`,
    );
  }
  await sql.query('delete from ride_change');
}

/** Tries `work` again while others hold the locks it needs. Returns how often it was tried. */
async function insist(work: () => Promise<void>, { signal, ...options }: SealOptions): Promise<number> {
  const attempts = options.attempts ?? maxAttempts;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      await work();
      return attempt;
    } catch (error) {
      if (attempt >= attempts || !heldCodes.has((error as { readonly code?: string }).code ?? '')) throw error;
      await wait(options.pauseMs ?? pauseMs);
    }
  }
}

async function inTx(sql: Sql, work: () => Promise<void>): Promise<void> {
  await sql.query(`begin; set local lock_timeout = ${lockWithinMs}`);
  try {
    await work();
    await sql.query('commit');
  } catch (error) {
    await sql.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** From the commit on, whatever changes in the day is noted: those who were writing have been waited for. */
async function watch(sql: Sql, leaf: string, options: SealOptions): Promise<void> {
  // A vacuum of many rows nobody will read again would hold the exchange up. This lock keeps no writer waiting.
  await sql.query(`alter table ${leaf} set (autovacuum_enabled = off)`);
  const there = await sql.one(`select 1 as found from pg_trigger where tgrelid = to_regclass($1) and tgname = $2`, [
    leaf,
    trigger,
  ]);
  if (there !== undefined) return;
  await insist(
    () =>
      inTx(sql, async () => {
        await sql.query(
          `create trigger ${trigger} after insert or update or delete on ${leaf}
             for each row execute function note_ride_change()`,
        );
      }),
    options,
  );
}

async function copyInOrder(sql: Sql, name: string): Promise<number> {
  const [leaf, copy] = [name + LEAF.hot, name + LEAF.copy];
  await sql.query(`create table ${copy} (like ${leaf} including all excluding indexes)
    with (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_enabled = off)`);
  const bounds = await sql.one<{ text: string }>(`select pg_get_partition_constraintdef($1::regclass) as text`, [name]);
  // The same as the day's own bounds: attaching need not read the rows to believe them.
  await sql.query(`alter table ${copy} add constraint ${check} check (${bounds?.text})`);
  // Reading in order through the index would fetch each page many times. Rides go on being taken meanwhile: one processor.
  await sql.query(
    `set enable_indexscan = off; set max_parallel_workers_per_gather = 0; set max_parallel_maintenance_workers = 0;
     set work_mem = '64MB'; set maintenance_work_mem = '128MB'`,
  );
  const { rowCount } = await sql.query(`insert into ${copy} select * from ${leaf} order by code_id, ride_id`);
  await sql.query('reset enable_indexscan');
  return rowCount;
}

/** After the rows: packed, which an index that grows with them never is. */
async function buildIndexes(sql: Sql, name: string): Promise<void> {
  const [leaf, copy] = [name + LEAF.hot, name + LEAF.copy];
  const indexes = await sql.query<{ made: string; key: string | null }>(
    `select pg_get_indexdef(x.indexrelid) as made, pg_get_constraintdef(k.oid) as key
       from pg_index x left join pg_constraint k on k.conindid = x.indexrelid and k.contype in ('p', 'u')
      where x.indrelid = to_regclass($1) order by x.indexrelid`,
    [leaf],
  );
  for (const { made, key } of indexes) {
    const [, unique = '', how = ''] = /^CREATE (UNIQUE )?INDEX .*? (USING .*)$/s.exec(made) ?? [];
    await sql.query(key === null ? `create ${unique}index on ${copy} ${how}` : `alter table ${copy} add ${key}`);
  }
  // Frozen rows are seen by everybody, also by a transaction that began to read before the exchange.
  await sql.query(`vacuum (freeze, analyze) ${copy}`);
}

/** Makes up for changes that were noted; in a transaction. Returns how many there were. */
async function catchUp(sql: Sql, name: string): Promise<number> {
  const noted = await sql.query<{ codeId: number; rideId: string }>(
    `delete from ride_change where n in (select n from ride_change order by n limit $1)
     returning code_id as "codeId", ride_id as "rideId"`,
    [changesAtOnce],
  );
  if (noted.length === 0) return 0;
  const keys = [noted.map(({ codeId }) => codeId), noted.map(({ rideId }) => rideId)];
  const wanted = '(select distinct * from unnest($1::int[], $2::uuid[]) w(code_id, ride_id)) w';
  const of = (table: string): string => `${table}.code_id = w.code_id and ${table}.ride_id = w.ride_id`;
  const [leaf, copy] = [name + LEAF.hot, name + LEAF.copy];
  await sql.query(`delete from ${copy} using ${wanted} where ${of(copy)}`, keys);
  await sql.query(`insert into ${copy} select ${leaf}.* from ${leaf} join ${wanted} on ${of(leaf)}`, keys);
  return noted.length;
}

async function catchUpAll(sql: Sql, name: string, few: number): Promise<number> {
  for (let changes = 0; ;) {
    const more = await catchUp(sql, name);
    changes += more;
    if (more <= few) return changes;
  }
}

/** In a transaction: the day is locked from here to its end. */
async function exchange(sql: Sql, name: string): Promise<number> {
  const [hot, sealed, copy] = [name + LEAF.hot, name + LEAF.sealed, name + LEAF.copy];
  // Of the day and its leaf, in the order in which those who write take them.
  await sql.query(`lock table ${name} in access exclusive mode`);
  const changes = await catchUpAll(sql, name, 0);
  await sql.query(
    `alter table ${name} detach partition ${hot};
     drop table ${hot};
     alter table ${copy} rename to ${sealed};
     alter table ${name} attach partition ${sealed} ${ALL_ROWS};
     alter table ${sealed} drop constraint ${check};
     alter table ${sealed} reset (autovacuum_enabled)`,
  );
  return changes;
}

async function bytesOf(sql: Sql, table: string): Promise<number> {
  return (await sql.one<{ bytes: number }>('select pg_total_relation_size($1) as bytes', [table]))?.bytes ?? 0;
}

/**
 * By one session at a time, which holds the lock itself: whoever lost its connection can neither go on nor take another's
 * copy for its own. Undefined when another is at work.
 */
async function alone<T>(db: Database, work: (sql: Sql) => Promise<T>): Promise<T | undefined> {
  return db.dedicated(async (sql) => {
    if (!(await tryLockInSession(sql, LOCKS.seal))) return undefined;
    try {
      return await work(sql);
    } finally {
      await unlockInSession(sql, LOCKS.seal).catch(() => undefined);
    }
  });
}

/** Removes what a rewriting that was cut off has left. */
export async function sweepCopies(db: Database): Promise<void> {
  await alone(db, sweep);
}

/**
 * Undefined when another process is at it. Throws when it was cut off, or when somebody held the day for too long; the day
 * is as it was then.
 */
export async function rewriteDay(db: Database, day: number, options: SealOptions = {}): Promise<Sealed | undefined> {
  const { signal, at } = options;
  const name = dayTable('ride', day);
  return alone(db, async (sql) => {
    const session = await sql.one<{ pid: number }>('select pg_backend_pid() as pid');
    const cancel = (): void => void db.query('select pg_cancel_backend($1)', [session?.pid]).catch(() => undefined);
    signal?.addEventListener('abort', cancel);
    async function reached(stage: SealStage): Promise<void> {
      signal?.throwIfAborted();
      await at?.(stage);
    }
    try {
      await sweep(sql);
      const bytesBefore = await bytesOf(sql, name + LEAF.hot);
      await watch(sql, name + LEAF.hot, options);
      await reached('watched');
      const copied = await copyInOrder(sql, name);
      await reached('copied');
      await buildIndexes(sql, name);
      let changes = 0;
      await inTx(sql, async () => void (changes = await catchUpAll(sql, name, fewChanges)));
      await reached('ready');
      let [lockedMs, last] = [0, 0];
      const attempts = await insist(
        () =>
          inTx(sql, async () => {
            const beganMs = performance.now();
            last = await exchange(sql, name);
            lockedMs = Math.round(performance.now() - beganMs);
          }),
        options,
      );
      const bytesAfter = await bytesOf(sql, name + LEAF.sealed);
      return { rows: copied, bytesBefore, bytesAfter, changes: changes + last, lockedMs, attempts };
    } catch (error) {
      await sweep(sql).catch(() => undefined);
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  });
}
