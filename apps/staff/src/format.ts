// Places in the count, as the staff page shows them.
import type { LiveRide } from '@tongche/contract';

/**
 * Position of each shown registration in the count: the newest stands for the heads up to it. Undefined for those the count
 * has no room for: they are of before this trip.
 */
export function positions(heads: number, rides: readonly LiveRide[]): readonly (number | undefined)[] {
  let next = heads;
  return rides.map((ride) => {
    const position = next;
    if (!ride.undone) next -= ride.heads;
    return next < 0 ? undefined : position;
  });
}
