// A full disk stops the server (it cannot write its log ahead and panics). It is started again and again with growing
// pauses, and once there is room everything acknowledged before is there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLog } from '@tongche/runtime';
import { connect, startEngine } from './index.ts';
import type { Engine, EngineCrash } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongche-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=180m,mode=0755', 'tmpfs', folder]).status === 0;
let running: Engine | undefined;
after(async () => {
  await running?.stop();
  if (mounted) spawnSync('umount', ['-l', folder]);
  rmSync(folder, { recursive: true, force: true });
});

const password = 'a-password-of-enough-characters';
/** Small log segments, so that the disk fills within them. */
const settings = { shared_buffers: '16MB', max_wal_size: '1GB', wal_recycle: 'off', checkpoint_timeout: '1h' };
const ballastBytes = 40 * 1024 * 1024;
const mostRounds = 200;

test('a full disk: crash, pauses, recovery without loss', { skip: !mounted && 'no right to mount' }, async () => {
  const ballast = join(folder, 'ballast');
  writeFileSync(ballast, Buffer.alloc(ballastBytes));
  const engine = await startEngine({ dataDir: join(folder, 'data'), log: silentLog, settings });
  running = engine;
  await engine.ensureDatabase({ database: 'demo', role: 'demo', password });
  const db = connect({ url: engine.url('demo', 'demo', password), name: 'demo', log: silentLog, max: 1 });
  await db.query('create table kept (n int)');
  const crashes: EngineCrash[] = [];
  const twice = new Promise<void>((resolve) =>
    engine.onCrash((crash) => {
      crashes.push(crash);
      if (crashes.length === 2) resolve();
    }),
  );
  let acknowledged = 0;
  try {
    // Mostly log, hardly any table: a table that cannot grow would only be an error.
    for (; acknowledged < mostRounds; acknowledged++) {
      await db.query(`select pg_logical_emit_message(false, 'filler', repeat('x', 1000000))`);
      await db.query('insert into kept values ($1)', [acknowledged]);
    }
  } catch {
    assert.ok(acknowledged > 10);
  }
  await twice;
  assert.ok((crashes[1]?.waitMs ?? 0) > (crashes[0]?.waitMs ?? 0), 'pauses grow');
  rmSync(ballast);
  let count: number | undefined;
  for (let tries = 0; count === undefined && tries < 300; tries++) {
    try {
      count = (await db.one<{ n: number }>('select count(distinct n) as n from kept'))?.n;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  assert.equal(count, acknowledged);
  await db.end();
  await engine.stop();
});
