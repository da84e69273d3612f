// How often a suggestion is right: that somebody rode and did not register, against having done without the ride.
import type { Habit } from './habits.ts';

/** How often somebody who registers all they ride would leave a gap seen from both sides: they went by other means. Ours. */
export const OTHER_MEANS = 0.02;
/** Before anything is known of a habit it is taken to be kept on so many of its days, as if seen on so many. */
const USUAL_HABIT = { kept: 0.8, days: 4 } as const;
const USUAL_REGISTRATION = 0.85;
/** The registration rate given weighs as much as so many rides of the case's own. */
const RATE_WEIGHT = 10;

/** Of `rides` that belong together none was registered; `others` is how often they were done without, as odds. */
export function unregistered(rate: number, rides: number, others: number): number {
  const missed = (1 - rate) ** rides;
  return missed / (missed + others);
}

/** Odds of a day without it: of `days`, those of its sort on which anything is registered. */
export function oddsWithout(habit: Habit, days: number, rate: number): number {
  const kept = (habit.days.length / rate + USUAL_HABIT.kept * USUAL_HABIT.days) / (days + USUAL_HABIT.days);
  return Math.max(1 / Math.min(kept, 1) - 1, OTHER_MEANS);
}

/** The registration rate of the case's own rides, as far as their missing halves tell, drawn to the usual one. */
export function ownRate(usual: number | undefined, registered: number, missing: number): number {
  const held = Math.min(Math.max(usual ?? USUAL_REGISTRATION, 0.01), 0.99);
  return (registered + held * RATE_WEIGHT) / (registered + missing + RATE_WEIGHT);
}
