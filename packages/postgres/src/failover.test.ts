// A list of hosts under a failover: the primary is killed under a writer, the standby takes its place, nothing that
// was acknowledged is missing, and whoever writes or listens goes on by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { memoryLog } from '@tongche/runtime';
import { batchWriter, connect, isAway } from './index.ts';
import type { Database, Engine } from './index.ts';
import { startPair, until } from './standby-kit.ts';
import type { Pair } from './standby-kit.ts';

const log = memoryLog();
let pair: Pair;
let db: Database;

before(async () => {
  pair = await startPair();
  db = connect({ url: pair.url, name: 'writer', max: 4, log });
});
after(async () => {
  await db.end();
  await pair.close();
});

const hostsFound = (): number => log.lines.filter(({ event }) => event === 'postgres.primaryFound').length;
/** Which of the two answers. */
async function answering(): Promise<Engine> {
  const row = await db.one<{ begun: string }>('select pg_postmaster_start_time()::text as begun');
  const own = await pair.standby.admin.one<{ begun: string }>('select pg_postmaster_start_time()::text as begun');
  return row?.begun === own?.begun ? pair.standby : pair.primary;
}

async function insert(rows: readonly number[]): Promise<readonly number[]> {
  await db.query(
    { name: 'insert', text: 'insert into kept (id) select * from unnest($1::int[]) on conflict do nothing' },
    [rows],
  );
  return rows;
}

test('with several hosts the primary is found, and the standby never written to', async () => {
  await db.query('create table kept (id int primary key)');
  assert.equal(await answering(), pair.primary);
  const standby = connect({ url: pair.standby.url(...access()), name: 'standby', log });
  await assert.rejects(standby.query('insert into kept values (0)'), { code: '25006' });
  await standby.end();
});

function access(): [string, string, string] {
  const { database, role, password } = pair.role;
  return [database, role, password];
}

test('killed under a writer: the standby is promoted, every acknowledged row is there, writing goes on', async () => {
  const acknowledged: number[] = [];
  const refused: unknown[] = [];
  const notes: string[] = [];
  let relistened = 0;
  const stopListening = await db.listen('news', (payload) => void notes.push(payload), {
    onReconnect: () => void (relistened += 1),
  });
  const writer = batchWriter<number, number>({ name: 'kept', write: insert, maxRows: 64, maxDelayMs: 1 });
  const state = { done: false };
  let next = 0;
  async function keepWriting(): Promise<void> {
    while (!state.done) {
      const id = next++;
      try {
        acknowledged.push(await writer.add(id));
      } catch (error) {
        refused.push(error);
      }
    }
  }
  const writers = Array.from({ length: 32 }, keepWriting);
  await until('some rows are acknowledged', () => acknowledged.length > 2_000);
  await pair.killPrimary();
  const before = acknowledged.length;
  await pair.standby.admin.query('select pg_promote()');
  await until('rows are acknowledged again', () => acknowledged.length > before + 2_000);
  state.done = true;
  await Promise.all(writers);
  await writer.close();

  assert.equal(await answering(), pair.standby);
  const stored = await db.query<{ id: number }>('select id from kept');
  const ids = new Set(stored.map(({ id }) => id));
  assert.deepEqual(
    acknowledged.filter((id) => !ids.has(id)),
    [],
  );
  assert.ok(refused.every(isAway), 'what was refused was refused because the server was away');
  await until('listening on the new primary', () => relistened === 1);
  await db.query(`notify news, 'after'`);
  await until('a notification of the new primary', () => notes.includes('after'));
  await stopListening();
});

test('the old primary that comes back is not believed', async () => {
  await pair.startPrimary();
  const found = hostsFound();
  // Its connection is lost, so it looks for the primary anew; the first host of the list now says it is one.
  await assert.rejects(db.query('select pg_terminate_backend(pg_backend_pid())'));
  assert.equal(await answering(), pair.standby);
  assert.equal(hostsFound(), found);
});

/** A primary that becomes read-only under open connections is what a demoted one looks like from here. */
async function takeWrites(yes: boolean): Promise<void> {
  const { admin } = pair.standby;
  const isReadOnly = yes ? 'off' : 'on';
  await admin.query(`alter system set default_transaction_read_only = ${isReadOnly}`);
  await admin.query('select pg_reload_conf()');
  await until('the setting holds', async () => {
    const row = await admin.one<{ mode: string }>(`select current_setting('transaction_read_only') as mode`);
    return row?.mode === isReadOnly;
  });
}

test('a primary that takes no writes for a while is waited for, and each write is done once', async () => {
  await takeWrites(false);
  const seen = log.lines.length;
  const written = Promise.all([insert([-1]), db.tx('twice', async (tx) => tx.query('insert into kept values (-2)'))]);
  await until('it is looked for', () => log.lines.slice(seen).some(({ event }) => event === 'postgres.primaryMissed'));
  await takeWrites(true);
  await written;
  assert.equal((await db.query('select id from kept where id < 0')).length, 2);
});

test('a primary that falls silent without a word does not keep its callers waiting for ever', async () => {
  const { admin, pid } = pair.standby;
  const open = db.query(`select pg_sleep(60)`);
  const backends = await admin.query<{ pid: number }>(`select pid from pg_stat_activity where query ~ 'pg_sleep.60'`);
  const stopped = [...backends.map((row) => row.pid), pid];
  for (const one of stopped) process.kill(one, 'SIGSTOP');
  let later: Promise<unknown> | undefined;
  try {
    await assert.rejects(open, isAway);
    const seen = log.lines.length;
    later = db.query('select 1');
    await until('it is looked for', () =>
      log.lines.slice(seen).some(({ event }) => event === 'postgres.primaryMissed'),
    );
  } finally {
    for (const one of stopped) process.kill(one, 'SIGCONT');
  }
  await later;
  assert.equal(await answering(), pair.standby);
});
