// From onset back to exposure: days between them, as the policy's sources give them.
import type { DayRange } from './types.ts';

/** Days from exposure to onset. `usualDays` is where they cluster, between the two. */
export interface Incubation {
  readonly minDays: number;
  readonly maxDays: number;
  readonly usualDays: number;
}

/** Throws a RangeError where the days are not in order. */
export function checkIncubation({ minDays, usualDays, maxDays }: Incubation): void {
  const whole = [minDays, usualDays, maxDays].every((days) => Number.isInteger(days) && days >= 0);
  if (!whole || minDays > usualDays || usualDays > maxDays)
    throw new RangeError(`incubation of ${minDays}, ${usualDays}, ${maxDays} days is not in order`);
}

/** Days on which somebody with this onset can have been infected. */
export function exposureDays(onset: DayRange, { minDays, maxDays }: Incubation): DayRange {
  return { lo: onset.lo - maxDays, hi: onset.hi - minDays };
}
