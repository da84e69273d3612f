// A generated phone number for each card, such that its masked form (first three and last four digits) is its own: a masked
// list can then be compared with the cards without revealing anybody.

/** Three-digit prefixes of mainland mobiles, 130 to 199. */
const prefixes = Array.from({ length: 70 }, (_, index) => 130 + index);
const perPrefix = 10_000;
/** Steps that visit all values before one comes again (coprime to the modulus), so that neighbours differ. */
const lastStep = 7_919;
const middleStep = 3_571;

export const maxCards = prefixes.length * perPrefix;

/** E.164 digits of the `index`-th card. */
export function numberOf(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index >= maxCards)
    throw new RangeError(`card ${index} is beyond ${maxCards}`);
  const prefix = prefixes[index % prefixes.length] ?? 130;
  const row = Math.floor(index / prefixes.length);
  const last = (row * lastStep) % perPrefix;
  const middle = (index * middleStep) % perPrefix;
  return `86${prefix}${String(middle).padStart(4, '0')}${String(last).padStart(4, '0')}`;
}

/** A simulated address in a network of its own, as phones at home have. */
export function addressOf(index: number): string {
  return `${10 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.7`;
}
