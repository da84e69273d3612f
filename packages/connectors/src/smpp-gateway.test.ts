// The gateway against the sink, over real sockets: long texts, receipts, and every way to break off.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import type { TestContext } from 'node:test';

import type { Wording } from '@tongche/messages';
import { memoryLog, silentLog, systemClock } from '@tongche/runtime';

import type { MessageGateway, Receipt } from './gateway.ts';
import { smppGateway } from './smpp-gateway.ts';
import type { SmppGatewayOptions } from './smpp-gateway.ts';
import { smppSink } from './smpp-sink.ts';
import type { SmppSink, SmppSinkOptions } from './smpp-sink.ts';

const clock = systemClock((error) => {
  throw error;
});
const account = { systemId: 'tongche', password: 'secret1' };
const to = '8613800001111';

function wordingOf(text: string): Wording {
  return { template: 'notice', version: 1, values: {}, text };
}

function openGateway(t: TestContext, port: number, more: Partial<SmppGatewayOptions> = {}): MessageGateway {
  const options = { host: '127.0.0.1', port, ...account, sender: '10690001', windowSize: 10, clock, log: silentLog };
  const gateway = smppGateway({ ...options, ...more });
  t.after(() => gateway.close());
  return gateway;
}

async function openSink(t: TestContext, more: Partial<SmppSinkOptions> = {}): Promise<SmppSink> {
  const options = {
    host: '127.0.0.1',
    port: 0,
    credentials: [account],
    receipts: 'deliver',
    maxMessages: 5_000,
  } as const;
  const sink = await smppSink({ ...options, clock, log: silentLog, ...more });
  t.after(() => sink.close());
  return sink;
}

/** Collects receipts; `take(n)` resolves with the first n. */
function collect(gateway: MessageGateway) {
  const receipts: Receipt[] = [];
  let check = (): void => {};
  gateway.onReceipt(async (receipt) => {
    receipts.push(receipt);
    check();
  });
  return (count: number) =>
    new Promise<readonly Receipt[]>((resolve) => {
      check = () => {
        if (receipts.length >= count) resolve(receipts);
      };
      check();
    });
}

test('a long Chinese text arrives whole, with one receipt a part', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port);
  const take = collect(gateway);
  const text = `【同车】您5月3日乘坐的1路公交车（粤B12345）上有确诊病例，请您于24小时内进行核酸检测，并留意自己的健康状况😀。${'请保持联系畅通。'.repeat(12)}`;
  const outcome = await gateway.send({ id: '1', to, wording: wordingOf(text) });
  assert.equal(outcome.kind, 'accepted');
  const ids = outcome.kind === 'accepted' ? outcome.gatewayIds : [];
  assert.equal(ids.length, 3);
  assert.deepEqual(
    sink.messages().map((message) => [message.to, message.text, message.parts]),
    [[to, text, 3]],
  );
  const receipts = await take(3);
  assert.deepEqual(
    receipts.map((receipt) => receipt.gatewayId),
    ids,
  );
  assert.ok(receipts.every((receipt) => receipt.state === 'delivered'));
});

test('a Latin text goes as GSM-7 in one part', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port);
  const text = `Your code is 482913 {€}. ${'x'.repeat(120)}`;
  assert.equal((await gateway.send({ id: '1', to, wording: wordingOf(text) })).kind, 'accepted');
  assert.deepEqual(
    sink.messages().map((message) => [message.text, message.parts]),
    [[text, 1]],
  );
});

test('many messages at once keep their texts apart and stay within the window', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port, { windowSize: 4 });
  const texts = Array.from({ length: 300 }, (_, n) => `第${n}位：${'请留意健康。'.repeat(15)}`);
  const outcomes = await Promise.all(
    texts.map((text, n) => gateway.send({ id: String(n), to, wording: wordingOf(text) })),
  );
  assert.ok(outcomes.every((outcome) => outcome.kind === 'accepted'));
  const arrived = new Set(sink.messages().map((message) => message.text));
  assert.equal(sink.messages().length, texts.length);
  assert.ok(texts.every((text) => arrived.has(text)));
});

test('a connection lost before the answer makes the outcome unknown, and the gateway comes back', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port);
  sink.fault({ kind: 'drop-before-response', count: 1 });
  assert.deepEqual(await gateway.send({ id: '1', to, wording: wordingOf('一') }), {
    kind: 'unknown',
    reason: 'connection-lost',
  });
  assert.equal((await gateway.send({ id: '2', to, wording: wordingOf('二') })).kind, 'accepted');
  assert.deepEqual(
    sink.messages().map((message) => message.text),
    ['一', '二'],
  );
});

test('a connection lost after the answer changes nothing, and its receipt comes on the next one', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port);
  const take = collect(gateway);
  sink.fault({ kind: 'drop-after-response', count: 1 });
  const outcome = await gateway.send({ id: '1', to, wording: wordingOf('一') });
  assert.equal(outcome.kind, 'accepted');
  const [receipt] = await take(1);
  assert.equal(receipt?.gatewayId, outcome.kind === 'accepted' ? outcome.gatewayIds[0] : '');
});

test('a text of which only the beginning was taken is unknown, whatever stopped the rest', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port);
  const text = '车'.repeat(100);
  sink.fault({ kind: 'drop-before-response', count: 1, skip: 1 });
  assert.deepEqual(await gateway.send({ id: '1', to, wording: wordingOf(text) }), {
    kind: 'unknown',
    reason: 'in-part connection-lost',
  });
  assert.equal(sink.messages().length, 1);
  sink.fault({ kind: 'throttle', count: 100, skip: 1 });
  assert.deepEqual(await gateway.send({ id: '2', to, wording: wordingOf(text) }), {
    kind: 'unknown',
    reason: 'in-part throttled',
  });
  assert.equal(sink.messages().length, 1);
});

