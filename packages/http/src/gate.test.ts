// Under load the less important is refused first, cheaply and with a time to come again; what is let in is answered.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { memoryLog } from '@tongche/runtime';
import { door } from './door.ts';
import { openGate } from './gate.ts';
import type { Gate, RequestClass } from './gate.ts';
import { createMetrics } from './metrics.ts';
import { turnstile } from './turnstile.ts';

const ride: RequestClass = { name: 'ride', upTo: 1, isQuick: true };
const read: RequestClass = { name: 'read', upTo: 0.3 };
const stream: RequestClass = { ...read, isStream: true };
const classes: Readonly<Record<string, RequestClass | undefined>> = { '/ride': ride, '/read': read, '/stream': stream };

interface Scene {
  readonly gate: Gate;
  readonly log: ReturnType<typeof memoryLog>;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly url: string;
  readonly port: number;
  /** Requests let in that wait for their answer, in order. */
  readonly inside: ServerResponse[];
  /** The server's ends of connections. */
  readonly sockets: Socket[];
  /** Lets time pass for the gate. */
  pass(ms: number): void;
  /** The wait behind the gate, as a share of its limit. */
  waitShare: number;
  /** Resolves when the next request is inside. */
  arrival(): Promise<void>;
  /** Sends a request and resolves when it is inside; its answer is nobody's concern. */
  enter(path: string): Promise<void>;
  answerLast(): Promise<void>;
}

/** Requests that never come would hang a test otherwise. */
const options = { timeout: 20_000 };

