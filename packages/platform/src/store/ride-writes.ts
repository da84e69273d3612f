// Writing rides: one statement, one commit for a batch, and the other processes hear of it when it is committed. It also
// looks for earlier rides of the batch's tags (index ride_tag, the days' partitions only), since nearly always there are
// none: then the batch is done in one go.
import { byteaArray, charArray, dayTable, int2Array, int4Array, uuidArray } from '@tongche/postgres';
import type { Database, Statement } from '@tongche/postgres';
import type { Bytes } from '@tongche/protocol';
import { COMPRESSED_BYTES, compressPoint, CT_BYTES, uuidText } from '@tongche/protocol';
import { BOARDING_CHARS } from '../peers/boarding.ts';
import { CHANNEL, RIDES_PER_PART, ridesHead } from '../peers/messages.ts';
import { hasTag, idBounds } from './rides.ts';
import type { Sql } from './sql.ts';

/** A ride as it is written. */
export interface NewRide {
  readonly rideId: Bytes;
  readonly tag: Bytes;
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
  /** Uncompressed key encapsulation, 65 bytes; stored compressed. */
  readonly enc: Bytes;
  readonly ct: Bytes;
}
/** What a retry is answered from. */
export interface KnownRide {
  readonly codeId: number;
  /** As uuid text, as is `tag`. */
  readonly rideId: string;
  readonly tag: string;
  readonly receivedS: number;
  readonly run: number | null;
  readonly no: number;
  readonly boardSeq: number | null;
  readonly flags: number;
}

/** Boarding minutes of local days, both ends included: where rides of the same tags can lie. */
export interface TagSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** The only day of the span; absent where there are several. */
  readonly day?: number | undefined;
}

/** What stands where nothing is known: a NULL would cost every such row eight bytes. */
export const noRun = 0;
export const noStop = -1;

/** 16 unsigned bits in a smallint. */
export function signed16(value: number): number {
  return value > 0x7fff ? value - 0x10000 : value;
}

const knownColumns = `code_id as "codeId", ride_id as "rideId", tag, received_s as "receivedS", nullif(run, ${noRun}) as run, no,
  nullif(board_seq, ${noStop}) as "boardSeq", flags`;

/** Rides with one of these tags that boarded in the span; each tag is one look-up in ride_tag. */
export async function ridesOfTags(
  sql: Sql,
  tags: readonly Bytes[],
  { fromMs, toMs }: TagSpan,
): Promise<readonly KnownRide[]> {
  const [lo, hi] = idBounds(fromMs, toMs);
  return sql.query<KnownRide>(
    {
      name: 'rides-of-tags',
      text: `select ${knownColumns} from ride where ${hasTag('$1')} and ride_id >= $2 and ride_id <= $3`,
    },
    [uuidArray(tags, (tag) => tag), lo, hi],
  );
}

// $15, $16: span of the batch's days. $17: whether rides of tags that are known are written too. $18, $19: who says what of
// all of them; where some are not written, what is said is put together again of those that are.
// The answer is one row of how many were written, and only where that is fewer than were given one row for each of them.
// `isPart`: whether the table is still part of the rides, which its lock has settled before this looks.
// `onConflict`: what becomes of a ride that is there already.
const insertInto = (table: string, isPart: string, onConflict: string): string => `-- plain only
with given as (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::int[], $6::int[], $7::int[],
                       $8::smallint[], $9::smallint[], $10::smallint[], $11::smallint[], $12::"char"[], $13::bytea[], $14::bytea[])
    t(ride_id, tag, erase_c, code_id, received_s, run, no, board_seq, w2, iss, flags, suite, enc, ct)
), known as materialized (
  select tag from ${table} where not $17::boolean and ${hasTag('$2')} and ride_id >= $15::uuid and ride_id <= $16::uuid
), written as (
  insert into ${table} (ride_id, tag, erase_c, code_id, received_s, run, no, board_seq, w2, iss, flags, suite, enc, ct)
  select * from given where ${isPart} and not exists (select from known where known.tag = given.tag)
  ${onConflict}
  returning code_id, ride_id
), part as (
  select unnest($19::text[]) as body where (select count(*) from written) = cardinality($1::uuid[])
  union all
  select string_agg(substr(array_to_string($19::text[], ''), ((n - 1) * ${BOARDING_CHARS} + 1)::int, ${BOARDING_CHARS}), '')
    from (select n, (row_number() over () - 1) / ${RIDES_PER_PART} as part
            from written join unnest($1::uuid[], $4::int[]) with ordinality g(ride_id, code_id, n) using (code_id, ride_id)
           where (select count(*) from written) < cardinality($1::uuid[])) told
   group by part
)
select count(*)::int as n, ${isPart} as "isPart", null::int as "codeId", null::uuid as "rideId",
       (select max(concat(pg_current_xact_id()::text, pg_notify('${CHANNEL}', $18 || pg_current_xact_id()::text || '.' || body)))
          from part) as xid
  from written
union all
select 0, true, code_id, ride_id, null from written where (select count(*) from written) < cardinality($1::uuid[])`;

