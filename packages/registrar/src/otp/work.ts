// Proof of work: a small price for asking again. Salts are written by us, carry their own end, and count once; the
// key that signs them lives in memory, so a restart only means asking for a new salt.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { fromBase64Url, toBase64Url } from '@tongche/protocol';
import type { Clock, Random } from '@tongche/runtime';
import { MAX_USED_SALTS, WORK_SALT_MS } from '../limits.ts';

export interface WorkAsked {
  readonly salt: string;
  readonly bits: number;
  readonly expiresMs: number;
}

export interface Work {
  ask(): WorkAsked;
  /** Whether the proof is good; its salt is used up then. */
  check(work: { readonly salt: string; readonly nonce: string } | undefined): boolean;
}

const RANDOM_BYTES = 12;
const MAC_BYTES = 12;
const SALT_BYTES = 6 + RANDOM_BYTES + MAC_BYTES;

/** Leading zero bits of SHA-256(`${salt}.${nonce}`). */
export function workBits(salt: string, nonce: string): number {
  const digest = createHash('sha256').update(`${salt}.${nonce}`).digest();
  return Math.clz32(digest.readUInt32BE(0));
}

export function proofOfWork(clock: Pick<Clock, 'now'>, bits: number, random: Random): Work {
  const key = random(32);
  const used = new Set<string>();

  function macOf(body: Uint8Array): Buffer {
    return createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES);
  }

  return {
    ask() {
      const expiresMs = clock.now() + WORK_SALT_MS;
      const body = Buffer.alloc(6 + RANDOM_BYTES);
      body.writeUIntBE(expiresMs, 0, 6);
      body.set(random(RANDOM_BYTES), 6);
      return { salt: toBase64Url(Buffer.concat([body, macOf(body)])), bits, expiresMs };
    },
    check(work) {
      if (work === undefined || used.has(work.salt)) return false;
      const decoded = fromBase64Url(work.salt);
      if (!decoded.ok || decoded.value.length !== SALT_BYTES) return false;
      const salt = Buffer.from(decoded.value);
      const body = salt.subarray(0, 6 + RANDOM_BYTES);
      if (!timingSafeEqual(macOf(body), salt.subarray(body.length))) return false;
      if (salt.readUIntBE(0, 6) <= clock.now() || workBits(work.salt, work.nonce) < bits) return false;
      if (used.size >= MAX_USED_SALTS) used.delete(used.keys().next().value ?? '');
      used.add(work.salt);
      return true;
    },
  };
}
