// Enrolment as a phone does it, over HTTP, with a real message centre and a real database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  admission,
  decodeWallet,
  fromBase64Url,
  rideTag,
  slotOf,
  toBase64Url,
  unwrap,
  verifyBundle,
} from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { randomPhone, sha256, startKit, today } from './test-kit.ts';

const kit = await startKit();

async function freshDevice(): Promise<{ readonly key: string; readonly hash: string }> {
  const key = nodeSuite.randomBytes(16);
  return { key: toBase64Url(key), hash: toBase64Url(await sha256(key)) };
}

test('a proven phone gets a wallet of nine days whose tags and admissions are right', async () => {
  const phone = randomPhone();
  const reply = await kit.enrol(phone, '10.1.1.1');
  assert.equal(reply.status, 200, reply.text);
  const wallet = unwrap(decodeWallet({ walletNo: reply.json['walletNo'], days: reply.json['days'] }));
  assert.deepEqual(
    wallet.days.map(({ day }) => day),
    Array.from({ length: 9 }, (_, index) => today - 1 + index),
  );
  for (const { day, slots } of wallet.days) {
    const keys = kit.vault.keys.get(day);
    assert.ok(keys);
    const { slot, tag, adm } = slots[17] ?? { slot: -1, tag: new Uint8Array(), adm: new Uint8Array() };
    assert.equal(slot, slotOf(wallet.walletNo, 17));
    const expected = await rideTag(nodeSuite, keys.kTag, { iss: 1, phone: BigInt(`86${phone}`), slot });
    assert.deepEqual(tag, expected);
    assert.deepEqual(adm, await admission(nodeSuite, keys.kAdm, { day, iss: 1, tag: expected }));
  }
  const bundles = reply.json['bundles'] as unknown[];
  assert.equal(bundles.length, 9);
  assert.ok((await verifyBundle(nodeSuite, bundles[1], { p256: kit.vault.p256.pk })).ok);
});

test('the message names the authority and carries six digits and nothing of a ride', async () => {
  const phone = randomPhone();
  const body = { phone, consentVersion: 1 };
  await kit.post('/otp', body, { 'x-forwarded-for': '10.1.2.1' });
  await kit.codeFor(phone);
  const text = kit.sink.messages().findLast(({ to }) => to === `86${phone}`)?.text ?? '';
  assert.match(text, /^【示例市卫健委】乘车登记验证码 \d{6}，10 分钟内有效/);
  const english = randomPhone();
  await kit.post('/otp', { ...body, phone: english, language: 'en' }, { 'x-forwarded-for': '10.1.3.1' });
  await kit.codeFor(english);
  assert.match(
    kit.sink.messages().findLast(({ to }) => to === `86${english}`)?.text ?? '',
    /^\[Example Health Commission\] .*\d{6}/,
  );
});

test('the ticket is an HttpOnly cookie that only /wallet sees', async () => {
  const reply = await kit.enrol(randomPhone(), '10.1.4.1');
  const cookie = reply.headers.get('set-cookie') ?? '';
  assert.match(cookie, /^ticket=/);
  assert.match(cookie, /Path=\/wallet/);
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
});

test('a wrong code costs a try, the sixth try is too late, even with the right code', async () => {
  const phone = randomPhone();
  const from = { 'x-forwarded-for': '10.1.5.1' };
  const asked = await kit.post('/otp', { phone, consentVersion: 1 }, from);
  const otp = await kit.codeFor(phone);
  const { hash } = await freshDevice();
  const wrong = otp === '000000' ? '000001' : '000000';
  for (let left = 4; left >= 1; left -= 1) {
    const reply = await kit.post('/otp/verify', { challenge: asked.json['challenge'], otp: wrong, device: hash }, from);
    assert.equal(reply.status, 400);
    assert.equal(reply.json['triesLeft'], left);
  }
  const last = await kit.post('/otp/verify', { challenge: asked.json['challenge'], otp: wrong, device: hash }, from);
  assert.equal(last.status, 410);
  const right = await kit.post('/otp/verify', { challenge: asked.json['challenge'], otp, device: hash }, from);
  assert.equal(right.status, 410);
  assert.equal((right.json['error'] as { code: string }).code, 'otp-expired');
});

