// How long writers stand still when the primary is killed with -9 and its synchronous standby is promoted at once; and
// whether everything that was acknowledged is there. Run: npm run bench -- failover [--writers 8]
import { connect } from '@tongche/postgres';
import { startPair, until } from '@tongche/postgres/standby-kit';
import { silentLog } from '@tongche/runtime';
import { readOptions, runBench } from './kit/options.ts';

const rowsBefore = 2_000;

await runBench(async () => {
  const { writers } = readOptions('failover', process.argv.slice(2), { writers: { default: 8, min: 1, max: 64 } });
  const pair = await startPair();
  const db = connect({ url: pair.url, name: 'failover', max: writers, log: silentLog });
  try {
    await db.query('create table kept (id int primary key)');
    const acknowledged: number[] = [];
    const state = { done: false, lastMs: 0, longestMs: 0, next: 0 };
    const writing = Array.from({ length: writers }, async () => {
      while (!state.done) {
        const id = state.next++;
        try {
          await db.query('insert into kept values ($1)', [id]);
        } catch {
          continue;
        }
        acknowledged.push(id);
        const nowMs = performance.now();
        state.longestMs = Math.max(state.longestMs, nowMs - state.lastMs);
        state.lastMs = nowMs;
      }
    });
    await until('rows are written', () => acknowledged.length > rowsBefore);
    state.longestMs = 0;
    const killedMs = performance.now();
    await pair.killPrimary();
    await pair.standby.admin.query('select pg_promote()');
    const promotedMs = performance.now();
    const before = acknowledged.length;
    await until('rows are written again', () => acknowledged.length > before + rowsBefore);
    state.done = true;
    await Promise.all(writing);
    const stored = new Set((await db.query<{ id: number }>('select id from kept')).map(({ id }) => id));
    const lost = acknowledged.filter((id) => !stored.has(id)).length;
    const promoteMs = Math.round(promotedMs - killedMs);
    const pauseMs = Math.round(state.longestMs);
    console.log(`${pauseMs} ms between two acknowledged rows, ${promoteMs} ms of them until the promotion was done`);
    console.log(
      JSON.stringify({ bench: 'failover', writers, pauseMs, promoteMs, acknowledged: acknowledged.length, lost }),
    );
    if (lost > 0) process.exitCode = 1;
  } finally {
    await db.end();
    await pair.close();
  }
});