test('throttling backs off, then the message is taken once', async (t) => {
  const sink = await openSink(t);
  const log = memoryLog();
  const gateway = openGateway(t, sink.port, { log });
  sink.fault({ kind: 'throttle', count: 2 });
  assert.equal((await gateway.send({ id: '1', to, wording: wordingOf('一') })).kind, 'accepted');
  assert.equal(sink.messages().length, 1);
  const pauses = log.lines.filter((line) => line.event === 'connectors.smppThrottled').map((line) => line['pauseMs']);
  assert.deepEqual(pauses, [200, 400]);
});

test('throttling without end is a refusal that may be tried again', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port);
  sink.fault({ kind: 'throttle', count: 100 });
  const outcome = await gateway.send({ id: '1', to, wording: wordingOf('一') });
  assert.deepEqual(outcome, { kind: 'refused', reason: 'throttled', fault: 'provider', retry: true });
  assert.equal(sink.messages().length, 0);
});

test('bad addresses and empty or endless texts are refused for good', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port);
  const send = (address: string, text: string) => gateway.send({ id: '1', to: address, wording: wordingOf(text) });
  assert.deepEqual(await send('+8613800001111', '一'), {
    kind: 'refused',
    reason: 'bad-address',
    fault: 'message',
    retry: false,
  });
  assert.deepEqual(await send(to, ''), { kind: 'refused', reason: 'empty-text', fault: 'message', retry: false });
  assert.deepEqual(await send(to, '车'.repeat(1_000)), {
    kind: 'refused',
    reason: 'text-too-long',
    fault: 'message',
    retry: false,
  });
});

test('a wrong password is logged and never bound', async (t) => {
  const sink = await openSink(t);
  const log = memoryLog();
  const refused = Promise.withResolvers<void>();
  const watching = {
    ...log,
    event: ((event, fields) => {
      log.event(event, fields);
      if (event.name === 'connectors.smppBindRefused') refused.resolve();
    }) as typeof log.event,
  };
  const gateway = openGateway(t, sink.port, { password: 'wrong', log: watching });
  await refused.promise;
  assert.equal(gateway.connected(), false);
});

test('a receipt that could not be stored is delivered again', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port);
  const stored = Promise.withResolvers<Receipt>();
  let tries = 0;
  gateway.onReceipt(async (receipt) => {
    tries += 1;
    if (tries === 1) throw new Error('disk full');
    stored.resolve(receipt);
  });
  await gateway.send({ id: '1', to, wording: wordingOf('一') });
  assert.equal((await stored.promise).state, 'delivered');
  assert.equal(tries, 2);
});

test('scripted receipts: failed, before the answer, lost', async (t) => {
  const sink = await openSink(t, {
    receipts: ({ text }) => (text === 'lost' ? 'lost' : { state: 'failed', early: text === 'early' }),
  });
  const gateway = openGateway(t, sink.port);
  const order: string[] = [];
  const two = Promise.withResolvers<void>();
  gateway.onReceipt(async ({ state }) => {
    order.push(`receipt ${state}`);
    if (order.length === 4) two.resolve();
  });
  await gateway.send({ id: '1', to, wording: wordingOf('lost') });
  await gateway.send({ id: '2', to, wording: wordingOf('early') });
  order.push('early answered');
  await gateway.send({ id: '3', to, wording: wordingOf('late') });
  order.push('late answered');
  if (order.length < 4) await two.promise;
  assert.deepEqual(order, ['receipt failed', 'early answered', 'late answered', 'receipt failed']);
});

test('closing waits for the answers on their way', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port);
  const sends = Array.from({ length: 5 }, (_, n) => gateway.send({ id: String(n), to, wording: wordingOf(`${n}`) }));
  await sends[0];
  await gateway.close();
  const outcomes = await Promise.all(sends);
  const accepted = outcomes.filter((outcome) => outcome.kind === 'accepted').length;
  assert.equal(sink.messages().length, accepted);
  assert.ok(outcomes.every((outcome) => outcome.kind !== 'unknown'));
});

test('nobody listens at first: the gateway keeps trying', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  const gateway = openGateway(t, port);
  const sent = gateway.send({ id: '1', to, wording: wordingOf('一') });
  await openSink(t, { port });
  assert.equal((await sent).kind, 'accepted');
});

test('no more leaves than the rate allows', async (t) => {
  const sink = await openSink(t);
  const gateway = openGateway(t, sink.port, { windowSize: 2, throughputPerS: 50 });
  await new Promise<void>((resolve) => gateway.onRoom(resolve));
  assert.equal(gateway.room(), 2);
  const fromMs = clock.now();
  await Promise.all(
    Array.from({ length: 22 }, (_, n) => gateway.send({ id: String(n), to, wording: wordingOf(`${n}`) })),
  );
  // Two at once, then one in 20 ms: twenty more take 400 ms, less the rounding of timers.
  assert.ok(clock.now() - fromMs >= 350, `${clock.now() - fromMs} ms`);
  // A timer and the wall clock round differently: whoever comes a millisecond early is called once more.
  let called = Promise.withResolvers<void>();
  gateway.onRoom(() => called.resolve());
  while (gateway.room() === 0) {
    await called.promise;
    called = Promise.withResolvers();
  }
});
