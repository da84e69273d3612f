// Places in the count, as the staff page shows them.
import type { LiveRide } from '@tongche/contract';

/** Position of each shown registration in the count: the newest stands for the heads up to it. */
export function positions(heads: number, rides: readonly LiveRide[]): readonly number[] {
  let next = heads;
  return rides.map((ride) => {
    const position = next;
    if (!ride.undone) next -= ride.heads;
    return position;
  });
}
