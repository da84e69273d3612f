// Opens listeners for a server: a TCP port, with TLS or without, or a Unix socket only our user can use.
import { chmodSync, lstatSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import { createServer as createHttp, STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, createServer as createNet } from 'node:net';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { constants } from 'node:crypto';
import { dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import { errorBody, errors } from '@tongche/contract';
import { ConfigError } from '@tongche/runtime';
import type { Log } from '@tongche/runtime';
import { door } from './door.ts';
import { events } from './events.ts';
import { defaultCsp } from './headers.ts';
import type { App } from './server.ts';

/** Paths of PEM files. With `ca`, only clients with a certificate of that authority are let in (mTLS). */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  readonly ca?: string;
}

/** Where to listen, as it stands in configuration files. */
export type Listen =
  | { readonly socket: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly tls?: TlsFiles;
      /** Several processes listen on the port, and the kernel gives each its share of the connections. Not in files. */
      readonly isShared?: boolean;
    };

export type Listening =
  | { readonly socket: string }
  | { readonly url: string; readonly host: string; readonly port: number };

/** The kernel's limit for the path of a Unix socket, without its closing zero. */
const maxSocketPathBytes = 107;
/** The largest file an office sends, 64 MiB, over its slowest line. What phones send has a limit of its own. */
const requestTimeoutMs = 120_000;
/** A phone on a bad line sends its head well within this; slower ones are held connections. */
const headersTimeoutMs = 10_000;
const handshakeTimeoutMs = 10_000;
/** Node looks for overdue connections only so often; its half a minute would make ten seconds forty. */
const checkOverdueMs = 1_000;
/**
 * Listening sockets of one port. A turn of the event loop takes one connection from each: with one of them, and the process
 * busy, phones waited for ten seconds to be let in, and some of them in vain.
 */
const acceptors = 8;
/** Fewer connections than this need no second listening socket. */
const connectionsAnAcceptor = 256;
/** Connections the kernel holds for each; beyond, phones ask again after a second. */
const backlog = 1_024;
const maxHeaderBytes = 16 * 1024;

function pem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new ConfigError(`${file}: the TLS key or certificate cannot be read`);
  }
}

