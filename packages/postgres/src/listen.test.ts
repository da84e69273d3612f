// A server that falls silent without closing the connection: it is noticed, and what is said afterwards is heard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryLog } from '@tongche/runtime';
import { testDatabase, testEngine } from './test-kit.ts';

test('a listening connection that is silent for too long is given up and opened anew', async () => {
  const log = memoryLog();
  const { db } = await testDatabase(await testEngine(), undefined, { log });
  const heard: string[] = [];
  const back = Promise.withResolvers<void>();
  const again = Promise.withResolvers<void>();
  const stop = await db.listen(
    'silence',
    (payload) => {
      heard.push(payload);
      if (payload === 'after') again.resolve();
    },
    { onReconnect: () => back.resolve(), askEveryMs: 50, answerWithinMs: 2_000 },
  );
  const row = await db.one<{ pid: number }>(
    `select pid from pg_stat_activity
      where datname = current_database() and query = 'listen "silence"'`,
  );
  assert.ok(row);
  // As a cable that is pulled: neither an answer nor an end.
  process.kill(row.pid, 'SIGSTOP');
  // Nothing of a silent connection keeps a process alive.
  const stay = setInterval(() => {}, 1_000);
  try {
    await back.promise;
    await db.query(`select pg_notify('silence', 'after')`);
    await again.promise;
    assert.deepEqual(heard, ['after']);
    assert.equal(log.lines.filter(({ event }) => event === 'postgres.listenLost').length, 1);
  } finally {
    clearInterval(stay);
    process.kill(row.pid, 'SIGCONT');
    await stop();
  }
});
