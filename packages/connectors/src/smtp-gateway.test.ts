// Mail through a real mail server on loopback: encryption, encoding, headers that cannot be forged, every outcome.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { silentLog, systemClock } from '@tongche/runtime';

import type { MessageGateway, OutgoingMessage } from './gateway.ts';
import { isMailAddress, smtpGateway } from './smtp-gateway.ts';
import type { SmtpGatewayOptions } from './smtp-gateway.ts';
import { smtpSink } from './smtp-sink.ts';
import type { SmtpSink, SmtpSinkOptions } from './smtp-sink.ts';
import { testCertificate } from './test-certificate.ts';

const clock = systemClock((error) => {
  throw error;
});
const account = { user: 'notifier', password: 'mail-secret' };
const text = `【同车】您5月3日的乘车记录😀\n请于24小时内联系我们。${'请保持联系畅通。'.repeat(60)}\n.\n..两点\n`;
const message: OutgoingMessage = {
  id: '4f2f2a0e-1b9a-4b62-9f57-1df0b8a4a001',
  to: 'wang.fang@example.org',
  wording: { template: 'notice', version: 1, values: {}, text, subject: '疫情提醒：请查看' },
};

async function open(t: TestContext, sinkMore: Partial<SmtpSinkOptions> = {}, more: Partial<SmtpGatewayOptions> = {}) {
  const at = { host: '127.0.0.1', port: 0, maxMessages: 50, clock, log: silentLog };
  const sink = await smtpSink({ ...at, credentials: [account], ...sinkMore });
  t.after(() => sink.close());
  return { sink, gateway: await openGateway(t, sink, more) };
}

async function openGateway(t: TestContext, sink: SmtpSink, more: Partial<SmtpGatewayOptions>): Promise<MessageGateway> {
  const gateway = await smtpGateway({
    host: 'localhost',
    port: sink.port,
    tls: 'none',
    ...account,
    from: 'notice@cdc.example',
    fromName: '海京市疾控',
    subject: '通知',
    windowSize: 4,
    answerWaitMs: 2_000,
    wireClock: clock,
    log: silentLog,
    ...more,
  });
  t.after(() => gateway.close());
  return gateway;
}

test('a Chinese mail arrives whole, under a message id that is the same at every attempt', async (t) => {
  const { sink, gateway } = await open(t);
  const outcome = await gateway.send(message);
  const id = `<${message.id}@cdc.example>`;
  assert.deepEqual(outcome, { kind: 'accepted', gatewayIds: [id] });
  const [received] = sink.messages();
  assert.deepEqual(
    [received?.channel, received?.to, received?.subject, received?.text],
    ['mail', message.to, '疫情提醒：请查看', text.trimEnd()],
  );
  const [raw = ''] = sink.raw();
  assert.ok(raw.includes(`Message-ID: ${id}`) && raw.includes('Auto-Submitted: auto-generated'));
  assert.match(raw, /^[\r\n\t -~]*$/, 'nothing but ASCII on the wire');
  assert.ok(raw.split('\r\n').every((line) => line.length < 998));
});

test('encryption is demanded: STARTTLS with a certificate we trust, or nothing is sent', async (t) => {
  const certificate = testCertificate(Date.now());
  const { sink, gateway } = await open(t, { tls: certificate }, { tls: 'starttls', ca: certificate.cert });
  assert.equal((await gateway.send(message)).kind, 'accepted');
  const distrustful = await openGateway(t, sink, { tls: 'starttls' });
  const outcome = await distrustful.send(message);
  assert.deepEqual([outcome.kind, 'fault' in outcome && outcome.fault], ['refused', 'provider']);
  const plain = await open(t, {}, { tls: 'starttls' });
  const stripped = await plain.gateway.send(message);
  assert.deepEqual([stripped.kind, 'fault' in stripped && stripped.fault], ['refused', 'provider']);
  assert.equal(sink.messages().length + plain.sink.messages().length, 1);
});

test('no text and no subject can add a header or a recipient', async (t) => {
  const { sink, gateway } = await open(t);
  const wording = {
    ...message.wording,
    subject: 'a\r\nBcc: thief@example.org\r\n\r\nbody',
    text: 'x\r\n.\r\nMAIL FROM:<a@b>\r\nBcc: b',
  };
  assert.equal((await gateway.send({ ...message, id: 'x>\r\nBcc: y', wording })).kind, 'accepted');
  const [raw = ''] = sink.raw();
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
  assert.equal(/^bcc:/im.test(head), false);
  assert.equal(sink.messages().length, 1);
  for (const to of [
    'a@b.c\r\nRCPT TO:<d@e.f>',
    'a b@c.d',
    '"a"@b.c',
    'a@b..c',
    '@b.c',
    'a@',
    `${'a'.repeat(65)}@b.c`,
    '<a@b.c>',
  ]) {
    assert.equal(isMailAddress(to), false, to);
    const outcome = await gateway.send({ ...message, to });
    assert.deepEqual(outcome, { kind: 'refused', reason: 'bad-address', fault: 'message', retry: false });
  }
  assert.equal(sink.messages().length, 1);
});

test('4xx comes later, 5xx never; about us means another provider', async (t) => {
  const rules = [
    { toStartsWith: 'nobody', code: 550 },
    { toStartsWith: 'full', code: 452 },
    { toStartsWith: 'closing', code: 421 },
  ];
  const { sink, gateway } = await open(t, { rules });
  const send = (to: string) => gateway.send({ ...message, to });
  assert.deepEqual(await send('nobody@x.y'), { kind: 'refused', reason: 'smtp-550', fault: 'message', retry: false });
  assert.deepEqual(await send('full@x.y'), { kind: 'refused', reason: 'smtp-452', fault: 'message', retry: true });
  const closing = await send('closing@x.y');
  assert.deepEqual(closing, { ...closing, kind: 'refused', fault: 'provider', retry: true });
  sink.fault(554, 1);
  assert.deepEqual(await send('a@x.y'), { kind: 'refused', reason: 'smtp-554', fault: 'message', retry: false });
  sink.fault(451, 1);
  assert.deepEqual(await send('a@x.y'), { kind: 'refused', reason: 'smtp-451', fault: 'message', retry: true });
  const wrong = await openGateway(t, sink, { password: 'wrong' });
  assert.deepEqual(await wrong.send(message), { kind: 'refused', reason: 'smtp-535', fault: 'provider', retry: true });
  assert.equal(sink.messages().length, 0);
});

test('after the data: a dropped connection and silence are unknown; before it, nothing was sent', async (t) => {
  const { sink, gateway } = await open(t, {}, { answerWaitMs: 300 });
  sink.fault('drop-after-data', 1);
  assert.equal((await gateway.send(message)).kind, 'unknown');
  sink.fault('silent', 1);
  assert.equal((await gateway.send(message)).kind, 'unknown');
  assert.equal(sink.messages().length, 2, 'both arrived after all');
  await sink.close();
  assert.deepEqual(await gateway.send(message), {
    kind: 'refused',
    reason: 'not-connected',
    fault: 'provider',
    retry: true,
  });
});
