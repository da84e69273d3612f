// P-256 without a library: is a point on the curve, is a number a scalar, point compression. No secret passes the checks.
import type { Bytes } from './bytes.ts';
import type { RandomBytes } from './suite.ts';

// SEC 2 / FIPS 186-5 secp256r1: y² = x³ - 3x + b over p; order n.
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
export const COMPRESSED_BYTES = 33;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const LIMB_BITS = 64n;

/** 32 big-endian bytes. */
function toNumber(data: Uint8Array): bigint {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let value = 0n;
  for (let at = 0; at < data.length; at += 8) {
    // Two halves: DataView.getBigUint64 is missing on Safari before 15.
    value = (value << LIMB_BITS) | (BigInt(view.getUint32(at)) << 32n) | BigInt(view.getUint32(at + 4));
  }
  return value;
}

/** Whether 65 bytes are an uncompressed point on P-256 (never the point at infinity, which has no such form). */
export function isPoint(point: Uint8Array): boolean {
  if (point.length !== 65 || point[0] !== 4) return false;
  const x = toNumber(point.subarray(1, 33));
  const y = toNumber(point.subarray(33));
  if (x >= P || y >= P) return false;
  return (y * y - (x * x - 3n) * x - B) % P === 0n;
}

export function isScalar(sk: Uint8Array): boolean {
  if (sk.length !== 32) return false;
  const value = toNumber(sk);
  return value > 0n && value < N;
}

/** Tries at a uniform scalar: one fails with probability 2^-32, so a source that fails this often is broken. */
const MAX_SCALAR_TRIES = 8;

export function scalarFrom(randomBytes: RandomBytes): Bytes {
  for (let i = 0; i < MAX_SCALAR_TRIES; i += 1) {
    const sk = randomBytes(32);
    if (isScalar(sk)) return sk;
  }
  throw new Error('the source of randomness is broken');
}

/** 65-byte uncompressed to 33-byte compressed form (SEC 1 section 2.3.3). */
export function compressPoint(point: Bytes): Bytes {
  if (point.length !== 65 || point[0] !== 4) throw new RangeError('not an uncompressed point');
  const out = point.slice(0, COMPRESSED_BYTES);
  out[0] = 2 + ((point[64] ?? 0) & 1);
  return out;
}
