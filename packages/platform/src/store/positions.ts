// Thinned positions of vehicles, kept for some days. By vehicle and second (the primary key).
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

/** Positions of these vehicles in [fromMs, toMs], in order of time. */
export async function positionsOf(
  sql: Sql,
  vehicleIds: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<readonly VehiclePosition[]> {
  const rows = await sql.query<{
    vehicleId: string;
    atS: number;
    lat: number;
    lon: number;
    tripId: string | null;
    routeId: string | null;
  }>(
    `select vehicle_id as "vehicleId", at_s as "atS", lat, lon, trip_id as "tripId", route_id as "routeId"
       from vehicle_position where vehicle_id = any($1::text[]) and at_s >= $2 and at_s <= $3 order by at_s`,
    [vehicleIds, Math.floor(fromMs / 1000), Math.ceil(toMs / 1000)],
  );
  return rows.map(({ vehicleId, atS, lat, lon, tripId, routeId }) => {
    const named = { ...(tripId === null ? {} : { tripId }), ...(routeId === null ? {} : { routeId }) };
    return { vehicleId, atMs: atS * 1000, lat, lon, ...named };
  });
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
    `select p.vehicle_id as "vehicleId", p.at_s as "atS", p.lat, p.lon
       from unnest($1::text[], $2::int[], $3::int[]) w(vehicle_id, from_s, to_s)
       join vehicle_position p on p.vehicle_id = w.vehicle_id and p.at_s >= w.from_s and p.at_s <= w.to_s
      order by p.at_s`,
    [
      spans.map(({ vehicleId }) => vehicleId),
      spans.map(({ fromMs }) => Math.floor(fromMs / 1000)),
      spans.map(({ toMs }) => Math.ceil(toMs / 1000)),
    ],
  );
  return rows.map(({ vehicleId, atS, lat, lon }) => ({ vehicleId, atMs: atS * 1000, lat, lon }));
}
