// The platform on a primary and a standby: the primary is killed while phones send rides. Whoever got a receipt has a row
// on the new primary, whoever was refused sends again, and no ride is there twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPair, until } from '@tongche/postgres/standby-kit';
import { errorOf, openBench } from './test-kit.ts';

test('a primary killed under the intake costs no acknowledged ride, and phones get through by trying again', async (t) => {
  const pair = await startPair();
  const bench = await openBench({ databaseUrl: pair.url });
  // After the bench, which is closed first.
  t.after(() => pair.close());
  const { authority, post, db, log } = bench;
  const state = { taken: 0, busy: 0, done: false };
  const seen = new Set<string>();

  /** As a phone does: the same record until it is answered. */
  async function rider(): Promise<void> {
    const { record } = await authority.ride();
    for (;;) {
      const answer = await post(record);
      if (answer.status === 200) {
        state.taken += 1;
        return;
      }
      seen.add(errorOf(answer));
      state.busy += 1;
    }
  }
  async function phones(): Promise<void> {
    while (!state.done) await rider();
  }

  const all = Array.from({ length: 8 }, phones);
  await until('rides are taken', () => state.taken > 100);
  await pair.killPrimary();
  const before = state.taken;
  await until('somebody is told to come again', () => state.busy > 0);
  await pair.standby.admin.query('select pg_promote()');
  await until('rides are taken again', () => state.taken > before + 100);
  state.done = true;
  await Promise.all(all);

  assert.deepEqual([...seen], ['busy']);
  const rows = await db.one<{ n: number }>('select count(*)::int as n from ride');
  assert.equal(rows?.n, state.taken);
  assert.ok(log.lines.some(({ event }) => event === 'postgres.primaryFound'));
  assert.ok(!log.lines.some(({ event, where }) => event === 'runtime.fault' && where === 'platform.rides'));
});
