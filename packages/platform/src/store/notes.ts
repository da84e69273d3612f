// Stop notes: insert only, found by day and place (relay/note-place.ts). Under Citus spread by place (docs/citus.md).
import { prepared, valuesInserter } from '@tongche/postgres';
import type { InsertColumn } from '@tongche/postgres';
import { toBase64Url } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import type { RowForm } from './distribution.ts';
import type { Sql } from './sql.ts';

export interface NewNote {
  readonly day: number;
  /** uuid text. */
  readonly place: string;
  readonly ct: Bytes;
}
export interface StoredNote {
  readonly day: number;
  /** uuid text. */
  readonly place: string;
  /** base64url. */
  readonly ct: string;
}

/** Days are unsigned 16 bits; the column is signed. */
export function dayColumn(day: number): number {
  return day - 32_768;
}

const noteColumns: readonly InsertColumn<NewNote>[] = [
  { name: 'day', valueOf: ({ day }) => dayColumn(day) },
  { name: 'place', valueOf: ({ place }) => place },
  { name: 'ct', valueOf: ({ ct }) => ct },
];
const insertValues = valuesInserter({ table: 'ride_note', columns: noteColumns, ending: 'on conflict do nothing' });

/** The first note of a place stays: whoever forges another one later changes nothing. */
export async function insertNotes(sql: Sql, notes: readonly NewNote[], form: RowForm): Promise<void> {
  if (form === 'values') {
    await insertValues(sql, notes);
    return;
  }
  await sql.query(
    `insert into ride_note (day, place, ct)
     select * from unnest($1::smallint[], $2::uuid[], $3::bytea[]) on conflict do nothing`,
    [notes.map(({ day }) => dayColumn(day)), notes.map(({ place }) => place), notes.map(({ ct }) => Buffer.from(ct))],
  );
}

/** Notes of one day. */
export async function deleteNotes(sql: Sql, day: number, places: readonly string[]): Promise<void> {
  await sql.query('delete from ride_note where day = $1 and place = any ($2::uuid[])', [dayColumn(day), places]);
}

/** The notes there are at these places, in any order. */
export async function notesAt(
  sql: Sql,
  places: readonly Pick<StoredNote, 'day' | 'place'>[],
): Promise<readonly StoredNote[]> {
  if (places.length === 0) return [];
  const rows = await sql.query<{ day: number; place: string; ct: Buffer }>(
    prepared(`select n.day + 32768 as day, n.place, n.ct
       from unnest($1::smallint[], $2::uuid[]) t(day, place)
       join ride_note n on n.day = t.day and n.place = t.place`),
    // Nothing in them needs quoting, and a trace asks for hundreds.
    [`{${places.map(({ day }) => dayColumn(day)).join()}}`, `{${places.map(({ place }) => place).join()}}`],
  );
  return rows.map(({ day, place, ct }) => ({ day, place, ct: toBase64Url(ct) }));
}
