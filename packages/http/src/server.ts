// createServer: Fastify with this project's strict defaults. Bodies are JSON only and checked as sent, errors come
// from the catalogue, every answer carries the same headers, every request is one registered log event.
import { randomBytes } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import cookie from '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Refusal } from '@tongche/contract';
import { bytesFrom } from '@tongche/runtime';
import type { Clock, Log, Random } from '@tongche/runtime';
import { fastify } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import type { RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify';
import { answerThrown, sendError } from './errors.ts';
import type { Door, DoorLimits } from './door.ts';
import { directHandler } from './direct.ts';
import type { DirectHandler, DirectRoute } from './direct.ts';
import { openGate } from './gate.ts';
import type { Gate, GateOptions } from './gate.ts';
import { applyCors, applySecurity, defaultCsp, pathOf, securityHeaders } from './headers.ts';
import type { Cors } from './headers.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { holdsNul } from './nul.ts';
import { recordRequest } from './record.ts';
import { knownRoutes } from './routes-known.ts';
import { openStreams } from './streams.ts';
import type { Streams } from './streams.ts';
import { turnstile } from './turnstile.ts';
import type { Turnstile } from './turnstile.ts';

/** A server with typed routes; close() ends its listeners and streams. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface Health {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, boolean | number | string>>;
}

export interface ServerOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: () => Promise<Health>;
  readonly cors?: Cors;
  /** Content-Security-Policy of answers that do not set their own. Default: nothing may load. */
  readonly csp?: string;
  /** Largest body in bytes; a route may set its own. Default 64 KiB. */
  readonly bodyLimit?: number;
  /** As Fastify's: which proxies' X-Forwarded-For is believed. Default none. */
  readonly trustProxy?: boolean | string | readonly string[];
  /** Host names (without port) requests must be for; others get `wrong-origin`. Default any. */
  readonly hosts?: readonly string[];
  /** Path prefixes whose connection is not kept after the answer, since keeping it would link requests. */
  readonly dropConnection?: readonly string[];
  /** Shared registry of the process. Default: a new one. */
  readonly metrics?: Metrics;
  /** Whether GET /metrics is answered here. Public servers with an internal listener say false. */
  readonly exposeMetrics?: boolean;
  readonly random?: Random;
  /** Who is let in under load. Default: everybody, within the limits of connections. */
  readonly gate?: GateOptions;
  readonly door?: Partial<DoorLimits>;
  /** Short ways beside routes of the same paths. */
  readonly direct?: readonly DirectRoute[];
}

/** What this package keeps with a server. */
export interface ServerState {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly listeners: Set<HttpServer>;
  readonly streams: Streams;
  readonly gate: Gate | undefined;
  readonly turns: Turnstile;
  /** Of idle connections, in milliseconds. */
  readonly keepAliveTimeout: number;
  readonly doorLimits: DoorLimits;
  /** One for each listener. */
  readonly doors: Set<Door>;
  /** Requests that do not need the framework. */
  readonly direct: DirectHandler;
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly tongche: ServerState;
  }
}

/** A ride is 0.5 KB, a case 5 KB: above this a body is a mistake or an attack. */
const defaultBodyLimit = 64 * 1024;
/** Codes and ids in paths are far shorter. */
const maxParamLength = 200;
/** A health check that takes longer counts as failed. */
const healthWithinMs = 2_000;
/** After this, connections still open at close are cut. */
const closeWithinMs = 3_000;
/** Far above what one process can serve; 200 MB at the most. */
const maxConnections = 10_000;
const graceMs = 3_000;
/** A connection that is kept links what is asked on it. */
const phoneKeepMs = 5_000;
/** Longer than proxies keep theirs (nginx: a minute): who closes first must not be who is just being sent something. */
const proxyKeepMs = 75_000;
const requestIdBytes = 9;
/** Drawn together: asking the system for nine bytes costs as much as routing a request. */
const requestIdsAtOnce = 256;

const noCookies: Readonly<Record<string, string>> = Object.freeze({});

async function closeListener(server: HttpServer): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), closeWithinMs);
  await closed;
  clearTimeout(timer);
}

async function checkedHealth(health: () => Promise<Health>, log: Log): Promise<Health> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, checks: { inTime: false } }), healthWithinMs);
  });
  try {
    return await Promise.race([health(), late]);
  } catch (error) {
    log.fault('http.health', error);
    return { ok: false, checks: { check: false } };
  } finally {
    clearTimeout(timer);
  }
}

function requestIds(random: Random): () => string {
  let pool: Buffer = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at >= pool.length) {
      const drawn = random(requestIdBytes * requestIdsAtOnce);
      pool = Buffer.from(drawn.buffer, drawn.byteOffset, drawn.length);
      at = 0;
    }
    const id = pool.toString('base64url', at, at + requestIdBytes);
    at += requestIdBytes;
    return id;
  };
}

/** Fastify would rather have a mutable list. */
function proxies(trust: ServerOptions['trustProxy']): boolean | string | string[] {
  return typeof trust === 'object' ? [...trust] : (trust ?? false);
}