async function openScene(t: TestContext, maxOpen = 10): Promise<Scene> {
  const log = memoryLog();
  const metrics = createMetrics();
  let nowMs = 1_000_000;
  const inside: ServerResponse[] = [];
  const state = { waitShare: 0 };
  const turns = turnstile();
  const gate = openGate(
    {
      maxOpen,
      maxDelayMs: 1_000,
      maxAgeMs: 2_000,
      classOf: (_method, url) => classes[url],
      waitShare: () => state.waitShare,
    },
    {
      server: 'test',
      log,
      metrics,
      cors: { origins: '*', paths: ['/ride'] },
      csp: undefined,
      dropConnection: [],
      turns,
      steadyMs: () => nowMs,
    },
  );
  const arrivals: (() => void)[] = [];
  const arrival = async (): Promise<void> => new Promise((resolve) => arrivals.push(resolve));
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    entrance.begun(request, response);
    if (!gate.admits(request, response)) return;
    inside.push(response);
    arrivals.shift()?.();
  });
  const limits = { maxConnections: 100, graceMs: 1_000 };
  const entrance = door(server, false, { ...limits, bodyMs: gate.bodyMs, turns, steadyMs: () => nowMs });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  t.after(async () => {
    gate.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return Object.assign(state, {
    gate,
    log,
    metrics,
    url,
    port,
    inside,
    sockets,
    pass(ms: number) {
      nowMs += ms;
      gate.look();
    },
    arrival,
    async enter(path: string) {
      const arrived = arrival();
      void fetch(`${url}${path}`, { method: 'POST', body: 'x' }).catch(() => undefined);
      await arrived;
    },
    async answerLast() {
      const last = inside.at(-1);
      if (last === undefined) throw new Error('nobody is inside');
      const closed = once(last, 'close');
      last.end('done');
      await closed;
    },
  });
}

const names = ({ log }: Scene): readonly string[] =>
  log.lines.map(({ event, ...line }) => `${event} ${String(line['refused'])}`);

test('the less important is refused first, the most important at the limit, health never', options, async (t) => {
  const scene = await openScene(t);
  for (let n = 0; n < 3; n += 1) await scene.enter('/ride');
  const refused = await fetch(`${scene.url}/read`);
  assert.equal(refused.status, 503);
  const body = (await refused.json()) as { readonly error: { readonly code: string }; readonly retryAfterS: number };
  assert.equal(body.error.code, 'busy');
  assert.equal(refused.headers.get('retry-after'), String(body.retryAfterS));
  assert.equal(refused.headers.get('x-content-type-options'), 'nosniff');
  for (let n = 3; n < 10; n += 1) await scene.enter('/ride');
  const ride = await fetch(`${scene.url}/ride`, { method: 'POST', body: 'x' });
  assert.equal(ride.status, 503);
  assert.equal(ride.headers.get('access-control-allow-origin'), '*');
  assert.match(ride.headers.get('access-control-expose-headers') ?? '', /retry-after/);
  await scene.enter('/health');
  assert.equal(scene.inside.length, 11);
  // Once for each class, however many were refused.
  await fetch(`${scene.url}/read`);
  assert.deepEqual(names(scene), ['http.shedding read', 'http.shedding ride']);
  assert.match(scene.metrics.text(), /tongche_refused_read_total 2\n/);
  assert.match(scene.metrics.text(), /tongche_refused_ride_total 1\n/);
});

test('answered and abandoned requests make room, and calm is told once it has lasted', options, async (t) => {
  const scene = await openScene(t, 4);
  await scene.enter('/ride');
  await scene.enter('/ride');
  assert.equal((await fetch(`${scene.url}/read`)).status, 503);
  const [answered, abandoned] = scene.inside;
  assert.ok(answered !== undefined && abandoned !== undefined);
  answered.end('done');
  const gone = once(abandoned, 'close');
  abandoned.socket?.destroy();
  await gone;
  await scene.enter('/read');
  scene.pass(4_900);
  assert.deepEqual(names(scene), ['http.shedding read']);
  scene.pass(200);
  assert.deepEqual(names(scene), ['http.shedding read', 'http.calm 1']);
});

test('a late event loop and a slow database close the gate too', options, async (t) => {
  const scene = await openScene(t);
  scene.waitShare = 0.5;
  assert.equal((await fetch(`${scene.url}/read`)).status, 503);
  await scene.enter('/ride');
  await scene.answerLast();
  scene.waitShare = 0;
  await scene.enter('/read');
  // Two seconds instead of a tenth: half of that on average is at the limit.
  scene.pass(2_000);
  scene.pass(2_000);
  assert.equal((await fetch(`${scene.url}/ride`, { method: 'POST', body: 'x' })).status, 503);
  for (let n = 0; n < 10; n += 1) scene.pass(100);
  await scene.enter('/ride');
});

test(
  'where the oldest has waited for too long nobody follows; a slow sender has only himself to wait for',
  options,
  async (t) => {
    const scene = await openScene(t);
    const slow = connect(scene.port, '127.0.0.1');
    t.after(() => slow.destroy());
    const arrived = scene.arrival();
    slow.write('POST /ride HTTP/1.1\r\nhost: x\r\ncontent-length: 300\r\n\r\nx');
    await arrived;
    for (let n = 0; n < 30; n += 1) scene.pass(100);
    await scene.enter('/ride');
    const body = (scene.inside.at(-1) as ServerResponse).req.resume();
    await once(body, 'end');
    for (let n = 0; n < 21; n += 1) scene.pass(100);
    assert.equal((await fetch(`${scene.url}/ride`, { method: 'POST', body: 'x' })).status, 503);
    await scene.answerLast();
    scene.pass(100);
    await scene.enter('/ride');
  },
);

test('streams stay open for hours and take no room', options, async (t) => {
  const scene = await openScene(t, 10);
  for (let n = 0; n < 5; n += 1) await scene.enter('/stream');
  await scene.enter('/read');
  assert.equal(scene.inside.length, 6);
});

test('where many are refused at the limit, a kept connection is not read for a second', options, async (t) => {
  const scene = await openScene(t, 1);
  await scene.enter('/ride');
  const phone = connect(scene.port, '127.0.0.1');
  t.after(() => phone.destroy());
  const request = 'POST /ride HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx';
  for (let n = 0; n < 101; n += 1) {
    phone.write(request);
    assert.match(String((await once(phone, 'data'))[0]), /^HTTP\/1\.1 503 /);
  }
  while (scene.sockets.at(-1)?.isPaused() !== true) await turnOfTheLoop();
  phone.write(request);
  await scene.answerLast();
  // Others are served meanwhile, so the second request had its chance to be read.
  for (let n = 0; n < 5; n += 1) {
    await scene.enter('/ride');
    await scene.answerLast();
  }
  assert.equal(scene.inside.length, 6);
  const arrived = scene.arrival();
  scene.pass(1_001);
  await arrived;
  await scene.answerLast();
  assert.match(String((await once(phone, 'data'))[0]), /^HTTP\/1\.1 200 /);
});

test('a refused file is not waited for', options, async (t) => {
  const scene = await openScene(t, 1);
  await scene.enter('/ride');
  const office = connect(scene.port, '127.0.0.1');
  t.after(() => office.destroy());
  office.write('POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 60000000\r\n\r\n');
  const closed = once(office, 'close');
  const [answer] = (await once(office, 'data')) as [Buffer];
  assert.match(String(answer), /^HTTP\/1\.1 503 /);
  assert.match(String(answer), /\r\nconnection: close\r\n/i);
  await closed;
});
