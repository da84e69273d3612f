// Checks a signature TC3-HMAC-SHA256, as the development sink and the tests do in the provider's place. Written from
// "Signature v3" (cloud.tencent.com document/api/382/52072), independent of the SDK.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface SignedRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Signatures older or newer than this are refused, as the provider does. */
const MAX_SKEW_MS = 300_000;

export type SignatureFault = 'SignatureFailure' | 'SecretIdNotFound' | 'SignatureExpire' | 'InvalidAuthorization';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

const AUTHORIZATION =
  /^TC3-HMAC-SHA256 Credential=([^/]+)\/(\d{4}-\d{2}-\d{2})\/(\w+)\/tc3_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/;

/** The header as it takes part in the signature: the host without its port. */
function canonicalHeader(request: SignedRequest, name: string): string {
  const value = (request.headers[name] ?? '').trim().toLowerCase();
  return `${name}:${name === 'host' ? value.replace(/:\d+$/, '') : value}\n`;
}

/** `secretOf` gives the key of an id, or undefined. Undefined when the signature holds. */
export function tc3Fault(
  request: SignedRequest,
  service: string,
  secretOf: (secretId: string) => string | undefined,
  nowMs: number,
): SignatureFault | undefined {
  const [, secretId = '', date = '', scope = '', signedHeaders = '', signature = ''] =
    AUTHORIZATION.exec(request.headers['authorization'] ?? '') ?? [];
  if (signature === '' || scope !== service) return 'InvalidAuthorization';
  const names = signedHeaders.split(';');
  if (!names.includes('content-type') || !names.includes('host')) return 'InvalidAuthorization';
  const secret = secretOf(secretId);
  if (secret === undefined) return 'SecretIdNotFound';
  const timestamp = request.headers['x-tc-timestamp'] ?? '';
  const atMs = Number(timestamp) * 1_000;
  if (!(Math.abs(nowMs - atMs) <= MAX_SKEW_MS)) return 'SignatureExpire';
  if (new Date(atMs).toISOString().slice(0, 10) !== date) return 'SignatureExpire';

  const canonical = [
    request.method,
    request.path,
    request.query,
    names.map((name) => canonicalHeader(request, name)).join(''),
    signedHeaders,
    sha256(request.body),
  ].join('\n');
  const toSign = ['TC3-HMAC-SHA256', timestamp, `${date}/${service}/tc3_request`, sha256(canonical)].join('\n');
  const key = hmac(hmac(hmac(`TC3${secret}`, date), service), 'tc3_request');
  const expected = hmac(key, toSign);
  return timingSafeEqual(expected, Buffer.from(signature, 'hex')) ? undefined : 'SignatureFailure';
}
