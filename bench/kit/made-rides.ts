// Days full of rides made inside PostgreSQL, in the order in which they would have come: minutes grow, codes and tags are at
// random. The same every time, so that a tag is known by its day and number.
import { createHash } from 'node:crypto';
import { connect } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { ridePartitions } from '@tongche/platform';
import { dayStartMs, MINUTE_MS } from '@tongche/protocol';
import { silentLog } from '@tongche/runtime';
import type { Stage } from './stage.ts';

/** Rides of one statement: large enough that planning does not count, small enough to keep WAL moving. */
const chunkRows = 10_000;
const lanes = 2;
/** Rides are made from the first bus to the last. */
const [firstMinute, endMinute] = [300, 1_380];

// $1, $2: numbers of the rides; $3: rides of the day; $4: its first minute, $5: minutes it lasts; $6: codes; $7: day.
const ridesText = `
insert into ride (ride_id, tag, erase_c, code_id, received_s, run, no, board_seq, w2, iss, flags, suite, enc, ct)
select (lpad(to_hex(60000 * minute), 12, '0') || right(hex, 20))::uuid, hex::uuid, hex::uuid,
       1 + mod(abs(hashint8(n)::bigint), $6::bigint)::int, (60 * minute)::int, 1, 1, 1, 1, 1, 0, '1',
       substr(sum || sum, 1, 33), sum || sum || sum
  from (select n, $4::bigint + n * $5::bigint / $3::bigint as minute, md5($7::int || ':' || n) as hex,
               sha256(n::text::bytea) as sum
          from generate_series($1::bigint, $2::bigint) n) made`;

export interface MadeDay {
  readonly day: number;
  /** Rides from and to, of how many the day is to have in the end. */
  readonly from: number;
  readonly to: number;
  readonly rides: number;
  /** Minute of the day at which the last ride boards; the end of service when absent. */
  readonly untilMinute?: number;
}

/** Tag of the n-th ride of a day, as uuid text. */
export function madeTag(day: number, n: number): string {
  const hex = createHash('md5').update(`${day}:${n}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** In the platform's own role. */
export function platformDatabase(stage: Pick<Stage, 'databaseUrl'>, max = 1): Database {
  return connect({ url: stage.databaseUrl, max, name: 'bench', log: silentLog });
}

async function fillDay(db: Database, { zone, codes }: { zone: string; codes: number }, made: MadeDay): Promise<void> {
  const startMinute = dayStartMs(made.day, zone) / MINUTE_MS + firstMinute;
  const minutes = (made.untilMinute ?? endMinute) - firstMinute;
  for (let n = made.from; n < made.to; n += chunkRows) {
    const last = Math.min(made.to, n + chunkRows) - 1;
    await db.query({ name: 'made-rides', text: ridesText }, [
      n,
      last,
      made.rides,
      startMinute,
      minutes,
      codes,
      made.day,
    ]);
  }
}

/** Makes the days' partitions as the roll does, and fills them two at a time. Returns rides a second. */
export async function fillDays(stage: Stage, codes: number, days: readonly MadeDay[]): Promise<number> {
  const db = platformDatabase(stage, lanes);
  const beganMs = performance.now();
  try {
    const partitions = ridePartitions(db, stage.zone, false);
    for (const { day } of days) await partitions.ensure(day);
    const waiting = [...days];
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          await fillDay(db, { zone: stage.zone, codes }, next);
        }
      }),
    );
  } finally {
    await db.end();
  }
  const rides = days.reduce((sum, { from, to }) => sum + to - from, 0);
  return Math.round((rides * 1000) / (performance.now() - beganMs));
}

export interface RideBytes {
  readonly rows: number;
  readonly heap: number;
  readonly key: number;
  readonly tag: number;
  /** All of it. */
  readonly all: number;
}

/** Bytes a ride on disk in these days, which are counted row by row. */
export async function rideBytes(db: Database, days: readonly number[]): Promise<RideBytes> {
  const names = days.map((day) => `ride_d${day}`);
  let rows = 0;
  for (const name of names) rows += (await db.one<{ n: number }>(`select count(*) as n from ${name}`))?.n ?? 0;
  const sizes = await db.one<{ heap: number; key: number; tag: number }>(
    `select sum(pg_table_size(t.relid))::bigint as heap,
            sum((select sum(pg_relation_size(indexrelid)) from pg_index where indrelid = t.relid and indisprimary))::bigint as key,
            sum((select sum(pg_relation_size(indexrelid)) from pg_index where indrelid = t.relid and not indisprimary))::bigint as tag
       from unnest($1::text[]) name, pg_partition_tree(name) t where t.isleaf`,
    [names],
  );
  const of = (bytes: number): number => Number((bytes / Math.max(1, rows)).toFixed(1));
  const { heap = 0, key = 0, tag = 0 } = sizes ?? {};
  return { rows, heap: of(heap), key: of(key), tag: of(tag), all: of(heap + key + tag) };
}
