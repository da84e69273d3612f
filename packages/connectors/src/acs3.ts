// Checks a signature ACS3-HMAC-SHA256, as the development sink and the tests do in the provider's place. Written from
// "V3 request structure and signature" (help.aliyun.com document_detail/315526), independent of the SDK.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import type { SignedRequest } from './tc3.ts';

/** Requests older or newer than this are refused, as the provider does. */
const MAX_SKEW_MS = 15 * 60_000;

export type Acs3Fault =
  | 'IncompleteSignature'
  | 'InvalidAccessKeyId.NotFound'
  | 'InvalidTimeStamp.Expired'
  | 'SignatureDoesNotMatch';

const AUTHORIZATION = /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([\w;-]+),Signature=([0-9a-f]{64})$/;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** RFC 3986: letters, digits and -_.~ stay; a space is %20. */
function percent(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function canonicalQuery(query: string): string {
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => [percent(name), percent(value)] as const);
  return pairs
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Whether every header that must be signed is. */
function signsEnough(names: readonly string[], request: SignedRequest): boolean {
  const must = Object.keys(request.headers).filter(
    (name) => name === 'host' || name === 'content-type' || name.startsWith('x-acs-'),
  );
  return must.every((name) => names.includes(name));
}

/** `secretOf` gives the secret of an access key, or undefined. Undefined when the signature holds. */
export function acs3Fault(
  request: SignedRequest,
  secretOf: (accessKeyId: string) => string | undefined,
  nowMs: number,
): Acs3Fault | undefined {
  const [, accessKeyId = '', signedHeaders = '', signature = ''] =
    AUTHORIZATION.exec(request.headers['authorization'] ?? '') ?? [];
  if (signature === '' || !signsEnough(signedHeaders.split(';'), request)) return 'IncompleteSignature';
  const secret = secretOf(accessKeyId);
  if (secret === undefined) return 'InvalidAccessKeyId.NotFound';
  const atMs = Date.parse(request.headers['x-acs-date'] ?? '');
  if (!(Math.abs(nowMs - atMs) <= MAX_SKEW_MS)) return 'InvalidTimeStamp.Expired';
  const payload = sha256(request.body);
  if (payload !== request.headers['x-acs-content-sha256']) return 'SignatureDoesNotMatch';

  const names = signedHeaders.split(';');
  const headers = names.map((name) => `${name}:${(request.headers[name] ?? '').trim()}\n`).join('');
  const canonical = [request.method, request.path, canonicalQuery(request.query), headers, signedHeaders, payload];
  const toSign = `ACS3-HMAC-SHA256\n${sha256(canonical.join('\n'))}`;
  const expected = createHmac('sha256', secret).update(toSign).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch';
}
