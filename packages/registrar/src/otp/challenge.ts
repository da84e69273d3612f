// The challenge: everything about an enrolment under way, sealed in the client's own hands. The server keeps none of
// it. Plain: phone8 ‖ id12 ‖ expires6 ‖ consent2 ‖ proof16, proof = HMAC(challenge key, "otp1" ‖ id ‖ code)[0:16].
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '@tongche/runtime';
import { openText, sealText } from '../seal.ts';

const PURPOSE = 'otp-challenge-1';
const ID_BYTES = 12;
const PROOF_BYTES = 16;
const PLAIN_BYTES = 8 + ID_BYTES + 6 + 2 + PROOF_BYTES;

export interface Challenge {
  readonly phone: bigint;
  readonly id: Buffer;
  readonly expiresMs: number;
  readonly consentVersion: number;
  /** Constant time. */
  isCode(code: string): boolean;
}

function proofOf(key: Uint8Array, id: Uint8Array, code: string): Buffer {
  return createHmac('sha256', key).update('otp1').update(id).update(code).digest().subarray(0, PROOF_BYTES);
}

/** Seals a challenge under the challenge key of a day. */
export function makeChallenge(
  key: { readonly day: number; readonly bytes: Uint8Array },
  fields: {
    readonly phone: bigint;
    readonly code: string;
    readonly expiresMs: number;
    readonly consentVersion: number;
  },
  random: Random,
): string {
  const plain = Buffer.alloc(PLAIN_BYTES);
  const id = random(ID_BYTES);
  plain.writeBigUInt64BE(fields.phone, 0);
  plain.set(id, 8);
  plain.writeUIntBE(fields.expiresMs, 8 + ID_BYTES, 6);
  plain.writeUInt16BE(fields.consentVersion, 14 + ID_BYTES);
  plain.set(proofOf(key.bytes, id, fields.code), 16 + ID_BYTES);
  return sealText(key.bytes, PURPOSE, key.day, plain, random);
}

/** Undefined for what we did not seal, or under a key that is gone. */
export function openChallenge(keyOf: (day: number) => Uint8Array | undefined, text: string): Challenge | undefined {
  const opened = openText(keyOf, PURPOSE, text);
  if (opened === undefined || opened.plain.length !== PLAIN_BYTES) return undefined;
  const { plain, label } = opened;
  const id = plain.subarray(8, 8 + ID_BYTES);
  const key = keyOf(label);
  return {
    phone: plain.readBigUInt64BE(0),
    id,
    expiresMs: plain.readUIntBE(8 + ID_BYTES, 6),
    consentVersion: plain.readUInt16BE(14 + ID_BYTES),
    isCode: (code) => key !== undefined && timingSafeEqual(proofOf(key, id, code), plain.subarray(16 + ID_BYTES)),
  };
}
