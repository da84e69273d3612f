// Orders, what they have matched and fetched, the log's last verified state, the roster, nonces, and our own evidence.
import { prepared } from '@tongche/postgres';
import type { Sql } from './sql.ts';

export interface OrderRow {
  readonly purpose: string;
  readonly fromDay: number;
  readonly toDay: number;
  readonly maxRides: number;
  readonly maxRecords: number;
  readonly maxExtra: number;
  readonly maxTags: number;
  readonly expiresMs: number;
  readonly watchUntilMs: number;
}
export interface MatchedRide {
  readonly codeId: number;
  readonly rideId: string;
  readonly vehicleId: string | null;
  readonly boardedMs: number;
}
export interface WindowRow {
  readonly unitId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly extra: boolean;
  readonly records: number;
}

export async function rosterBody(sql: Sql): Promise<string | undefined> {
  return (await sql.one<{ body: string }>(prepared('select body from roster')))?.body;
}

export async function rosterVersion(sql: Sql): Promise<number | undefined> {
  return (await sql.one<{ version: number }>(prepared('select version from roster for update')))?.version;
}

export async function putRoster(sql: Sql, iss: number, version: number, body: string): Promise<void> {
  await sql.query(
    prepared(`insert into roster (iss, version, body) values ($1, $2, $3)
     on conflict (iss) do update set version = excluded.version, body = excluded.body`),
    [iss, version, body],
  );
}

/** Requests under way are about one of the newest; a head lasts a minute or two in the largest surge. */
const KEPT_HEADS = 1_000;

/** Until the transaction ends nobody else remembers a head; what is known can be read. */
export async function lockCheckpoints(sql: Sql): Promise<void> {
  await sql.query('lock table known_checkpoint in share row exclusive mode');
}

/** The head of `size` entries; the largest where none is named. */
export async function knownCheckpoint(
  sql: Sql,
  size?: number,
): Promise<{ readonly size: number; readonly root: Buffer } | undefined> {
  return size === undefined
    ? sql.one(prepared('select size, root from known_checkpoint order by size desc limit 1'))
    : sql.one(prepared('select size, root from known_checkpoint where size = $1'), [size]);
}

export async function putCheckpoint(sql: Sql, size: number, root: Uint8Array): Promise<void> {
  await sql.query(prepared('insert into known_checkpoint (size, root) values ($1, $2) on conflict do nothing'), [
    size,
    Buffer.from(root),
  ]);
  await sql.query(
    prepared(`delete from known_checkpoint
      where size <= (select size from known_checkpoint order by size desc offset $1 limit 1)`),
    [KEPT_HEADS],
  );
}

/** False when the nonce was used before. */
export async function useNonce(sql: Sql, nonce: Uint8Array, atMs: number): Promise<boolean> {
  const rows = await sql.query(
    prepared('insert into seen_nonce (nonce, at_ms) values ($1, $2) on conflict do nothing returning nonce'),
    [Buffer.from(nonce), atMs],
  );
  return rows.length === 1;
}

const orderColumns = `purpose, from_day as "fromDay", to_day as "toDay", max_rides as "maxRides",
  max_records as "maxRecords", max_extra as "maxExtra", max_tags as "maxTags", expires_ms as "expiresMs",
  watch_until_ms as "watchUntilMs"`;

/** Locked until the transaction ends: limits of one order are counted by one request at a time. */
export async function lockOrder(sql: Sql, orderHash: Uint8Array): Promise<OrderRow | undefined> {
  return sql.one<OrderRow>(prepared(`select ${orderColumns} from trace_order where order_hash = $1 for update`), [
    Buffer.from(orderHash),
  ]);
}

/** After this nothing is answered for the order any more; undefined for one that was never accepted. */
export async function orderEnd(sql: Sql, orderHash: Uint8Array): Promise<number | undefined> {
  const row = await sql.one<{ endMs: number }>(
    prepared('select greatest(expires_ms, watch_until_ms) as "endMs" from trace_order where order_hash = $1'),
    [Buffer.from(orderHash)],
  );
  return row?.endMs;
}

export async function insertOrder(sql: Sql, orderHash: Uint8Array, order: OrderRow, nowMs: number): Promise<boolean> {
  const rows = await sql.query(
    prepared(`insert into trace_order (order_hash, purpose, from_day, to_day, max_rides, max_records, max_extra, max_tags,
                              expires_ms, watch_until_ms, first_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning order_hash`),
    [
      Buffer.from(orderHash),
      order.purpose,
      order.fromDay,
      order.toDay,
      order.maxRides,
      order.maxRecords,
      order.maxExtra,
      order.maxTags,
      order.expiresMs,
      order.watchUntilMs,
      nowMs,
    ],
  );
  return rows.length === 1;
}

export const TAG_DIGEST_BYTES = 16;

/** How many different ones there are. */
function differentDigests(parts: readonly Buffer[]): number {
  const known = new Set<string>();
  for (const part of parts) {
    const text = part.toString('latin1');
    for (let at = 0; at < text.length; at += TAG_DIGEST_BYTES) known.add(text.slice(at, at + TAG_DIGEST_BYTES));
  }
  return known.size;
}

/**
 * Keeps the digests of tags asked for, one behind the other; false where the order has then asked for more than `max` different
 * ones. They are compared with one another only where there are enough for that. The order is locked.
 */
