// The ride table: found by tag (ride_tag) or by code and time (the primary key), erased by row. Written in ride-writes.ts.
import { packedUuidArray, prepared } from '@tongche/postgres';
import { rideIdBounds, TAG_BYTES, uuidText } from '@tongche/protocol';
import { CREW, IMPLAUSIBLE } from '../rides/flags.ts';
import type { Sql } from './sql.ts';

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

/** base64url of a uuid column. */
function base64OfUuid(text: string): string {
  return Buffer.from(text.replaceAll('-', ''), 'hex').toString('base64url');
}

/** The boarding minute is the first 48 bits. */
export function boardedMsOfUuid(text: string): number {
  return Number.parseInt(text.slice(0, 8) + text.slice(9, 13), 16);
}

/** Lowest and highest ride_id of the minutes, as uuid text. */
export function idBounds(fromMs: number, toMs: number): readonly [string, string] {
  const [lo, hi] = rideIdBounds(fromMs, toMs);
  return [uuidText(lo), uuidText(hi)];
}

/**
 * "The tag is one of these", as ride_tag finds it: that index holds a hash of half the tag's size, and the tag itself decides.
 * `tags` is a parameter or column of uuid[].
 */
export function hasTag(tags: string): string {
  return `(uuid_hash_extended(tag, 0) = any(array(select uuid_hash_extended(one, 0) from unnest(${tags}::uuid[]) one))
    and tag = any(${tags}::uuid[]))`;
}

const storedColumns = `code_id as "codeId", ride_id as "rideId", tag, erase_c as "eraseC", received_s as "receivedS",
  nullif(run, 0) as run, nullif(board_seq, -1) as "boardSeq", w2, (iss + 65536) % 65536 as iss, suite::int as suite, flags,
  enc || ct as sealed`;

function stored(row: Omit<StoredRide, 'boardedMs' | 'sealed'> & { readonly sealed: Buffer }): StoredRide {
  return {
    ...row,
    boardedMs: boardedMsOfUuid(row.rideId),
    tag: base64OfUuid(row.tag),
    eraseC: base64OfUuid(row.eraseC),
    sealed: row.sealed.toString('base64url'),
  };
}

type StoredRecord = Parameters<typeof stored>[0];

/** A case's rides of one day, by tags one behind the other: single look-ups in ride_tag. At most `limit` + 1 rows, so that the caller sees excess. */
export async function matchTags(
  sql: Sql,
  tags: Uint8Array,
  fromMs: number,
  toMs: number,
  limit: number,
): Promise<readonly StoredRide[]> {
  const [lo, hi] = idBounds(fromMs, toMs);
  const rows = await sql.query<StoredRecord>(
    `select ${storedColumns} from ride
      where ${hasTag('$1')} and ride_id >= $2 and ride_id <= $3 order by ride_id limit $4`,
    [packedUuidArray([tags]), lo, hi, limit + 1],
  );
  return rows.map(stored);
}

/** Tags that only rides of the time can bear, one behind the other. */
export interface TagSpan {
  readonly tags: Uint8Array;
  readonly fromMs: number;
  readonly toMs: number;
}

const matchSpansStatement = {
  name: 'match-spans',
  text: `select r.* from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) d(lo, hi, first, last)
   cross join lateral (
     select ${storedColumns} from ride
      where ${hasTag('($5::uuid[])[d.first:d.last]')} and ride_id >= d.lo and ride_id <= d.hi
   ) r
   order by "rideId" limit $6`,
};

/**
 * The same of several days in one statement, prepared once: planning each day anew and telling its answer cost as much as the
 * look-ups. Not under Citus.
 */
export async function matchSpans(sql: Sql, spans: readonly TagSpan[], limit: number): Promise<readonly StoredRide[]> {
  const bounds = spans.map(({ fromMs, toMs }) => idBounds(fromMs, toMs));
  let end = 0;
  const counts = spans.map(({ tags }) => tags.length / TAG_BYTES);
  const ends = counts.map((count) => (end += count));
  const rows = await sql.query<StoredRecord>(matchSpansStatement, [
    bounds.map(([lo]) => lo),
    bounds.map(([, hi]) => hi),
    ends.map((last, n) => last - (counts[n] ?? 0) + 1),
    ends,
    packedUuidArray(spans.map(({ tags }) => tags)),
    limit + 1,
  ]);
  return rows.map(stored);
}

/**
 * Everybody who boarded in the spans: neighbours in the primary key. At most `limit` + 1 rows. `doubtful`: only those that
 * were flagged so at arrival, or only the others.
 */
export async function ridesOfSpans(
  sql: Sql,
  spans: readonly CodeSpan[],
  limit: number,
  doubtful?: boolean,
): Promise<readonly StoredRide[]> {
  const wanted = doubtful === undefined ? '' : `and flags & ${IMPLAUSIBLE} ${doubtful ? '<>' : '='} 0`;
  const bounds = spans.map(({ fromMs, toMs }) => idBounds(fromMs, toMs));
  const rows = await sql.query<StoredRecord>(
    prepared(`select r.* from unnest($1::int[], $2::uuid[], $3::uuid[]) w(code_id, lo, hi)
      cross join lateral (
        select ${storedColumns} from ride
         where ride.code_id = w.code_id and ride_id >= w.lo and ride_id <= w.hi ${wanted}
      ) r
      limit $4`),
    [spans.map(({ codeId }) => codeId), bounds.map(([lo]) => lo), bounds.map(([, hi]) => hi), limit + 1],
  );
  return rows.map(stored);
}

