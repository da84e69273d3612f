// Opens listeners for a server: a TCP port, with TLS or without, or a Unix socket only our user can use.
import { chmodSync, lstatSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { constants } from 'node:crypto';
import { dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import { errorBody } from '@tongche/contract';
import { ConfigError } from '@tongche/runtime';
import type { Log } from '@tongche/runtime';
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
/** A phone on a bad line sends its kilobyte well within this; slower ones are held connections. */
const requestTimeoutMs = 30_000;
const headersTimeoutMs = 10_000;
const keepAliveTimeoutMs = 5_000;
const maxHeaderBytes = 16 * 1024;

function pem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new ConfigError(`${file}: the TLS key or certificate cannot be read`);
  }
}

/** An answer from the catalogue for bytes that never became a request. */
function answerBadBytes(log: Log, error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  log.event(events.badRequestLine, { code: error.code ?? 'unknown' });
  const body = JSON.stringify(errorBody('bad-request'));
  const head = [
    'HTTP/1.1 400 Bad Request',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `content-security-policy: ${defaultCsp}`,
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function makeServer(app: App, tls: TlsFiles | undefined): Server {
  const { direct } = app.tongche;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (!direct(request, response)) app.routing(request, response);
  };
  const limits: ServerOptions = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
  };
  const server =
    tls === undefined
      ? createHttp(limits, handle)
      : createHttps(
          {
            ...limits,
            key: pem(tls.key),
            cert: pem(tls.cert),
            minVersion: 'TLSv1.2',
            // A resumed session would link two requests of one phone.
            secureOptions: constants.SSL_OP_NO_TICKET,
            ...(tls.ca === undefined ? {} : { ca: pem(tls.ca), requestCert: true, rejectUnauthorized: true }),
          },
          handle,
        );
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

async function open(server: Server, start: () => void): Promise<void> {
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
    server.listen(socket);
  } finally {
    process.umask(mask);
  }
}

/**
 * Opens one listener; a server may have several. They end with app.close().
 * Throws ConfigError with one clear line when the address cannot be had.
 */
export async function listen(app: App, where: Listen): Promise<Listening> {
  const { name, log, listeners } = app.tongche;
  await app.ready();
  if ('socket' in where) {
    await clearSocket(name, where.socket);
    const server = makeServer(app, undefined);
    await open(server, () => listenPrivately(server, where.socket));
    chmodSync(where.socket, 0o600);
    listeners.add(server);
    log.event(events.listening, { server: name, port: 0 });
    return { socket: where.socket };
  }
  const server = makeServer(app, where.tls);
  try {
    const { port, host, isShared = false } = where;
    await open(server, () => server.listen({ port, host, reusePort: isShared }));
  } catch (error) {
    throw explain(name, `port ${where.port} on ${where.host}`, error as NodeJS.ErrnoException);
  }
  listeners.add(server);
  const { port } = server.address() as AddressInfo;
  log.event(events.listening, { server: name, port });
  const reachable = where.host === '0.0.0.0' || where.host === '::' ? '127.0.0.1' : where.host;
  const host = reachable.includes(':') ? `[${reachable}]` : reachable;
  return { url: `${where.tls === undefined ? 'http' : 'https'}://${host}:${port}`, host: where.host, port };
}
