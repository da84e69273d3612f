// Signed JSON between servers: Ed25519 over the canonical JSON of everything but the signature, fresh and used once.
import { fromBase64Url, toBase64Url } from './base64.ts';
import { utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import type { FullSuite } from './suite.ts';

/** A request older, or further ahead, than this is refused. */
export const MAX_REQUEST_AGE_MS = 5 * 60_000;
const NONCE_BYTES = 16;

export interface RequestEnvelope {
  readonly issuedMs: number;
  /** 16 random bytes in base64url; the receiver remembers it for twice MAX_REQUEST_AGE_MS. */
  readonly nonce: string;
  readonly signature: string;
}

/** Adds a signature to any JSON object. */
export async function signJson<T extends object>(
  suite: FullSuite,
  ed25519Sk: Bytes,
  body: T,
): Promise<T & { readonly signature: string }> {
  const signature = toBase64Url(await suite.signEd25519(ed25519Sk, utf8(canonicalJson(body))));
  return { ...body, signature };
}

/** Whether the signature field of a JSON object is over everything else in it. */
export async function verifyJson(
  suite: FullSuite,
  ed25519Pk: Bytes,
  signed: { readonly signature: string },
): Promise<boolean> {
  const { signature, ...body } = signed;
  const bytes = fromBase64Url(signature);
  return bytes.ok && suite.verifyEd25519(ed25519Pk, utf8(canonicalJson(body)), bytes.value);
}

/** Signs a request with the time of its caller's clock and a nonce of the suite's. */
export function signRequest<T extends object>(
  suite: FullSuite,
  ed25519Sk: Bytes,
  body: T,
  issuedMs: number,
): Promise<T & RequestEnvelope> {
  return signJson(suite, ed25519Sk, { ...body, issuedMs, nonce: toBase64Url(suite.randomBytes(NONCE_BYTES)) });
}

/** Checks freshness and signature. That the nonce is unseen is for the receiver, which alone remembers. */
export async function verifyRequest<T extends RequestEnvelope>(
  suite: FullSuite,
  ed25519Pk: Bytes,
  request: T,
  nowMs: number,
): Promise<Result<T, 'stale-request' | 'bad-signature'>> {
  if (Math.abs(nowMs - request.issuedMs) > MAX_REQUEST_AGE_MS) return err('stale-request');
  return (await verifyJson(suite, ed25519Pk, request)) ? ok(request) : err('bad-signature');
}
