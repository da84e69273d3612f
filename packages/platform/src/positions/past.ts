// Positions of days gone by, out of a file: matched vehicle by vehicle and day by day, without anything in memory, so that
// an import's own thread can do it.
import type { VehiclePosition } from '@tongche/network';
import { dayOf } from '@tongche/protocol';
import type { Sql } from '../store/sql.ts';
import { vehicleFinder } from './identity.ts';
import { matchTracks } from './match.ts';
import type { MatchWorld, Track } from './match.ts';

export interface PastTaken {
  readonly positions: number;
  /** Of vehicles we do not know, or of times after now or before `oldestMs`. */
  readonly leftOut: number;
  /** Vehicles whose runs are known otherwise now: the process that counts rides must read them again. */
  readonly vehicleIds: readonly string[];
  readonly relabelled: number;
}

/** Vehicle-days looked at together: their candidate runs are read at once. */
const chunkTracks = 50;

/** Within the caller's transaction. `oldestMs`: rides before it are gone, and so are the runs. */
export async function applyPositions(
  tx: Sql,
  world: MatchWorld & { readonly oldestMs: number },
  rows: readonly VehiclePosition[],
): Promise<PastTaken> {
  const find = vehicleFinder(world.city);
  const tracks = new Map<string, { vehicleId: string; day: number; positions: VehiclePosition[] }>();
  let positions = 0;
  for (const row of rows) {
    const vehicleId = find(row);
    if (vehicleId === undefined || row.atMs < world.oldestMs || row.atMs > world.nowMs) continue;
    positions += 1;
    const day = dayOf(row.atMs, world.zone);
    const known = tracks.get(`${day}|${vehicleId}`);
    if (known === undefined) tracks.set(`${day}|${vehicleId}`, { vehicleId, day, positions: [{ ...row, vehicleId }] });
    else known.positions.push({ ...row, vehicleId });
  }
  // Those of one day together: their candidate runs are the same.
  const list: (Track & { day: number })[] = [...tracks.values()].sort((a, b) => a.day - b.day);
  for (const track of tracks.values()) track.positions.sort((a, b) => a.atMs - b.atMs);
  const vehicleIds = new Set<string>();
  let relabelled = 0;
  for (let at = 0; at < list.length; at += chunkTracks) {
    const found = await matchTracks(tx, world, list.slice(at, at + chunkTracks));
    for (const vehicleId of found.changed) vehicleIds.add(vehicleId);
    for (const { vehicleId } of found.extended) vehicleIds.add(vehicleId);
    relabelled += found.relabelled;
  }
  return { positions, leftOut: rows.length - positions, vehicleIds: [...vehicleIds], relabelled };
}