interface WrittenRow {
  readonly n: number;
  readonly isPart: boolean;
  readonly codeId: number | null;
  readonly rideId: string | null;
  readonly xid: string | null;
}

/** What came of a batch. */
export interface WrittenBatch {
  readonly fresh: ReadonlySet<NewRide>;
  /** Of its transaction; undefined when nothing was written. */
  readonly xid: number | undefined;
}

/** What the other processes are told. */
export interface Telling {
  readonly origin: string;
  /** As `rideParts` makes them of the same rides in the same order. */
  readonly parts: readonly string[];
}

/**
 * Returns those that were written: a row already there is left as it is, and so, unless `knownTags` is true, is every
 * ride of a tag that has a ride in the span.
 */
export type InsertRides = (
  db: Database,
  rides: readonly NewRide[],
  span: TagSpan,
  how: { readonly knownTags: boolean; readonly telling: Telling },
) => Promise<WrittenBatch>;

const everywhere: Statement = { name: 'insert-rides', text: insertInto('ride', 'true', 'on conflict do nothing') };
/** The day has no table, or not for these rides; or one of them came in by another process in this moment. */
const elsewhere = new Set(['42P01', '23514', '23505']);

let latest: { readonly day: number; readonly statement: Statement } | undefined;

/**
 * Into one day's own table: planning for all days takes a server longer than a ride or two. It may fail for a ride that is there:
 * to be ready for that, each ride is looked for once more and confirmed after it is written, and nearly none ever is.
 */
function ofDay(day: number): Statement {
  if (latest?.day !== day) {
    const own = dayTable('ride', day);
    const isPart = `exists (select from pg_inherits where inhrelid = '${own}'::regclass and not inhdetachpending)`;
    latest = { day, statement: { name: `insert-${own}`, text: insertInto(own, isPart, '') } };
  }
  return latest.statement;
}

/** Nearly all batches are of one day. What its table does not take is written as anything else is. */
async function written(db: Database, day: number | undefined, values: readonly unknown[]) {
  if (day !== undefined) {
    try {
      const rows = await db.query<WrittenRow>(ofDay(day), values);
      if (rows[0]?.isPart) return rows;
    } catch (error) {
      if (!elsewhere.has((error as { readonly code?: string }).code ?? '')) throw error;
    }
  }
  return db.query<WrittenRow>(everywhere, values);
}

/** Rows as arrays. Under Citus: ride-values.ts. */
export const insertRides: InsertRides = async (db, rides, span, { knownTags, telling }) => {
  const [lo, hi] = idBounds(span.fromMs, span.toMs);
  const rows = await written(db, span.day, [
    uuidArray(rides, ({ rideId }) => rideId),
    uuidArray(rides, ({ tag }) => tag),
    uuidArray(rides, ({ eraseC }) => eraseC),
    int4Array(rides, ({ codeId }) => codeId),
    int4Array(rides, ({ receivedS }) => receivedS),
    int4Array(rides, ({ run }) => run ?? noRun),
    int4Array(rides, ({ no }) => no),
    int2Array(rides, ({ boardSeq }) => boardSeq ?? noStop),
    int2Array(rides, ({ w2 }) => w2),
    int2Array(rides, ({ iss }) => signed16(iss)),
    int2Array(rides, ({ flags }) => flags),
    charArray(rides, ({ suite }) => suite),
    byteaArray(rides, COMPRESSED_BYTES, ({ enc }, into, at) => into.set(compressPoint(enc), at)),
    byteaArray(rides, CT_BYTES, ({ ct }, into, at) => into.set(ct, at)),
    lo,
    hi,
    knownTags,
    ridesHead(telling.origin),
    telling.parts,
  ]);
  const text = rows[0]?.xid ?? undefined;
  const xid = text === undefined ? undefined : Number(text);
  if (rows[0]?.n === rides.length) return { fresh: new Set(rides), xid };
  const ids = new Set(rows.map(({ codeId, rideId }) => `${codeId}|${rideId}`));
  return { fresh: new Set(rides.filter(({ codeId, rideId }) => ids.has(`${codeId}|${uuidText(rideId)}`))), xid };
};
