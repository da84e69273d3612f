// A loopback stand-in for providers that are reached over HTTP. It checks each request as the provider would, keeps what
// a person would have received, and can be told to misbehave. One port serves all; a request's headers say whose it is.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { systemClock } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';

import { events } from './events.ts';
import { createFaults, createSinkBook } from './sink-book.ts';
import type { ReceiptPlan, SinkBook, SinkFeed, SinkMessage } from './sink-book.ts';
import type { SignedRequest } from './tc3.ts';

const MAX_BODY_BYTES = 256 * 1024;

export interface SinkReply {
  readonly status: number;
  readonly body: unknown;
}

/** A provider's answer by rule: for numbers that end so. */
export interface SinkRule {
  readonly toEndsWith: string;
  /** In the provider's own codes. */
  readonly code: string;
}

/** What a sink's provider needs from the sink around it. */
export interface SinkDesk {
  /** Keeps the message; `settled` runs when its receipt is due, never when it is lost. */
  receive(message: Omit<SinkMessage, 'no' | 'state'>, settled: (state: 'delivered' | 'failed') => void): void;
  nowMs(): number;
  /** The time of the wire, which requests are signed with. */
  wireNowMs(): number;
}

/** One provider's HTTP interface, as its documentation has it. */
export interface SinkProvider {
  readonly name: string;
  takes(request: SignedRequest): boolean;
  /** False for what sends nothing, such as asking for receipts. */
  sends(request: SignedRequest): boolean;
  answer(request: SignedRequest): SinkReply;
  /** A refusal with one of its codes. */
  refuse(request: SignedRequest, code: string): SinkReply;
}

/**
 * `drop-before-response`: kept, then the connection dies; `silent`: kept, never answered; `unavailable`: HTTP 503 and
 * not kept; `{code}`: refused with this code of the provider's, not kept.
 */
export type HttpSinkFault = 'drop-before-response' | 'silent' | 'unavailable' | { readonly code: string };

export interface HttpSinkOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly providers: readonly ((desk: SinkDesk) => SinkProvider)[];
  readonly receipts: 'deliver' | ((message: SinkMessage) => ReceiptPlan);
  readonly maxMessages: number;
  /** Shared with other sinks; `maxMessages` is then its own. */
  readonly book?: SinkBook;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HttpSink extends SinkFeed {
  readonly port: number;
  /** Requests that would send, of whatever outcome, oldest first. */
  sendRequests(): readonly SignedRequest[];
  fault(kind: HttpSinkFault, count: number, skip?: number): void;
  close(): Promise<void>;
}

/** Rejects when the port is taken. */
export async function httpSink(options: HttpSinkOptions): Promise<HttpSink> {
  const { clock, maxMessages } = options;
  const book = options.book ?? createSinkBook(maxMessages);
  const faults = createFaults<HttpSinkFault>();
  const requests: SignedRequest[] = [];
  const wireClock = systemClock((error, job) => options.log.fault(job, error));

  const desk: SinkDesk = {
    nowMs: () => clock.now(),
    wireNowMs: () => wireClock.now(),
    receive(received, settled) {
      const message = book.add(received);
      const plan = options.receipts === 'deliver' ? { state: 'delivered' as const } : options.receipts(message);
      if (plan === 'lost') return;
      const settle = (): void => {
        book.settle(message.no, plan.state);
        settled(plan.state);
      };
      if ((plan.delayMs ?? 0) === 0) settle();
      else clock.after('sink-receipt', plan.delayMs ?? 0, settle);
    },
  };
  const providers = options.providers.map((make) => make(desk));

  function respond(response: ServerResponse, { status, body }: SinkReply): void {
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8' }).end(JSON.stringify(body));
  }

  function serve(request: SignedRequest, response: ServerResponse): void {
    const provider = providers.find((one) => one.takes(request));
    if (provider === undefined) return respond(response, { status: 404, body: { message: 'nobody is here' } });
    if (!provider.sends(request)) return respond(response, provider.answer(request));
    requests.push(request);
    if (requests.length > maxMessages) requests.shift();
    const fault = faults.take();
    if (fault === 'unavailable') return respond(response, { status: 503, body: {} });
    if (typeof fault === 'object') return respond(response, provider.refuse(request, fault.code));
    const reply = provider.answer(request);
    if (fault === 'drop-before-response') response.destroy();
    else if (fault !== 'silent') respond(response, reply);
  }

  const server = createServer((request, response) => {
    readBody(request).then(
      (body) => serve(signedRequest(request, body), response),
      () => response.destroy(),
    );
  });
  const port = await listenOn(server, options.port, options.host);
  options.log.event(events.sinkStarted, { port });
  return {
    port,
    messages: () => book.messages(),
    onChange: (handler) => book.onChange(handler),
    sendRequests: () => [...requests],
    fault: (kind, count, skip) => faults.set(kind, count, skip),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listenOn(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new RangeError('a body is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function signedRequest(request: IncomingMessage, body: string): SignedRequest {
  const { pathname, search } = new URL(request.url ?? '/', 'http://sink');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  return { method: request.method ?? '', path: pathname, query: search.slice(1), headers, body };
}
