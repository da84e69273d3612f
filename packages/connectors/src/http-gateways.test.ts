// Tencent's and Aliyun's gateways through their official SDKs against a sink that checks every request's signature,
// parameters and template: happy paths, each kind of refusal, time-outs, resets, receipts.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { silentLog, systemClock } from '@tongche/runtime';

import { aliyunGateway } from './aliyun-gateway.ts';
import type { AliyunGatewayOptions } from './aliyun-gateway.ts';
import { aliyunSink } from './aliyun-sink.ts';
import type { MessageGateway, OutgoingMessage, Receipt, SendOutcome } from './gateway.ts';
import { httpSink } from './http-sink.ts';
import type { HttpSink, HttpSinkOptions } from './http-sink.ts';
import { tencentGateway } from './tencent-gateway.ts';
import type { TencentGatewayOptions } from './tencent-gateway.ts';
import { tencentSink } from './tencent-sink.ts';

const clock = systemClock((error) => {
  throw error;
});
const tencentAccount = { secretId: 'AKIDtest', secretKey: 'tencent-key', sdkAppId: '1400006666', signName: '同车' };
const aliyunAccount = { accessKeyId: 'LTAItest', accessKeySecret: 'aliyun-key', signName: '同车' };
const message: OutgoingMessage = {
  id: '4f2f2a0e-1b9a-4b62-9f57-1df0b8a4a001',
  to: '8613800001111',
  wording: { template: 'code', version: 1, values: { minutes: '10', code: '482913', extra: 'x' }, text: '全文' },
};
const read = '【同车】验证码482913，10分钟内有效。';

interface Stage {
  readonly sink: HttpSink;
  readonly gateway: MessageGateway;
}

function openSink(t: TestContext, more: Partial<HttpSinkOptions> = {}): Promise<HttpSink> {
  const providers = [
    tencentSink({
      ...tencentAccount,
      templates: { '1110': '验证码{1}，{2}分钟内有效。' },
      rules: [{ toEndsWith: '0404', code: 'FailedOperation.PhoneNumberInBlacklist' }],
    }),
    aliyunSink({
      ...aliyunAccount,
      templates: { SMS_1: '验证码${code}，${minutes}分钟内有效。' },
      rules: [{ toEndsWith: '0404', code: 'isv.MOBILE_NUMBER_ILLEGAL' }],
    }),
  ];
  const options = { host: '127.0.0.1', port: 0, providers, receipts: 'deliver', maxMessages: 100 } as const;
  return httpSink({ ...options, clock, log: silentLog, ...more }).then((sink) => {
    t.after(() => sink.close());
    return sink;
  });
}

interface Provider {
  readonly name: 'tencent' | 'aliyun';
  readonly open: (t: TestContext, port: number, more?: object) => Promise<MessageGateway>;
  readonly wrongKey: object;
  /** Codes and the outcomes they must have. */
  readonly refusals: readonly (readonly [code: string, outcome: Partial<SendOutcome>])[];
}

const common = {
  protocol: 'http',
  windowSize: 8,
  answerWaitMs: 2_000,
  pullMs: 20,
  wireClock: clock,
  log: silentLog,
} as const;

/** As the provider has it, with our names. */
const approved = '验证码{code}，{minutes}分钟内有效。';

async function openTencent(t: TestContext, port: number, more: Partial<TencentGatewayOptions> = {}) {
  const templates = { code: { id: '1110', text: approved }, odd: { id: '1110', text: '{nobody}' } };
  const at = { endpoint: `sms.localhost:${port}`, region: 'ap-guangzhou' };
  const gateway = await tencentGateway({ ...common, ...tencentAccount, ...at, templates, ...more });
  t.after(() => gateway.close());
  return gateway;
}

async function openAliyun(t: TestContext, port: number, more: Partial<AliyunGatewayOptions> = {}) {
  const templates = { code: { id: 'SMS_1', text: approved }, odd: { id: 'SMS_1', text: '{nobody}' } };
  const at = { endpoint: `127.0.0.1:${port}` };
  const gateway = await aliyunGateway({ ...common, ...aliyunAccount, ...at, templates, ...more });
  t.after(() => gateway.close());
  return gateway;
}