export async function addTags(sql: Sql, orderHash: Uint8Array, digests: Buffer, max: number): Promise<boolean> {
  const hash = Buffer.from(orderHash);
  const rows = await sql.query<{ digests: Buffer }>(prepared('select digests from trace_tags where order_hash = $1'), [
    hash,
  ]);
  const earlier = rows.map((row) => row.digests);
  const bytes = [...earlier, digests].reduce((sum, part) => sum + part.length, 0);
  if (bytes > max * TAG_DIGEST_BYTES) {
    const before = differentDigests(earlier);
    const after = differentDigests([...earlier, digests]);
    if (after > max) return false;
    // Asked for again, as while an order is watched.
    if (after === before) return true;
  }
  if (digests.length > 0) {
    await sql.query(prepared('insert into trace_tags (order_hash, part, digests) values ($1, $2, $3)'), [
      hash,
      rows.rowCount,
      digests,
    ]);
  }
  return true;
}

/** Adds matched rides; returns how many different ones the order has matched by now. */
export async function addMatches(sql: Sql, orderHash: Uint8Array, rides: readonly MatchedRide[]): Promise<number> {
  const row = await sql.one<{ n: number }>(
    // What is counted is what stood there before.
    prepared(`with fresh as (
       insert into trace_match (order_hash, code_id, ride_id, vehicle_id, boarded_ms)
       select $1, * from unnest($2::int[], $3::uuid[], $4::text[], $5::bigint[]) on conflict do nothing returning 1
     )
     select ((select count(*) from trace_match where order_hash = $1) + (select count(*) from fresh))::int as n`),
    [
      Buffer.from(orderHash),
      rides.map(({ codeId }) => codeId),
      rides.map(({ rideId }) => rideId),
      rides.map(({ vehicleId }) => vehicleId),
      rides.map(({ boardedMs }) => boardedMs),
    ],
  );
  return row?.n ?? 0;
}

/** Rides the order has matched. `flags` are undefined of one that was erased since; single look-ups in the primary key. */
export async function matchesOf(
  sql: Sql,
  orderHash: Uint8Array,
): Promise<readonly (MatchedRide & { readonly flags: number | undefined })[]> {
  const matches = await sql.query<MatchedRide>(
    prepared(`select code_id as "codeId", ride_id as "rideId", vehicle_id as "vehicleId", boarded_ms as "boardedMs"
       from trace_match where order_hash = $1`),
    [Buffer.from(orderHash)],
  );
  const rides = await sql.query<{ readonly codeId: number; readonly rideId: string; readonly flags: number }>(
    prepared(`select ride.code_id as "codeId", ride.ride_id as "rideId", ride.flags
       from unnest($1::int[], $2::uuid[]) w(code_id, ride_id)
       join ride on ride.code_id = w.code_id and ride.ride_id = w.ride_id`),
    [matches.map(({ codeId }) => codeId), matches.map(({ rideId }) => rideId)],
  );
  const flagsOf = new Map(rides.map(({ codeId, rideId, flags }) => [`${codeId}|${rideId}`, flags]));
  return matches.map((match) => ({ ...match, flags: flagsOf.get(`${match.codeId}|${match.rideId}`) }));
}

export async function windowsOf(sql: Sql, orderHash: Uint8Array): Promise<readonly WindowRow[]> {
  return sql.query<WindowRow>(
    prepared(`select unit_id as "unitId", from_ms as "fromMs", to_ms as "toMs", extra, records
       from trace_window where order_hash = $1`),
    [Buffer.from(orderHash)],
  );
}

export async function putWindows(sql: Sql, orderHash: Uint8Array, windows: readonly WindowRow[]): Promise<void> {
  await sql.query(
    prepared(`insert into trace_window (order_hash, unit_id, from_ms, to_ms, extra, records)
     select $1, * from unnest($2::text[], $3::bigint[], $4::bigint[], $5::boolean[], $6::int[])
     on conflict (order_hash, unit_id, from_ms, to_ms) do update set records = excluded.records`),
    [
      Buffer.from(orderHash),
      windows.map(({ unitId }) => unitId),
      windows.map(({ fromMs }) => fromMs),
      windows.map(({ toMs }) => toMs),
      windows.map(({ extra }) => extra),
      windows.map(({ records }) => records),
    ],
  );
}

export interface AccessRow {
  readonly atMs: number;
  readonly kind: 'match' | 'fetch';
  readonly orderHash: Uint8Array | undefined;
  readonly outcome: string;
  readonly rides: number;
  readonly windows: number;
}

export async function logAccess(sql: Sql, row: AccessRow): Promise<void> {
  await sql.query(
    prepared(
      'insert into access_log (at_ms, kind, order_hash, outcome, rides, windows) values ($1, $2, $3, $4, $5, $6)',
    ),
    [
      row.atMs,
      row.kind,
      row.orderHash === undefined ? null : Buffer.from(row.orderHash),
      row.outcome,
      row.rides,
      row.windows,
    ],
  );
}

export type CountKind = 'orders' | 'match' | 'fetch' | 'refused' | 'records';

/** Kinds in one order, so that two who count at once never wait for each other in a circle. */
export async function addCounts(sql: Sql, day: number, counts: Partial<Record<CountKind, number>>): Promise<void> {
  const added = Object.entries(counts)
    .filter(([, n]) => n > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  await sql.query(
    prepared(`insert into daily_count (day, kind, n) select $1, * from unnest($2::text[], $3::bigint[])
     on conflict (day, kind) do update set n = daily_count.n + excluded.n`),
    [day, added.map(([kind]) => kind), added.map(([, n]) => n)],
  );
}

export async function dailyCounts(
  sql: Sql,
  fromDay: number,
): Promise<readonly { readonly day: number; readonly kind: CountKind; readonly n: number }[]> {
  return sql.query(prepared('select day, kind, n from daily_count where day >= $1 order by day'), [fromDay]);
}
