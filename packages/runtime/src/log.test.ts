// What reaches the log and, more important, what does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, defineEvents, memoryLog } from './log.ts';

const events = defineEvents('demo', {
  started: { fields: ['port'] },
  counted: { fields: ['count', 'kind'], level: 'warn' },
});

test('an event becomes one JSON line with time, process, level and its fields', () => {
  const lines: string[] = [];
  const log = createLog({ process: 'p', clock: { now: () => 1234 }, write: (line) => void lines.push(line) });
  log.event(events.counted, { count: 3, kind: 'bus' });
  assert.equal(lines.length, 1);
  assert.deepEqual(JSON.parse(lines[0] ?? ''), {
    level: 'warn',
    time: 1234,
    process: 'p',
    event: 'demo.counted',
    count: 3,
    kind: 'bus',
  });
});

test('unknown and missing fields are faults in tests', () => {
  const log = memoryLog();
  // @ts-expect-error the field is not declared
  assert.throws(() => log.event(events.started, { port: 1, phone: '13800000000' }), /unknown field phone/);
  // @ts-expect-error the declared field is missing
  assert.throws(() => log.event(events.started, {}), /missing field port/);
  assert.deepEqual(log.lines, []);
});

test('in production an undeclared field is not written and nothing is thrown', () => {
  const lines: string[] = [];
  const log = createLog({ process: 'p', clock: { now: () => 0 }, write: (line) => void lines.push(line) });
  // @ts-expect-error the field is not declared
  log.event(events.started, { port: 1, phone: '13800000000' });
  assert.match(lines.join(''), /runtime.badField/);
  assert.doesNotMatch(lines.join(''), /13800000000/);
});

test('a fault is logged with class, code and place but not with its text', () => {
  const log = memoryLog();
  log.fault('demo.job', Object.assign(new TypeError('phone 13800000000'), { code: '22P02' }));
  const [line] = log.lines;
  assert.equal(line?.['name'], 'TypeError');
  assert.equal(line?.['code'], '22P02');
  assert.match(String(line?.['at']), /^log\.test\.ts:\d+$/);
  assert.doesNotMatch(JSON.stringify(log.lines), /13800000000/);
});

test('over-long text is cut', () => {
  const log = memoryLog();
  log.event(events.counted, { count: 1, kind: 'x'.repeat(1000) });
  assert.ok(String(log.lines[0]?.['kind']).length < 250);
});

test('reserved field names are refused when events are declared', () => {
  assert.throws(() => defineEvents('demo', { bad: { fields: ['time'] } }), /reserved/);
});

test('gathered lines wait and are written together, in order and whole', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const written: string[] = [];
  const log = createLog({ process: 'p', clock: { now: () => 0 }, write: (lines) => void written.push(lines) });
  const flush = log.gather?.();
  for (const port of [1, 2, 3]) log.event(events.started, { port });
  assert.deepEqual(written, []);
  t.mock.timers.tick(50);
  assert.equal(written.length, 1);
  const ports = (lines: string | undefined) =>
    lines?.split('\n').map((line) => (line === '' ? line : (JSON.parse(line) as { port: number }).port));
  assert.deepEqual(ports(written[0]), [1, 2, 3, '']);
  log.event(events.started, { port: 4 });
  flush?.();
  assert.deepEqual(ports(written[1]), [4, '']);
  t.mock.timers.tick(1000);
  assert.equal(written.length, 2, 'nothing is written twice');
});

test('a fault or a warning does not wait, and comes after what waited', () => {
  const written: string[] = [];
  const log = createLog({ process: 'p', clock: { now: () => 0 }, write: (lines) => void written.push(lines) });
  log.gather?.();
  log.event(events.started, { port: 1 });
  log.fault('demo.job', new TypeError('x'));
  assert.match(written.join(''), /demo\.started.*\n.*runtime\.fault.*\n$/);
  log.event(events.started, { port: 2 });
  log.event(events.counted, { count: 1, kind: 'bus' });
  assert.match(written.at(-1) ?? '', /"port":2.*\n.*demo\.counted.*\n$/);
});

test('lines do not wait beyond some kilobytes', () => {
  const written: string[] = [];
  const log = createLog({ process: 'p', clock: { now: () => 0 }, write: (lines) => void written.push(lines) });
  log.gather?.();
  for (let port = 0; port < 1000; port += 1) log.event(events.started, { port });
  assert.ok(written.length > 1 && written.length < 20, String(written.length));
  assert.ok(written.every((lines) => lines.length < 17_000));
});
