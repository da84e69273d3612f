// Erasing: the row and its notes go, counters and the driver's screen follow. Undo and relayed erasures share this.
import type { Database } from '@tongche/postgres';
import type { CityHolder } from '../city/city.ts';
import type { VehicleDays } from '../city/vehicle-days.ts';
import { deleteNotes } from '../store/notes.ts';
import { boardedMsOfUuid, eraseRides } from '../store/rides.ts';
import type { ErasedRide } from '../store/rides.ts';
import { CREW } from './flags.ts';
import { unitOfCode } from './unit-of.ts';

/** What somebody who shows the erase key may delete: rides of a tag, arrived at or after a second. */
export interface Erasure {
  readonly day: number;
  /** uuid text. */
  readonly tag: string;
  /** SHA-256(eraseK)[0:16], uuid text. */
  readonly eraseC: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly receivedFromS: number;
}

export interface EraserOptions {
  readonly db: Database;
  readonly city: CityHolder;
  readonly days: VehicleDays;
  onErased(unitId: string, rideKey: string): void;
}

/** What a driver’s screen knows a ride by. */
export function rideKey(codeId: number, rideIdText: string): string {
  return `${codeId}|${rideIdText}`;
}

/** Returns how many rides were deleted; erasing what is not there is no error. */
export function eraser(options: EraserOptions): (erasure: Erasure) => Promise<number> {
  const { db, city, days } = options;

  function uncount(ride: ErasedRide): void {
    const code = city.current.codeById(ride.codeId);
    const boardedMs = boardedMsOfUuid(ride.rideId);
    if (code === undefined) return;
    const { unit } = unitOfCode(city.current, code, boardedMs);
    options.onErased(unit.unitId, rideKey(ride.codeId, ride.rideId));
    if ((ride.flags & CREW) !== 0) return;
    days.uncount(unit, boardedMs, 1 + ((ride.w2 >> 11) & 7));
  }

  return async (erasure) => {
    const erased = await db.tx('erase', async (tx) => {
      const rides = await eraseRides(tx, erasure);
      if (rides.length > 0) await deleteNotes(tx, erasure.day, erasure.tag);
      return rides;
    });
    for (const ride of erased) uncount(ride);
    return erased.length;
  };
}
