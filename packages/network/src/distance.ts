// Distances on the ground, good to about half a per cent: enough for walks between stops.

export type Point = { readonly lat: number; readonly lon: number };

/** Mean radius of the Earth in metres (IUGG). */
const EARTH_RADIUS_M = 6_371_008.8;

/** Great-circle distance in metres between two WGS 84 points (haversine). */
export function distanceM(a: Point, b: Point): number {
  const toRadians = Math.PI / 180;
  const sinLat = Math.sin(((b.lat - a.lat) * toRadians) / 2);
  const sinLon = Math.sin(((b.lon - a.lon) * toRadians) / 2);
  const h = sinLat * sinLat + Math.cos(a.lat * toRadians) * Math.cos(b.lat * toRadians) * sinLon * sinLon;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}
