// Bits of `ride.flags`: what the platform noticed when a ride arrived. Rides are flagged and kept, never refused for it.

export const LATE = 1;
export const REUSE = 2;
export const IMPLAUSIBLE = 4;
export const CREW = 8;
export const ASSISTED = 16;

/** Those a phone is told about. */
export function shownFlags(flags: number): ('late' | 'reuse' | 'implausible')[] {
  const shown: ('late' | 'reuse' | 'implausible')[] = [];
  if ((flags & LATE) !== 0) shown.push('late');
  if ((flags & REUSE) !== 0) shown.push('reuse');
  if ((flags & IMPLAUSIBLE) !== 0) shown.push('implausible');
  return shown;
}
