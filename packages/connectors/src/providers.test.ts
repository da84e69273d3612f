// The list of providers: what is refused at the start, what is loaded, whose ids are whose, and who is asked next.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';

import { ConfigError, parseConfig, silentLog, systemClock } from '@tongche/runtime';

import { fallback } from './fallback.ts';
import type { MessageGateway, SendOutcome } from './gateway.ts';
import { checkProviders, ProvidersConfig, ProviderSecrets } from './provider-config.ts';
import { namedGateway, openProviders } from './providers.ts';

const run = promisify(execFile);
const clock = systemClock((error) => {
  throw error;
});
const templates = { code: { id: '1', text: '验证码{code}' } };
const smpp = { kind: 'smpp', host: '127.0.0.1', port: 1, systemId: 'a', sender: '1069' };
const tencent = { kind: 'tencent', sdkAppId: '14', signName: '同车', templates };
const aliyun = { kind: 'aliyun', signName: '同车', templates };
const smtp = { kind: 'smtp', host: 'mail.example', port: 587, from: 'a@b.example', fromName: 'A', subject: 'S' };
const wechat = {
  kind: 'wechat',
  appId: 'wx1',
  templates: { 'fellow-rider': { id: 't', fields: { thing1: '{month}月{day}日' } } },
  page: 'pages/notice/index',
};
const secretOf: Readonly<Record<string, object>> = {
  smpp: { password: 'p' },
  tencent: { secretId: 'i', secretKey: 'k' },
  aliyun: { accessKeyId: 'i', accessKeySecret: 'k' },
  smtp: { password: 'p' },
  wechat: { appSecret: 's' },
};

function check(list: readonly object[], secrets: object, mode: 'demo' | 'production' = 'production'): void {
  const providers = parseConfig(ProvidersConfig, list, 'providers');
  checkProviders(providers, parseConfig(ProviderSecrets, secrets, 'secrets'), mode);
}

function scripted(outcomes: readonly SendOutcome[], connected = true): MessageGateway & { sent(): number } {
  let sent = 0;
  return {
    send: () => Promise.resolve(outcomes[sent++] ?? { kind: 'unknown', reason: 'script-over' }),
    onReceipt: () => {},
    connected: () => connected,
    room: () => 1,
    onRoom: () => {},
    close: async () => {},
    sent: () => sent,
  };
}

const message = { id: '1', to: '8613800001111', wording: { template: 'code', version: 1, values: {}, text: 'x' } };
const accepted: SendOutcome = { kind: 'accepted', gatewayIds: ['7'] };
const down: SendOutcome = { kind: 'refused', reason: 'down', fault: 'provider', retry: true };
const noTemplate: SendOutcome = { kind: 'refused', reason: 'no-template', fault: 'provider', retry: false };
const badNumber: SendOutcome = { kind: 'refused', reason: 'bad', fault: 'message', retry: false };
const unknown: SendOutcome = { kind: 'unknown', reason: 'no-answer' };

test('a template the provider would not approve is found before the first message', () => {
  const withText = (key: string, text: string) => () =>
    check([{ ...tencent, templates: { [key]: { id: '1', text } } }], { tencent: secretOf['tencent'] });
  assert.doesNotThrow(withText('fellow-rider', '您于{month}月{day}日{part}乘坐，核对码{check}'));
  assert.throws(withText('fellow-rider', '详情{link}请看'), /provider "tencent": template "fellow-rider": .*“link”/);
  assert.throws(withText('fellow-rider', '{month}{day}日'), /without words between/);
  assert.throws(withText('fellow-rider', '座号{plate}'), /“plate”/);
  assert.throws(withText('nobody', '好{code}'), /no template "nobody"; known: fellow-rider/);
  const fields = (text: string) => () =>
    check(
      [
        { ...smpp, tls: true },
        { ...wechat, templates: { 'fellow-rider': { id: 't', fields: { thing1: text } } } },
      ],
      {
        smpp: secretOf['smpp'],
        wechat: secretOf['wechat'],
      },
    );
  assert.doesNotThrow(fields('{month}月{day}日'));
  assert.throws(fields('{link}'), ConfigError);
});

test('all kinds stand in one list, with defaults, and their secrets by name', () => {
  const list = [smpp, tencent, aliyun, { ...smtp, user: 'u' }, wechat];
  assert.doesNotThrow(() => check(list, secretOf));
  const [, second] = parseConfig(ProvidersConfig, list, 'providers');
  assert.ok(second?.kind === 'tencent');
  assert.deepEqual([second.endpoint, second.protocol], ['sms.tencentcloudapi.com', 'https']);
});

test('what is wrong is one line with the name of the provider', () => {
  const refused: readonly (readonly [readonly object[], object, RegExp])[] = [
    [[smpp, smpp], { smpp: secretOf['smpp'] }, /two providers are named "smpp"/],
    [[smpp], {}, /lack password of provider "smpp"/],
    [[tencent], { tencent: { password: 'x' } }, /lack secretId and secretKey/],
    [[aliyun], {}, /lack accessKeyId/],
    [[wechat], {}, /lack appSecret/],
    [[{ ...wechat, baseUrl: 'http://x' }], { wechat: secretOf['wechat'] }, /refuses plain HTTP/],
    [[smpp], { smpp: secretOf['smpp'], other: { password: 'x' } }, /secrets for "other"/],
    [[{ ...tencent, protocol: 'http' }], { tencent: secretOf['tencent'] }, /refuses plain HTTP/],
    [[{ ...smtp, tls: 'none' }], {}, /refuses mail without TLS/],
    [[{ ...smtp, from: 'a@b\r\nBcc: c@d' }], {}, /"from" of provider "smtp"/],
    [[], {}, /./],
    [[{ kind: 'pigeon' }], {}, /./],
  ];
  for (const [list, secrets, pattern] of refused) {
    assert.throws(
      () => check(list, secrets),
      (error) => error instanceof ConfigError && pattern.test(error.message),
    );
  }
  assert.doesNotThrow(() =>
    check(
      [
        { ...smtp, tls: 'none' },
        { ...tencent, protocol: 'http' },
      ],
      { tencent: secretOf['tencent'] },
      'demo',
    ),
  );
});

