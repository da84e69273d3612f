// Every malformed, oversized, unknown or failing request is answered from the catalogue, and nothing else leaks.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { errors, Refusal } from '@tongche/contract';
import type { ErrorCode } from '@tongche/contract';
import { memoryLog, settableClock } from '@tongche/runtime';
import { Type } from 'typebox';
import { createServer, listen, sendError } from './index.ts';
import type { App } from './index.ts';

const log = memoryLog();
const app = createServer({
  name: 'demo',
  clock: settableClock(0),
  log,
  cors: { origins: ['http://page.test'], paths: ['/v1/'] },
  bodyLimit: 1000,
  dropConnection: ['/v1/drop'],
  health: async () => ({ ok: healthy, checks: { database: healthy } }),
});
let healthy = true;
let url = '';
let port = 0;

const Thing = Type.Object(
  { name: Type.String({ maxLength: 10 }), count: Type.Optional(Type.Integer()) },
  { additionalProperties: false },
);

function addRoutes(app: App): void {
  app.post('/v1/things', { schema: { body: Thing } }, async (request) => ({ name: request.body.name }));
  app.get('/v1/things/:id', async (request) => request.params);
  app.get('/v1/refused', async () => Promise.reject(new Refusal('clock-wrong', { nowMs: 5 })));
  app.get('/v1/later', async (_request, reply) => sendError(reply, 'busy', { retryAfterS: 1.5 }));
  app.get('/v1/fault', async () => Promise.reject(new Error('phone 13800000000 in a fault')));
  app.get('/v1/odd', async () => Promise.reject(Object.assign(new Error('pg: secret'), { statusCode: 404 })));
  app.get('/v1/throws-text', async () => {
    // eslint-disable-next-line no-throw-literal, only-throw-error
    throw 'secret text';
  });
  app.get('/v1/drop', async () => ({ ok: true }));
}

before(async () => {
  addRoutes(app);
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  assert.ok('url' in listening);
  ({ url, port } = listening);
});
after(async () => app.close());

async function expectError(response: Response, code: ErrorCode): Promise<Record<string, unknown>> {
  const body = (await response.json()) as Record<string, unknown>;
  const { zh, en } = errors[code];
  assert.deepEqual(body['error'], { code, message: { zh, en } });
  assert.equal(response.status, errors[code].status);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
  assert.equal(response.headers.get('server'), null);
  return body;
}

async function post(body: string, type = 'application/json'): Promise<Response> {
  return fetch(`${url}/v1/things`, { method: 'POST', body, headers: { 'content-type': type } });
}

test('a good request passes', async () => {
  const response = await post('{"name":"bus","count":3}');
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { name: 'bus' });
});

test('malformed bodies', async () => {
  await expectError(await post('{"name":'), 'bad-request');
  await expectError(await post(''), 'bad-request');
  await expectError(await post('[]'), 'bad-request');
  await expectError(await post('{}'), 'bad-request');
  await expectError(await post('{"__proto__":{"name":"x"},"name":"x"}'), 'bad-request');
  await expectError(await post('{"name":"longer than ten"}'), 'bad-request');
  await expectError(await post('{"name":7}'), 'bad-request');
  const body = await expectError(await post('{"name":"x","count":"3"}'), 'bad-request');
  assert.equal(body['field'], 'body/count', 'kinds are not converted');
});

test('a NUL in any text is malformed, however deep it lies', async () => {
  const deep = `${'['.repeat(300)}"a\\u0000"${']'.repeat(300)}`;
  for (const body of ['{"name":"a\\u0000"}', '{"na\\u0000me":"a"}', deep]) {
    await expectError(await post(body), 'bad-request');
  }
  await expectError(await fetch(`${url}/v1/things/a%00b`), 'bad-request');
  await expectError(await fetch(`${url}/v1/things/a?q=%00`), 'bad-request');
});

test('unknown fields are refused, not dropped', async () => {
  const body = await expectError(await post('{"name":"x","phone":"1"}'), 'unknown-field');
  assert.equal(body['field'], 'body/phone');
});

