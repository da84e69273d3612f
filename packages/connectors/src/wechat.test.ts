// WeChat against its stand-in: tokens that end, codes that count once, messages that are taken, refused or unknown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { settableClock, silentLog } from '@tongche/runtime';
import type { Wording } from '@tongche/messages';

import type { SendOutcome } from './gateway.ts';
import { doubledCodes } from './answers.ts';
import { createSinkBook } from './sink-book.ts';
import { wechatAnswers } from './wechat-answers.ts';
import { wechatApi, WechatUnavailable } from './wechat-api.ts';
import { wechatGateway } from './wechat-gateway.ts';
import { wechatSink } from './wechat-sink.ts';

const app = { appId: 'wx0000000000000001', secret: 'test-secret' };
const openid = 'oTest_0123456789-abcdefghijk';
const wording: Wording = {
  template: 'fellow-rider',
  version: 1,
  values: { month: '11', day: '18', part: '上午', check: 'K7Q2' },
  text: '',
};
const template = {
  id: 'tpl-1',
  fields: { thing1: '{month}月{day}日{part}乘车提醒', character_string2: '{check}', thing3: '请打开查看，不是诊断' },
};

async function stage(t: TestContext) {
  const clock = settableClock(Date.UTC(2026, 10, 20, 1));
  const book = createSinkBook(100);
  const templates = { 'tpl-1': Object.keys(template.fields) };
  const sink = await wechatSink({ host: '127.0.0.1', port: 0, ...app, templates, book, clock });
  t.after(() => sink.close());
  const options = { baseUrl: sink.url, ...app, answerWaitMs: 2_000, wireClock: clock };
  const gateway = wechatGateway({
    ...options,
    templates: { 'fellow-rider': template },
    page: 'pages/rides/rides',
    windowSize: 4,
    log: silentLog,
  });
  t.after(() => gateway.close());
  return { clock, book, sink, options, api: wechatApi(options), gateway };
}

function refusal(outcome: SendOutcome): readonly unknown[] {
  return outcome.kind === 'refused' ? [outcome.reason, outcome.fault, outcome.retry] : [outcome.kind];
}

test('a code gives its phone once, for five minutes, to our mini-program only', async (t) => {
  const { sink, api, clock } = await stage(t);
  const code = sink.phoneCode({ country: '86', number: '13900001234' });
  assert.equal(await api.phoneOf(code), '8613900001234');
  assert.equal(await api.phoneOf(code), undefined);
  assert.equal(await api.phoneOf('made-up'), undefined);
  assert.equal(await api.phoneOf(sink.phoneCode({ country: '44', number: '7700900123' })), '447700900123');
  assert.equal(await api.phoneOf(sink.phoneCode({ country: '86', number: '13900001234' }, 'wx-other')), undefined);
  const late = sink.phoneCode({ country: '86', number: '13900001234' });
  clock.advance(6 * 60_000);
  assert.equal(await api.phoneOf(late), undefined);
});

test('a sign-in gives its openid once', async (t) => {
  const { sink, api } = await stage(t);
  const code = sink.loginCode(openid);
  assert.equal(await api.openidOf(code), openid);
  assert.equal(await api.openidOf(code), undefined);
});

test('a token that ended early or by time is replaced without anybody noticing', async (t) => {
  const { sink, api, clock } = await stage(t);
  const ask = () => api.phoneOf(sink.phoneCode({ country: '86', number: '13900001234' }));
  await ask();
  sink.endToken();
  assert.equal(await ask(), '8613900001234');
  clock.advance(3 * 3_600_000);
  assert.equal(await ask(), '8613900001234');
  const many = await Promise.all(Array.from({ length: 20 }, ask));
  assert.deepEqual(new Set(many), new Set(['8613900001234']));
});

test('credentials that are wrong and a WeChat that is away are faults, not bad codes', async (t) => {
  const { sink, options } = await stage(t);
  const wrong = wechatApi({ ...options, secret: 'other' });
  await assert.rejects(wrong.phoneOf('any'), WechatUnavailable);
  await assert.rejects(wrong.openidOf('any'), WechatUnavailable);
  await sink.close();
  await assert.rejects(wechatApi(options).phoneOf('any'), WechatUnavailable);
});

test('a subscription message says what the template allows, and is handed over', async (t) => {
  const { sink, gateway, book } = await stage(t);
  const receipts: unknown[] = [];
  const receipt = new Promise<void>((resolve) => {
    gateway.onReceipt(async (one) => {
      receipts.push(one);
      resolve();
    });
  });
  sink.allow(openid, 1);
  assert.deepEqual(await gateway.send({ id: 'm1', to: openid, wording }), {
    kind: 'accepted',
    gatewayIds: ['wechat:m1'],
  });
  await receipt;
  assert.deepEqual(receipts, [{ gatewayId: 'wechat:m1', messageId: 'm1', state: 'delivered', reason: 'HANDED-OVER' }]);
  const [message] = book.messages();
  assert.equal(message?.text, '11月18日上午乘车提醒 · K7Q2 · 请打开查看，不是诊断');
  assert.deepEqual([message.channel, message.to, message.state], ['wechat', openid, 'delivered']);
  // One tap allows one message: the second is this recipient's refusal, and the next channel's turn.
  assert.deepEqual(refusal(await gateway.send({ id: 'm2', to: openid, wording })), ['wx.43101', 'message', false]);
});

test('what stands in the way is told apart: recipient, template, account, nothing known', async (t) => {
  const { sink, gateway } = await stage(t);
  sink.allow(openid, 100);
  const send = (change: Partial<Wording> = {}, to = openid) =>
    gateway.send({ id: 'm', to, wording: { ...wording, ...change } });
  assert.deepEqual(refusal(await send({}, 'no')), ['bad-address', 'message', false]);
  assert.deepEqual(refusal(await send({ template: 'other' })), ['no-template', 'provider', false]);
  assert.deepEqual(refusal(await send({ values: {} })), ['no-value', 'provider', false]);
  const long = { values: { ...wording.values, part: '很'.repeat(20) } };
  assert.deepEqual(refusal(await send(long)), ['wx.47003', 'provider', false]);
  for (const [errcode, expected] of [
    [45_011, ['wx.45011', 'provider', true]],
    [-1, ['wx.busy', 'provider', true]],
    [48_001, ['wx.48001', 'provider', true]],
    [99_999, ['unknown']],
  ] as const) {
    sink.fault(errcode, 1);
    assert.deepEqual(refusal(await send()), expected);
  }
  sink.fault('reset', 1);
  assert.deepEqual(await send(), { kind: 'unknown', reason: 'no-answer' });
  await sink.close();
  assert.deepEqual(refusal(await send()), ['not-connected', 'provider', true]);
});

test('every code stands once in the table', () => assert.deepEqual(doubledCodes(wechatAnswers), []));