test('many wrong codes at one moment get five tries together', async () => {
  const phone = randomPhone();
  const from = { 'x-forwarded-for': '10.1.6.1' };
  const asked = await kit.post('/otp', { phone, consentVersion: 1 }, from);
  const otp = await kit.codeFor(phone);
  const { hash } = await freshDevice();
  const codes = Array.from({ length: 40 }, (_, index) => (Number(otp) + 1 + index) % 1e6);
  const replies = await Promise.all(
    codes.map((code) =>
      kit.post(
        '/otp/verify',
        { challenge: asked.json['challenge'], otp: code.toString().padStart(6, '0'), device: hash },
        from,
      ),
    ),
  );
  assert.equal(replies.filter(({ status }) => status === 400).length, 4);
  assert.equal(replies.filter(({ status }) => status === 410).length, 36);
});

test('a code serves once, also when it is sent twice at one moment', async () => {
  const phone = randomPhone();
  const from = { 'x-forwarded-for': '10.1.7.1' };
  const asked = await kit.post('/otp', { phone, consentVersion: 1 }, from);
  const otp = await kit.codeFor(phone);
  const { hash } = await freshDevice();
  const body = { challenge: asked.json['challenge'], otp, device: hash };
  const replies = await Promise.all([kit.post('/otp/verify', body, from), kit.post('/otp/verify', body, from)]);
  assert.deepEqual(
    replies.map(({ status }) => status).sort((a, b) => a - b),
    [200, 410],
  );
  assert.equal((await kit.post('/otp/verify', body, from)).status, 410);
});

test('a forged or foreign challenge is over like any other', async () => {
  const { hash } = await freshDevice();
  for (const challenge of ['', 'AAAA', 'x'.repeat(88), '*not base64*']) {
    const reply = await kit.post(
      '/otp/verify',
      { challenge, otp: '123456', device: hash },
      { 'x-forwarded-for': '10.1.8.1' },
    );
    assert.equal(reply.status, 410, challenge);
  }
});

test('wallets refill by ticket, and only with the device key the ticket was given to', async () => {
  const enrolled = await kit.enrol(randomPhone(), '10.1.9.1');
  const { ticket } = enrolled.json as { ticket: string };
  const again = await kit.post('/wallet', { ticket, deviceKey: enrolled.deviceKey });
  assert.equal(again.status, 200, again.text);
  assert.deepEqual(again.json['days'], enrolled.json['days']);
  assert.notEqual(again.json['ticket'], ticket);
  assert.equal(again.json['phone'], undefined);
  const stranger = await freshDevice();
  assert.equal((await kit.post('/wallet', { ticket, deviceKey: stranger.key })).status, 401);
  assert.equal((await kit.post('/wallet', { ticket })).status, 401);
  assert.equal((await kit.post('/wallet', { ticket, device: stranger.hash })).status, 401);
});

