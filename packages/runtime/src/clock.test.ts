// The settable clock's order and the system clock's manners.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { settableClock, systemClock } from './clock.ts';

test('due jobs run in time order and see their own due time', async () => {
  const clock = settableClock(1000);
  const seen: string[] = [];
  clock.after('late', 300, () => void seen.push(`late@${clock.now()}`));
  clock.every('tick', 100, () => void seen.push(`tick@${clock.now()}`));
  clock.after('early', 50, () => void seen.push(`early@${clock.now()}`));
  await clock.advance(300);
  assert.deepEqual(seen, ['early@1050', 'tick@1100', 'tick@1200', 'late@1300', 'tick@1300']);
  assert.equal(clock.now(), 1300);
});

test('a job is awaited before the next one begins', async () => {
  const clock = settableClock(0);
  const seen: string[] = [];
  clock.after('slow', 10, async () => {
    seen.push('slow begins');
    await new Promise((resolve) => setImmediate(resolve));
    seen.push('slow ends');
  });
  clock.after('quick', 11, () => void seen.push('quick'));
  await clock.advanceTo(20);
  assert.deepEqual(seen, ['slow begins', 'slow ends', 'quick']);
});

test('a job scheduled by a job runs on the same way when it falls due', async () => {
  const clock = settableClock(0);
  const seen: number[] = [];
  clock.after('first', 10, () => void clock.after('second', 5, () => void seen.push(clock.now())));
  await clock.advanceTo(14);
  assert.deepEqual(seen, []);
  await clock.advanceTo(15);
  assert.deepEqual(seen, [15]);
});

test('a stopped job does not run, also when it stops itself', async () => {
  const clock = settableClock(0);
  let runs = 0;
  const stop = clock.every('once', 10, () => {
    runs += 1;
    stop();
  });
  clock.after('never', 10, () => assert.fail('was stopped'))();
  await clock.advanceTo(100);
  assert.equal(runs, 1);
  assert.deepEqual(clock.pending(), []);
});

test('the fault of a job is thrown where the clock is moved, and the clock can go on', async () => {
  const clock = settableClock(0);
  clock.after('bad', 10, () => {
    throw new Error('broken job');
  });
  await assert.rejects(clock.advanceTo(20), /broken job/);
  assert.equal(clock.now(), 10);
  await clock.advanceTo(20);
  assert.equal(clock.now(), 20);
});

test('the clock does not go back and is not moved from two sides', async () => {
  const clock = settableClock(100);
  await assert.rejects(clock.advanceTo(99), RangeError);
  clock.after('inside', 1, () => clock.advance(1));
  await assert.rejects(clock.advance(10), /already being moved/);
});

test('a wall clock that is set runs nothing, and nothing waits longer or shorter for it', async () => {
  const clock = settableClock(1_000);
  const seen: string[] = [];
  clock.after('job', 100, () => void seen.push(`job@${clock.now()}`));
  clock.setTo(90_000);
  assert.deepEqual(seen, []);
  assert.deepEqual(clock.pending(), [{ name: 'job', dueMs: 90_100 }]);
  await clock.advance(60);
  clock.setTo(500);
  await clock.advance(39);
  assert.deepEqual(seen, []);
  await clock.advance(1);
  assert.deepEqual(seen, ['job@540']);
  assert.equal(clock.steadyMs(), 100);
});

test('any set of jobs runs sorted by due time, then by order of scheduling', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 30 }), async (delays) => {
      const clock = settableClock(0);
      const ran: [number, number][] = [];
      delays.forEach((ms, index) => clock.after(`${index}`, ms, () => void ran.push([clock.now(), index])));
      await clock.advanceTo(50);
      const expected = delays.map((ms, index): [number, number] => [ms, index]);
      assert.deepEqual(
        ran,
        expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]),
      );
    }),
    { seed: 7, numRuns: 100 },
  );
});

test('the system clock never overlaps a job with itself and goes on after a fault', async () => {
  const faults: string[] = [];
  const clock = systemClock((_error, job) => void faults.push(job));
  let running = 0;
  let most = 0;
  let runs = 0;
  // Its timers do not keep the process alive, so the test does.
  const alive = setInterval(() => {}, 1000);
  await new Promise<void>((resolve) => {
    const stop = clock.every('busy', 1, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((go) => setTimeout(go, 5));
      running -= 1;
      runs += 1;
      if (runs === 2) throw new Error('fault');
      if (runs === 4) {
        stop();
        resolve();
      }
    });
  });
  clearInterval(alive);
  assert.equal(most, 1);
  assert.deepEqual(faults, ['busy']);
});

test('a wait beyond the longest timer does not fire at once', async () => {
  const clock = systemClock(() => {});
  const stop = clock.after('far', 40 * 86_400_000, () => assert.fail('fired'));
  await new Promise((resolve) => setTimeout(resolve, 10));
  stop();
});

test('jobs of the system clock go on when the wall clock is set back by a day', { timeout: 10_000 }, async (t) => {
  const clock = systemClock(() => {});
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  const realMs = Date.now();
  let turns = 0;
  await new Promise<void>((resolve) => {
    const stop = clock.every('poll', 1, () => {
      turns += 1;
      if (turns === 1) t.mock.method(Date, 'now', () => realMs - 86_400_000);
      if (turns < 4) return;
      stop();
      resolve();
    });
  });
  assert.equal(turns, 4);
});

test('the steady clock never goes back', () => {
  const clock = systemClock(() => {});
  const readings = Array.from({ length: 100 }, () => clock.steadyMs());
  assert.deepEqual(
    readings,
    [...readings].sort((a, b) => a - b),
  );
});
