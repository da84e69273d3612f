// Draws that belong to a thing, not to a sequence: the same seed, purpose and thing always give the same number, so a change
// of one parameter leaves every other draw as it was, and two compliances are compared on the same luck.

/** Uniform in [0, 1). */
export function noise(seed: number, purpose: number, thing: number, more = 0): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(purpose + 0x7f4a7c15, 0xc2b2ae35);
  h = mixed(h ^ Math.imul(thing + 1, 0x27d4eb2f));
  h = mixed(h ^ Math.imul(more + 1, 0x165667b1));
  return (h >>> 0) / 2 ** 32;
}

function mixed(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export function normalNoise(seed: number, purpose: number, thing: number, more = 0): number {
  const one = 1 - noise(seed, purpose, thing, 2 * more);
  const two = noise(seed, purpose, thing, 2 * more + 1);
  return Math.sqrt(-2 * Math.log(one)) * Math.cos(2 * Math.PI * two);
}

export function exponentialNoise(mean: number, seed: number, purpose: number, thing: number): number {
  return -mean * Math.log(1 - noise(seed, purpose, thing));
}