/** An answer from the catalogue for bytes that never became a request, or did not in time. */
function answerBadBytes(log: Log, error: NodeJS.ErrnoException, socket: Duplex): void {
  const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  // Whoever has said nothing waits for no answer: a browser would take it for that of its next request.
  const isSilent = isSlow && (socket as Socket).bytesRead === 0;
  if (error.code === 'ECONNRESET' || !socket.writable || isSilent) {
    socket.destroy();
    return;
  }
  log.event(events.badRequestLine, { code: error.code ?? 'unknown' });
  const code = isSlow ? 'too-slow' : 'bad-request';
  const body = JSON.stringify(errorBody(code));
  const head = [
    `HTTP/1.1 ${errors[code].status} ${STATUS_CODES[errors[code].status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `content-security-policy: ${defaultCsp}`,
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function makeServer(app: App, tls: TlsFiles | undefined, maxConnections: number): Server {
  const { direct, gate, turns, doors, doorLimits, keepAliveTimeout } = app.tongche;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    entrance.begun(request, response);
    if (gate?.admits(request, response) === false) return;
    if (!direct(request, response)) app.routing(request, response);
  };
  const limits: ServerOptions = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout,
    maxHeaderSize: maxHeaderBytes,
    connectionsCheckingInterval: checkOverdueMs,
  };
  const server =
    tls === undefined
      ? createHttp(limits, handle)
      : createHttps(
          {
            ...limits,
            handshakeTimeout: handshakeTimeoutMs,
            key: pem(tls.key),
            cert: pem(tls.cert),
            minVersion: 'TLSv1.2',
            // A resumed session would link two requests of one phone.
            secureOptions: constants.SSL_OP_NO_TICKET,
            ...(tls.ca === undefined ? {} : { ca: pem(tls.ca), requestCert: true, rejectUnauthorized: true }),
          },
          handle,
        );
  const entrance = door(server, tls !== undefined, {
    ...doorLimits,
    maxConnections,
    bodyMs: (request) => gate?.bodyMs(request),
    turns,
    steadyMs: () => performance.now(),
  });
  doors.add(entrance);
  const sweeping = setInterval(() => entrance.sweep(), checkOverdueMs);
  sweeping.unref();
  server.on('close', () => {
    clearInterval(sweeping);
    doors.delete(entrance);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerBadBytes(app.tongche.log, error, socket));
  return server;
}

async function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

/** Removes a socket file nobody answers on. Throws ConfigError when somebody does or when it is no socket. */
async function clearSocket(name: string, socket: string): Promise<void> {
  if (Buffer.byteLength(socket) > maxSocketPathBytes) {
    throw new ConfigError(`${name}: the socket path ${socket} is longer than ${maxSocketPathBytes} bytes`);
  }
  mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
  const found = lstatSync(socket, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new ConfigError(`${name}: ${socket} is not a socket; it is left alone`);
  if (await answers(socket)) throw new ConfigError(`${name}: already running on ${socket}`);
  unlinkSync(socket);
}

function explain(name: string, where: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ConfigError(`${name}: ${where} is already taken by another program`);
    case 'EACCES':
      return new ConfigError(`${name}: ${where} may not be opened by this user`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError(`${name}: ${where} is not an address of this machine`);
    case 'ENOTSUP':
      return new ConfigError(`${name}: this system does not share ${where} between processes; let there be one`);
    case undefined:
    default:
      return error;
  }
}

async function open(server: NetServer, start: () => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    start();
  });
}

function listenPrivately(server: Server, socket: string): void {
  // The name is bound within this call, so the mask never holds for anything else.
  const mask = process.umask(0o177);
  try {
    server.listen({ path: socket, backlog });
  } finally {
    process.umask(mask);
  }
}

type Port = Extract<Listen, { readonly port: number }>;

/** The kernel shares connections out among several sockets of one port, where it knows how to. */
function acceptorsFor(maxConnections: number): number {
  if (process.platform !== 'linux') return 1;
  return Math.max(1, Math.min(acceptors, Math.floor(maxConnections / connectionsAnAcceptor)));
}

/** Sockets that share a port do not notice another program of ours that has it: this one does. */
async function probe({ host, port }: Port): Promise<void> {
  const server = createNet();
  await open(server, () => server.listen({ host, port }));
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

async function openPort(app: App, where: Port): Promise<{ readonly port: number }> {
  const { name, listeners, doorLimits } = app.tongche;
  const { host, tls, isShared = false } = where;
  const count = acceptorsFor(doorLimits.maxConnections);
  let { port } = where;
  try {
    if (count > 1 && port !== 0 && !isShared) await probe(where);
    for (let n = 0; n < count; n += 1) {
      const server = makeServer(app, tls, Math.ceil(doorLimits.maxConnections / count));
      await open(server, () => server.listen({ port, host, backlog, reusePort: isShared || count > 1 }));
      listeners.add(server);
      ({ port } = server.address() as AddressInfo);
    }
  } catch (error) {
    throw explain(name, `port ${port} on ${host}`, error as NodeJS.ErrnoException);
  }
  return { port };
}

/**
 * Opens one listener; a server may have several. They end with app.close().
 * Throws ConfigError with one clear line when the address cannot be had.
 */
export async function listen(app: App, where: Listen): Promise<Listening> {
  const { name, log, listeners, doorLimits } = app.tongche;
  await app.ready();
  if ('socket' in where) {
    await clearSocket(name, where.socket);
    const server = makeServer(app, undefined, doorLimits.maxConnections);
    await open(server, () => listenPrivately(server, where.socket));
    chmodSync(where.socket, 0o600);
    listeners.add(server);
    log.event(events.listening, { server: name, port: 0 });
    return { socket: where.socket };
  }
  const { port } = await openPort(app, where);
  log.event(events.listening, { server: name, port });
  const reachable = where.host === '0.0.0.0' || where.host === '::' ? '127.0.0.1' : where.host;
  const host = reachable.includes(':') ? `[${reachable}]` : reachable;
  return { url: `${where.tls === undefined ? 'http' : 'https'}://${host}:${port}`, host: where.host, port };
}
