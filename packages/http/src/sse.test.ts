// Event streams: what a reader sees, what a slow reader gets, and how a closing server ends them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { settableClock, silentLog } from '@tongche/runtime';
import { createServer, listen, sse } from './index.ts';
import type { App, Sse } from './index.ts';

const clock = settableClock(0);
const waiting: ((stream: Sse) => void)[] = [];
const ended: string[] = [];
let endedNext: (() => void) | undefined;
let port = 0;
let url = '';

function newApp(): App {
  const app = createServer({
    name: 'live',
    clock,
    log: silentLog,
    cors: { origins: ['http://page.test'] },
    health: async () => ({ ok: true, checks: {} }),
  });
  app.get('/live', async (_request, reply) => {
    const stream = sse(reply, {
      onClose: () => {
        ended.push('closed');
        endedNext?.();
      },
    });
    waiting.shift()?.(stream);
    return reply;
  });
  return app;
}

const app = newApp();
before(async () => {
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  assert.ok('url' in listening);
  ({ url, port } = listening);
});
after(async () => app.close());

async function nextStream(): Promise<Sse> {
  return new Promise((resolve) => waiting.push(resolve));
}

async function nextEnd(): Promise<void> {
  return new Promise((resolve) => (endedNext = resolve));
}

test('events, ids, heartbeats and headers arrive; leaving is noticed', async () => {
  const opening = nextStream();
  const controller = new AbortController();
  const response = await fetch(`${url}/live`, {
    signal: controller.signal,
    headers: { 'last-event-id': '41', origin: 'http://page.test' },
  });
  const stream = await opening;
  assert.equal(stream.lastEventId, '41');
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert.equal(response.headers.get('access-control-allow-origin'), 'http://page.test');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.match(response.headers.get('x-request-id') ?? '', /^[\w-]{12}$/);
  const reader = response.body?.getReader();
  assert.ok(reader !== undefined);
  let text = '';
  async function until(part: string): Promise<void> {
    while (!text.includes(part)) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      assert.equal(done, false);
      text += Buffer.from(value ?? []).toString();
    }
  }
  assert.equal(stream.send({ id: 42, event: 'ride', data: { line: '1\n2' } }), true);
  await until('id: 42\nevent: ride\ndata: {"line":"1\\n2"}\n\n');
  // It spoke just now: the first round passes in silence.
  await clock.advance(15_000);
  assert.ok(!text.includes('still here'));
  await clock.advance(15_000);
  await until(': still here\n\n');
  assert.equal(clock.pending().filter(({ name }) => name === 'http.sse-heartbeat').length, 1);
  const end = nextEnd();
  controller.abort();
  await end;
  assert.equal(stream.send({ data: 1 }), false);
  assert.ok(!clock.pending().some(({ name }) => name === 'http.sse-heartbeat'));
});

test('a reader that does not read is closed instead of filling the memory', async () => {
  const opening = nextStream();
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  socket.write('GET /live HTTP/1.1\r\nhost: x\r\n\r\n');
  const stream = await opening;
  const end = nextEnd();
  const data = 'x'.repeat(100_000);
  let sent = 0;
  while (stream.send({ data }) && sent < 1000) {
    sent += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await end;
  assert.ok(sent < 1000, `${sent} events were taken for a reader that reads none`);
  socket.destroy();
});

test('closing the server ends its streams at once', async () => {
  const other = newApp();
  const listening = await listen(other, { host: '127.0.0.1', port: 0 });
  assert.ok('url' in listening);
  const opening = nextStream();
  const response = await fetch(`${listening.url}/live`);
  await opening;
  const before = performance.now();
  await other.close();
  assert.ok(performance.now() - before < 2000);
  assert.match(await response.text(), /^retry: /);
});
