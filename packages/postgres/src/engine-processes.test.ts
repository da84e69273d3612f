// The engine outlives the process that started it: others find it, and it is stopped by whom it belongs to.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLog } from '@tongche/runtime';
import { connect, startEngine } from './index.ts';
import type { Engine } from './index.ts';
import { clusterInUse, isAlive } from './pid-file.ts';

const root = mkdtempSync(join(tmpdir(), 'tongche-processes-'));
const engines: Engine[] = [];
const children: ChildProcess[] = [];
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const engine of engines) await engine.stop();
  rmSync(root, { recursive: true, force: true });
});

const password = 'a-password-of-enough-characters';
const settings = { shared_buffers: '16MB' };

/** Starts an engine in a process of its own and resolves with the server's number. It stops on SIGTERM. */
async function startElsewhere(dataDir: string): Promise<{ readonly child: ChildProcess; readonly pid: number }> {
  const script = `
    import { startEngine, connect } from '@tongche/postgres';
    import { silentLog } from '@tongche/runtime';
    const engine = await startEngine({ dataDir: process.argv[1], log: silentLog, settings: ${JSON.stringify(settings)} });
    await engine.ensureDatabase({ database: 'demo', role: 'demo', password: '${password}' });
    const db = connect({ url: engine.url('demo', 'demo', '${password}'), name: 'demo', log: silentLog });
    await db.query('create table if not exists kept as select 42 as n');
    const alive = setInterval(() => {}, 1000);
    process.on('SIGTERM', async () => {
      clearInterval(alive);
      await db.end();
      await engine.stop();
    });
    process.send(engine.pid);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  const [pid] = (await once(child, 'message')) as [number];
  child.disconnect();
  return { child, pid };
}

async function startHere(dataDir: string): Promise<Engine> {
  const engine = await startEngine({ dataDir, log: silentLog, settings });
  engines.push(engine);
  return engine;
}

async function readBack(engine: Engine): Promise<unknown> {
  const db = connect({ url: engine.url('demo', 'demo', password), name: 'demo', log: silentLog });
  try {
    return await db.one('select n from kept');
  } finally {
    await db.end();
  }
}

test('a server whose starter was killed is adopted, and stopped by its adopter', async () => {
  const dataDir = join(root, 'orphan');
  const { child, pid } = await startElsewhere(dataDir);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(isAlive(pid));
  const engine = await startHere(dataDir);
  assert.equal(engine.adopted, true);
  assert.equal(engine.pid, pid);
  assert.deepEqual(await readBack(engine), { n: 42 });
  await engine.stop();
  assert.equal(isAlive(pid), false);
});

test('an adopted server that is killed comes back too', async () => {
  const dataDir = join(root, 'adopted-killed');
  const { child, pid } = await startElsewhere(dataDir);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const engine = await startHere(dataDir);
  const crashed = new Promise<void>((resolve) => engine.onCrash(() => resolve()));
  process.kill(pid, 'SIGKILL');
  await crashed;
  await engine.stop();
  assert.equal(clusterInUse(engine.cluster), false);
});

test('starter and server killed together: the next start recovers at once', async () => {
  const dataDir = join(root, 'both');
  const { child, pid } = await startElsewhere(dataDir);
  child.kill('SIGKILL');
  process.kill(pid, 'SIGKILL');
  const engine = await startHere(dataDir);
  assert.equal(engine.adopted, false);
  assert.notEqual(engine.pid, pid);
  assert.deepEqual(await readBack(engine), { n: 42 });
  await engine.stop();
});

test('a server that another living process started is used but not stopped', async () => {
  const dataDir = join(root, 'shared');
  const { child, pid } = await startElsewhere(dataDir);
  const engine = await startHere(dataDir);
  assert.equal(engine.pid, pid);
  await engine.stop();
  assert.ok(isAlive(pid));
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
  assert.equal(isAlive(pid), false);
});