/** How many rides boarded in the spans that were flagged as doubtful at arrival, or that were not. */
export async function countOfSpans(sql: Sql, spans: readonly CodeSpan[], doubtful: boolean): Promise<number> {
  const bounds = spans.map(({ fromMs, toMs }) => idBounds(fromMs, toMs));
  const row = await sql.one<{ n: number }>(
    `select count(*)::int as n from unnest($1::int[], $2::uuid[], $3::uuid[]) w(code_id, lo, hi)
       join ride on ride.code_id = w.code_id and ride_id >= w.lo and ride_id <= w.hi
      where flags & ${IMPLAUSIBLE} ${doubtful ? '<>' : '='} 0`,
    [spans.map(({ codeId }) => codeId), bounds.map(([lo]) => lo), bounds.map(([, hi]) => hi)],
  );
  return row?.n ?? 0;
}

export interface HeadCount {
  readonly codeId: number;
  readonly boardedMs: number;
  readonly heads: number;
}

/** The boarding minute in a ride's identifier: its first 48 bits. */
export const boardedColumn = `('x' || left(replace(ride_id::text, '-', ''), 12))::bit(48)::bigint`;

/** Up to so many spans are looked up code by code. */
const FEW_SPANS = 128;

/** Passenger heads (holder and party) by code and boarding minute in the spans. */
export async function headsByMinute(sql: Sql, spans: readonly CodeSpan[]): Promise<readonly HeadCount[]> {
  return spans.length <= FEW_SPANS ? headsOfFew(sql, spans) : headsOfMany(sql, spans);
}

/**
 * One statement: a trace asks for a few vehicles on many days. Not prepared, and with the ends of all spans beside them: days
 * outside are left out when it is planned, so that whoever holds one of them holds up nobody else.
 */
async function headsOfFew(sql: Sql, spans: readonly CodeSpan[]): Promise<readonly HeadCount[]> {
  if (spans.length === 0) return [];
  // A code that was on two of the vehicles is asked for twice.
  const once = [...new Map(spans.map((span) => [`${span.codeId} ${span.fromMs} ${span.toMs}`, span])).values()];
  const bounds = once.map(({ fromMs, toMs }) => idBounds(fromMs, toMs));
  const [first, last] = idBounds(
    Math.min(...once.map(({ fromMs }) => fromMs)),
    Math.max(...once.map(({ toMs }) => toMs)),
  );
  return sql.query<HeadCount>(
    `select code_id as "codeId", ('x' || replace(start, '-', ''))::bit(48)::bigint as "boardedMs", heads
       from (select r.code_id, left(r.ride_id::text, 13) as start, sum(1 + ((r.w2 >> 11) & 7))::int as heads
               from unnest($1::int[], $2::uuid[], $3::uuid[]) w(code_id, lo, hi)
              cross join lateral (
                select code_id, ride_id, w2 from ride
                 where ride.code_id = w.code_id and ride_id >= w.lo and ride_id <= w.hi
                   and ride_id >= $4 and ride_id <= $5 and flags & ${CREW} = 0
              ) r
              group by r.code_id, w.lo, w.hi, start) counted`,
    [once.map(({ codeId }) => codeId), bounds.map(([lo]) => lo), bounds.map(([, hi]) => hi), first, last],
  );
}

/**
 * Codes of one stretch of time are read in one pass over its pages, which lie in the order of arrival: code by code each page
 * would be read again and again.
 */
async function headsOfMany(sql: Sql, spans: readonly CodeSpan[]): Promise<readonly HeadCount[]> {
  const counts: HeadCount[] = [];
  for (const together of Map.groupBy(spans, ({ fromMs, toMs }) => `${fromMs} ${toMs}`).values()) {
    const [{ fromMs, toMs } = { fromMs: 0, toMs: 0 }] = together;
    const [lo, hi] = idBounds(fromMs, toMs);
    const rows = await sql.query<HeadCount>(
      `select code_id as "codeId", ('x' || replace(start, '-', ''))::bit(48)::bigint as "boardedMs", heads
         from (select code_id, left(ride_id::text, 13) as start, sum(1 + ((w2 >> 11) & 7))::int as heads from ride
                where code_id = any($1::int[]) and ride_id >= $2 and ride_id <= $3 and flags & ${CREW} = 0
                group by 1, 2) counted`,
      [together.map(({ codeId }) => codeId), lo, hi],
    );
    for (const row of rows) counts.push(row);
  }
  return counts;
}

/** How many rides, crew included, boarded a vehicle in [fromMs, toMs): by its codes' bindings. */
export async function ridesOfVehicle(
  sql: Sql,
  { vehicleId, fromMs, toMs }: { readonly vehicleId: string; readonly fromMs: number; readonly toMs: number },
): Promise<number> {
  const [lo, hi] = idBounds(fromMs, toMs - 1);
  const row = await sql.one<{ n: number }>(
    `with c as materialized (
       select distinct b.code_id from unit u join binding b using (unit_id) where u.vehicle_id = $1
     ), r as materialized (
       select ride.code_id, ${boardedColumn} as boarded_ms
         from c join ride on ride.code_id = c.code_id and ride_id >= $2 and ride_id <= $3
     )
     select count(*)::int as n
       from r
      cross join lateral (
        select u.vehicle_id
          from binding b join unit u using (unit_id)
         where b.code_id = r.code_id and b.from_ms <= r.boarded_ms and (b.to_ms is null or b.to_ms > r.boarded_ms)
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
      where ${hasTag('array[$1::uuid]')} and erase_c = $2 and ride_id >= $3 and ride_id <= $4 and received_s >= $5
     returning code_id as "codeId", ride_id as "rideId", w2, flags`,
    },
    [erase.tag, erase.eraseC, lo, hi, erase.receivedFromS],
  );
}
