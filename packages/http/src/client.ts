// The client one process uses for another's internal interface: JSON over a Unix socket or mTLS.
import { readFileSync } from 'node:fs';
import { errors } from '@tongche/contract';
import type { ErrorCode } from '@tongche/contract';
import { ConfigError } from '@tongche/runtime';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Validator } from 'typebox/compile';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { TlsFiles } from './listen.ts';

/** Where the other process listens. For `socket` the name in the URL does not matter. */
export type Target = { readonly socket: string } | { readonly url: string; readonly tls?: TlsFiles };

/** The other side refused, or could not be reached (`status` 0, code 'unreachable'). */
export class RemoteError extends Error {
  readonly status: number;
  readonly code: ErrorCode | 'unreachable';
  /** Fields that stood beside `error` in the answer. */
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(status: number, code: ErrorCode | 'unreachable', extra: Readonly<Record<string, unknown>> = {}) {
    super(`the other process answered ${status} ${code}`);
    this.name = 'RemoteError';
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}

/** The other side answered 2xx with something else than the contract says: a fault. */
export class BadReply extends Error {
  constructor(path: string) {
    super(`the answer to ${path.split('?', 1)[0]} is not what the contract says`);
    this.name = 'BadReply';
  }
}

/** A trace brings thousands of rides in an answer: walking the schema for each was a twelfth of the vault's work. */
const checkers = new WeakMap<TSchema, Validator>();

function checkerOf(schema: TSchema): Validator {
  let checker = checkers.get(schema);
  if (checker === undefined) {
    checker = Compile(schema);
    checkers.set(schema, checker);
  }
  return checker;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Whole call, default 10 s. */
  readonly timeoutMs?: number;
}

export interface InternalClient {
  get(path: string): Promise<unknown>;
  get<Schema extends TSchema>(path: string, reply: Schema, options?: CallOptions): Promise<Static<Schema>>;
  post(path: string, body: unknown): Promise<unknown>;
  post<Schema extends TSchema>(
    path: string,
    body: unknown,
    reply: Schema,
    options?: CallOptions,
  ): Promise<Static<Schema>>;
  /**
   * Body of a 2xx answer as it arrives; with `body` the request is a POST. No time limit once it has begun; close() cuts
   * it, which its reader sees as an error.
   */
  stream(path: string, body?: unknown, options?: CallOptions): Promise<AsyncIterable<Uint8Array>>;
  /** A file by POST: 2xx with a name of plain letters. No time limit once it has begun. */
  file(path: string, body: unknown, options?: CallOptions): Promise<RemoteFile>;
  close(): Promise<void>;
}

export interface RemoteFile {
  readonly name: string;
  readonly type: string;
  readonly body: AsyncIterable<Uint8Array>;
}

const defaultTimeoutMs = 10_000;
const connectTimeoutMs = 3_000;
/** One process rarely asks another more than a handful of things at once. */
const maxConnections = 8;
/** Batches of sealed envelopes are the largest answers. */
const maxReplyBytes = 64 * 1024 * 1024;
const fileNamePattern = /^attachment; filename="([A-Za-z0-9][A-Za-z0-9._-]{0,150})"$/;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function remoteError(status: number, text: string): RemoteError {
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body) && isObject(body['error'])) {
      const { error, ...extra } = body;
      const { code } = error as Record<string, unknown>;
      if (typeof code === 'string' && Object.hasOwn(errors, code)) {
        return new RemoteError(status, code as ErrorCode, extra);
      }
    }
  } catch {
    // Not ours: a proxy's page, an empty body.
  }
  return new RemoteError(status, 'internal');
}

function makePool(target: Target): Pool {
  if ('socket' in target) {
    return new Pool('http://internal', {
      socketPath: target.socket,
      connections: maxConnections,
      connectTimeout: connectTimeoutMs,
    });
  }
  const { tls } = target;
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch {
      throw new ConfigError(`${file}: the TLS key or certificate cannot be read`);
    }
  };
  const secrets =
    tls === undefined
      ? {}
      : { key: read(tls.key), cert: read(tls.cert), ...(tls.ca === undefined ? {} : { ca: read(tls.ca) }) };
  return new Pool(new URL(target.url).origin, {
    connections: maxConnections,
    connect: { timeout: connectTimeoutMs, ...secrets },
  });
}

async function boundedText(body: AsyncIterable<Uint8Array>, path: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of body) {
    total += piece.length;
    if (total > maxReplyBytes) throw new BadReply(path);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Opens connections as they are needed; a process that is not there yet shows as RemoteError 'unreachable'. */
export function internalClient(target: Target): InternalClient {
  const pool = makePool(target);
  const streams = new Set<Dispatcher.ResponseData['body']>();

  async function send(path: string, body: unknown, options: CallOptions, bounded: boolean) {
    const request: Dispatcher.RequestOptions = {
      path,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headersTimeout: options.timeoutMs ?? defaultTimeoutMs,
      ...(bounded ? { signal: AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs) } : { bodyTimeout: 0 }),
    };
    try {
      return await pool.request(request);
    } catch {
      // Texts of connection faults name sockets and addresses; callers only need to know that nobody answered.
      throw new RemoteError(0, 'unreachable');
    }
  }

  async function call(path: string, body: unknown, reply: TSchema | undefined, options: CallOptions): Promise<unknown> {
    const response = await send(path, body, options, true);
    let text: string;
    try {
      text = await boundedText(response.body, path);
    } catch (error) {
      if (error instanceof BadReply) throw error;
      throw new RemoteError(0, 'unreachable');
    }
    if (response.statusCode < 200 || response.statusCode > 299) throw remoteError(response.statusCode, text);
    if (text === '') return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new BadReply(path);
    }
    if (reply !== undefined && !checkerOf(reply).Check(value)) throw new BadReply(path);
    return value;
  }

  async function get(path: string, reply?: TSchema, options: CallOptions = {}): Promise<unknown> {
    return call(path, undefined, reply, options);
  }

  async function post(path: string, body: unknown, reply?: TSchema, options: CallOptions = {}): Promise<unknown> {
    return call(path, body ?? {}, reply, options);
  }

  async function begun(path: string, body: unknown, options: CallOptions): Promise<Dispatcher.ResponseData> {
    const response = await send(path, body, options, false);
    if (response.statusCode >= 200 && response.statusCode <= 299) {
      streams.add(response.body);
      response.body.once('close', () => streams.delete(response.body));
      return response;
    }
    throw remoteError(response.statusCode, await boundedText(response.body, path));
  }

  async function stream(path: string, body?: unknown, options: CallOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    return (await begun(path, body, options)).body;
  }

  async function file(path: string, body: unknown, options: CallOptions = {}): Promise<RemoteFile> {
    const response = await begun(path, body ?? {}, options);
    const name = fileNamePattern.exec(String(response.headers['content-disposition']))?.[1];
    if (name === undefined) {
      // Nobody reads it: that it was cut is no news.
      response.body.on('error', () => undefined).destroy();
      throw new BadReply(path);
    }
    return { name, type: String(response.headers['content-type']), body: response.body };
  }

  let closing: Promise<void> | undefined;
  /** Answers under way are awaited; streams, which may never end by themselves, are cut. */
  function close(): Promise<void> {
    closing ??= pool.close();
    for (const body of streams) body.destroy();
    return closing;
  }

  return { get, post, stream, file, close };
}