function bareServer(options: ServerOptions, genReqId: () => string): App {
  const security = securityHeaders(options.csp ?? defaultCsp);
  const settings: FastifyServerOptions = {
    logger: false,
    bodyLimit: options.bodyLimit ?? defaultBodyLimit,
    trustProxy: proxies(options.trustProxy),
    genReqId,
    routerOptions: { maxParamLength, ignoreTrailingSlash: false, caseSensitive: true },
    return503OnClosing: false,
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false },
    },
    frameworkErrors(error, request, reply) {
      // Hooks have not run for these; the headers still hold for every answer.
      if (options.cors !== undefined) applyCors(options.cors, request, reply);
      applySecurity(reply, security);
      void answerThrown(options.log, reply, error);
    },
  };
  return fastify(settings).withTypeProvider<TypeBoxTypeProvider>();
}

function addHooks(app: App, options: ServerOptions): void {
  const { cors, hosts, dropConnection = [], csp = defaultCsp } = options;
  const security = securityHeaders(csp);

  // Callbacks and not promises, and few of them: every request passes here.
  app.addHook('onRequest', (request, reply, done) => {
    const { cookie: cookies } = request.raw.headers;
    request.cookies = cookies === undefined ? noCookies : app.parseCookie(cookies);
    void reply.header('x-request-id', request.id);
    if (dropConnection.some((prefix) => request.url.startsWith(prefix))) void reply.header('connection', 'close');
    const isPreflight = cors !== undefined && applyCors(cors, request, reply);
    if (hosts !== undefined && !hosts.includes(request.hostname.toLowerCase())) done(new Refusal('wrong-origin'));
    // An answer ends the request's way through the hooks.
    else if (isPreflight) void reply.code(204).send();
    else done();
  });

  app.addHook('preValidation', ({ body, query, params }, _reply, done) => {
    if (holdsNul(body) || holdsNul(query) || holdsNul(params)) done(new Refusal('bad-request'));
    else done();
  });

  app.addHook('onSend', (_request, reply, _payload, done) => {
    applySecurity(reply, security);
    done();
  });

  app.addHook('onResponse', (request, reply, done) => {
    recordRequest(request, reply, reply.statusCode);
    done();
  });

  app.addHook('preClose', async () => {
    app.tongche.streams.close();
    await Promise.all([...app.tongche.listeners].map(closeListener));
    app.tongche.gate?.close();
  });
}

function addErrorAnswers(app: App, log: Log): void {
  const known = knownRoutes();
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of Array.isArray(method) ? method : [method]) known.add(one, url);
  });
  app.setErrorHandler(async (error, _request, reply) => answerThrown(log, reply, error));
  app.setNotFoundHandler(async (request: FastifyRequest, reply: FastifyReply) => {
    const methods = known.methodsFor(pathOf(request));
    if (methods.length === 0 || methods.includes(request.method)) return sendError(reply, 'not-found');
    void reply.header('allow', methods.join(', '));
    return sendError(reply, 'method-not-allowed');
  });
}

/**
 * A server without listeners; see listen(). Answers GET /healthz (200 or 503) and, unless told otherwise,
 * GET /metrics. Throwing a Refusal in a handler sends its entry of the catalogue.
 */
export function createServer(options: ServerOptions): App {
  const { name, clock, log } = options;
  const random = bytesFrom(options.random ?? ((n) => new Uint8Array(randomBytes(n))));
  const requestId = requestIds(random);
  const app = bareServer(options, requestId);
  const metrics = options.metrics ?? createMetrics();
  const { cors, csp, dropConnection = [], direct = [] } = options;
  const turns = turnstile();
  const gate =
    options.gate === undefined
      ? undefined
      : openGate(options.gate, { server: name, log, metrics, cors, csp, dropConnection, turns });
  const doors = new Set<Door>();
  metrics.gauge('tongche_open_connections', () => doors.values().reduce((sum, { open }) => sum + open, 0));
  const base = {
    name,
    clock,
    log,
    metrics,
    gate,
    turns,
    keepAliveTimeout: options.trustProxy === undefined || options.trustProxy === false ? phoneKeepMs : proxyKeepMs,
    doors,
    doorLimits: { maxConnections, graceMs, ...options.door },
    listeners: new Set<HttpServer>(),
    streams: openStreams(clock),
  };
  const state: ServerState = {
    ...base,
    direct: directHandler(direct, { state: base, cors, csp, dropConnection, requestId }),
  };
  app.decorate('tongche', state);
  app.removeContentTypeParser('text/plain');
  addErrorAnswers(app, log);
  addHooks(app, options);
  // Its own hook would make two objects for every request; see addHooks.
  void app.register(cookie, { hook: false });

  app.get('/healthz', async (_request, reply) => {
    const health = await checkedHealth(options.health, log);
    return reply.code(health.ok ? 200 : 503).send(health);
  });
  if (options.exposeMetrics !== false) {
    app.get('/metrics', async (_request, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(metrics.text()),
    );
  }
  return app;
}
