// Headers that go on every answer, whatever its status: security headers and, where asked for, CORS.
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface Cors {
  /** Exact origins, or '*' for public, cookie-less interfaces. */
  readonly origins: readonly string[] | '*';
  /** Path prefixes it holds for; every path when absent. */
  readonly paths?: readonly string[];
  /** Cookies and other credentials; not together with '*'. */
  readonly credentials?: boolean;
  /** Request headers pages may send beside Content-Type. */
  readonly headers?: readonly string[];
}

/** Nothing may load, frame or submit: right for JSON. Pages bring their own policy. */
export const defaultCsp = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** How long a browser may keep a preflight answer. Ten minutes: long enough for a ride, short for a change. */
const preflightMaxAgeS = 600;

export function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function corsApplies(cors: Cors, path: string): boolean {
  return cors.paths === undefined || cors.paths.some((prefix) => path.startsWith(prefix));
}

export type Header = readonly [name: string, value: string];

// A page of another origin has to read these to wait and to match clocks.
const exposed: Header = ['access-control-expose-headers', 'retry-after, date, x-request-id'];
const everybody: readonly Header[] = [['access-control-allow-origin', '*'], exposed];
const strangers: readonly Header[] = [['vary', 'origin']];

/** What an answer to a page of `origin` says beside its own headers. */
export function corsHeaders(cors: Cors, path: string, origin: string | undefined): readonly Header[] {
  if (!corsApplies(cors, path)) return [];
  if (cors.origins === '*') return everybody;
  if (origin === undefined || !cors.origins.includes(origin)) return strangers;
  const credentials: readonly Header[] =
    cors.credentials === true ? [['access-control-allow-credentials', 'true']] : [];
  return [...strangers, ['access-control-allow-origin', origin], ...credentials, exposed];
}

/** Sets CORS headers; returns true when the request was a preflight and only needs its empty answer. */
export function applyCors(cors: Cors, request: FastifyRequest, reply: FastifyReply): boolean {
  const headers = corsHeaders(cors, pathOf(request), request.headers.origin);
  for (const [name, value] of headers) void reply.header(name, value);
  const isPreflight = request.method === 'OPTIONS' && 'access-control-request-method' in request.headers;
  if (!isPreflight || !headers.includes(exposed)) return false;
  void reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
  void reply.header('access-control-allow-headers', ['content-type', ...(cors.headers ?? [])].join(', '));
  void reply.header('access-control-max-age', preflightMaxAgeS);
  return true;
}

/** Security headers of every answer that does not set its own. */
export function securityHeaders(csp: string): readonly Header[] {
  return [
    ['content-security-policy', csp],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['permissions-policy', 'interest-cohort=(), browsing-topics=()'],
    ['cache-control', 'no-store'],
  ];
}

/** Fills in the security headers a handler has not set itself. */
export function applySecurity(reply: FastifyReply, headers: readonly Header[]): void {
  for (const [name, value] of headers) if (!reply.hasHeader(name)) void reply.header(name, value);
}
