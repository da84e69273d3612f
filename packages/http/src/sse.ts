// Server-sent events, thousands of them on one process: written straight to the socket behind a head of our own, since
// nothing node:http adds to a body is of use here; kept by one heartbeat for all; a reader that falls behind is closed and
// comes back with Last-Event-ID.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { recordRequest } from './record.ts';
import type { OpenStream, Streams } from './streams.ts';

export interface SseEvent {
  /** Sent as JSON. */
  readonly data: unknown;
  readonly event?: string;
  readonly id?: string | number;
}

export interface SseOptions {
  /** Called once when the stream has ended, from whichever side. */
  readonly onClose?: () => void;
}

export interface Sse {
  /**
   * Queues an event, or one that `sseFrame` made ready for many streams. Returns false when the stream is closed, or was
   * closed just now because its reader is slow.
   */
  send(event: SseEvent | Uint8Array): boolean;
  close(): void;
  /** What the browser received last before it reconnected. */
  readonly lastEventId: string | undefined;
}

/** A whole state and some minutes of a vehicle's events; a reader behind that is not reading. */
const maxWaitingBytes = 64 * 1024;
/** How long browsers wait before they reconnect. */
const retryMs = 3_000;
/** Longer ids are none of ours. */
const maxIdChars = 100;
const stillHere = Buffer.from(': still here\n\n');

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, ' ');
}

/** An event as it stands on the wire. */
export function sseFrame({ data, event, id }: SseEvent): Uint8Array {
  const head = `${id === undefined ? '' : `id: ${oneLine(String(id))}\n`}${event === undefined ? '' : `event: ${oneLine(event)}\n`}`;
  return Buffer.from(`${head}data: ${JSON.stringify(data)}\n\n`);
}

function headText(reply: FastifyReply, nowMs: number): string {
  const headers = {
    ...reply.getHeaders(),
    date: new Date(nowMs).toUTCString(),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-accel-buffering': 'no',
    // The body ends with the connection: no length, no chunks.
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${oneLine(String(value))}\r\n`);
  return `HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`;
}

/** A class and not closures: there are thousands of these, and one of them takes a tenth. */
class EventStream implements Sse, OpenStream {
  readonly lastEventId: string | undefined;
  readonly #streams: Streams;
  readonly #onClose: (() => void) | undefined;
  #socket: Socket | undefined;
  #hasSpoken = true;

  constructor(socket: Socket, streams: Streams, lastEventId: string | undefined, onClose: (() => void) | undefined) {
    this.lastEventId = lastEventId;
    this.#socket = socket;
    this.#streams = streams;
    this.#onClose = onClose;
    streams.add(this);
    socket.once('close', () => this.#finish());
  }

  send(event: SseEvent | Uint8Array): boolean {
    return this.write(event instanceof Uint8Array ? event : sseFrame(event));
  }

  beat(): void {
    if (!this.#hasSpoken) this.write(stillHere);
    this.#hasSpoken = false;
  }

  write(piece: Uint8Array | string): boolean {
    const socket = this.#socket;
    if (socket === undefined) return false;
    this.#hasSpoken = true;
    if (socket.writableLength > maxWaitingBytes) {
      // Ending politely would queue behind what is not being read.
      socket.destroy();
      this.#finish();
      return false;
    }
    socket.write(piece);
    return true;
  }

  close(): void {
    const socket = this.#socket;
    this.#finish();
    socket?.end();
  }

  #finish(): void {
    if (this.#socket === undefined) return;
    this.#socket = undefined;
    this.#streams.delete(this);
    this.#onClose?.();
  }
}

function idOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value.length <= maxIdChars ? value : undefined;
}

/**
 * What node and the framework keep of the exchange until it is finished, which it never is: the request's headers, and
 * listeners that hold their objects. A third of what a stream costs.
 */
function letGo(request: IncomingMessage, response: ServerResponse): void {
  response.removeAllListeners();
  request.removeAllListeners();
  request.rawHeaders.length = 0;
  request.headers = {};
}

/** Turns the answer into an event stream. The handler returns after this without sending anything. */
export function sse(reply: FastifyReply, options: SseOptions = {}): Sse {
  const { request, server, raw } = reply;
  const { clock, streams } = server.tongche;
  const { socket } = raw;
  void reply.hijack();
  // The connection went away while the handler was looking things up.
  const wire = socket ?? request.raw.socket;
  const stream = new EventStream(wire, streams, idOf(request.headers['last-event-id']), options.onClose);
  stream.write(`${headText(reply, clock.now())}retry: ${retryMs}\n\n`);
  recordRequest(request, reply, 200);
  letGo(request.raw, raw);
  // Its end has been and is told once more, after the caller has the stream.
  if (wire.destroyed) queueMicrotask(() => stream.close());
  return stream;
}
