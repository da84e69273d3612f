// How a process ends: in order, with the right exit code, and with one line when something is wrong.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { ConfigError } from './config.ts';
import { createLog, defineEvents, memoryLog } from './log.ts';
import { runProcess } from './process.ts';

function fakeHost() {
  const emitter = new EventEmitter();
  const lines: string[] = [];
  const exited = Promise.withResolvers<number>();
  return {
    on: (event: string, listener: (argument: unknown) => void) => emitter.on(event, listener),
    exit: (code: number) => exited.resolve(code),
    stderr: { write: (line: string) => void lines.push(line) },
    emit: (event: string, argument?: unknown) => emitter.emit(event, argument),
    lines,
    exited: exited.promise,
  };
}

for (const event of ['SIGTERM', 'disconnect']) {
  test(`${event} closes and exits 0, once`, async () => {
    const host = fakeHost();
    let closed = 0;
    await runProcess(async () => ({ close: async () => void (closed += 1) }), { name: 'p', host });
    host.emit(event);
    host.emit(event);
    assert.equal(await host.exited, 0);
    assert.equal(closed, 1);
  });
}

test("a child ignores the terminal's interrupt", async () => {
  const host = fakeHost();
  await runProcess(async () => ({ close: async () => assert.fail('closed') }), { name: 'p', host });
  host.emit('SIGINT');
  await new Promise((resolve) => setImmediate(resolve));
});

test('the parent of all stops on the interrupt', async () => {
  const host = fakeHost();
  await runProcess(async () => ({ close: async () => {} }), { name: 'p', host, stopOnInterrupt: true });
  host.emit('SIGINT');
  assert.equal(await host.exited, 0);
});

test('a configuration error is its one line and exit code 2', async () => {
  const host = fakeHost();
  const failing = async (): Promise<never> => Promise.reject(new ConfigError('port 8600 is taken'));
  assert.equal(await runProcess(failing, { name: 'platform', host }), undefined);
  assert.equal(await host.exited, 2);
  assert.deepEqual(host.lines, ['platform: port 8600 is taken\n']);
});

test('a fault is one line with class and place, without its text, and the rest is closed', async () => {
  const host = fakeHost();
  const log = memoryLog();
  let closed = false;
  await runProcess(async () => ({ close: async () => void (closed = true) }), { name: 'p', host, log });
  host.emit('uncaughtException', new TypeError('phone 13800000000'));
  assert.equal(await host.exited, 1);
  assert.ok(closed);
  assert.equal(host.lines.length, 1);
  assert.match(host.lines[0] ?? '', /^p: unexpected TypeError at .*process\.test\.ts/);
  assert.doesNotMatch(host.lines.join('') + JSON.stringify(log.lines), /13800000000/);
});

test('closing that hangs does not keep the process', async () => {
  const host = fakeHost();
  await runProcess(async () => ({ close: () => new Promise<void>(() => {}) }), { name: 'p', host, closeWithinMs: 5 });
  host.emit('SIGTERM');
  assert.equal(await host.exited, 3);
});

test('lines that wait are written when the process ends', async () => {
  const host = fakeHost();
  const { done } = defineEvents('demo', { done: { fields: ['n'] } });
  const written: string[] = [];
  const log = createLog({ process: 'p', clock: { now: () => 0 }, write: (lines) => void written.push(lines) });
  const start = async () => {
    log.event(done, { n: 1 });
    assert.equal(written.length, 1, 'nothing waits while starting');
    return { close: async () => log.event(done, { n: 3 }) };
  };
  await runProcess(start, { name: 'p', host, log });
  log.event(done, { n: 2 });
  assert.equal(written.length, 1);
  host.emit('SIGTERM');
  await host.exited;
  host.emit('exit', 0);
  assert.match(written[1] ?? '', /"n":2.*\n.*"n":3.*\n$/);
});