const provider = { kind: 'refused', fault: 'provider' } as const;
const number = { kind: 'refused', fault: 'message' } as const;
const providers: readonly Provider[] = [
  {
    name: 'tencent',
    open: openTencent,
    wrongKey: { secretKey: 'another' },
    refusals: [
      ['FailedOperation.PhoneNumberInBlacklist', { ...number, retry: false }],
      ['LimitExceeded.PhoneNumberThirtySecondLimit', { ...number, retry: true, retryInMs: 30_000 }],
      ['LimitExceeded.PhoneNumberDailyLimit', { ...number, retry: true, retryInMs: 21_600_000 }],
      ['FailedOperation.TemplateIncorrectOrUnapproved', { ...provider, retry: false }],
      ['FailedOperation.InsufficientBalanceInSmsPackage', { ...provider, retry: true }],
      ['RequestLimitExceeded.UinLimitExceeded', { ...provider, retry: true, retryInMs: 1_000 }],
      ['InternalError.Timeout', { kind: 'unknown' }],
      ['Never.Heard.Of', { kind: 'unknown' }],
    ],
  },
  {
    name: 'aliyun',
    open: openAliyun,
    wrongKey: { accessKeySecret: 'another' },
    refusals: [
      ['isv.MOBILE_NUMBER_ILLEGAL', { ...number, retry: false }],
      ['isv.BUSINESS_LIMIT_CONTROL', { ...number, retry: true, retryInMs: 3_600_000 }],
      ['isv.SMS_TEMPLATE_ILLEGAL', { ...provider, retry: false }],
      ['isv.OUT_OF_SERVICE', { ...provider, retry: true }],
      ['Throttling.User', { ...provider, retry: true, retryInMs: 1_000 }],
      ['isp.SYSTEM_ERROR', { kind: 'unknown' }],
      ['isv.NEVER_HEARD_OF', { kind: 'unknown' }],
      ['InternalError', { kind: 'unknown' }],
    ],
  },
];

async function stageOf(t: TestContext, { open }: Provider, more: Partial<HttpSinkOptions> = {}): Promise<Stage> {
  const sink = await openSink(t, more);
  return { sink, gateway: await open(t, sink.port) };
}

/** The first receipt. */
function receiptOf(gateway: MessageGateway): Promise<Receipt> {
  return new Promise((resolve) => gateway.onReceipt(async (receipt) => resolve(receipt)));
}

