// Byte strings: joining, comparing, big-endian numbers, hex and strict UTF-8, in plain ECMAScript (mini-programs have no TextEncoder).
import { err, ok } from './result.ts';
import type { Result } from './result.ts';

/** Bytes over a plain ArrayBuffer, so that WebCrypto, fetch and node:crypto all take them without a copy. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Up to here a loop copies faster than `set`, whose call costs more than the copying. */
const SHORT_BYTES = 32;

export function concat(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    if (part.length > SHORT_BYTES) out.set(part, at);
    else for (let i = 0; i < part.length; i += 1) out[at + i] = part[i] ?? 0;
    at += part.length;
  }
  return out;
}

/** A copy on its own ArrayBuffer: what noble and node:crypto hand back becomes plain Bytes. */
export function toBytes(data: ArrayLike<number>): Bytes {
  return new Uint8Array(data);
}

/** Compares every byte whatever the difference, so that the time taken says nothing about where two secrets differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

export function isZero(data: Uint8Array): boolean {
  return data.every((byte) => byte === 0);
}

export function u8(value: number): Bytes {
  return Uint8Array.of(checkedInteger(value, 0xff));
}

export function u16(value: number): Bytes {
  return Uint8Array.of(checkedInteger(value, 0xffff) >> 8, value);
}

function checkedInteger(value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`not an integer of 0..${max}`);
  return value;
}

export const U64_MAX = 0xffff_ffff_ffff_ffffn;

export function u64(value: bigint): Bytes {
  if (value < 0n || value > U64_MAX) throw new RangeError('not an unsigned 64-bit integer');
  const out = new Uint8Array(8);
  const view = new DataView(out.buffer);
  // Two halves: DataView.setBigUint64 is missing on Safari before 15.
  view.setUint32(0, Number(value >> 32n));
  view.setUint32(4, Number(value & 0xffff_ffffn));
  return out;
}

export function readU16(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}

export function readU64(data: Uint8Array, at: number): bigint {
  const view = new DataView(data.buffer, data.byteOffset + at, 8);
  return (BigInt(view.getUint32(0)) << 32n) | BigInt(view.getUint32(4));
}

const HEX = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(data: Uint8Array): string {
  let out = '';
  for (let i = 0; i < data.length; i += 1) out += HEX[data[i] ?? 0] ?? '';
  return out;
}

export function fromHex(text: string): Result<Bytes, 'bad-hex'> {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return err('bad-hex');
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i += 1) out[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return ok(out);
}

/** UTF-8 of a text; a lone surrogate becomes U+FFFD, as TextEncoder does. */
export function utf8(text: string): Bytes {
  // No unit of a text takes more than three bytes: a pair of surrogates takes four.
  const out = new Uint8Array(3 * text.length);
  let at = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) out[at++] = unit;
    else {
      let point = text.codePointAt(i) ?? 0;
      if (point > 0xffff) i += 1;
      else if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
      if (point < 0x800) out[at++] = 0xc0 | (point >> 6);
      else {
        if (point < 0x10000) out[at++] = 0xe0 | (point >> 12);
        else {
          out[at++] = 0xf0 | (point >> 18);
          out[at++] = 0x80 | ((point >> 12) & 0x3f);
        }
        out[at++] = 0x80 | ((point >> 6) & 0x3f);
      }
      out[at++] = 0x80 | (point & 0x3f);
    }
  }
  return out.slice(0, at);
}

/** The text of UTF-8 bytes; overlong forms, surrogates and cut sequences are refused (decodeURIComponent is strict). */
export function fromUtf8(data: Uint8Array): Result<string, 'bad-utf8'> {
  let escaped = '';
  for (const byte of data) escaped += `%${byte.toString(16).padStart(2, '0')}`;
  try {
    return ok(decodeURIComponent(escaped));
  } catch {
    return err('bad-utf8');
  }
}

/** The longest prefix of a text that fits into maxBytes of UTF-8, cut between code points. */
export function cutUtf8(text: string, maxBytes: number): string {
  let out = '';
  let length = 0;
  for (const character of text) {
    length += utf8(character).length;
    if (length > maxBytes) break;
    out += character;
  }
  return out;
}
