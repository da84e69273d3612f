// What provisioning writes: the same at a second run, for its owner's eyes only, and to each process its own.
import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as casework from '@tongche/casework';
import * as notifier from '@tongche/notifier';
import * as platform from '@tongche/platform';
import * as registrar from '@tongche/registrar';
import { readConfig, readSecrets } from '@tongche/runtime';
import * as vault from '@tongche/vault';
import { provision } from '../src/index.ts';
import { readSinkConfig, readSinkSecrets } from '../src/sink-config.ts';
import type { Installation, ProvisionOptions } from '../src/index.ts';
import { temporaryFolder } from './cli.ts';

const folder = temporaryFolder('provision');
after(() => folder.remove());

const options: ProvisionOptions = {
  dataDir: join(folder.path, 'data'),
  mode: 'demo',
  addresses: {
    ports: {
      registrar: 8600,
      platform: 8610,
      casework: 8620,
      outbox: 8630,
      smpp: 8631,
      gateways: 8632,
      mail: 8633,
      wechat: 8634,
    },
    sockets: { platform: '/run/p', registrar: '/run/r', vault: '/run/v', notifier: '/run/n' },
    bind: '127.0.0.1',
    registrar: 'http://127.0.0.1:8600',
    platform: 'http://127.0.0.1:8610',
    casework: 'http://casework.localhost:8620',
  },
  database: { host: '/run/pg', port: 5432 },
};

function contents(dataDir: string): ReadonlyMap<string, string> {
  const files = globSync('{config,secrets,slots,city}/**/*', { cwd: dataDir }).filter((file) =>
    statSync(join(dataDir, file)).isFile(),
  );
  return new Map(files.sort().map((file) => [file, readFileSync(join(dataDir, file), 'base64')]));
}

let first: Installation;

test('a second run changes nothing', async () => {
  first = await provision(options);
  const before = contents(options.dataDir);
  assert.ok(before.size > 15);
  const second = await provision(options);
  assert.deepEqual(contents(options.dataDir), before);
  assert.deepEqual(second.keys, first.keys);
});

test('a second run with other addresses keeps every key', async () => {
  const moved = await provision({ ...options, addresses: { ...options.addresses, platform: 'http://10.0.0.7:8610' } });
  assert.deepEqual(moved.keys, first.keys);
  assert.deepEqual(moved.settings.signing, first.settings.signing);
  const config = readConfig(platform.Config, moved.layout.config('platform'));
  assert.equal(config.publicUrl, 'http://10.0.0.7:8610');
});

test('every process accepts its files', () => accepted());

test('every process accepts its files with all kinds of providers', () =>
  accepted({ providers: ['aliyun', 'tencent', 'smtp', 'wechat', 'smpp'] }));

async function accepted(more: Partial<ProvisionOptions> = {}): Promise<void> {
  const { layout } = await provision({ ...options, ...more });
  const packages = { platform, registrar, vault, notifier, casework };
  for (const [name, one] of Object.entries(packages)) {
    const owner = name as keyof typeof packages;
    readConfig(one.Config, layout.config(owner));
    readSecrets(one.Secrets, layout.secret(owner));
  }
  readSinkConfig(layout.config('sink'));
  readSinkSecrets(layout.secret('sink'));
}

test('nobody else can read any of it', () => {
  const modes = globSync('{config,secrets,slots}/**/*', { cwd: options.dataDir }).map((file) => {
    return [file, statSync(join(options.dataDir, file)).mode & 0o077] as const;
  });
  assert.deepEqual(
    modes.filter(([, mode]) => mode !== 0),
    [],
  );
});

test('no secrets file holds the secret of another process', () => {
  const { keys, layout } = first;
  const owners = { platform: 0, registrar: 0, vault: 0, notifier: 0, casework: 0 };
  for (const owner of Object.keys(owners) as (keyof typeof owners)[]) {
    const text = readFileSync(layout.secret(owner), 'utf8');
    for (const [name, password] of Object.entries(keys.passwords)) {
      assert.equal(text.includes(password), name === owner, `${owner} and the password of ${name}`);
    }
    for (const [name, key] of Object.entries(keys.unseal)) {
      assert.equal(text.includes(key), name === owner, `${owner} and the unseal key of ${name}`);
    }
    for (const { privateKey } of keys.demo) assert.equal(text.includes(privateKey), owner === 'casework');
  }
});

test('production gets no demonstration key, and its files stay the operator’s', async () => {
  const dataDir = join(folder.path, 'production');
  const addresses = {
    ...options.addresses,
    registrar: 'https://rides.example.org',
    platform: 'https://vehicles.example.org',
    casework: 'https://cases.example.org',
  };
  const rootPublicKey = first.keys.root.publicKey;
  const production = { ...options, dataDir, addresses, mode: 'production', city: 'none', rootPublicKey } as const;
  const { keys, layout } = await provision(production);
  assert.deepEqual(keys.demo, []);
  assert.equal(keys.root.privateKey, undefined);
  const all = [...contents(dataDir).values()].map((text) => Buffer.from(text, 'base64').toString('utf8')).join('\n');
  assert.doesNotMatch(all, /demoKeys|demoRootKey|"demo"/);
  const before = readFileSync(layout.config('registrar'), 'utf8');
  await provision({ ...production, addresses: { ...addresses, registrar: 'https://other.example.org' } });
  assert.equal(readFileSync(layout.config('registrar'), 'utf8'), before);
});

test('several database hosts stand in every connection string, to be asked for the primary', async () => {
  const dataDir = join(folder.path, 'several');
  const { files } = await provision({ ...options, dataDir, city: 'none', database: { host: 'db1,db2', port: 6432 } });
  for (const secrets of [files.platform.secrets, files.registrar.secrets, files.vault.secrets]) {
    assert.match(secrets.databaseUrl, /@db1:6432,db2:6432\/tongche_[a-z]+\?target_session_attrs=read-write$/);
  }
});
