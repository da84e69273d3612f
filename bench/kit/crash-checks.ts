// What must hold after a crash: partitions and the roll's state as they were, the expired day gone, and every acknowledged
// ride stored exactly once.
import { connect } from '@tongche/postgres';
import { DAY_MS, MINUTE_MS, rideIdBounds, TAG_BYTES, uuidText } from '@tongche/protocol';
import { silentLog } from '@tongche/runtime';
import type { Stage } from './stage.ts';

/** Beyond any retention. */
const expiredDays = 80;
const fetchRows = 100_000;

/** Partitions of everything kept by days, and what the platform remembers of its rolls. */
export async function daysKept(stage: Stage): Promise<string> {
  const db = stage.look();
  const rows = await db.query<{ what: string }>(
    `select inhrelid::regclass::text as what from pg_inherits where not inhdetachpending
     union all select name || ' ' || value from platform_state
     union all select 'rolled ' || day from roll_log
     order by 1`,
  );
  await db.end();
  return rows.map(({ what }) => what).join('\n');
}

/** Makes a day that is past its retention, with a copy of a ride in it: the next roll must destroy it. */
export async function plantExpiredDay(stage: Stage): Promise<void> {
  const { day, dayStartMs } = stage.setup(0);
  const fromMs = dayStartMs - expiredDays * DAY_MS;
  const [lowest, next] = [fromMs, fromMs + DAY_MS].map((ms) => uuidText(rideIdBounds(ms, ms)[0]));
  const name = `ride_d${day - expiredDays}`;
  const db = connect({ url: stage.databaseUrl, max: 1, name: 'plant', log: silentLog });
  await db.query(`create table if not exists ${name} partition of ride for values from ('${lowest}') to ('${next}')`);
  await db.query(
    `insert into ride
     select (jsonb_populate_record(one, jsonb_build_object('ride_id', $1::text))).* from ride one limit 1
     on conflict do nothing`,
    [uuidText(rideIdBounds(fromMs + MINUTE_MS, fromMs + MINUTE_MS)[0])],
  );
  await db.end();
}

/** Whether the expired day has gone, with its rows, wholly. */
export async function expiredDayIsGone(stage: Stage): Promise<boolean> {
  const db = stage.look();
  const found = await db.one<{ left: boolean }>(`select to_regclass($1) is not null as left`, [
    `ride_d${stage.setup(0).day - expiredDays}`,
  ]);
  await db.end();
  return found?.left === false;
}

export interface Comparison {
  /** Acknowledged rides without a row. */
  readonly lost: number;
  /** Rows beyond the first of a ride, and rows of rides nobody made. */
  readonly duplicated: number;
}

/** What is stored against what was acknowledged, tag by tag. */
export async function compare(stage: Stage, tags: Uint8Array): Promise<Comparison> {
  const bytes = Buffer.from(tags.buffer, tags.byteOffset, tags.length);
  const missing = new Set<string>();
  for (let at = 0; at < bytes.length; at += TAG_BYTES) {
    missing.add(bytes.toString('hex', at, at + TAG_BYTES));
  }
  let duplicated = 0;
  const db = stage.look();
  await db.tx('compare', async (tx) => {
    await tx.query(`declare rides no scroll cursor for select replace(tag::text, '-', '') as tag from ride`);
    for (;;) {
      const rows = await tx.query<{ tag: string }>(`fetch ${fetchRows} from rides`);
      for (const { tag } of rows) if (!missing.delete(tag)) duplicated += 1;
      if (rows.length < fetchRows) return;
    }
  });
  await db.end();
  return { lost: missing.size, duplicated };
}

/** A comparison that could not fail would prove nothing: one row is taken away, another doubled. */
export async function seesPlanted(stage: Stage, tags: Uint8Array): Promise<boolean> {
  const [gone, twice] = [tags.subarray(0, TAG_BYTES), tags.subarray(TAG_BYTES, 2 * TAG_BYTES)].map(uuidText);
  const before = await compare(stage, tags);
  const db = stage.look();
  await db.query('delete from ride where tag = $1', [gone]);
  await db.query(
    `insert into ride
     select (jsonb_populate_record(one, jsonb_build_object('code_id', -code_id))).* from ride one where tag = $1`,
    [twice],
  );
  await db.end();
  const after = await compare(stage, tags);
  return after.lost === before.lost + 1 && after.duplicated === before.duplicated + 1;
}