test('the cookie alone refills a page that lost its storage and binds its new device key', async () => {
  const phone = randomPhone();
  const enrolled = await kit.enrol(phone, '10.1.10.1');
  const cookie = { cookie: (enrolled.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
  const device = await freshDevice();
  const refilled = await kit.post('/wallet', { device: device.hash }, cookie);
  assert.equal(refilled.status, 200, refilled.text);
  assert.equal(refilled.json['phone'], `86${phone}`);
  assert.deepEqual(refilled.json['days'], enrolled.json['days']);
  const byTicket = await kit.post('/wallet', { ticket: refilled.json['ticket'], deviceKey: device.key });
  assert.equal(byTicket.status, 200);
  const old = await kit.post('/wallet', { ticket: refilled.json['ticket'], deviceKey: enrolled.deviceKey });
  assert.equal(old.status, 401);
  // A device key beside the cookie must be the ticket's.
  assert.equal((await kit.post('/wallet', { deviceKey: device.key }, cookie)).status, 401);
  assert.equal((await kit.post('/wallet', { device: device.hash })).status, 401);
});

test('withdrawal ends the ticket and every earlier one of the device, and takes the cookie away', async () => {
  const enrolled = await kit.enrol(randomPhone(), '10.1.11.1');
  const { ticket } = enrolled.json as { ticket: string };
  const second = await kit.post('/wallet', { ticket, deviceKey: enrolled.deviceKey });
  const secondTicket = second.json['ticket'] as string;
  const stranger = await freshDevice();
  const foreign = await kit.post('/withdraw', { ticket: secondTicket, deviceKey: stranger.key });
  assert.equal(foreign.status, 204, 'nothing is told');
  assert.equal((await kit.post('/wallet', { ticket: secondTicket, deviceKey: enrolled.deviceKey })).status, 200);
  const gone = await kit.post('/withdraw', { ticket: secondTicket, deviceKey: enrolled.deviceKey });
  assert.equal(gone.status, 204);
  assert.match(gone.headers.get('set-cookie') ?? '', /^ticket=;.*Path=\/wallet/);
  assert.equal((await kit.post('/wallet', { ticket: secondTicket, deviceKey: enrolled.deviceKey })).status, 401);
  assert.equal((await kit.post('/wallet', { ticket, deviceKey: enrolled.deviceKey })).status, 401);
  const cookie = { cookie: `ticket=${secondTicket}` };
  assert.equal((await kit.post('/wallet', { device: stranger.hash }, cookie)).status, 401);
  // Across a restart, too.
  await kit.restart();
  assert.equal((await kit.post('/wallet', { ticket, deviceKey: enrolled.deviceKey })).status, 401);
});

test('a page of another origin may not use the cookie', async () => {
  const reply = await kit.post('/wallet', {}, { origin: 'http://evil.example' });
  assert.equal(reply.status, 403);
  assert.equal((reply.json['error'] as { code: string }).code, 'wrong-origin');
});

test('a challenge outlives a restart, and its tries do too', async () => {
  const phone = randomPhone();
  const from = { 'x-forwarded-for': '10.1.12.1' };
  const asked = await kit.post('/otp', { phone, consentVersion: 1 }, from);
  const otp = await kit.codeFor(phone);
  const { hash } = await freshDevice();
  const wrong = otp === '000000' ? '000001' : '000000';
  await kit.post('/otp/verify', { challenge: asked.json['challenge'], otp: wrong, device: hash }, from);
  await kit.restart();
  const second = await kit.post('/otp/verify', { challenge: asked.json['challenge'], otp: wrong, device: hash }, from);
  assert.equal(second.json['triesLeft'], 3);
  assert.equal(
    (await kit.post('/otp/verify', { challenge: asked.json['challenge'], otp, device: hash }, from)).status,
    200,
  );
});

test('a code is worthless after ten minutes', async () => {
  const phone = randomPhone();
  const from = { 'x-forwarded-for': '10.1.13.1' };
  const asked = await kit.post('/otp', { phone, consentVersion: 1 }, from);
  const otp = await kit.codeFor(phone);
  const { hash } = await freshDevice();
  assert.ok(fromBase64Url(asked.json['challenge'] as string).ok);
  await kit.clock.advance(10 * 60_000);
  const reply = await kit.post('/otp/verify', { challenge: asked.json['challenge'], otp, device: hash }, from);
  assert.equal(reply.status, 410);
});

test('a new consent text is asked of a returning rider at the next refill, ticket or cookie', async () => {
  const first = await kit.enrol(randomPhone(), '10.1.14.1');
  const from = { 'x-forwarded-for': '10.1.14.1' };
  const cookie = (first.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const own = { ticket: first.json['ticket'], deviceKey: first.deviceKey };
  await kit.restart((running) => ({ ...running, consent: { ...running.consent, version: 2 } }));
  const asked = await kit.post('/wallet', own, from);
  assert.equal(asked.status, 409);
  assert.equal((asked.json['error'] as { code: string }).code, 'consent-outdated');
  assert.equal(asked.json['consentVersion'], 2);
  assert.equal(asked.headers.get('set-cookie'), null);
  assert.equal((await kit.post('/wallet', { ...own, consentVersion: 1 }, from)).status, 409);
  const { hash } = await freshDevice();
  assert.equal((await kit.post('/wallet', { device: hash }, { ...from, cookie })).status, 409);
  // Nobody learns from a copied ticket what its holder agreed to.
  const stranger = { ...own, deviceKey: toBase64Url(nodeSuite.randomBytes(16)) };
  assert.equal((await kit.post('/wallet', stranger, from)).status, 401);

  const agreed = await kit.post('/wallet', { ...own, consentVersion: 2 }, from);
  assert.equal(agreed.status, 200);
  assert.equal(agreed.json['consentVersion'], 2);
  const next = { ...own, ticket: agreed.json['ticket'] };
  assert.equal((await kit.post('/wallet', next, from)).status, 200, 'asked once');
  await kit.restart();
});
