// Logs of children stay within their size and keep the newest lines, over restarts too.
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { logTail, openRotatingLog } from './rotating-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'tongche-log-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a log never grows beyond its size and five files, and loses the oldest lines first', () => {
  const file = join(folder, 'a.log');
  for (let start = 0; start < 4; start += 1) {
    const log = openRotatingLog(file, 1_000);
    for (let line = 0; line < 100; line += 1) log.write(Buffer.from(`start ${start} line ${line}\n`));
    log.close();
  }
  const files = globSync('a.log*', { cwd: folder }).sort();
  assert.deepEqual(files, ['a.log', 'a.log.1', 'a.log.2', 'a.log.3', 'a.log.4']);
  for (const one of files) assert.ok(statSync(join(folder, one)).size <= 1_000);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const text = files
    .reverse()
    .map((one) => readFileSync(join(folder, one), 'utf8'))
    .join('');
  assert.ok(text.endsWith('start 3 line 99\n'));
  const numbers = [...text.matchAll(/start (\d) line (\d+)/g)].map(
    ([, start, line]) => Number(start) * 100 + Number(line),
  );
  assert.deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, n) => 400 - numbers.length + n),
    'without a gap',
  );
});

test('a line longer than the size is written all the same', () => {
  const log = openRotatingLog(join(folder, 'b.log'), 10);
  log.write(Buffer.from('a line that is longer than that\n'));
  log.write(Buffer.from('next\n'));
  log.close();
  assert.equal(readFileSync(join(folder, 'b.log'), 'utf8'), 'next\n');
  assert.equal(readFileSync(join(folder, 'b.log.1'), 'utf8'), 'a line that is longer than that\n');
});

test('the end of a log is its last lines, cut where they are long', () => {
  const file = join(folder, 'tail.log');
  assert.deepEqual(logTail(file, 3), []);
  const log = openRotatingLog(file);
  for (let line = 0; line < 5_000; line += 1) log.write(Buffer.from(`a line of the log, number ${line}\n`));
  log.write(Buffer.from(`${'long'.repeat(1_000)}\nunfinished`));
  log.close();
  const [before, long = '', last] = logTail(file, 3);
  assert.deepEqual([before, last], ['a line of the log, number 4999', 'unfinished']);
  assert.match(long, /^(long)+$/);
  assert.ok(long.length < 1_000);
});
