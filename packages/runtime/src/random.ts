// Randomness as an argument, so that tests can repeat themselves.
import { createHash, randomBytes } from 'node:crypto';

/** Returns `n` fresh random bytes. */
export type Random = (n: number) => Uint8Array;

/** Most bytes asked for at once; nobody here needs more than a few keys. */
const maxBytes = 1 << 20;

function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** The given source, or the system's; refuses lengths that can only be a mistake. */
export function bytesFrom(random?: Random): Random {
  const source: Random = random ?? ((n) => plain(randomBytes(n)));
  return (n) => {
    if (!Number.isInteger(n) || n < 0 || n > maxBytes) throw new RangeError(`${n} random bytes asked for`);
    const bytes = source(n);
    if (bytes.length !== n) throw new Error(`the random source gave ${bytes.length} bytes instead of ${n}`);
    return bytes;
  };
}

/** Repeatable bytes for tests and the demonstration: SHA-256 of seed and counter. Never for keys in production. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return bytesFrom((n) => {
    const bytes = new Uint8Array(n);
    for (let offset = 0; offset < n; offset += 32) {
      const block = createHash('sha256').update(`${seed}\u0000${counter++}`).digest();
      bytes.set(block.subarray(0, Math.min(32, n - offset)), offset);
    }
    return bytes;
  });
}
