// Base64 and base64url (RFC 4648), canonical forms only: a text that would not be written again the same way is refused.
import type { Bytes } from './bytes.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';

const COMMON = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const URL_ALPHABET = `${COMMON}-_`;
const STANDARD_ALPHABET = `${COMMON}+/`;
const URL_VALUES = /* @__PURE__ */ valuesOf(URL_ALPHABET);
const STANDARD_VALUES = /* @__PURE__ */ valuesOf(STANDARD_ALPHABET);

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

/** The value of each ASCII character, 127 outside the alphabet. Looked up: the texts of rides are long, and branches guess badly. */
function valuesOf(alphabet: string): Uint8Array {
  return new Uint8Array(128).map((_, code) => alphabet.indexOf(String.fromCharCode(code)) & 127);
}

function decode(text: string, values: Uint8Array): Result<Bytes, 'bad-base64'> {
  if (text.length % 4 === 1) return err('bad-base64');
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (let i = 0; i < text.length; i += 1) {
    const value = values[text.charCodeAt(i)] ?? 127;
    if (value > 63) return err('bad-base64');
    bits = (bits << 6) | value;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      out[at] = bits >> bitCount;
      at += 1;
    }
  }
  // Bits left over must be zero, else two texts would mean the same bytes.
  if ((bits & ((1 << bitCount) - 1)) !== 0) return err('bad-base64');
  return ok(out);
}
