// Which day a process may believe before it destroys anything by the calendar. A wall clock can be wrong by years (a dead
// battery, a slip of a hand, a time server gone mad), and what a daily roll destroys does not come back. See
// docs/decisions/0019-clocks-that-jump.md.
import { Type } from 'typebox';

export interface LeapRules {
  /** Days the calendar may be ahead of the last one known and still be believed at once: nights missed. */
  readonly days: number;
  /** A calendar further ahead is believed when this much time has passed on the steady clock. */
  readonly holdMs: number;
}

/** A leap that is not believed yet. To be kept where it outlives the process. */
export interface Leap {
  /** What the calendar showed at the last look. */
  readonly day: number;
  /** Time that has passed on the steady clock since the leap was first seen, while a process ran. */
  readonly waitedMs: number;
}

export interface Calendar {
  /** What the wall clock says. */
  readonly today: number;
  /** The last day known for certain: of the last roll, or one that somebody with a clock of their own vouches for. */
  readonly knownDay: number | undefined;
  /** As it was kept. */
  readonly leap: Leap | undefined;
  /** On the steady clock since the calendar was last looked at by this process; 0 at its start. */
  readonly passedMs: number;
}

/** Whether the calendar is believed; if not, what is to be kept until the next look. */
export type Belief = { readonly isBelieved: true } | { readonly isBelieved: false; readonly leap: Leap };

export function believe({ today, knownDay, leap, passedMs }: Calendar, { days, holdMs }: LeapRules): Belief {
  if (knownDay === undefined || today <= knownDay + days) return { isBelieved: true };
  // Days go on while a leap waits; another leap, or one taken back in part, begins anew.
  const isSame = leap !== undefined && today >= leap.day && today <= leap.day + days;
  const waitedMs = isSame ? leap.waitedMs + passedMs : 0;
  return waitedMs >= holdMs ? { isBelieved: true } : { isBelieved: false, leap: { day: today, waitedMs } };
}

/** Schema of LeapRules, for configurations. */
export const LeapConfig = Type.Object({
  /** Two nights missed happen; a wrong clock then destroys two days early at most. */
  days: Type.Integer({ minimum: 1, maximum: 7, default: 2 }),
  /** Long enough for a person to be woken and to set the clock right; short beside four weeks. */
  holdMs: Type.Integer({ minimum: 0, maximum: 7 * 86_400_000, default: 6 * 3_600_000 }),
});
