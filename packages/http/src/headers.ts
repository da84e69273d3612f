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

/** Sets CORS headers; returns true when the request was a preflight and only needs its empty answer. */
export function applyCors(cors: Cors, request: FastifyRequest, reply: FastifyReply): boolean {
  if (!corsApplies(cors, pathOf(request))) return false;
  const { origin } = request.headers;
  if (cors.origins === '*') {
    void reply.header('access-control-allow-origin', '*');
  } else {
    void reply.header('vary', 'origin');
    if (origin === undefined || !cors.origins.includes(origin)) return false;
    void reply.header('access-control-allow-origin', origin);
    if (cors.credentials === true) void reply.header('access-control-allow-credentials', 'true');
  }
  // A page of another origin has to read these to wait and to match clocks.
  void reply.header('access-control-expose-headers', 'retry-after, date, x-request-id');
  const isPreflight = request.method === 'OPTIONS' && 'access-control-request-method' in request.headers;
  if (!isPreflight) return false;
  void reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
  void reply.header('access-control-allow-headers', ['content-type', ...(cors.headers ?? [])].join(', '));
  void reply.header('access-control-max-age', preflightMaxAgeS);
  return true;
}

function orElse(reply: FastifyReply, name: string, value: string): void {
  if (!reply.hasHeader(name)) void reply.header(name, value);
}

/** Fills in the security headers a handler has not set itself. */
export function applySecurity(reply: FastifyReply, csp: string): void {
  orElse(reply, 'content-security-policy', csp);
  orElse(reply, 'x-content-type-options', 'nosniff');
  orElse(reply, 'referrer-policy', 'no-referrer');
  orElse(reply, 'cross-origin-opener-policy', 'same-origin');
  orElse(reply, 'permissions-policy', 'interest-cohort=(), browsing-topics=()');
  orElse(reply, 'cache-control', 'no-store');
}