/** Packages asked for by a process that opens these providers. */
async function loadedBy(list: readonly object[], secrets: object): Promise<string> {
  const program = `
    import { registerHooks } from 'node:module';
    const seen = new Set();
    registerHooks({ resolve(name, context, next) { seen.add(name); return next(name, context); } });
    const { openProviders, ProvidersConfig, ProviderSecrets } = await import('@tongche/connectors');
    const { parseConfig, silentLog, systemClock } = await import('@tongche/runtime');
    const clock = systemClock(() => {});
    const providers = parseConfig(ProvidersConfig, ${JSON.stringify(list)}, '');
    const secrets = parseConfig(ProviderSecrets, ${JSON.stringify(secrets)}, '');
    const opened = await openProviders({ providers, secrets, receipts: false, clock, log: silentLog });
    for (const { gateway } of opened) await gateway.close();
    console.log([...seen].filter((name) => /^(tencentcloud|@alicloud|nodemailer|smtp-server)/.test(name)).join());
    process.exit(0);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: import.meta.dirname });
  return stdout.trim();
}

test('the SDKs are loaded by those who configure them and by nobody else', async () => {
  assert.equal(await loadedBy([smpp], { smpp: secretOf['smpp'] }), '');
  assert.match(await loadedBy([tencent], { tencent: secretOf['tencent'] }), /tencentcloud-sdk-nodejs-sms/);
  const others = await loadedBy([aliyun, smtp], { aliyun: secretOf['aliyun'] });
  assert.match(others, /@alicloud\/dysmsapi20170525/);
  assert.match(others, /nodemailer/);
  assert.doesNotMatch(others, /tencentcloud|smtp-server/);
});

test('ids carry the name of their provider, both ways', async () => {
  const inner = { ...scripted([accepted]) };
  let deliver: ((id: string) => void) | undefined;
  let asked: readonly string[] = [];
  const named = namedGateway('main', {
    ...inner,
    onReceipt: (handler) => {
      deliver = (gatewayId) => void handler({ gatewayId, state: 'delivered', reason: '' });
    },
    awaitReceipts: (messages) => {
      asked = messages.map(({ gatewayId }) => gatewayId);
    },
  });
  assert.deepEqual(await named.send(message), { kind: 'accepted', gatewayIds: ['main:7'] });
  const ids: string[] = [];
  named.onReceipt(async ({ gatewayId }) => void ids.push(gatewayId));
  deliver?.('7');
  assert.deepEqual(ids, ['main:7']);
  const awaited = (gatewayId: string) => ({ gatewayId, to: '1', acceptedMs: 0 });
  named.awaitReceipts?.([awaited('main:7'), awaited('other:8')]);
  assert.deepEqual(asked, ['7']);
});

test('a missing certificate file is a clear line, and what was opened before is closed', async () => {
  const providers = parseConfig(ProvidersConfig, [{ ...smtp, caFile: '/nowhere/ca.pem' }], 'providers');
  await assert.rejects(openProviders({ providers, secrets: {}, receipts: true, clock, log: silentLog }), /ca\.pem/);
});

test('the next provider is asked after a certain refusal of the provider’s fault, and only then', async () => {
  const cases: readonly (readonly [first: SendOutcome, secondAsked: boolean, end: SendOutcome['kind']])[] = [
    [accepted, false, 'accepted'],
    [down, true, 'accepted'],
    [noTemplate, true, 'accepted'],
    [badNumber, false, 'refused'],
    [unknown, false, 'unknown'],
    [{ kind: 'postponed', reason: 'rate', retryInMs: 5 }, false, 'postponed'],
  ];
  for (const [first, secondAsked, end] of cases) {
    const a = scripted([first]);
    const b = scripted([accepted]);
    const refusedBy: string[] = [];
    const sender = fallback({
      providers: [
        { name: 'a', channel: 'sms', gateway: a },
        { name: 'b', channel: 'sms', gateway: b },
      ],
      onRefused: (name) => refusedBy.push(name),
    });
    assert.equal((await sender.send(message)).kind, end);
    assert.equal(b.sent(), secondAsked ? 1 : 0);
    assert.deepEqual(refusedBy, secondAsked ? ['a'] : []);
  }
});

test('one without a connection is asked last; all refusing is a refusal that may be repeated if any may', async () => {
  const a = scripted([down], false);
  const b = scripted([noTemplate]);
  const order: string[] = [];
  const sender = fallback({
    providers: [
      { name: 'a', channel: 'sms', gateway: a },
      { name: 'b', channel: 'sms', gateway: b },
    ],
    onRefused: (name) => order.push(name),
  });
  assert.deepEqual(await sender.send(message), { kind: 'refused', reason: 'down', fault: 'provider', retry: true });
  assert.deepEqual(order, ['b', 'a']);
});
