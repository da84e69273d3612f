// Bits of `ride.flags`: what the platform noticed when a ride arrived. Rides are flagged and kept, never refused for it.
import type { RideDoubt, RideReceipt, RunBasis } from '@tongche/contract';

export const LATE = 1;
export const REUSE = 2;
/** Doubtful for whatever reason; the reasons have bits of their own (docs/decisions/0018). */
export const IMPLAUSIBLE = 4;
export const CREW = 8;
export const ASSISTED = 16;
/** The code was stuck to nothing at that minute. */
export const UNBOUND = 32;
/** The unit had left the fleet. */
export const GONE = 64;
/** The vehicle ran nothing within an hour. */
export const OUT_OF_SERVICE = 128;
/** 256, 512 and 1024 say how the run was known, see below. More people in that minute than can have boarded. */
export const CROWDED = 2_048;
/** More people aboard than the unit holds. */
export const OVER_CAPACITY = 4_096;
/** The vehicle was seen far from its way. */
export const FAR_AWAY = 8_192;

const reasons = [
  [OUT_OF_SERVICE, 'out-of-service'],
  [CROWDED, 'crowded-minute'],
  [OVER_CAPACITY, 'over-capacity'],
  [FAR_AWAY, 'far-away'],
  [UNBOUND, 'unbound'],
  [GONE, 'gone'],
] as const satisfies readonly (readonly [number, RideDoubt])[];

/** All bits that say why a ride is doubtful. */
export const REASONS = reasons.reduce((bits, [bit]) => bits | bit, 0);

/** Bits of reasons, with the one that says there are any. */
export function doubtful(bits: number): number {
  return bits === 0 ? 0 : bits | IMPLAUSIBLE;
}

/** In words; none for a ride without doubt. A tag that was used twice is no doubt: both rides may be true. */
export function doubtsOf(flags: number): RideDoubt[] {
  if ((flags & IMPLAUSIBLE) === 0) return [];
  const named = reasons.flatMap(([bit, word]): RideDoubt[] => ((flags & bit) === 0 ? [] : [word]));
  return named.length === 0 ? ['unexplained'] : named;
}

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

export function withoutBasis(flags: number): number {
  return flags & ~(basisBits << basisShift);
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
