// Fills days with rides in the order in which they would have come: minutes grow, codes and tags are random. Rows go through
// the table's own indexes, so pages split as they do at intake.
import { rideIdBounds, uuidText } from '@tongche/protocol';
import type { Database } from '@tongche/postgres';

/** A transaction's rows: long enough to be quick, short enough that several days fill side by side. */
const chunkRows = 50_000;
/** Rides of a day lie between its first bus and about noon: the bench's own rides come after. */
const [firstMinute, lastMinute] = [300, 715];

export interface DayToFill {
  readonly day: number;
  readonly dayStartMs: number;
  /** Rows it has already, and is to have. */
  readonly from: number;
  readonly to: number;
}

function minuteAt(n: number, total: number): number {
  return firstMinute + Math.floor((n * (lastMinute - firstMinute)) / total);
}

const fillText = (day: number): string => `
insert into ride_d${day} (ride_id, tag, erase_c, code_id, received_s, run, no, board_seq, w2, iss, flags, suite, enc, ct)
select ($3 || substr(id::text, 15))::uuid, gen_random_uuid(), gen_random_uuid(), 1 + (random() * ($2 - 1))::int, $4, 1, 1, 1,
       $5, 1, 0, '1', '\\x02' || uuid_send(id) || uuid_send(id), repeat(encode(uuid_send(id), 'hex'), 3)::bytea
  from (select gen_random_uuid() as id from generate_series(1, $1)) one`;

/** Writes the rows from `from` to `to` of a day on `codes` codes; `minutesOf` is how many rows its minutes are spread over. */
export async function fillDay(db: Database, { day, dayStartMs, from, to }: DayToFill, codes: number, total: number) {
  for (let n = from; n < to; n += chunkRows) {
    const minute = minuteAt(n, total);
    const ms = dayStartMs + minute * 60_000;
    const head = uuidText(rideIdBounds(ms, ms)[0]).slice(0, 14);
    await db.query({ name: `fill-${day}`, text: fillText(day) }, [
      Math.min(chunkRows, to - n),
      codes,
      head,
      ms / 1000 + 20,
      minute,
    ]);
  }
}

/** Bytes a ride of these days: heap, each index, and all of it with the maps beside them. */
export async function bytesOfDays(db: Database, days: readonly number[]) {
  const names = days.map((day) => `ride_d${day}`);
  const sizes = await db.query<{ part: string; bytes: number }>(
    `select case when c.relkind = 'r' then 'heap' when i.indisprimary then 'key' else 'tag' end as part,
            sum(pg_relation_size(c.oid))::bigint as bytes
       from unnest($1::text[]) name join pg_class t on t.oid = to_regclass(name)
       join lateral (select t.oid union all select indexrelid from pg_index where indrelid = t.oid) o(oid) on true
       join pg_class c on c.oid = o.oid left join pg_index i on i.indexrelid = c.oid group by 1`,
    [names],
  );
  let [rows, total] = [0, 0];
  for (const name of names) {
    rows += (await db.one<{ n: number }>(`select count(*)::int as n from ${name}`))?.n ?? 0;
    total +=
      (await db.one<{ n: number }>('select pg_total_relation_size(to_regclass($1))::bigint as n', [name]))?.n ?? 0;
  }
  const perRide = (bytes: number): number => Number((bytes / Math.max(1, rows)).toFixed(1));
  const parts = Object.fromEntries(sizes.map(({ part, bytes }) => [part, perRide(bytes)]));
  return { rows, heap: parts['heap'] ?? 0, key: parts['key'] ?? 0, tag: parts['tag'] ?? 0, total: perRide(total) };
}
