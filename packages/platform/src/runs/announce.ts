// Tells whoever keeps something in memory that runs of vehicles are known otherwise now: counters and drivers' screens.
import type { Platform } from '../platform.ts';

export async function announce(
  { days, shifts, live, city }: Pick<Platform, 'days' | 'shifts' | 'live' | 'city'>,
  vehicleIds: ReadonlySet<string>,
): Promise<void> {
  await days.refresh(vehicleIds);
  for (const shift of shifts.all()) {
    const vehicleId = city.current.unit(shift.unitId)?.vehicleId;
    if (vehicleId !== undefined && vehicleIds.has(vehicleId)) live.trip(shift.shiftId);
  }
}
