// Stop notes: insert only, found by day and tag. Under Citus spread by tag (docs/citus.md).
import { valuesInserter } from '@tongche/postgres';
import type { InsertColumn } from '@tongche/postgres';
import { toBase64Url } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import type { RowForm } from './distribution.ts';
import { base64OfUuid } from './rides.ts';
import type { Sql } from './sql.ts';

export interface NewNote {
  readonly day: number;
  /** uuid text. */
  readonly tag: string;
  readonly idx: number;
  readonly ct: Bytes;
}
export interface StoredNote {
  readonly day: number;
  /** base64url, as in StoredRide. */
  readonly tag: string;
  readonly idx: number;
  readonly ct: string;
}

/** Days are unsigned 16 bits; the column is signed. */
export function dayColumn(day: number): number {
  return day - 32_768;
}

const noteColumns: readonly InsertColumn<NewNote>[] = [
  { name: 'day', valueOf: ({ day }) => dayColumn(day) },
  { name: 'tag', valueOf: ({ tag }) => tag },
  { name: 'idx', valueOf: ({ idx }) => idx },
  { name: 'ct', valueOf: ({ ct }) => ct },
];
const insertValues = valuesInserter({ table: 'ride_note', columns: noteColumns, ending: 'on conflict do nothing' });

/** The first note of a number stays: whoever forges another one later changes nothing. */
export async function insertNotes(sql: Sql, notes: readonly NewNote[], form: RowForm): Promise<void> {
  if (form === 'values') {
    await insertValues(sql, notes);
    return;
  }
  await sql.query(
    `insert into ride_note (day, tag, idx, ct)
     select * from unnest($1::smallint[], $2::uuid[], $3::smallint[], $4::bytea[]) on conflict do nothing`,
    [
      notes.map(({ day }) => dayColumn(day)),
      notes.map(({ tag }) => tag),
      notes.map(({ idx }) => idx),
      notes.map(({ ct }) => Buffer.from(ct)),
    ],
  );
}

export async function deleteNotes(sql: Sql, day: number, tag: string): Promise<void> {
  await sql.query('delete from ride_note where day = $1 and tag = $2', [dayColumn(day), tag]);
}

/** Notes of rides; `tags` as uuid text, in step with `days`. */
export async function notesOf(
  sql: Sql,
  days: readonly number[],
  tags: readonly string[],
): Promise<readonly StoredNote[]> {
  if (tags.length === 0) return [];
  // Several rides of one tag: its notes once.
  const asked = new Map(tags.map((tag, n) => [`${days[n]} ${tag}`, { day: days[n] ?? 0, tag }])).values().toArray();
  const rows = await sql.query<{ day: number; tag: string; idx: number; ct: Buffer }>(
    `select n.day + 32768 as day, n.tag, n.idx, n.ct
       from unnest($1::smallint[], $2::uuid[]) t(day, tag)
       join ride_note n on n.day = t.day and n.tag = t.tag
      order by n.idx`,
    [asked.map(({ day }) => dayColumn(day)), asked.map(({ tag }) => tag)],
  );
  return rows.map(({ day, tag, idx, ct }) => ({ day, tag: base64OfUuid(tag), idx, ct: toBase64Url(ct) }));
}
