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

/** Rises evenly to the usual day and falls evenly behind it; 0 outside. */
function triangle(days: number, { minDays, usualDays, maxDays }: Incubation): number {
  if (days < minDays || days > maxDays) return 0;
  if (days <= usualDays) return (days - minDays + 1) / (usualDays - minDays + 1);
  return (maxDays - days + 1) / (maxDays - usualDays + 1);
}

/**
 * Share of one case's exposure that falls on `day`, by the incubation period alone: sums to 1 over all days. An onset
 * known to several days is each of them with equal weight.
 */
export function exposureWeight(day: number, onset: DayRange, incubation: Incubation): number {
  let total = 0;
  for (let days = incubation.minDays; days <= incubation.maxDays; days += 1) total += triangle(days, incubation);
  let sum = 0;
  for (let at = onset.lo; at <= onset.hi; at += 1) sum += triangle(at - day, incubation);
  return sum / total / (onset.hi - onset.lo + 1);
}
