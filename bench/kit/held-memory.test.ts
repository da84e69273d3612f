// A slope that is known comes out, and the memory of a real process is told to the object.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { heldMemory, slopeOf, tidyOnSignal } from './held-memory.ts';

test('the slope through points is what one more costs', () => {
  const points = [0, 500, 1_000, 2_000].map((n) => [n, 40_000_000 + 12_345 * n] as const);
  assert.ok(Math.abs(slopeOf(points) - 12_345) < 1e-6);
  assert.ok(
    slopeOf([
      [0, 3],
      [1, 2],
      [2, 1],
    ]) < 0,
  );
});

test('what a process holds is told, and what it has let go is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tch-'));
  const kept = 64 * 2 ** 20;
  const program = `let held=[];process.on('message',(n)=>{held=n>0?[Buffer.alloc(n,1)]:[];process.send('done')});process.send('up')`;
  const child = spawn(process.execPath, [...tidyOnSignal, '--eval', program], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    await once(child, 'message');
    const told = async (bytes: number) => {
      child.send(bytes);
      await once(child, 'message');
      return (await heldMemory(folder, child.pid ?? -1)).held;
    };
    const without = await told(0);
    const held = (await told(kept)) - without;
    assert.ok(held > 0.9 * kept && held < 1.2 * kept, `${held} bytes`);
    assert.ok((await told(0)) - without < 0.2 * kept);
  } finally {
    child.kill();
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  }
});
