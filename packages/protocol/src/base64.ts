// Base64 and base64url (RFC 4648), canonical forms only: a text that would not be written again the same way is refused.
import type { Bytes } from './bytes.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';

const COMMON = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const URL_ALPHABET = `${COMMON}-_`;
const STANDARD_ALPHABET = `${COMMON}+/`;

/** Unpadded base64url (RFC 4648 section 5): how bytes stand in URLs and JSON. */
export function toBase64Url(data: Uint8Array): string {
  return encode(data, URL_ALPHABET);
}

/** Padded base64 (RFC 4648 section 4): how bytes stand in checkpoints. */
export function toBase64(data: Uint8Array): string {
  const text = encode(data, STANDARD_ALPHABET);
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

export function fromBase64Url(text: string): Result<Bytes, 'bad-base64'> {
  return decode(text, URL_ALPHABET);
}

export function fromBase64(text: string): Result<Bytes, 'bad-base64'> {
  if (text.length % 4 !== 0) return err('bad-base64');
  return decode(text.replace(/={1,2}$/, ''), STANDARD_ALPHABET);
}

function encode(data: Uint8Array, alphabet: string): string {
  let out = '';
  for (let i = 0; i < data.length; i += 3) {
    const left = data.length - i;
    const group = ((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0);
    out += alphabet.charAt(group >> 18) + alphabet.charAt((group >> 12) & 63);
    if (left > 1) out += alphabet.charAt((group >> 6) & 63);
    if (left > 2) out += alphabet.charAt(group & 63);
  }
  return out;
}

function valueOf(code: number, alphabet: string): number {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === alphabet.charCodeAt(62)) return 62;
  if (code === alphabet.charCodeAt(63)) return 63;
  return -1;
}

function decode(text: string, alphabet: string): Result<Bytes, 'bad-base64'> {
  if (text.length % 4 === 1) return err('bad-base64');
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (let i = 0; i < text.length; i += 1) {
    const value = valueOf(text.charCodeAt(i), alphabet);
    if (value < 0) return err('bad-base64');
    bits = ((bits << 6) | value) & 0xffff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      out[at] = (bits >> bitCount) & 0xff;
      at += 1;
    }
  }
  // Bits left over must be zero, else two texts would mean the same bytes.
  if ((bits & ((1 << bitCount) - 1)) !== 0) return err('bad-base64');
  return ok(out);
}
