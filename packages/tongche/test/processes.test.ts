// Several platform processes behind one port: one that dies is missed by nobody and comes back, and all end together.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';
import { healthyWithin, statusOf } from '../src/health.ts';
import { cli, temporaryFolder } from './cli.ts';

const folder = temporaryFolder('processes');
const database = await testDatabase(await testEngine());
after(async () => {
  await database.close();
  folder.remove();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

const port = await freePort();
const socket = join(folder.path, 'p.sock');
const key = Buffer.alloc(32, 7).toString('base64url');

function files(processes: number): readonly string[] {
  const pages = join(folder.path, 'pages');
  mkdirSync(pages, { recursive: true });
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>staff</title>');
  const config = {
    mode: 'demo',
    publicUrl: `http://127.0.0.1:${port}`,
    registrarUrl: 'http://127.0.0.1:1',
    listen: { host: '127.0.0.1', port },
    internal: { socket },
    slotsFolder: join(folder.path, 'slots'),
    pages,
    processes,
    databaseMax: 4,
    authority: {
      iss: 1,
      zone: 'Asia/Shanghai',
      signEd25519: key,
      rootEd25519: key,
      log: { origin: 'log.test', name: 'log.test' },
    },
  };
  const secrets = { unsealKey: key, databaseUrl: database.url };
  const [configFile, secretsFile] = [join(folder.path, 'config.json'), join(folder.path, 'secrets.json')];
  writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
  writeFileSync(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
  return ['--config', configFile, '--secrets', secretsFile];
}

const patienceMs = 60_000;
const at = (n: number) => ({ socket: n === 1 ? socket : `${socket}.${n}`, path: '/healthz' });
const atPort = { host: '127.0.0.1', port, path: '/healthz' };

async function allWell(count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    const { says } = await healthyWithin(at(n), patienceMs, new AbortController().signal);
    assert.equal(says, 'all is well', `process ${n}`);
  }
}

function childrenOf(parent: number): readonly number[] {
  return execFileSync('ps', ['-o', 'pid=', '--ppid', String(parent)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
    .map(Number);
}

// Elsewhere ports are not shared.
const isLinux = process.platform === 'linux';

test(
  'one of two that is killed is missed by nobody and comes back; all end at one word',
  { skip: !isLinux },
  async () => {
    const group = cli(['platform', ...files(2)]);
    await allWell(2);
    const children = childrenOf(group.child.pid ?? 0);
    assert.equal(children.length, 2);
    process.kill(children[0] ?? 0, 'SIGKILL');
    await group.line('platform: process');
    for (let n = 0; n < 20; n += 1) assert.equal(await statusOf(atPort), 200);
    await allWell(2);
    assert.match(group.output(), /process [12] ended \(SIGKILL\); it is started again/);
    group.child.kill('SIGTERM');
    assert.equal(await group.exit, 0);
    assert.equal(await statusOf(atPort), 0);
  },
);

test('a first process that cannot start is one line and the exit code of a configuration that is wrong', async () => {
  const args = files(1);
  const group = cli(['platform', ...args.slice(0, 2), '--secrets', join(folder.path, 'none.json'), '--processes', '3']);
  assert.equal(await group.exit, 2);
  assert.match(group.output(), /platform: .*none\.json/);
});

test('two that were started one by one, as on two hosts, share the database and nothing else', async () => {
  const first = cli(['platform', ...files(1)]);
  await allWell(1);
  const otherPort = await freePort();
  const text = JSON.stringify({
    ...(JSON.parse(readFileSync(join(folder.path, 'config.json'), 'utf8')) as Record<string, unknown>),
    listen: { host: '127.0.0.1', port: otherPort },
    internal: { socket: join(folder.path, 'other.sock') },
  });
  writeFileSync(join(folder.path, 'other.json'), text, { mode: 0o600 });
  const second = cli([
    'platform',
    '--config',
    join(folder.path, 'other.json'),
    '--secrets',
    join(folder.path, 'secrets.json'),
  ]);
  const well = { host: '127.0.0.1', port: otherPort, path: '/healthz' };
  assert.equal((await healthyWithin(well, patienceMs, new AbortController().signal)).status, 200);
  first.child.kill('SIGTERM');
  assert.equal(await first.exit, 0);
  assert.equal(await statusOf(well), 200);
  second.child.kill('SIGTERM');
  assert.equal(await second.exit, 0);
});
