// The lock of a data folder against living holders, dead ones, and process ids that were given again.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError } from '@tongche/runtime';
import { holderOf, takeLock } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongche-lock-'));
const file = join(folder, 'running');
after(() => rmSync(folder, { recursive: true, force: true }));

test('a second holder is refused, and may come after the first', () => {
  const lock = takeLock(file, folder);
  assert.equal(holderOf(file), process.pid);
  assert.throws(
    () => takeLock(file, folder),
    (error) => {
      return error instanceof ConfigError && error.message.includes(`process ${process.pid}`);
    },
  );
  lock.release();
  assert.equal(existsSync(file), false);
  takeLock(file, folder).release();
});

test('a lock of a process that is gone is taken over', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(file, `${pid} 1\n`);
  takeLock(file, folder).release();
});

test('a lock whose process id now belongs to another process is taken over', { skip: !existsSync('/proc') }, () => {
  writeFileSync(file, `${process.pid} 12345\n`);
  assert.equal(holderOf(file), undefined);
  takeLock(file, folder).release();
});

test('a file that says nothing does not block the start', () => {
  writeFileSync(file, '');
  takeLock(file, folder).release();
});
