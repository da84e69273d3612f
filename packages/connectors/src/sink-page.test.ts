// The development outbox over HTTP.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { ConfigError, silentLog, systemClock } from '@tongche/runtime';

import type { SinkFeed, SinkMessage } from './sink-book.ts';
import { sinkPage } from './sink-page.ts';
import { smppGateway } from './smpp-gateway.ts';
import { smppSink } from './smpp-sink.ts';

const clock = systemClock((error) => {
  throw error;
});
const account = { systemId: 'tongche', password: 'secret1' };

async function open(t: TestContext) {
  const at = { host: '127.0.0.1', port: 0, clock, log: silentLog };
  const sink = await smppSink({ ...at, credentials: [account], receipts: 'deliver', maxMessages: 3 });
  const gateway = smppGateway({ ...at, ...account, port: sink.port, sender: '10690001', windowSize: 5 });
  const page = await sinkPage({ ...at, sink });
  t.after(() => gateway.close());
  t.after(() => sink.close());
  t.after(() => page.close());
  const send = (text: string) =>
    gateway.send({ id: text, to: '8613800001111', wording: { template: 'notice', version: 1, values: {}, text } });
  return { page, send };
}

test('the newest messages come first, and only so many are kept', async (t) => {
  const { page, send } = await open(t);
  for (const text of ['一', '二', '三', '四']) await send(text);
  const { messages } = (await (await fetch(`${page.url}.json`)).json()) as { messages: { text: string }[] };
  assert.deepEqual(
    messages.map((message) => message.text),
    ['四', '三', '二'],
  );
});

test('the page carries a policy that lets only its own script and style run', async (t) => {
  const { page } = await open(t);
  const reply = await fetch(page.url);
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get('content-security-policy') ?? '', /default-src 'none'.*script-src 'sha256-/);
  assert.match(await reply.text(), /<ol id="list">/);
  assert.equal((await fetch(`${page.url}/x`)).status, 404);
  assert.equal((await fetch(page.url, { method: 'POST' })).status, 405);
});

test('a message reaches an open page by itself', async (t) => {
  const { page, send } = await open(t);
  const reply = await fetch(`${page.url}/events`);
  const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader !== undefined);
  let seen = (await reader.read()).value ?? '';
  assert.match(seen, /event: all\ndata: \[\]/);
  await send('验证码 482913');
  while (!seen.includes('"state":"delivered"')) seen += (await reader.read()).value ?? '';
  assert.match(seen, /event: one\ndata: .*482913/);
  await reader.cancel();
});

test('a page opened late, on thousands of messages, begins with the newest and stays open', async (t) => {
  const text = '您的验证码是 482913，十分钟内有效。'.repeat(4);
  const messages = Array.from({ length: 5_000 }, (_, index): SinkMessage => {
    const common = {
      channel: 'sms',
      provider: 'smpp',
      systemId: 'tongche',
      from: '1069',
      to: '8613800001111',
    } as const;
    return { ...common, no: index + 1, text, parts: 1, receivedMs: index, state: 'delivered' };
  });
  let changed = (_message: SinkMessage): void => {};
  const sink: SinkFeed = {
    messages: () => messages,
    onChange(handler) {
      changed = handler;
      return () => {};
    },
  };
  const page = await sinkPage({ sink, host: '127.0.0.1', port: 0, clock, log: silentLog });
  t.after(() => page.close());
  const reader = (await fetch(`${page.url}/events`)).body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader !== undefined);
  let seen = '';
  while (!seen.includes('"no":5000')) seen += (await reader.read()).value ?? '';
  assert.ok(!seen.includes('"no":4000,'));
  const [newest] = messages.slice(-1);
  if (newest !== undefined) changed({ ...newest, no: 5_001 });
  while (!seen.includes('"no":5001')) {
    const { value, done } = await reader.read();
    assert.equal(done, false, 'the page was cut off');
    seen += value ?? '';
  }
  await reader.cancel();
});

test('another host name is refused, and so is an outside address', async (t) => {
  const { page } = await open(t);
  const status = await new Promise((resolve) => {
    const headers = { host: 'evil.example' };
    request({ host: '127.0.0.1', port: page.port, path: '/dev/outbox.json', headers }, (reply) => {
      reply.resume();
      resolve(reply.statusCode);
    }).end();
  });
  assert.equal(status, 403);
  const sink = {
    port: 0,
    messages: () => [],
    onChange: () => () => {},
    fault() {},
    dropConnections() {},
    async close() {},
  };
  await assert.rejects(sinkPage({ sink, host: '0.0.0.0', port: 0, clock, log: silentLog }), ConfigError);
});
