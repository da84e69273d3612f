// The random 8-byte code of a sticker and its text in the QR path `/r/<code>`, with the rotating part of a screen.
import { fromBase64Url, toBase64Url } from './base64.ts';
import { concat, equalBytes, u64 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import type { Suite } from './suite.ts';

export const CODE_BYTES = 8;
export const ROTATION_BYTES = 4;
/** A screen's code changes this often. */
export const ROTATION_MS = 30_000;

/** 8 bytes as 11 characters. */
export function encodeCode(code: Bytes): string {
  if (code.length !== CODE_BYTES) throw new RangeError('a code is 8 bytes');
  return toBase64Url(code);
}

/** 11 characters, canonical, to 8 bytes. */
export function decodeCode(text: string): Result<Bytes, 'bad-code'> {
  const bytes = fromBase64Url(text);
  return bytes.ok && bytes.value.length === CODE_BYTES ? bytes : err('bad-code');
}

export interface ScannedCode {
  readonly code: Bytes;
  /** 4 bytes on a screen, absent on a printed sticker. */
  readonly rotation?: Bytes;
}

/** What stands behind `/r/`: a printed code (11 characters) or a screen's code with its rotating part (16 characters). */
export function decodeScannedCode(text: string): Result<ScannedCode, 'bad-code'> {
  const bytes = fromBase64Url(text);
  if (!bytes.ok) return err('bad-code');
  if (bytes.value.length === CODE_BYTES) return ok({ code: bytes.value });
  if (bytes.value.length !== CODE_BYTES + ROTATION_BYTES) return err('bad-code');
  return ok({ code: bytes.value.slice(0, CODE_BYTES), rotation: bytes.value.slice(CODE_BYTES) });
}

/** The 16-character form for a screen. */
export function encodeScreenCode(code: Bytes, rotation: Bytes): string {
  if (code.length !== CODE_BYTES || rotation.length !== ROTATION_BYTES) throw new RangeError('8 and 4 bytes');
  return toBase64Url(concat(code, rotation));
}

async function rotationOfStep(suite: Suite, kScreen: Bytes, step: number): Promise<Bytes> {
  return (await suite.hmac(kScreen, u64(BigInt(step)))).slice(0, ROTATION_BYTES);
}

/** rot4 = HMAC(K_screen, floor(t / 30 s))[0:4]. */
export function rotationAt(suite: Suite, kScreen: Bytes, atMs: number): Promise<Bytes> {
  return rotationOfStep(suite, kScreen, Math.floor(atMs / ROTATION_MS));
}

/** Whether a rotating part is of now, or of one step before or after. */
export async function verifyRotation(suite: Suite, kScreen: Bytes, rotation: Bytes, nowMs: number): Promise<boolean> {
  const now = Math.floor(nowMs / ROTATION_MS);
  let found = false;
  for (const step of [now - 1, now, now + 1]) {
    if (equalBytes(await rotationOfStep(suite, kScreen, step), rotation)) found = true;
  }
  return found;
}
