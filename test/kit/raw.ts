// HTTP written by hand onto a socket: bodies, headers and lengths that no client library would send.
import { connect } from 'node:net';

export interface RawRequest {
  readonly method?: string;
  /** Written as it is. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** In place of the body's own length; '' leaves the header out. */
  readonly contentLength?: string;
  /** Instead of everything above. */
  readonly bytes?: Uint8Array;
  /** Ends the sending side after the bytes, as a phone that lost its network. */
  readonly cut?: boolean;
}

export interface RawAnswer {
  /** 0: the connection was closed without an answer. */
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const answerWithinMs = 15_000;

function requestBytes(host: string, request: RawRequest): Buffer {
  if (request.bytes !== undefined) return Buffer.from(request.bytes);
  const { method = 'GET', path = '/', headers = {}, body, contentLength } = request;
  const payload = Buffer.from(body ?? '');
  const length = contentLength ?? (body === undefined ? '' : String(payload.length));
  const all = { host, connection: 'close', ...(length === '' ? {} : { 'content-length': length }), ...headers };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n`, 'latin1'), payload]);
}

function dechunked(body: string): string {
  let rest = Buffer.from(body, 'latin1');
  const parts: Buffer[] = [];
  for (;;) {
    const line = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, line).toString('latin1'), 16);
    if (line < 0 || !(size > 0)) return Buffer.concat(parts).toString('latin1');
    parts.push(rest.subarray(line + 2, line + 2 + size));
    rest = rest.subarray(line + 2 + size + 2);
  }
}

function parseAnswer(bytes: Buffer): RawAnswer {
  // Interim answers go before the one that counts.
  const text = bytes.toString('latin1').replace(/^(?:HTTP\/1\.1 1\d\d [^]*?\r\n\r\n)+/, '');
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const raw = end < 0 ? '' : text.slice(end + 4);
  const body = headers.get('transfer-encoding') === 'chunked' ? dechunked(raw) : raw;
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0),
    headers,
    body: Buffer.from(body, 'latin1').toString('utf8'),
  };
}

/** Sends one request on a connection of its own and reads until the server closes it. */
export function rawRequest(origin: string, request: RawRequest): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(origin);
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer to ${request.method ?? ''} ${request.path?.slice(0, 80) ?? 'raw bytes'}`));
    }, answerWithinMs);
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(parseAnswer(Buffer.concat(pieces)));
    };
    socket.on('data', (piece) => pieces.push(Buffer.from(piece)));
    socket.on('end', finish);
    // A server may close before it has read everything; what it said is what counts.
    socket.on('error', finish);
    socket.on('close', finish);
    socket.on('connect', () => {
      socket.write(requestBytes(host, request));
      if (request.cut === true) socket.end();
    });
  });
}
