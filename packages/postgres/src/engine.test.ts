// The launcher under everything that happens to it: both ways to run as root, deep folders, kills, second starts.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { ConfigError, memoryLog } from '@tongche/runtime';
import { Client } from 'pg';
import { connect, removeData, startEngine } from './index.ts';
import type { AsRoot, Engine } from './index.ts';
import { isAlive } from './pid-file.ts';

const started: Engine[] = [];
after(async () => {
  for (const engine of started) await engine.stop();
});
const root = mkdtempSync(join(tmpdir(), 'tongche-engine-'));
const systemDir = mkdtempSync(join('/var/tmp', 'tongche-system-'));
after(() => {
  rmSync(root, { recursive: true, force: true });
  rmSync(systemDir, { recursive: true, force: true });
});

const settings = { shared_buffers: '16MB' };
const password = 'a-password-of-enough-characters';
const log = memoryLog();
const isRoot = process.getuid?.() === 0;

async function start(dataDir: string, asRoot: AsRoot = 'auto'): Promise<Engine> {
  const engine = await startEngine({ dataDir, log, asRoot, systemDir, settings });
  started.push(engine);
  return engine;
}

async function connects(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return 'yes';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await client.end().catch(() => {});
  }
}

test('stopped at any moment of a restart, it leaves no server behind', async () => {
  for (const delayMs of [0, 250, 270, 290, 310, 350]) {
    const dataDir = join(root, `restart-${delayMs}`);
    const engine = await start(dataDir);
    const crashed = new Promise<void>((resolve) => engine.onCrash(() => resolve()));
    process.kill(engine.pid, 'SIGKILL');
    await crashed;
    // The first pause is a quarter of a second: these moments lie before, within and after the new server's start.
    await wait(delayMs);
    await engine.stop();
    const pidFile = join(engine.cluster, 'postmaster.pid');
    const left = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').split('\n')[0]) : 0;
    assert.equal(left !== 0 && isAlive(left), false, `${delayMs} ms`);
  }
});

for (const asRoot of isRoot ? (['unshare', 'copy'] as const) : (['auto'] as const)) {
  test(`starts, keeps data over a stop, and shows no port (${asRoot})`, async () => {
    const dataDir = join(root, `plain-${asRoot}`);
    let engine = await start(dataDir, asRoot);
    assert.equal(engine.adopted, false);
    assert.ok(engine.version >= 150000);
    await engine.ensureDatabase({ database: 'demo', role: 'demo', password });
    let db = connect({ url: engine.url('demo', 'demo', password), name: 'demo', log });
    await db.query('create table kept (n int8)');
    await db.query('insert into kept values (42)');
    const [setting] = await db.query(
      `select current_setting('listen_addresses') as tcp, current_setting('data_checksums') as sums,
              current_setting('fsync') as fsync, pg_encoding_to_char(encoding) as enc, datcollate as collate
       from pg_database where datname = current_database()`,
    );
    assert.deepEqual(setting, { tcp: '', sums: 'on', fsync: 'on', enc: 'UTF8', collate: 'C.UTF-8' });
    assert.equal(statSync(dataDir).mode & 0o777, 0o700);
    assert.equal(statSync(engine.cluster).mode & 0o777, 0o700);
    assert.equal(statSync(join(engine.cluster, '..', 'superuser')).mode & 0o777, 0o600);
    if (asRoot === 'copy') assert.equal(statSync(engine.cluster).uid, 65534);
    await db.end();
    const { pid, socketDir } = engine;
    await engine.stop();
    assert.equal(isAlive(pid), false);
    assert.equal(statSync(socketDir, { throwIfNoEntry: false }), undefined);
    engine = await start(dataDir, asRoot);
    db = connect({ url: engine.url('demo', 'demo', password), name: 'demo', log });
    assert.deepEqual(await db.one('select n from kept'), { n: 42 });
    await db.end();
    await engine.stop();
    removeData(dataDir);
  });
}

test('a data folder deeper than a socket path may be', async () => {
  const dataDir = join(root, 'd'.repeat(100), 'e'.repeat(60));
  const engine = await start(dataDir);
  assert.ok(Buffer.byteLength(engine.cluster) > 160);
  assert.equal((await engine.admin.one<{ one: number }>('select 1 as one'))?.one, 1);
  await engine.stop();
});

