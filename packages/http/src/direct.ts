// A short way for the one request that comes thousands of times a second: a small text in, an answer out, straight on
// node:http. It takes only what is plain and complete; everything else about the same path (another method, an odd type
// or query, a length that is not told, a preflight) goes to the framework's route, which answers it with the same headers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorBody, errors } from '@tongche/contract';
import { answerFor, retryAfterOf, withWait } from './errors.ts';
import { events } from './events.ts';
import { corsHeaders, defaultCsp, securityHeaders } from './headers.ts';
import type { Cors } from './headers.ts';
import type { ServerState } from './server.ts';

export interface DirectRoute {
  /** As the framework's route of the same path, for the log and the metrics. */
  readonly path: string;
  /** Request targets it takes, with their queries, exactly as written. */
  readonly targets: readonly string[];
  /** Longer bodies are the framework's to refuse. */
  readonly bodyLimitBytes: number;
  /** The answer's body: JSON in UTF-8, as text of one character a byte. Rejections are answered as the framework's are. */
  readonly answer: (body: string, target: string) => Promise<string>;
}

export interface DirectOptions {
  readonly state: Pick<ServerState, 'log' | 'metrics' | 'gate'>;
  readonly cors: Cors | undefined;
  readonly csp: string | undefined;
  readonly dropConnection: readonly string[];
  readonly requestId: () => string;
}

/** Handles the request and returns true, or leaves it untouched and returns false. */
export type DirectHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

const plainText = 'text/plain';
const jsonType = 'application/json; charset=utf-8';

/** The announced length of a body this way takes, or undefined. */
function plainLength({ headers, method }: IncomingMessage, limit: number): number | undefined {
  if (method !== 'POST' || headers.expect !== undefined || headers['transfer-encoding'] !== undefined) return undefined;
  const type = headers['content-type'];
  if (type === undefined || !type.startsWith(plainText)) return undefined;
  if (type.length > plainText.length && type.charCodeAt(plainText.length) !== 0x3b) return undefined;
  const length = Number(headers['content-length']);
  return Number.isInteger(length) && length > 0 && length <= limit ? length : undefined;
}

/**
 * Collects the body's bytes as text, one character a byte: what is not ASCII is no record either way. Calls `done` once, with
 * undefined when the connection went away before the body was whole.
 */
function readBody(request: IncomingMessage, done: (body: string | undefined) => void): void {
  let body = '';
  request.on('data', (piece: Buffer) => {
    body += piece.toString('latin1');
  });
  request.on('end', () => done(body));
  request.on('error', () => done(undefined));
}

function makeOne(route: DirectRoute, options: DirectOptions) {
  const { state, cors, csp = defaultCsp, dropConnection, requestId } = options;
  const { metrics, log, gate } = state;
  const drops = dropConnection.some((prefix) => route.path.startsWith(prefix));
  const fixed = [
    'content-type',
    jsonType,
    ...securityHeaders(csp).flat(),
    ...(drops ? ['connection', 'close'] : []),
  ] as const;

  return (request: IncomingMessage, response: ServerResponse, target: string): boolean => {
    if (plainLength(request, route.bodyLimitBytes) === undefined) return false;
    const beganMs = performance.now();
    const id = requestId();

    /** Head and body go out as one text, in one write: no buffer is made for either. */
    function send(status: number, body: string, more: readonly string[]): void {
      const ofCors = cors === undefined ? [] : corsHeaders(cors, route.path, request.headers.origin);
      response.writeHead(status, [
        ...fixed,
        ...ofCors.flat(),
        'x-request-id',
        id,
        'content-length',
        String(body.length),
        ...more,
      ]);
      response.end(body, 'latin1');
      const ms = Math.round((performance.now() - beganMs) * 10) / 10;
      metrics.request('POST', route.path, status, ms);
      log.event(events.request, { method: 'POST', route: route.path, status, ms, id });
    }

    function refuse(error: unknown): void {
      const { code, extra: own, isFault } = answerFor(error);
      if (isFault) log.fault('http.direct', error);
      const extra = withWait(code, own, gate);
      const wait = retryAfterOf(extra);
      send(
        errors[code].status,
        Buffer.from(JSON.stringify(errorBody(code, extra))).toString('latin1'),
        wait === undefined ? [] : ['retry-after', String(wait)],
      );
    }

    readBody(request, (body) => {
      if (body === undefined) return;
      route.answer(body, target).then((text) => send(200, text, []), refuse);
    });
    return true;
  };
}

export function directHandler(routes: readonly DirectRoute[], options: DirectOptions): DirectHandler {
  const byTarget = new Map(
    routes.flatMap((route) => {
      const handle = makeOne(route, options);
      return route.targets.map((target) => [target, handle] as const);
    }),
  );
  return (request, response) => {
    const { url = '' } = request;
    return byTarget.get(url)?.(request, response, url) ?? false;
  };
}