test('wrong content types', async () => {
  await expectError(await post('{"name":"x"}', 'text/plain'), 'wrong-type');
  await expectError(await post('name=x', 'application/x-www-form-urlencoded'), 'wrong-type');
  await expectError(await post('{"name":"x"}', 'nonsense'), 'wrong-type');
});

test('an oversized body is refused whether its length is announced or not', async () => {
  const large = JSON.stringify({ name: 'x'.repeat(2000) });
  await expectError(await post(large), 'too-large');
  const stream = new Blob([large]).stream();
  const init = {
    method: 'POST',
    body: stream,
    duplex: 'half' as const,
    headers: { 'content-type': 'application/json' },
  };
  await expectError(await fetch(`${url}/v1/things`, init), 'too-large');
});

test('unknown paths and wrong methods are told apart', async () => {
  await expectError(await fetch(`${url}/nowhere`), 'not-found');
  const response = await fetch(`${url}/v1/things/7`, { method: 'DELETE' });
  await expectError(response, 'method-not-allowed');
  assert.equal(response.headers.get('allow'), 'GET, HEAD');
  await expectError(await fetch(`${url}/v1/things`), 'method-not-allowed');
});

test('paths no router takes', async () => {
  await expectError(await fetch(`${url}/v1/things/%ff`), 'bad-request');
  await expectError(await fetch(`${url}/v1/things/${'x'.repeat(300)}`), 'not-found');
});

test('refusals carry their code and extra fields', async () => {
  const body = await expectError(await fetch(`${url}/v1/refused`), 'clock-wrong');
  assert.equal(body['nowMs'], 5);
  const later = await fetch(`${url}/v1/later`);
  await expectError(later, 'busy');
  assert.equal(later.headers.get('retry-after'), '2');
});

test('faults are answered `internal` without a word of the fault, in the answer and in the log', async () => {
  for (const path of ['/v1/fault', '/v1/odd', '/v1/throws-text']) {
    const response = await fetch(`${url}${path}`);
    const text = await response.clone().text();
    await expectError(response, 'internal');
    assert.doesNotMatch(text, /13800000000|secret|stack|server\.test/);
  }
  assert.doesNotMatch(JSON.stringify(log.lines), /13800000000|secret/);
  assert.ok(log.lines.some((line) => line.event === 'runtime.fault' && line['where'] === 'http.handler'));
});

async function raw(text: string): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.write(text);
  await new Promise((resolve) => socket.on('close', resolve));
  return Buffer.concat(pieces).toString();
}

test('a body cut off by the network is no fault of ours', { timeout: 10_000 }, async () => {
  const before = log.lines.length;
  const arrived = new Promise<Socket>((resolve) => {
    for (const listener of app.tongche.listeners) listener.once('request', ({ socket }) => resolve(socket));
  });
  const phone = connect(port, '127.0.0.1');
  phone.write(
    'POST /v1/things HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{"na',
  );
  const socket = await arrived;
  const closed = once(socket, 'close');
  phone.destroy();
  await closed;
  await fetch(`${url}/v1/drop`);
  const faults = log.lines.slice(before).filter(({ event }) => event === 'runtime.fault');
  assert.deepEqual(faults, []);
});

test('bytes that are no HTTP request get the catalogue entry too', async () => {
  const answer = await raw('nonsense\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /"code":"bad-request"/);
  assert.match(answer, /nosniff/);
});

test('CORS headers stand on every status for the named origins and paths only', async () => {
  const headers = { origin: 'http://page.test' };
  for (const path of ['/v1/things/1', '/v1/fault', '/v1/nothing', '/v1/refused', '/v1/things/%ff']) {
    const response = await fetch(`${url}${path}`, { headers });
    assert.equal(response.headers.get('access-control-allow-origin'), 'http://page.test', path);
    assert.equal(response.headers.get('vary'), 'origin', path);
  }
  const stranger = await fetch(`${url}/v1/things/1`, { headers: { origin: 'http://other.test' } });
  assert.equal(stranger.headers.get('access-control-allow-origin'), null);
  const outside = await fetch(`${url}/healthz`, { headers });
  assert.equal(outside.headers.get('access-control-allow-origin'), null);
  const preflight = await fetch(`${url}/v1/things`, {
    method: 'OPTIONS',
    headers: { ...headers, 'access-control-request-method': 'POST' },
  });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/);
  assert.equal(preflight.headers.get('access-control-allow-headers'), 'content-type');
});

