// Thinned positions of vehicles, kept for some days. By vehicle and second (the primary key).
import { prepared } from '@tongche/postgres';
import type { VehiclePosition } from '@tongche/network';
import type { Sql } from './sql.ts';

export async function insertPositions(sql: Sql, positions: readonly VehiclePosition[]): Promise<void> {
  if (positions.length === 0) return;
  await sql.query(
    `insert into vehicle_position (vehicle_id, at_s, lat, lon, trip_id, route_id)
     select * from unnest($1::text[], $2::int[], $3::real[], $4::real[], $5::text[], $6::text[])
     on conflict do nothing`,
    [
      positions.map(({ vehicleId }) => vehicleId),
      positions.map(({ atMs }) => Math.floor(atMs / 1000)),
      positions.map(({ lat }) => lat),
      positions.map(({ lon }) => lon),
      positions.map(({ tripId }) => tripId ?? null),
      positions.map(({ routeId }) => routeId ?? null),
    ],
  );
}

interface PositionRecord {
  readonly vehicleId: string;
  readonly atS: number;
  readonly lat: number;
  readonly lon: number;
  readonly tripId: string | null;
  readonly routeId: string | null;
}

const positionColumns = `p.vehicle_id as "vehicleId", p.at_s as "atS", p.lat, p.lon, p.trip_id as "tripId",
  p.route_id as "routeId"`;

function positionOf({ vehicleId, atS, lat, lon, tripId, routeId }: PositionRecord): VehiclePosition {
  const named = { ...(tripId === null ? {} : { tripId }), ...(routeId === null ? {} : { routeId }) };
  return { vehicleId, atMs: atS * 1000, lat, lon, ...named };
}

/** Positions of these vehicles in [fromMs, toMs], in order of time. */
export async function positionsOf(
  sql: Sql,
  vehicleIds: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<readonly VehiclePosition[]> {
  const rows = await sql.query<PositionRecord>(
    `select ${positionColumns} from vehicle_position p
      where p.vehicle_id = any($1::text[]) and p.at_s >= $2 and p.at_s <= $3 order by p.at_s`,
    [vehicleIds, Math.floor(fromMs / 1000), Math.ceil(toMs / 1000)],
  );
  return rows.map(positionOf);
}

/** Positions of each vehicle from its own instant on, in order of time. */
export async function positionsSince(
  sql: Sql,
  asked: readonly { readonly vehicleId: string; readonly fromMs: number }[],
): Promise<readonly VehiclePosition[]> {
  if (asked.length === 0) return [];
  const seconds = asked.map(({ fromMs }) => Math.ceil(fromMs / 1000));
  const rows = await sql.query<PositionRecord>(
    // The least of all instants keeps partitions of days gone by out.
    `select ${positionColumns}
       from unnest($1::text[], $2::int[]) w(vehicle_id, from_s)
       join vehicle_position p on p.vehicle_id = w.vehicle_id and p.at_s >= w.from_s and p.at_s >= $3
      order by p.at_s`,
    [asked.map(({ vehicleId }) => vehicleId), seconds, Math.min(...seconds)],
  );
  return rows.map(positionOf);
}

export interface Sighting {
  readonly vehicleId: string;
  readonly atMs: number;
  readonly lat: number;
  readonly lon: number;
}

/** Where vehicles were seen in their spans, in order of time. Spans of one vehicle must not overlap. */
export async function sightings(
  sql: Sql,
  spans: readonly { readonly vehicleId: string; readonly fromMs: number; readonly toMs: number }[],
): Promise<readonly Sighting[]> {
  if (spans.length === 0) return [];
  const rows = await sql.query<Omit<Sighting, 'atMs'> & { readonly atS: number }>(
    prepared(`select p.vehicle_id as "vehicleId", p.at_s as "atS", p.lat, p.lon
       from unnest($1::text[], $2::int[], $3::int[]) w(vehicle_id, from_s, to_s)
       join vehicle_position p on p.vehicle_id = w.vehicle_id and p.at_s >= w.from_s and p.at_s <= w.to_s
      order by p.at_s`),
    [
      spans.map(({ vehicleId }) => vehicleId),
      spans.map(({ fromMs }) => Math.floor(fromMs / 1000)),
      spans.map(({ toMs }) => Math.ceil(toMs / 1000)),
    ],
  );
  return rows.map(({ vehicleId, atS, lat, lon }) => ({ vehicleId, atMs: atS * 1000, lat, lon }));
}
