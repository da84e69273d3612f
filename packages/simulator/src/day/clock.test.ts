import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settableClock } from '@tongche/runtime';
import { dayClock } from './clock.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;

test('at normal speed a job takes its own time, at high speed a few turns a real second', async () => {
  const clock = dayClock(0, settableClock(0));
  const turns: number[] = [];
  clock.every('poll', secondMs, () => void turns.push(clock.now()));
  await clock.advance(3 * secondMs);
  assert.deepEqual(turns, [1_000, 2_000, 3_000]);
  clock.setSpeed(1_440);
  await clock.advance(30 * minuteMs);
  assert.equal(turns.length, 3 + 5, 'every six minutes: a quarter of a real second');
  clock.setSpeed(1);
  await clock.advance(3 * secondMs);
  assert.equal(turns.length, 3 + 5 + 3, 'slowing down does not wait for the long turn');
});

test('a daily job comes at its time, and a stopped one not any more', async () => {
  const clock = dayClock(0, settableClock(0));
  clock.setSpeed(10_000);
  const seen: string[] = [];
  clock.after('roll', 90 * minuteMs, () => void seen.push(`roll ${clock.now()}`));
  const stop = clock.every('hourly', 60 * minuteMs, () => {
    seen.push(`hour ${clock.now()}`);
    if (seen.length === 3) stop();
  });
  await clock.advance(600 * minuteMs);
  assert.deepEqual(seen, ['hour 3600000', 'roll 5400000', 'hour 7200000']);
});

test('what waits for the network waits in real time', async () => {
  const wire = settableClock(0);
  const clock = dayClock(0, wire);
  let beats = 0;
  clock.every('http.sse-heartbeat', secondMs, () => void (beats += 1));
  await clock.advance(10 * minuteMs);
  assert.equal(beats, 0);
  await wire.advance(2 * secondMs);
  assert.equal(beats, 2);
});

test('a fault of a job is thrown to whoever moves the clock, and the job stays', async () => {
  const clock = dayClock(0, settableClock(0));
  let turns = 0;
  clock.every('faulty', secondMs, () => {
    turns += 1;
    if (turns === 1) throw new Error('once');
  });
  await assert.rejects(clock.advance(5 * secondMs), /once/);
  await clock.advance(2 * secondMs);
  assert.equal(turns, 3);
});
