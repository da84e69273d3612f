// Server-sent events with bounds: a heartbeat keeps proxies from closing, a reader that falls behind is closed and
// comes back with Last-Event-ID.
import type { FastifyReply } from 'fastify';

export interface SseEvent {
  /** Sent as JSON. */
  readonly data: unknown;
  readonly event?: string;
  readonly id?: string | number;
}

export interface SseOptions {
  readonly heartbeatMs: number;
  /** Called once when the stream has ended, from whichever side. */
  readonly onClose?: () => void;
}

export interface Sse {
  /** Queues an event; returns false when the stream is closed, or was closed just now because its reader is slow. */
  send(event: SseEvent): boolean;
  close(): void;
  /** What the browser received last before it reconnected. */
  readonly lastEventId: string | undefined;
}

/** Some seconds of a busy city's events; a reader behind that is not reading. */
const maxWaitingBytes = 1024 * 1024;
/** How long browsers wait before they reconnect. */
const retryMs = 3_000;

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, ' ');
}

/** Turns the answer into an event stream. The handler returns after this without sending anything. */
export function sse(reply: FastifyReply, options: SseOptions): Sse {
  const { clock, streams } = reply.server.tongche;
  const lastEventId = reply.request.headers['last-event-id'];
  void reply.hijack();
  const raw = reply.raw;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-accel-buffering': 'no',
  });
  let open = true;

  function write(text: string): boolean {
    if (!open) return false;
    if (raw.writableLength > maxWaitingBytes) {
      // Ending politely would queue behind what is not being read.
      raw.destroy();
      finish();
      return false;
    }
    raw.write(text);
    return true;
  }

  const stopHeartbeat = clock.every('http.sse-heartbeat', options.heartbeatMs, () => void write(': still here\n\n'));

  function finish(): void {
    if (!open) return;
    open = false;
    stopHeartbeat();
    streams.delete(stream);
    options.onClose?.();
  }

  const stream: Sse = {
    lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
    send({ data, event, id }) {
      const head = `${id === undefined ? '' : `id: ${oneLine(String(id))}\n`}${event === undefined ? '' : `event: ${oneLine(event)}\n`}`;
      return write(`${head}data: ${JSON.stringify(data)}\n\n`);
    },
    close() {
      if (!open) return;
      finish();
      raw.end();
    },
  };
  streams.add(stream);
  raw.on('close', finish);
  write(`retry: ${retryMs}\n\n`);
  return stream;
}