for (const one of providers) {
  test(`${one.name}: a signed request, template and values in order, is taken; its receipt names the message`, async (t) => {
    const { sink, gateway } = await stageOf(t, one);
    const receipt = receiptOf(gateway);
    const outcome = await gateway.send(message);
    assert.equal(outcome.kind, 'accepted');
    const [received] = sink.messages();
    assert.deepEqual([received?.provider, received?.to, received?.text], [one.name, message.to, read]);
    const { reason, ...rest } = await receipt;
    const gatewayId = outcome.kind === 'accepted' ? outcome.gatewayIds[0] : undefined;
    assert.deepEqual(rest, { gatewayId, messageId: message.id, state: 'delivered' });
    assert.match(reason, /DELIV/);
  });

  test(`${one.name}: a wrong key is the provider's fault and sends nothing`, async (t) => {
    const sink = await openSink(t);
    const gateway = await one.open(t, sink.port, one.wrongKey);
    const outcome = await gateway.send(message);
    assert.deepEqual([outcome.kind, 'fault' in outcome && outcome.fault], ['refused', 'provider']);
    assert.equal(sink.messages().length, 0);
  });

  test(`${one.name}: each code means what the table says`, async (t) => {
    const { sink, gateway } = await stageOf(t, one);
    for (const [code, expected] of one.refusals) {
      sink.fault({ code }, 1);
      const { reason, ...outcome } = (await gateway.send(message)) as { readonly reason: string };
      assert.deepEqual(outcome, expected, code);
      assert.equal(reason, code);
    }
    assert.equal(sink.messages().length, 0);
  });

  test(`${one.name}: the sink answers by rule of the number`, async (t) => {
    const { gateway } = await stageOf(t, one);
    const outcome = await gateway.send({ ...message, to: '8613800000404' });
    assert.deepEqual([outcome.kind, 'fault' in outcome && outcome.fault], ['refused', 'message']);
  });

  test(`${one.name}: wordings and numbers it cannot send never reach it`, async (t) => {
    const { sink, gateway } = await stageOf(t, one);
    const { wording } = message;
    const none = await gateway.send({ ...message, wording: { ...wording, template: 'other' } });
    assert.deepEqual(none, { kind: 'refused', reason: 'no-template', fault: 'provider', retry: false });
    const lacking = await gateway.send({ ...message, wording: { ...wording, template: 'odd' } });
    assert.deepEqual(lacking, { kind: 'refused', reason: 'no-value', fault: 'provider', retry: false });
    const bad = await gateway.send({ ...message, to: '+8613800001111' });
    assert.deepEqual(bad, { kind: 'refused', reason: 'bad-address', fault: 'message', retry: false });
    assert.equal(sink.sendRequests().length, 0);
  });

  test(`${one.name}: no answer, a reset and a 503 are unknown; only the receipt may tell later`, async (t) => {
    const sink = await openSink(t);
    const gateway = await one.open(t, sink.port, { answerWaitMs: 300 });
    sink.fault('silent', 1);
    assert.equal((await gateway.send(message)).kind, 'unknown');
    sink.fault('drop-before-response', 1);
    assert.equal((await gateway.send(message)).kind, 'unknown');
    sink.fault('unavailable', 1);
    assert.equal((await gateway.send(message)).kind, 'unknown');
    assert.equal(sink.messages().length, 2, 'two of them arrived after all');
  });

  test(`${one.name}: where nobody listens, nothing was sent`, async (t) => {
    const sink = await openSink(t);
    const gateway = await one.open(t, sink.port);
    await sink.close();
    const outcome = await gateway.send(message);
    assert.deepEqual(outcome, { kind: 'refused', reason: 'not-connected', fault: 'provider', retry: true });
  });

  test(`${one.name}: a failed receipt says so; one that could not be stored is handed over again`, async (t) => {
    const { gateway } = await stageOf(t, one, { receipts: () => ({ state: 'failed' }) });
    const stored = Promise.withResolvers<Receipt>();
    let tries = 0;
    gateway.onReceipt(async (receipt) => {
      tries += 1;
      if (tries === 1) throw new Error('disk full');
      stored.resolve(receipt);
    });
    await gateway.send(message);
    assert.equal((await stored.promise).state, 'failed');
    assert.equal(tries, 2);
  });

  test(`${one.name}: a full window refuses, and says when there is room`, async (t) => {
    const sink = await openSink(t);
    const gateway = await one.open(t, sink.port, { windowSize: 2 });
    const sends = [gateway.send(message), gateway.send(message)];
    assert.equal(gateway.room(), 0);
    assert.deepEqual(await gateway.send(message), { kind: 'refused', reason: 'busy', fault: 'provider', retry: true });
    await Promise.all(sends);
    assert.equal(gateway.room(), 2);
  });
}

test('tencent: an unknown send is told apart by its receipt, which carries our id', async (t) => {
  const sink = await openSink(t);
  const gateway = await openTencent(t, sink.port);
  const receipt = receiptOf(gateway);
  sink.fault('drop-before-response', 1);
  assert.equal((await gateway.send(message)).kind, 'unknown');
  assert.deepEqual([(await receipt).messageId, (await receipt).state], [message.id, 'delivered']);
});

test('aliyun: after a restart, receipts are asked for again', async (t) => {
  const sink = await openSink(t);
  const first = await openAliyun(t, sink.port, { pullMs: 0 });
  const outcome = await first.send(message);
  const gatewayId = outcome.kind === 'accepted' ? (outcome.gatewayIds[0] ?? '') : '';
  const second = await openAliyun(t, sink.port);
  const receipt = receiptOf(second);
  second.awaitReceipts?.([{ gatewayId, to: message.to, acceptedMs: clock.now() }]);
  assert.deepEqual([(await receipt).gatewayId, (await receipt).state], [gatewayId, 'delivered']);
});
