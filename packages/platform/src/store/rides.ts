// The ride table: written in batches, found by tag (ride_tag) or by code and time (the primary key), erased by row.
import { boardedMsOf, fromHex, rideIdBounds, toBase64Url, unwrap, uuidText } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { CREW } from '../rides/flags.ts';
import type { Sql } from './sql.ts';

/** A ride as it is written. */
export interface NewRide {
  /** As uuid text, as is `tag`. */
  readonly rideId: string;
  readonly tag: string;
  readonly eraseC: Bytes;
  readonly codeId: number;
  readonly receivedS: number;
  readonly run: number | null;
  readonly no: number;
  readonly boardSeq: number | null;
  readonly w2: number;
  readonly iss: number;
  readonly suite: number;
  readonly flags: number;
  readonly sealed: Bytes;
}
/** What a retry is answered from. */
export interface KnownRide {
  readonly codeId: number;
  /** As uuid text. */
  readonly rideId: string;
  readonly tag: string;
  readonly receivedS: number;
  readonly run: number | null;
  readonly no: number;
  readonly boardSeq: number | null;
  readonly flags: number;
}
/** A ride on its way to the vault. */
export interface StoredRide {
  readonly codeId: number;
  readonly rideId: string;
  readonly boardedMs: number;
  readonly tag: string;
  readonly eraseC: string;
  readonly receivedS: number;
  readonly run: number | null;
  readonly boardSeq: number | null;
  readonly w2: number;
  readonly iss: number;
  readonly suite: number;
  readonly flags: number;
  readonly sealed: string;
}
/** A span of boarding minutes on one code, both ends included. */
export interface CodeSpan {
  readonly codeId: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** An array as PostgreSQL reads it, of values that need no quotes: numbers, uuids, null. Much cheaper than the driver's. */
function column<Row>(rows: readonly Row[], valueOf: (row: Row) => string | number | null): string {
  let text = '';
  for (const row of rows) text += `${text === '' ? '{' : ','}${valueOf(row) ?? 'NULL'}`;
  return `${text === '' ? '{' : text}}`;
}

/** A bytea within an array. */
function byteaText(bytes: Bytes): string {
  return `\\\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

/** 16 unsigned bits in a smallint. */
function signed16(value: number): number {
  return value > 0x7fff ? value - 0x10000 : value;
}

/** base64url of a uuid column. */
export function base64OfUuid(text: string): string {
  return toBase64Url(unwrap(fromHex(text.replaceAll('-', ''))));
}

export function boardedMsOfUuid(text: string): number {
  return boardedMsOf(unwrap(fromHex(text.replaceAll('-', ''))));
}

/** Lowest and highest ride_id of the minutes, as uuid text. */
export function idBounds(fromMs: number, toMs: number): readonly [string, string] {
  const [lo, hi] = rideIdBounds(fromMs, toMs);
  return [uuidText(lo), uuidText(hi)];
}

/** Rides with one of these tags that boarded in the span; each tag is one look-up in ride_tag. */
export async function ridesOfTags(
  sql: Sql,
  tags: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<readonly KnownRide[]> {
  const [lo, hi] = idBounds(fromMs, toMs);
  return sql.query<KnownRide>(
    {
      name: 'rides-of-tags',
      text: `select code_id as "codeId", ride_id as "rideId", tag, received_s as "receivedS", run, no,
            board_seq as "boardSeq", flags
       from ride where tag = any($1::uuid[]) and ride_id >= $2 and ride_id <= $3`,
    },
    [column(tags, (tag) => tag), lo, hi],
  );
}

/** One statement, one commit. Returns those that were new: a row already there is left as it is. */
export async function insertRides(sql: Sql, rides: readonly NewRide[]): Promise<ReadonlySet<NewRide>> {
  const rows = await sql.query<{ code_id: number; ride_id: string }>(
    {
      name: 'insert-rides',
      text: `insert into ride (ride_id, tag, erase_c, code_id, received_s, run, no, board_seq, w2, iss, suite, flags, sealed)
     select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::int[], $6::int[], $7::int[],
                          $8::smallint[], $9::smallint[], $10::smallint[], $11::smallint[], $12::smallint[],
                          $13::bytea[])
     on conflict do nothing
     returning code_id, ride_id`,
    },
    [
      column(rides, ({ rideId }) => rideId),
      column(rides, ({ tag }) => tag),
      column(rides, ({ eraseC }) => uuidText(eraseC)),
      column(rides, ({ codeId }) => codeId),
      column(rides, ({ receivedS }) => receivedS),
      column(rides, ({ run }) => run),
      column(rides, ({ no }) => no),
      column(rides, ({ boardSeq }) => boardSeq),
      column(rides, ({ w2 }) => w2),
      column(rides, ({ iss }) => signed16(iss)),
      column(rides, ({ suite }) => suite),
      column(rides, ({ flags }) => flags),
      column(rides, ({ sealed }) => byteaText(sealed)),
    ],
  );
  if (rows.length === rides.length) return new Set(rides);
  const fresh = new Set(rows.map((row) => `${row.code_id}|${row.ride_id}`));
  return new Set(rides.filter(({ codeId, rideId }) => fresh.has(`${codeId}|${rideId}`)));
}

const storedColumns = `code_id as "codeId", ride_id as "rideId", tag, erase_c as "eraseC", received_s as "receivedS",
  run, board_seq as "boardSeq", w2, (iss + 65536) % 65536 as iss, suite, flags, sealed`;

function stored(row: Omit<StoredRide, 'boardedMs' | 'sealed'> & { readonly sealed: Buffer }): StoredRide {
  return {
    ...row,
    boardedMs: boardedMsOfUuid(row.rideId),
    tag: base64OfUuid(row.tag),
    eraseC: base64OfUuid(row.eraseC),
    sealed: toBase64Url(row.sealed),
  };
}

type StoredRecord = Parameters<typeof stored>[0];

/** A case's rides of one day: single look-ups in ride_tag. At most `limit` + 1 rows, so that the caller sees excess. */
export async function matchTags(
  sql: Sql,
  tags: readonly string[],
  fromMs: number,
  toMs: number,
  limit: number,
): Promise<readonly StoredRide[]> {
  const [lo, hi] = idBounds(fromMs, toMs);
  const rows = await sql.query<StoredRecord>(
    `select ${storedColumns} from ride
      where tag = any($1::uuid[]) and ride_id >= $2 and ride_id <= $3 order by ride_id limit $4`,
    [tags, lo, hi, limit + 1],
  );
  return rows.map(stored);
}

/** Everybody who boarded in the spans: neighbours in the primary key. At most `limit` + 1 rows. */
export async function ridesOfSpans(
  sql: Sql,
  spans: readonly CodeSpan[],
  limit: number,
): Promise<readonly StoredRide[]> {
  const bounds = spans.map(({ fromMs, toMs }) => idBounds(fromMs, toMs));
  const rows = await sql.query<StoredRecord>(
    `select r.* from unnest($1::int[], $2::uuid[], $3::uuid[]) w(code_id, lo, hi)
      cross join lateral (
        select ${storedColumns} from ride where ride.code_id = w.code_id and ride_id >= w.lo and ride_id <= w.hi
      ) r
      limit $4`,
    [spans.map(({ codeId }) => codeId), bounds.map(([lo]) => lo), bounds.map(([, hi]) => hi), limit + 1],
  );
  return rows.map(stored);
}

export interface HeadCount {
  readonly codeId: number;
  readonly boardedMs: number;
  readonly heads: number;
}

/** The boarding minute in a ride's identifier: its first 48 bits. */
export const boardedColumn = `('x' || left(replace(ride_id::text, '-', ''), 12))::bit(48)::bigint`;

/** Passenger heads (holder and party) by code and boarding minute in each span; walks the primary key. */
export async function headsByMinute(sql: Sql, spans: readonly CodeSpan[]): Promise<readonly HeadCount[]> {
  if (spans.length === 0) return [];
  const bounds = spans.map(({ fromMs, toMs }) => idBounds(fromMs, toMs));
  return sql.query<HeadCount>(
    `select w.code_id as "codeId", r.boarded_ms as "boardedMs", r.heads
       from unnest($1::int[], $2::uuid[], $3::uuid[]) w(code_id, lo, hi)
      cross join lateral (
        select ${boardedColumn} as boarded_ms, sum(1 + ((w2 >> 11) & 7))::int as heads from ride
         where ride.code_id = w.code_id and ride_id >= w.lo and ride_id <= w.hi and flags & ${CREW} = 0
         group by 1
      ) r`,
    [spans.map(({ codeId }) => codeId), bounds.map(([lo]) => lo), bounds.map(([, hi]) => hi)],
  );
}

/** How many rides, crew included, boarded a vehicle in [fromMs, toMs): by its codes' bindings. */
export async function ridesOfVehicle(
  sql: Sql,
  { vehicleId, fromMs, toMs }: { readonly vehicleId: string; readonly fromMs: number; readonly toMs: number },
): Promise<number> {
  const [lo, hi] = idBounds(fromMs, toMs - 1);
  const row = await sql.one<{ n: number }>(
    `select count(*)::int as n
       from (select distinct b.code_id from unit u join binding b using (unit_id) where u.vehicle_id = $1) c
       join ride on ride.code_id = c.code_id and ride_id >= $2 and ride_id <= $3
      cross join lateral (
        select u.vehicle_id
          from binding b join unit u using (unit_id)
         where b.code_id = ride.code_id and b.from_ms <= ${boardedColumn}
           and (b.to_ms is null or b.to_ms > ${boardedColumn})
         order by b.from_ms desc limit 1
      ) at
      where at.vehicle_id = $1`,
    [vehicleId, lo, hi],
  );
  return row?.n ?? 0;
}

export interface ErasedRide {
  readonly codeId: number;
  readonly rideId: string;
  readonly run: number | null;
  readonly w2: number;
  readonly flags: number;
}

/** Deletes the rides of a tag whose commitment fits and that arrived at or after `receivedFromS`. */
export async function eraseRides(
  sql: Sql,
  erase: {
    readonly tag: string;
    readonly eraseC: string;
    readonly fromMs: number;
    readonly toMs: number;
    readonly receivedFromS: number;
  },
): Promise<readonly ErasedRide[]> {
  const [lo, hi] = idBounds(erase.fromMs, erase.toMs);
  return sql.query<ErasedRide>(
    {
      name: 'erase-rides',
      text: `delete from ride
      where tag = $1 and erase_c = $2 and ride_id >= $3 and ride_id <= $4 and received_s >= $5
     returning code_id as "codeId", ride_id as "rideId", run, w2, flags`,
    },
    [erase.tag, erase.eraseC, lo, hi, erase.receivedFromS],
  );
}
