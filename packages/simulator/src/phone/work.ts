// The small proof of work a registrar may ask for: a nonce whose digest with the salt begins with zero bits.
import { createHash } from 'node:crypto';

/** Far more tries than any allowed difficulty needs. */
const maxNonces = 2 ** 28;

function leadingZeroBits(digest: Uint8Array): number {
  let bits = 0;
  for (const byte of digest) {
    if (byte === 0) {
      bits += 8;
      continue;
    }
    return bits + Math.clz32(byte) - 24;
  }
  return bits;
}

export function solveWork(salt: string, bits: number): string {
  for (let nonce = 0; nonce < maxNonces; nonce += 1) {
    const text = nonce.toString(36);
    if (leadingZeroBits(createHash('sha256').update(`${salt}.${text}`).digest()) >= bits) return text;
  }
  throw new Error('no proof of work found');
}
