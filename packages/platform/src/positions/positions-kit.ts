// For tests: positions of a city's vehicles, sent the way the vehicles' own system sends them.
import assert from 'node:assert/strict';
import type { VehiclePosition } from '@tongche/network';
import { positionsCsv } from '@tongche/network/import';

export const positionsToken = 'a-token-of-the-vehicles-own-system';

/** One kilometre to the east, in degrees, where the tests' city lies. */
const eastKmDegrees = 1 / 102.7;

/** Says that a vehicle was so far east of every line at each of these moments. */
export async function reportEast(
  platformUrl: string,
  plate: string,
  eastKm: number,
  momentsMs: readonly number[],
): Promise<void> {
  const positions = momentsMs.map((atMs): VehiclePosition => ({
    vehicleId: plate,
    atMs,
    lat: 22.51,
    lon: 114 + eastKm * eastKmDegrees,
  }));
  const response = await fetch(`${platformUrl}/operator/api/positions`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', authorization: `Bearer ${positionsToken}` },
    body: positionsCsv(positions),
  });
  assert.equal(response.status, 200);
}
