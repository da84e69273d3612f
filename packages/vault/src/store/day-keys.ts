// Public halves of the day keys, and the record of their destruction.
import { prepared } from '@tongche/postgres';
import type { Queryable } from '@tongche/postgres';

export interface DayKeyRow {
  readonly day: number;
  readonly keyId: string;
  /** The signed bundle as JSON text. */
  readonly bundle: string;
  readonly destroyedMs: number | null;
}

interface Row {
  readonly day: number;
  readonly key_id: string;
  readonly bundle: string;
  readonly destroyed_ms: number | null;
}

function fromRow({ day, key_id, bundle, destroyed_ms }: Row): DayKeyRow {
  return { day, keyId: key_id, bundle, destroyedMs: destroyed_ms };
}

/** By the primary key, oldest first. */
export async function dayKeysFrom(db: Queryable, fromDay: number): Promise<readonly DayKeyRow[]> {
  const rows = await db.query<Row>(
    prepared('select day, key_id, bundle, destroyed_ms from day_key where day >= $1 order by day'),
    [fromDay],
  );
  return rows.map(fromRow);
}

/** By index day_key_living, oldest first. */
export async function livingDayKeys(db: Queryable): Promise<readonly DayKeyRow[]> {
  const rows = await db.query<Row>(
    'select day, key_id, bundle, destroyed_ms from day_key where destroyed_ms is null order by day',
  );
  return rows.map(fromRow);
}

export async function addDayKey(
  db: Queryable,
  key: { readonly day: number; readonly keyId: string; readonly bundle: string; readonly madeMs: number },
): Promise<void> {
  await db.query('insert into day_key (day, key_id, bundle, made_ms) values ($1, $2, $3, $4)', [
    key.day,
    key.keyId,
    key.bundle,
    key.madeMs,
  ]);
}

/** The same keys under a new signature, where the operator's address or relay key changed. By the primary key. */
export async function replaceBundle(db: Queryable, day: number, bundle: string): Promise<void> {
  await db.query('update day_key set bundle = $2 where day = $1', [day, bundle]);
}

/** False when it was marked before. */
export async function markDestroyed(db: Queryable, day: number, atMs: number): Promise<boolean> {
  const { rowCount } = await db.query('update day_key set destroyed_ms = $2 where day = $1 and destroyed_ms is null', [
    day,
    atMs,
  ]);
  return rowCount === 1;
}
