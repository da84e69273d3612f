// Bits of `ride.flags`: what the platform noticed when a ride arrived. Rides are flagged and kept, never refused for it.
import type { RideReceipt, RunBasis } from '@tongche/contract';

export const LATE = 1;
export const REUSE = 2;
export const IMPLAUSIBLE = 4;
export const CREW = 8;
export const ASSISTED = 16;
/** The code was stuck to nothing at that minute. */
export const UNBOUND = 32;
/** The unit had left the fleet. */
export const GONE = 64;

/** Three bits say how the run was known at arrival: 1 the best, 6 the weakest, 0 for rides from before this was kept. */
const basisShift = 8;
const basisBits = 7;
const bases: readonly RunBasis[] = ['corrected', 'dispatch', 'trip', 'positions', 'schedule', 'usual'];

export function basisFlags(basis: RunBasis): number {
  return (bases.indexOf(basis) + 1) << basisShift;
}

/** Undefined for rides from before it was kept. */
export function basisOfFlags(flags: number): RunBasis | undefined {
  return bases[((flags >> basisShift) & basisBits) - 1];
}

const shown = [
  [LATE, 'late'],
  [REUSE, 'reuse'],
  [IMPLAUSIBLE, 'implausible'],
  [UNBOUND, 'unbound'],
  [GONE, 'gone'],
] as const;

/** Those a phone is told about. */
export function shownFlags(flags: number): RideReceipt['flags'] {
  return shown.flatMap(([bit, word]) => ((flags & bit) === 0 ? [] : [word]));
}