test('roles reach their own database only, and only with their password', async () => {
  const engine = await start(join(root, 'roles'));
  const second = password.replace('a-', 'b-');
  await engine.ensureDatabase({ database: 'one', role: 'one', password });
  await engine.ensureDatabase({ database: 'two', role: 'two', password: second });
  await engine.ensureDatabase({ database: 'one', role: 'one', password });
  assert.equal(await connects(engine.url('one', 'one', password)), 'yes');
  assert.equal(await connects(engine.url('one', 'one', second)), '28P01');
  assert.equal(await connects(engine.url('two', 'one', password)), '42501');
  assert.equal(await connects(engine.url('one', 'two', second)), '42501');
  assert.equal(await connects(engine.url('postgres', 'one', password)), '42501');
  assert.equal(await connects(engine.url('template1', 'one', password)), '42501');
  await engine.grantConnect({ database: 'one', role: 'two' });
  assert.equal(await connects(engine.url('one', 'two', second)), 'yes');
  const guest = connect({ url: engine.url('one', 'two', second), name: 'guest', log });
  await assert.rejects(guest.query('create table mine (n int)'), { code: '3F000' }, 'not even the schema is seen');
  await guest.end();
  await engine.stop();
});

test('a killed server comes back with its data, is announced, and pools find it again', async () => {
  const dataDir = join(root, 'killed');
  const engine = await start(dataDir);
  await engine.ensureDatabase({ database: 'demo', role: 'demo', password });
  const db = connect({ url: engine.url('demo', 'demo', password), name: 'demo', log });
  await db.query('create table kept (n int)');
  await db.query('insert into kept values (1)');
  const notified: string[] = [];
  const back = Promise.withResolvers<void>();
  const stopListening = await db.listen('news', (payload) => void notified.push(payload), {
    onReconnect: () => back.resolve(),
  });
  const before = engine.pid;
  const crashed = new Promise<number>((resolve) => engine.onCrash(({ restarts }) => resolve(restarts)));
  process.kill(before, 'SIGKILL');
  assert.equal(await crashed, 1);
  await back.promise;
  // Clients may be let in before whoever started the server knows that it is up.
  for (let tries = 0; engine.pid === before && tries < 500; tries += 1) await wait(10);
  assert.notEqual(engine.pid, before);
  assert.deepEqual(await db.one('select n from kept'), { n: 1 });
  const heard = new Promise<void>((resolve) => {
    const poll = setInterval(() => {
      if (notified.length === 0) return;
      clearInterval(poll);
      resolve();
    }, 5);
  });
  await db.query(`notify news, 'after the crash'`);
  await heard;
  assert.deepEqual(notified, ['after the crash']);
  await stopListening();
  await db.end();
  await engine.stop();
});

test('a second start on the same data adopts the server; the last one to stop ends it', async () => {
  const dataDir = join(root, 'twice');
  const first = await start(dataDir);
  const second = await start(dataDir);
  assert.equal(second.adopted, true);
  assert.equal(second.pid, first.pid);
  await second.stop();
  await first.stop();
  assert.equal(isAlive(first.pid), false);
});

test('two starts at the same moment share one server', async () => {
  const dataDir = join(root, 'race');
  await (await start(dataDir)).stop();
  const [a, b] = await Promise.all([start(dataDir), start(dataDir)]);
  assert.equal(a.pid, b.pid);
  await Promise.all([a.stop(), b.stop()]);
});

test('a stale postmaster.pid that names a living stranger does not stop the start', async () => {
  const dataDir = join(root, 'stale');
  let engine = await start(dataDir);
  const file = join(engine.cluster, 'postmaster.pid');
  const text = readFileSync(file, 'utf8');
  await engine.stop();
  writeFileSync(file, text.replace(/^\d+/, String(process.pid)), { mode: 0o600 });
  engine = await start(dataDir);
  assert.notEqual(engine.pid, process.pid);
  await engine.stop();
});

test('a cut-off initdb begins again, and a lost password file is one clear line', async () => {
  const dataDir = join(root, 'cut');
  const engine = await start(dataDir);
  writeFileSync(join(dataDir, 'superuser'), 'another');
  await assert.rejects(start(dataDir), ConfigError);
  await engine.stop();
});
