// The short way answers as the framework's route of the same path does, byte for byte, and leaves to it whatever is odd.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Refusal } from '@tongche/contract';
import { memoryLog, settableClock } from '@tongche/runtime';
import { createServer, listen } from './index.ts';
import type { App } from './index.ts';

const limitBytes = 100;
const log = memoryLog();
let taken: string[] = [];

async function answerTo(body: string): Promise<string> {
  taken.push(body);
  if (body === 'busy') throw new Refusal('busy', { retryAfterS: 2.5 });
  if (body === 'fault') throw new Error('secret');
  return Buffer.from(`{"plate":"粤B·${body}"}`).toString('latin1');
}

function makeApp(isDirect: boolean): App {
  const app = createServer({
    name: 'direct',
    clock: settableClock(0),
    log,
    cors: { origins: ['http://page.test'], paths: ['/v1/'] },
    dropConnection: ['/v1/texts'],
    health: async () => ({ ok: true, checks: {} }),
    direct: isDirect
      ? [{ path: '/v1/texts', targets: ['/v1/texts', '/v1/texts?a=b'], bodyLimitBytes: limitBytes, answer: answerTo }]
      : [],
  });
  void app.register(async (texts: App) => {
    texts.addContentTypeParser('text/plain', { parseAs: 'string', bodyLimit: limitBytes }, (_request, body, done) =>
      done(null, body),
    );
    texts.post('/v1/texts', { bodyLimit: limitBytes }, async (request, reply) => {
      const text = await answerTo(request.body as string);
      return reply.type('application/json; charset=utf-8').send(Buffer.from(text, 'latin1'));
    });
  });
  return app;
}

const servers = { direct: makeApp(true), framework: makeApp(false) };
const urls: Record<string, string> = {};
before(async () => {
  for (const [name, app] of Object.entries(servers)) {
    const where = await listen(app, { host: '127.0.0.1', port: 0 });
    assert.ok('url' in where);
    urls[name] = where.url;
  }
});
after(async () => Promise.all(Object.values(servers).map((app) => app.close())));

async function raw(name: keyof typeof servers, text: string): Promise<string> {
  const socket = connect(Number(new URL(urls[name] ?? '').port), '127.0.0.1');
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.write(text);
  await new Promise((resolve) => socket.on('close', resolve));
  return Buffer.concat(pieces).toString();
}

/** Status line, headers by name, body; without what differs from answer to answer. */
function parsed(answer: string) {
  const [head = '', body] = answer.split('\r\n\r\n');
  const [status, ...lines] = head.toLowerCase().split('\r\n');
  const kept = lines.filter((line) => !/^(date|x-request-id):/.test(line));
  assert.equal(lines.length - kept.length, 2, 'a date and an id');
  return { status, headers: kept.sort(), body };
}

const head = 'POST /v1/texts HTTP/1.1\r\nhost: a\r\nconnection: close\r\n';
const typed = `${head}content-type: text/plain;charset=UTF-8\r\n`;
const sent = (body: string, headers = typed): string => `${headers}content-length: ${body.length}\r\n\r\n${body}`;

test('answers, refusals and faults are those of the framework', async () => {
  const origins = ['', 'origin: http://page.test\r\n', 'origin: http://other.test\r\n'];
  for (const body of ['12345', 'busy', 'fault']) {
    for (const origin of origins) {
      const request = sent(body, `${typed}${origin}`);
      assert.deepEqual(
        parsed(await raw('direct', request)),
        parsed(await raw('framework', request)),
        `${body} ${origin}`,
      );
    }
  }
  assert.match(await raw('direct', sent('12345')), /^HTTP\/1\.1 200 [\s\S]*\{"plate":"粤B·12345"\}$/);
  assert.match(await raw('direct', sent('busy')), /^HTTP\/1\.1 503 [\s\S]*retry-after: 3\r\n/);
  assert.doesNotMatch(JSON.stringify(log.lines), /secret/);
});

test('what is odd is answered alike', async () => {
  const requests = [
    sent('x'.repeat(limitBytes + 1)),
    sent('x', `${head}content-type: text/html\r\n`),
    sent('x', `${head}content-type: text/plainer\r\n`),
    sent('x', head),
    sent('', typed),
    `${typed}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    'GET /v1/texts HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
    'OPTIONS /v1/texts HTTP/1.1\r\nhost: a\r\norigin: http://page.test\r\naccess-control-request-method: POST\r\nconnection: close\r\n\r\n',
    sent('x', typed.replace('/v1/texts', '/v1/texts?x=y')),
    sent('x', typed.replace('/v1/texts', '/v1/nothing')),
  ];
  for (const request of requests) {
    assert.deepEqual(parsed(await raw('direct', request)), parsed(await raw('framework', request)), request);
  }
});

test('a body in many pieces is one text, and one that is cut off is none', async () => {
  taken = [];
  const socket = connect(Number(new URL(urls['direct'] ?? '').port), '127.0.0.1');
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const answered = new Promise((resolve) => socket.once('data', resolve));
  socket.write(`${typed}content-length: 6\r\n\r\nab`);
  await new Promise((resolve) => setImmediate(resolve));
  socket.write('cd');
  await new Promise((resolve) => setImmediate(resolve));
  socket.write('ef');
  await answered;
  await closed;
  assert.deepEqual(taken, ['abcdef']);

  const cut = connect(Number(new URL(urls['direct'] ?? '').port), '127.0.0.1');
  cut.write(`${typed}content-length: 6\r\n\r\nab`);
  await new Promise((resolve) => setImmediate(resolve));
  cut.destroy();
  await raw('direct', sent('after'));
  assert.deepEqual(taken, ['abcdef', 'after']);
});

test('each answer is counted and logged under the route’s template', async () => {
  const before = log.lines.length;
  await raw('direct', sent('1', typed.replace('/v1/texts', '/v1/texts?a=b')));
  const line = log.lines.slice(before).find(({ event }) => event === 'http.request');
  assert.deepEqual([line?.['method'], line?.['route'], line?.['status']], ['POST', '/v1/texts', 200]);
  assert.match(servers.direct.tongche.metrics.text(), /_count\{method="POST",route="\/v1\/texts",status="200"\} \d+/);
});
