// One partition per local day: made ahead, dropped whole when its day is destroyed. Nothing is deleted row by row.
import type { Database } from './database.ts';

export interface DayPartitionOptions {
  /** SQL literals of the lower (inclusive) and upper (exclusive) bound of a day in the partition column. */
  readonly bounds: (day: number) => readonly [string, string];
  /** The partition column; only checked against the table, to find a wrong table early. */
  readonly column: string;
  /**
   * Whether a day's rows can be exchanged for a better ordered copy: the day is then partitioned itself, into one leaf that
   * holds them all. A leaf is exchanged under locks of its day alone, a day only under one of the whole table. Days made
   * without it stay as they are. Not under Citus.
   */
  readonly exchangeable?: boolean;
}

export interface DayPartitions {
  /** Makes the day's partition unless it is there. Several processes may do so at once. */
  ensure(day: number): Promise<void>;
  /**
   * Removes the day with everything in it. Returns whether there was something. Finishes what an earlier call that
   * was cut off has begun. Readers of other days are not held up.
   */
  drop(day: number): Promise<boolean>;
  /** Days that have a partition, also one half removed; ascending. */
  list(): Promise<number[]>;
}

/** Tables of an exchangeable day, by what follows its name: as written, in order, and the copy that is being made. */
export const LEAF = { hot: '_hot', sealed: '_sealed', copy: '_copy' } as const;

const tablePattern = /^[a-z_][a-z0-9_]{0,40}$/;
/** A quoted literal without anything to escape, or a whole number. */
const literalPattern = /^('[A-Za-z0-9:. +-]*'|-?\d{1,18})$/;
const maxDay = 65535;
/** The table or partition is there already, or was made a moment ago. */
const alreadyThere = new Set(['42P07', '23505']);

/** Bound of a day's only leaf. */
export const ALL_ROWS = 'for values from (minvalue) to (maxvalue)';
/** Days only grow by inserts: without this scale factor autovacuum would not see to their visibility map. */
const seenTo = 'with (autovacuum_vacuum_insert_scale_factor = 0.05)';

function checkedDay(day: number): number {
  if (!Number.isInteger(day) || day < 0 || day > maxDay) throw new RangeError(`day ${day}`);
  return day;
}

/** Name of the table of one day, a day's number since 1970-01-01. Throws a RangeError for what is none. */
export function dayTable(table: string, day: number): string {
  return `${table}_d${checkedDay(day)}`;
}

/** `table` is range-partitioned by `column` and lies in the role's own schema. */
export function dayPartitions(db: Database, table: string, options: DayPartitionOptions): DayPartitions {
  if (!tablePattern.test(table)) throw new RangeError(`table ${table}`);
  const nameOf = (day: number): string => dayTable(table, day);

  async function stateOf(day: number): Promise<'attached' | 'pending' | 'detached' | undefined> {
    const row = await db.one<{ attached: boolean; pending: boolean }>(
      `select i.inhrelid is not null as attached, coalesce(i.inhdetachpending, false) as pending
       from pg_class c left join pg_inherits i on i.inhrelid = c.oid
       where c.oid = to_regclass($1)`,
      [nameOf(day)],
    );
    if (row === undefined) return undefined;
    if (row.pending) return 'pending';
    return row.attached ? 'attached' : 'detached';
  }

  async function checkColumn(): Promise<void> {
    const row = await db.one<{ key: string | null }>(`select pg_get_partkeydef(to_regclass($1)) as key`, [table]);
    const expected = `RANGE (${options.column})`;
    if (row?.key !== expected) throw new Error(`${table} is not partitioned by ${expected}`);
  }

  let checked: Promise<void> | undefined;

  async function ensure(day: number): Promise<void> {
    checked ??= checkColumn();
    await checked;
    const [from, to] = options.bounds(checkedDay(day));
    if (![from, to].every((literal) => literalPattern.test(literal))) throw new RangeError(`bounds of day ${day}`);
    const state = await stateOf(day);
    if (state === 'attached') return;
    if (state !== undefined) throw new Error(`${nameOf(day)} is being removed`);
    try {
      const made = `create table ${nameOf(day)} partition of ${table} for values from (${from}) to (${to})`;
      // Several statements in one text are one transaction.
      await db.query(
        options.exchangeable === true
          ? `${made} partition by range (${options.column});
             create table ${nameOf(day)}${LEAF.hot} partition of ${nameOf(day)} ${ALL_ROWS} ${seenTo}`
          : `${made} ${seenTo}`,
      );
    } catch (error) {
      const { code } = error as { code?: string };
      if (!alreadyThere.has(code ?? '') || (await stateOf(day)) !== 'attached') throw error;
    }
  }

  async function hasCitus(): Promise<boolean> {
    return (await db.one(`select 1 as found from pg_extension where extname = 'citus'`)) !== undefined;
  }

  async function drop(day: number): Promise<boolean> {
    const state = await stateOf(day);
    if (state === undefined) return false;
    if (state === 'pending') {
      await db.query(`alter table ${table} detach partition ${nameOf(day)} finalize`);
    } else if (state === 'attached' && !(await hasCitus())) {
      // Takes no lock that readers or writers of other days would wait for. Citus knows only the plain drop.
      await db.query(`alter table ${table} detach partition ${nameOf(day)} concurrently`);
    }
    // A copy of the day that was never finished holds the same rows. It goes first: the day is listed until it is gone.
    await db.query(`drop table if exists ${nameOf(day)}${LEAF.copy}`);
    await db.query(`drop table if exists ${nameOf(day)}`);
    return true;
  }

  async function list(): Promise<number[]> {
    const rows = await db.query<{ name: string }>(
      `select c.relname as name from pg_class c
       where c.relkind in ('r', 'p') and c.relname ~ $1
         and c.relnamespace = (select relnamespace from pg_class where oid = to_regclass($2))`,
      [`^${table}_d[0-9]{1,5}$`, table],
    );
    return rows.map(({ name }) => Number(name.slice(table.length + 2))).sort((a, b) => a - b);
  }

  return { ensure, drop, list };
}
