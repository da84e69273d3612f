// The message sink with every kind of provider: what is provisioned fits together, and one page shows it all.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { nameOf, openProviders, wechatApi } from '@tongche/connectors';
import { fill, TEMPLATES } from '@tongche/messages';
import * as notifier from '@tongche/notifier';
import * as registrar from '@tongche/registrar';
import { ConfigError, readConfig, readSecrets, silentLog, systemClock } from '@tongche/runtime';
import { demoProviders } from '../src/demo-providers.ts';
import { provision } from '../src/index.ts';
import { freePorts } from '../src/ports.ts';
import { readSinkConfig, readSinkSecrets } from '../src/sink-config.ts';
import { buildSink } from '../src/sink.ts';
import { temporaryFolder } from './cli.ts';

const folder = temporaryFolder('sink');
after(() => folder.remove());
const clock = systemClock((error) => {
  throw error;
});

test('each kind of provider speaks to its stand-in, and the page shows what all of them received', async (t) => {
  const ports = await freePorts('127.0.0.1');
  const { layout } = await provision({
    dataDir: join(folder.path, 'data'),
    mode: 'demo',
    addresses: {
      ports,
      sockets: { platform: '/run/p', registrar: '/run/r', vault: '/run/v', notifier: '/run/n' },
      bind: '127.0.0.1',
      registrar: 'http://127.0.0.1:8600',
      platform: 'http://127.0.0.1:8610',
      casework: 'http://casework.localhost:8620',
    },
    database: { host: '/run/pg', port: 5432 },
    city: 'none',
    providers: demoProviders('aliyun, tencent, wechat, smtp, smpp'),
  });
  const files = { config: readSinkConfig(layout.config('sink')), secrets: readSinkSecrets(layout.secret('sink')) };
  const sink = await buildSink({ ...files, clock, log: silentLog });
  t.after(() => sink.close());

  const { providers } = readConfig(notifier.Config, layout.config('notifier'));
  const { providers: secrets } = readSecrets(notifier.Secrets, layout.secret('notifier'));
  const opened = await openProviders({ providers, secrets, receipts: false, clock, log: silentLog });
  t.after(() => Promise.all(opened.map(({ gateway }) => gateway.close())));
  const values = {
    authority: '海京市疾控',
    month: '5',
    day: '3',
    part: '上午',
    link: 'https://r.example/n/x#y',
    check: 'AB12',
    hotline: '12345',
  };
  const wording = fill(TEMPLATES.exposure.zh, values);
  const addresses = { sms: '8613800001111', mail: 'a@b.example', wechat: 'oABCDEFGHIJKLMNOPQRSTUVWXYZ0' };
  for (const { name, channel, gateway } of opened) {
    const outcome = await gateway.send({ id: '4f2f2a0e-1b9a-4b62-9f57-1df0b8a4a001', to: addresses[channel], wording });
    // Nobody has allowed a WeChat message yet: that is a refusal of the recipient's.
    assert.equal(outcome.kind, channel === 'wechat' ? 'refused' : 'accepted', `${name}: ${JSON.stringify(outcome)}`);
  }
  const page = (await (await fetch(`${sink.page.url}.json`)).json()) as {
    readonly messages: readonly { readonly provider: string; readonly text: string }[];
  };
  assert.deepEqual(page.messages.map(({ provider }) => provider).sort(), ['aliyun', 'smpp', 'smtp', 'tencent']);
  assert.ok(page.messages.every(({ text }) => text.includes('5月3日上午') && text.includes(values.check)));
  // Approved templates hold no link in a variable: their readers find the notice on the ride page.
  const linked = page.messages.filter(({ text }) => text.includes(values.link)).map(({ provider }) => provider);
  assert.deepEqual(linked.sort(), ['smpp', 'smtp']);
  const codes = readConfig(registrar.Config, layout.config('registrar'));
  assert.deepEqual(codes.providers.map(nameOf), ['aliyun', 'tencent', 'smpp']);
  // The same stand-in answers the registrar about people who enrol through the mini-program.
  const { wechatSecret = '' } = readSecrets(registrar.Secrets, layout.secret('registrar'));
  assert.ok(codes.wechat !== undefined);
  const api = wechatApi({ ...codes.wechat, secret: wechatSecret });
  assert.equal(await api.phoneOf('a code nobody was given'), undefined);
});

test('a list of providers names each once, and one for text messages', () => {
  assert.deepEqual(demoProviders('tencent,smpp'), ['tencent', 'smpp']);
  for (const text of ['', 'pigeon', 'smpp,smpp', 'smtp', 'wechat,smtp', 'smpp,,tencent']) {
    assert.throws(() => demoProviders(text), ConfigError, text);
  }
});
