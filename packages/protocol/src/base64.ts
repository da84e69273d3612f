// Base64 and base64url (RFC 4648), canonical forms only: a text that would not be written again the same way is refused.
import type { Bytes } from './bytes.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';

const COMMON = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const URL_ALPHABET = `${COMMON}-_`;
const STANDARD_ALPHABET = `${COMMON}+/`;
const BAD = 255;
const URL_VALUES = valuesOf(URL_ALPHABET);
const STANDARD_VALUES = valuesOf(STANDARD_ALPHABET);

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
  return decode(text, URL_VALUES);
}

export function fromBase64(text: string): Result<Bytes, 'bad-base64'> {
  if (text.length % 4 !== 0) return err('bad-base64');
  return decode(text.replace(/={1,2}$/, ''), STANDARD_VALUES);
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

/** Value of each ASCII character; 255 marks those outside the alphabet. */
function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(BAD);
  for (let value = 0; value < alphabet.length; value += 1) values[alphabet.charCodeAt(value)] = value;
  return values;
}

function valueAt(text: string, i: number, values: Uint8Array): number {
  return values[text.charCodeAt(i)] ?? BAD;
}

function decode(text: string, values: Uint8Array): Result<Bytes, 'bad-base64'> {
  const { length } = text;
  if (length % 4 === 1) return err('bad-base64');
  const out = new Uint8Array(Math.floor((length * 3) / 4));
  const whole = length - (length % 4);
  let at = 0;
  // Every ride passes here: values outside the alphabet are gathered, and looked for once at the end.
  let seen = 0;
  for (let i = 0; i < whole; i += 4) {
    const a = valueAt(text, i, values);
    const b = valueAt(text, i + 1, values);
    const c = valueAt(text, i + 2, values);
    const d = valueAt(text, i + 3, values);
    seen |= a | b | c | d;
    out[at] = (a << 2) | (b >> 4);
    out[at + 1] = (b << 4) | (c >> 2);
    out[at + 2] = (c << 6) | d;
    at += 3;
  }
  if (whole < length) {
    const a = valueAt(text, whole, values);
    const b = valueAt(text, whole + 1, values);
    const c = whole + 2 < length ? valueAt(text, whole + 2, values) : 0;
    seen |= a | b | c;
    out[at] = (a << 2) | (b >> 4);
    if (at + 1 < out.length) out[at + 1] = (b << 4) | (c >> 2);
    // Bits left over must be zero, else two texts would mean the same bytes.
    if ((at + 1 < out.length ? c & 3 : b & 15) !== 0) return err('bad-base64');
  }
  return seen === (seen & 63) ? ok(out) : err('bad-base64');
}