test('the connection is not kept where keeping it would link requests', async () => {
  const answer = await raw('GET /v1/drop HTTP/1.1\r\nhost: x\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /connection: close/i);
});

test('the request log has method, template, status, time and id and nothing else', async () => {
  await fetch(`${url}/v1/things/some-secret-id?phone=13800000000`);
  const line = log.lines.findLast((entry) => entry.event === 'http.request');
  const keys = Object.keys(line ?? {}).sort();
  assert.deepEqual(keys, ['event', 'id', 'level', 'method', 'ms', 'process', 'route', 'status', 'time']);
  assert.equal(line?.['route'], '/v1/things/:id');
  assert.doesNotMatch(JSON.stringify(log.lines), /some-secret-id|13800000000/);
});

test('every request has an id of its own, in its answer and its line', async () => {
  const ids = new Set<string>();
  for (let i = 0; i < 300; i += 1) {
    const { headers } = await app.inject('/v1/things/1');
    const id = String(headers['x-request-id']);
    assert.match(id, /^[\w-]{12}$/);
    ids.add(id);
  }
  assert.equal(ids.size, 300);
  assert.ok(ids.has(String(log.lines.at(-1)?.['id'])));
});

test('cookies are read where they came, and set', async () => {
  const jar = createServer({
    name: 'jar',
    clock: settableClock(0),
    log,
    health: async () => ({ ok: true, checks: {} }),
  });
  jar.get('/cookies', async (request, reply) => {
    const seen = { ...request.cookies };
    return reply.setCookie('b', '2', { path: '/', httpOnly: true }).send(seen);
  });
  assert.deepEqual((await jar.inject('/cookies')).json(), {});
  const answer = await jar.inject({ url: '/cookies', headers: { cookie: 'a=1; c=%20' } });
  assert.deepEqual(answer.json(), { a: '1', c: ' ' });
  assert.match(String(answer.headers['set-cookie']), /^b=2; Path=\/; HttpOnly/);
  await jar.close();
});

test('health and metrics', async () => {
  const good = await fetch(`${url}/healthz`);
  assert.equal(good.status, 200);
  assert.deepEqual(await good.json(), { ok: true, checks: { database: true } });
  healthy = false;
  assert.equal((await fetch(`${url}/healthz`)).status, 503);
  healthy = true;
  app.tongche.metrics.count('tongche_demo_total', 2);
  const text = await (await fetch(`${url}/metrics`)).text();
  assert.match(text, /tongche_http_request_ms_count\{method="GET",route="\/v1\/things\/:id",status="200"\} \d+/);
  assert.match(text, /tongche_demo_total 2/);
  assert.match(text, /tongche_event_loop_lag_p99_ms/);
});

test('requests for other host names are refused where names are given', async () => {
  const narrow = createServer({
    name: 'narrow',
    clock: settableClock(0),
    log,
    hosts: ['casework.localhost'],
    health: async () => ({ ok: true, checks: {} }),
  });
  const right = await narrow.inject({ url: '/healthz', headers: { host: 'casework.localhost:8620' } });
  assert.equal(right.statusCode, 200);
  const wrong = await narrow.inject({ url: '/healthz', headers: { host: 'evil.test:8620' } });
  assert.equal(wrong.statusCode, 403);
  assert.equal(wrong.json<{ error: { code: string } }>().error.code, 'wrong-origin');
  await narrow.close();
});

test('a health check that throws or hangs is a 503', async () => {
  const failing = createServer({
    name: 'failing',
    clock: settableClock(0),
    log,
    health: async () => Promise.reject(new Error('secret')),
  });
  const answer = await failing.inject('/healthz');
  assert.equal(answer.statusCode, 503);
  assert.doesNotMatch(answer.body, /secret/);
  await failing.close();
});
