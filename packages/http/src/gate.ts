// Admission control, where a request begins and before its body is read: the nearer the process is to its limits, the more
// important a request has to be to be let in. The others are told `busy` and when to come again, each at a time of its own,
// for the price of one small answer. See docs/decisions/0023-overload.md.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorBody, errors } from '@tongche/contract';
import type { Log } from '@tongche/runtime';
import { appointments } from './appointments.ts';
import { events } from './events.ts';
import { corsHeaders, defaultCsp, securityHeaders } from './headers.ts';
import type { Cors } from './headers.ts';
import { loadOf, lookMs } from './load.ts';
import type { LoadLimits } from './load.ts';
import type { Metrics } from './metrics.ts';
import type { Turnstile } from './turnstile.ts';

/** What becomes of a class of requests as the load grows. */
export interface RequestClass {
  readonly name: string;
  /** Refused when this share of the limits is in use; above 1 only the limits of connections hold. */
  readonly upTo: number;
  /** Open for hours on purpose, like event streams: not counted among the requests under way. */
  readonly isStream?: boolean;
  /** Answered at once unless others are before it. */
  readonly isQuick?: boolean;
  /** Longest time its body may take; as the listener's own limit when absent. */
  readonly bodyMs?: number;
}

export interface GateOptions extends LoadLimits {
  /** Undefined: let in whatever happens, as health is. */
  readonly classOf: (method: string, url: string) => RequestClass | undefined;
  /** How long a request let in now waits for what is behind us, as a share of the longest wait allowed. */
  readonly waitShare?: () => number;
}

export interface Gate {
  /** True: the request may go on. False: it has been answered. */
  admits(request: IncomingMessage, response: ServerResponse): boolean;
  /** Seconds after which somebody refused elsewhere is to come again. */
  retryAfterS(): number;
  readonly bodyMs: (request: IncomingMessage) => number | undefined;
  /** Measures, and lets go what is over. Its own timer calls it. */
  look(): void;
  close(): void;
}

interface GateParts {
  readonly server: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly cors: Cors | undefined;
  readonly csp: string | undefined;
  readonly dropConnection: readonly string[];
  readonly turns: Turnstile;
  /** Milliseconds of a steady clock; replaced in tests, which then call look() themselves. */
  readonly steadyMs?: () => number;
}

/** A body this small is read and forgotten, and its connection kept; a longer one is not waited for. */
const forgottenBodyBytes = 64 * 1024;
/**
 * Even a refusal costs a quarter of a ride: asked five times what can be done, a process would do nothing but say "no". So
 * many are worth their time, a fortieth of it; beyond, a kept connection that was refused at the very limit is not read for a
 * while, the longer the more of them there are.
 */
const refusalsAMs = 1;
const refusalsALook = refusalsAMs * lookMs;
/** Phones give a request up after twelve seconds, and one of them may be next on a proxy's connection. */
const [shortestHoldMs, longestHoldMs] = [1_000, 8_000];
/** What was refused last is announced for this long, so that a load around a limit is not an event every second. */
const calmAfterMs = 5_000;

function isLong({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > forgottenBodyBytes;
}

export function openGate(options: GateOptions, parts: GateParts): Gate {
  const { classOf } = options;
  const { log, metrics, cors, csp = defaultCsp, dropConnection, turns } = parts;
  const { steadyMs = () => performance.now() } = parts;
  const load = loadOf(options, steadyMs, options.waitShare);
  const times = appointments();
  const refused = new Map<string, number>();
  let refusedSinceLook = 0;
  const fixed = ['content-type', 'application/json; charset=utf-8', ...securityHeaders(csp).flat()];
  /** The most important class refused lately; what it takes to be let in is its `upTo`. */
  let announced: { readonly name: string; readonly upTo: number; readonly atMs: number } | undefined;

  function announce(kind: RequestClass): void {
    const nowMs = steadyMs();
    const isNews = announced === undefined || kind.upTo > announced.upTo;
    if (announced === undefined || kind.upTo >= announced.upTo) announced = { ...kind, atMs: nowMs };
    if (isNews)
      log.event(events.shedding, {
        server: parts.server,
        refused: kind.name,
        open: load.open,
        delayMs: Math.round(load.delayMs),
      });
  }

  function calm(): void {
    if (announced === undefined || steadyMs() - announced.atMs < calmAfterMs) return;
    announced = undefined;
    log.event(events.calm, { server: parts.server, refused: [...refused.values()].reduce((sum, n) => sum + n, 0) });
  }

  function refuse(request: IncomingMessage, response: ServerResponse, kind: RequestClass): void {
    const { url = '', socket, headers } = request;
    const waitS = times.next(steadyMs());
    const body = JSON.stringify(errorBody('busy', { retryAfterS: waitS }));
    const end = url.indexOf('?');
    const path = end < 0 ? url : url.slice(0, end);
    const drops = isLong(request) || dropConnection.some((prefix) => path.startsWith(prefix));
    const ofCors = cors === undefined ? [] : corsHeaders(cors, path, headers.origin);
    response.writeHead(errors.busy.status, [
      ...fixed,
      ...ofCors.flat(),
      'retry-after',
      String(waitS),
      'content-length',
      String(Buffer.byteLength(body)),
      ...(drops ? ['connection', 'close'] : []),
    ]);
    response.end(body);
    refused.set(kind.name, (refused.get(kind.name) ?? 0) + 1);
    metrics.count(`tongche_refused_${kind.name}_total`);
    announce(kind);
    refusedSinceLook += 1;
    // Only those who would be let in if anybody was: others may share a proxy's connection with them.
    if (drops || kind.upTo < 1 || refusedSinceLook <= refusalsALook) return;
    const forMs = Math.min(Math.max(shortestHoldMs, turns.held / refusalsAMs), longestHoldMs);
    turns.hold(socket, steadyMs() + forMs);
  }

  function look(): void {
    load.look();
    refusedSinceLook = 0;
    times.served(load.perSecond);
    turns.release(steadyMs());
    calm();
  }
  const timer = parts.steadyMs === undefined ? setInterval(look, lookMs) : undefined;
  timer?.unref();
  metrics.gauge('tongche_open_requests', () => load.open);
  metrics.gauge('tongche_load_delay_ms', () => Math.round(load.delayMs));

  return {
    admits(request, response) {
      const { method = '', url = '' } = request;
      const kind = classOf(method, url);
      if (kind === undefined) return true;
      if (load.share() >= kind.upTo) {
        refuse(request, response, kind);
        return false;
      }
      if (kind.isStream === true) return true;
      const quick = load.began(request, kind.isQuick === true);
      response.on('close', () => load.ended(quick, response.statusCode < 400 && response.writableFinished));
      return true;
    },
    retryAfterS: () => times.next(steadyMs()),
    bodyMs: ({ method = '', url = '' }) => classOf(method, url)?.bodyMs,
    look,
    close() {
      clearInterval(timer);
      turns.release();
    },
  };
}
