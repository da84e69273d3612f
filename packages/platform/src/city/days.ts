// Which days' runs stand in the database.
import { dayOf } from '@tongche/protocol';

/** Yesterday's night runs are still under way; tomorrow's are ready when the roll is late. */
export const DAYS_BEHIND = 1;
export const DAYS_AHEAD = 2;

export function daysAround(nowMs: number, zone: string): readonly number[] {
  const today = dayOf(nowMs, zone);
  return Array.from({ length: DAYS_BEHIND + DAYS_AHEAD + 1 }, (_, at) => today - DAYS_BEHIND + at);
}
