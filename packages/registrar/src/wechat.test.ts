// Enrolment through the mini-program, over HTTP, with the stand-in of WeChat's interface.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createSinkBook, wechatSink } from '@tongche/connectors';
import { decodeWallet, rideTag, toBase64Url, unwrap } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { settableClock } from '@tongche/runtime';
import { randomPhone, sha256, startKit, startMs } from './test-kit.ts';

const app = { appId: 'wx0000000000000001', secret: 'test-secret' };
const openid = 'oTest_0123456789-abcdefghijk';
const sink = await wechatSink({
  host: '127.0.0.1',
  port: 0,
  ...app,
  templates: {},
  book: createSinkBook(10),
  clock: settableClock(startMs),
});
after(() => sink.close());
const kit = await startKit({
  config: (defaults) => ({ ...defaults, wechat: { baseUrl: sink.url, appId: app.appId } }),
  secrets: { wechatSecret: app.secret },
});

async function enrol(body: Readonly<Record<string, unknown>>, address = '10.9.0.1') {
  const deviceKey = nodeSuite.randomBytes(16);
  const device = toBase64Url(await sha256(deviceKey));
  const asked = { device, consentVersion: 1, ...body };
  const reply = await kit.post('/wx/phone', asked, { 'x-forwarded-for': address });
  return { ...reply, deviceKey: toBase64Url(deviceKey) };
}
const codeOf = (reply: { readonly json: Record<string, unknown> }): unknown =>
  (reply.json['error'] as { readonly code?: unknown } | undefined)?.code;

test('two taps give a wallet for the phone WeChat knows, and the openid to seal', async () => {
  const number = randomPhone();
  const reply = await enrol({
    code: sink.phoneCode({ country: '86', number }),
    loginCode: sink.loginCode(openid),
  });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual([reply.json['phone'], reply.json['openid']], [`86${number}`, openid]);
  const wallet = unwrap(decodeWallet({ walletNo: reply.json['walletNo'], days: reply.json['days'] }));
  const [first] = wallet.days;
  const keys = kit.vault.keys.get(first?.day ?? 0);
  const slot = first?.slots[3];
  assert.ok(keys && slot);
  const expected = await rideTag(nodeSuite, keys.kTag, { iss: 1, phone: BigInt(`86${number}`), slot: slot.slot });
  assert.deepEqual(slot.tag, expected);
  const refill = await kit.post('/wallet', { ticket: reply.json['ticket'], deviceKey: reply.deviceKey });
  assert.equal(refill.status, 200, refill.text);
});

test('no sign-in, or a bad one, is no openid; the ride counts all the same', async () => {
  for (const loginCode of [undefined, 'used-up']) {
    const code = sink.phoneCode({ country: '86', number: randomPhone() });
    const reply = await enrol(loginCode === undefined ? { code } : { code, loginCode });
    assert.deepEqual([reply.status, reply.json['openid']], [200, null]);
  }
});

test('a code that is used, made up, or of another mini-program proves nothing', async () => {
  const number = randomPhone();
  const code = sink.phoneCode({ country: '86', number });
  assert.equal((await enrol({ code })).status, 200);
  for (const bad of [code, 'made-up', sink.phoneCode({ country: '86', number }, 'wx-other')]) {
    const reply = await enrol({ code: bad });
    assert.deepEqual([reply.status, codeOf(reply)], [400, 'wechat-code-invalid']);
  }
});

test('an outdated consent is said before the code is used up', async () => {
  const code = sink.phoneCode({ country: '86', number: randomPhone() });
  const reply = await enrol({ code, consentVersion: 9 });
  assert.deepEqual([reply.status, codeOf(reply), reply.json['consentVersion']], [409, 'consent-outdated', 1]);
  assert.equal((await enrol({ code })).status, 200);
});

test('a WeChat that does not answer is said to be busy, and no phone stands in the log', async () => {
  const number = randomPhone();
  sink.fault('reset', 1);
  const reply = await enrol({ code: sink.phoneCode({ country: '86', number }) });
  assert.deepEqual([reply.status, codeOf(reply)], [503, 'busy']);
  assert.equal(
    kit.logFile.some((line) => line.includes(number)),
    false,
  );
  assert.ok(kit.logFile.some((line) => line.includes('wechatAway')));
});

test('unknown fields and bodies of the wrong shape are refused', async () => {
  for (const body of [{ code: '' }, { code: 'x', phone: '13900000000' }, { code: 'x'.repeat(600) }, {}]) {
    assert.equal((await enrol(body)).status, 400);
  }
});
