// The development outbox: what people would have received, on a page of its own on the loopback
// interface. Never part of a production configuration; refuses any other host name, so that a web
// page elsewhere cannot read it through a rebound name.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ConfigError } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';

import { events } from './events.ts';
import { pageHtml, pageScript, pageStyle } from './sink-page-html.ts';
import type { SinkFeed, SinkMessage } from './sink-book.ts';

const HEARTBEAT_MS = 15_000;
const MAX_WATCHERS = 32;
/** A watcher that lets this much pile up is cut off; the page reconnects and reads all anew. */
const MAX_UNREAD_BYTES = 256 * 1024;
/** The newest ones a page begins with; all that are kept would be more than a reader may fall behind. */
const FIRST_MESSAGES = 200;
const LOOPBACK_HOSTS = /^(localhost|127\.0\.0\.1|\[::1\]|[a-z0-9-]+\.localhost)(:\d+)?$/i;

export interface SinkPageOptions {
  readonly sink: SinkFeed;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SinkPage {
  readonly port: number;
  /** Address of the page. */
  readonly url: string;
  close(): Promise<void>;
}

export async function sinkPage(options: SinkPageOptions): Promise<SinkPage> {
  const { sink, host } = options;
  if (!['127.0.0.1', '::1', 'localhost'].includes(host)) {
    throw new ConfigError(`the development outbox listens on the loopback interface only, not on ${host}`);
  }
  const watchers = new Set<ServerResponse>();

  function write(watcher: ServerResponse, text: string): void {
    watcher.write(text);
    if (watcher.writableLength > MAX_UNREAD_BYTES) watcher.destroy();
  }

  function watch(response: ServerResponse): void {
    if (watchers.size >= MAX_WATCHERS) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    watchers.add(response);
    response.on('close', () => watchers.delete(response));
    write(response, `event: all\ndata: ${JSON.stringify(sink.messages().slice(-FIRST_MESSAGES))}\n\n`);
  }

  const server = createServer((request, response) => {
    setHeaders(response);
    if (!LOOPBACK_HOSTS.test(request.headers.host ?? '') || !isSameSite(request)) {
      response.writeHead(403).end();
    } else if (request.method !== 'GET') {
      response.writeHead(405, { allow: 'GET' }).end();
    } else {
      answer(request, response, sink, watch);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  options.log.event(events.sinkPageStarted, { port });

  const stopChanges = sink.onChange((message: SinkMessage) => {
    for (const watcher of watchers) write(watcher, `event: one\ndata: ${JSON.stringify(message)}\n\n`);
  });
  const stopHeartbeat = options.clock.every('sink-page-heartbeat', HEARTBEAT_MS, () => {
    for (const watcher of watchers) write(watcher, ':\n\n');
  });
  return {
    port,
    url: `http://${host === '::1' ? '[::1]' : host}:${port}/dev/outbox`,
    async close() {
      stopChanges();
      stopHeartbeat();
      const closed = new Promise((resolve) => server.close(resolve));
      for (const watcher of watchers) watcher.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  sink: SinkFeed,
  watch: (response: ServerResponse) => void,
): void {
  switch (request.url ?? '') {
    case '/':
      response.writeHead(302, { location: '/dev/outbox' }).end();
      return;
    case '/dev/outbox':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(pageHtml);
      return;
    case '/dev/outbox.json':
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify({ messages: [...sink.messages()].reverse() }));
      return;
    case '/dev/outbox/events':
      watch(response);
      return;
    default:
      response.writeHead(404).end();
  }
}

/** Browsers say where a request comes from; another site on this machine has no business here. */
function isSameSite(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site'];
  return (
    site === undefined || site === 'same-origin' || site === 'none' || request.headers['sec-fetch-mode'] === 'navigate'
  );
}

function setHeaders(response: ServerResponse): void {
  response.setHeader(
    'content-security-policy',
    `default-src 'none'; connect-src 'self'; img-src data:; style-src ${hashOf(pageStyle)}; script-src ${hashOf(pageScript)}; ` +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cache-control', 'no-store');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
