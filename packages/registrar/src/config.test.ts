// What production refuses, in one line each, and what a smaller mistake is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBase64Url } from '@tongche/protocol';
import { ConfigError, parseConfig } from '@tongche/runtime';
import { checkConfig, checkSecrets, Config } from './config.ts';
import { startKit } from './test-kit.ts';

const least = {
  mode: 'production',
  publicUrl: 'https://ride.example',
  platformUrl: 'https://bus.example',
  listen: { host: '127.0.0.1', port: 0 },
  internal: { socket: '/run/r.sock' },
  platformInternal: { socket: '/run/p.sock' },
  slotsFolder: '/var/slots',
  pages: '/srv/pages',
  authority: { iss: 1, name: { zh: '示例', en: 'Example' }, zone: 'Asia/Shanghai', phone: '12320' },
  vault: { ed25519: toBase64Url(new Uint8Array(32)), p256: toBase64Url(new Uint8Array(65)) },
  consent: {},
  smsProvider: { zh: '示例短信', en: 'Example SMS' },
  providers: [{ kind: 'smpp', host: '127.0.0.1', port: 2775, systemId: 'r', sender: '10690001' }],
};

function check(changes: Record<string, unknown>): void {
  checkConfig(parseConfig(Config, { ...least, ...changes }, 'registrar.json'));
}

test('the limits of one-time codes are the protocol’s unless set otherwise', () => {
  const { otp, relay } = parseConfig(Config, least, 'registrar.json');
  assert.deepEqual(
    otp.perNumber.map(({ windowMs, max }) => [windowMs / 60_000, max]),
    [
      [1, 1],
      [60, 5],
      [1_440, 10],
    ],
  );
  assert.equal(otp.tries, 5);
  assert.equal(otp.lifeMs, 600_000);
  assert.deepEqual(relay, { minDelayMs: 3_600_000, maxDelayMs: 43_200_000, tickMs: 3_600_000 });
});

test('production refuses plain HTTP, a short relay window and an unguarded internal listener', () => {
  assert.doesNotThrow(() => check({}));
  const refused: readonly Record<string, unknown>[] = [
    { publicUrl: 'http://ride.example' },
    { platformUrl: 'http://bus.example' },
    { relay: { minDelayMs: 0, maxDelayMs: 5_000, tickMs: 1_000 } },
    { internal: { host: '127.0.0.1', port: 8601 } },
  ];
  for (const changes of refused) {
    assert.throws(() => check(changes), ConfigError, JSON.stringify(changes));
  }
  assert.doesNotThrow(() => check({ mode: 'demo', ...refused[0], ...refused[2] }));
});

test('one-time codes need a provider of text messages, and its secrets', () => {
  const secrets = { unsealKey: '', databaseUrl: '', providers: { smpp: { password: 'x' } } };
  const config = parseConfig(Config, least, 'registrar.json');
  assert.doesNotThrow(() => checkSecrets(config, secrets));
  assert.throws(() => checkSecrets(config, { ...secrets, providers: {} }), /password of provider "smpp"/);
  const smtp = { kind: 'smtp', host: 'mail.example', port: 587, from: 'a@b.example', fromName: 'A', subject: 'S' };
  const mail = parseConfig(Config, { ...least, providers: [smtp] }, 'registrar.json');
  assert.throws(() => checkSecrets(mail, { ...secrets, providers: {} }), /by text message only/);
  assert.throws(() => check({ providers: [] }), ConfigError);
});

test('mistakes are named by their key', () => {
  assert.throws(() => check({ otp: { perNumbr: [] } }), /unknown key "otp\.perNumbr"/);
  assert.throws(() => check({ otp: { lifeMs: 3_600_000 } }), ConfigError);
  assert.throws(() => check({ publicUrl: 'https://ride.example/path' }), /not an origin/);
  assert.throws(() => check({ relay: { minDelayMs: 10, maxDelayMs: 5 } }), /maxDelayMs/);
});

test('in production the ticket is a Secure cookie, and another host name gets nothing', async () => {
  const kit = await startKit({
    config: (defaults) => ({
      ...defaults,
      mode: 'production',
      publicUrl: 'https://ride.example',
      platformUrl: 'https://bus.example',
    }),
  });
  // The proxy in front says which host was asked for.
  const phone = '13812345678';
  const from = { 'x-forwarded-host': 'ride.example', 'x-forwarded-for': '10.1.1.1' };
  const asked = await kit.post('/otp', { phone, consentVersion: 1 }, from);
  assert.equal(asked.status, 200, asked.text);
  const otp = await kit.codeFor(phone);
  const device = toBase64Url(new Uint8Array(32));
  const reply = await kit.post('/otp/verify', { challenge: asked.json['challenge'], otp, device }, from);
  assert.match(
    reply.headers.get('set-cookie') ?? '',
    /^__Secure-ticket=.*Path=\/wallet; HttpOnly; Secure; SameSite=Strict/,
  );
  const other = await kit.get('/bundles', { 'x-forwarded-host': 'evil.example' });
  assert.equal(other.status, 403);
});
