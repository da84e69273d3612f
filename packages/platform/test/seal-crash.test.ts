// kill -9 while a day is being sealed, of the platform and of PostgreSQL, at every step of it: each ride is there exactly once
// afterwards, and the next try finishes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { testEngine } from '@tongche/postgres/test-kit';
import { DAY_MS, dayStartMs, MINUTE_MS, toBase64Url, uuidText } from '@tongche/protocol';
import type { MadeRide } from '@tongche/protocol';
import { silentLog } from '@tongche/runtime';
import { SEAL_MIN_BYTES } from '../src/seal-day.ts';
import { LOCKS } from '../src/store/peers.ts';
import { rewriteDay } from '../src/store/seal.ts';
import { openBench, startMs, today, zone } from '../src/test-kit.ts';
import type { Bench } from '../src/test-kit.ts';
import type { ChildReport, ChildSettings } from './platform-child.ts';

const program = fileURLToPath(new URL('./platform-child.ts', import.meta.url));
const yesterday = today - 1;
const yesterdayMs = startMs - DAY_MS;
const sealed = [`ride_d${yesterday}`, `ride_d${yesterday}_sealed`];
const patienceMs = 60_000;
const pollMs = 5;
/** Of the lock at which whoever seals is stopped. */
const stopLock = 778_899;

/** Until it does not throw and is not undefined: the server may be coming back. */
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const giveUpMs = performance.now() + patienceMs;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    assert.ok(performance.now() < giveUpMs, `in vain: ${what}`);
    await wait(pollMs);
  }
}

/**
 * Stops whoever seals a day at a step of it: before a command that changes a table, or in a commit that ends the catching up.
 * PostgreSQL does it by itself, so nothing of what is tested knows of it.
 */
async function openStops(bench: Bench) {
  const engine = await testEngine();
  const { name = '' } = (await bench.db.one<{ name: string }>('select current_database() as name')) ?? {};
  const superuser = (): Database => connect({ url: engine.adminUrl(name), max: 2, name: 'stops', log: silentLog });
  const admin = superuser();
  const stop = `
    if exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and granted
                and objid = ${LOCKS.seal} and objsubid = 2)
       and nextval('stops.step') = (select wanted from stops.at) then
      perform pg_advisory_lock(${stopLock});
    end if;`;
  await admin.query(`
    create schema stops;
    create sequence stops.step;
    create table stops.at as select 0::bigint as wanted;
    create function stops.before_command() returns event_trigger language plpgsql security definer set lock_timeout = 0
      as $$ begin ${stop} end $$;
    create function stops.at_commit() returns trigger language plpgsql security definer set lock_timeout = 0
      as $$ begin ${stop} return null; end $$;
    create constraint trigger at_commit after delete on ride_change deferrable initially deferred
      for each row execute function stops.at_commit();
    create event trigger before_command on ddl_command_start execute function stops.before_command()`);
  let letGo: (() => Promise<void>) | undefined;

  return {
    engine,
    /** From now on the `wanted`-th step is not taken. */
    async arm(wanted: number): Promise<void> {
      await until('arming', async () => admin.query(`select setval('stops.step', 1, false)`));
      await admin.query('update stops.at set wanted = $1', [wanted]);
      const holder = superuser();
      const held = Promise.withResolvers<void>();
      const over = Promise.withResolvers<void>();
      const holding = holder.tx('hold', async (tx) => {
        await tx.query('select pg_advisory_xact_lock($1)', [stopLock]);
        held.resolve();
        await over.promise;
      });
      letGo = async () => {
        over.resolve();
        await holding.catch(() => undefined);
        await holder.end();
      };
      await Promise.race([held.promise, holding]);
    },
    /** The session that stands at its step, when one does. */
    async stopped(): Promise<number | undefined> {
      const row = await admin.one<{ pid: number }>(
        `select pid from pg_locks where locktype = 'advisory' and not granted and objid = $1 and objsubid = 1`,
        [stopLock],
      );
      return row?.pid;
    },
    async disarm(): Promise<void> {
      await letGo?.();
      letGo = undefined;
    },
    end: () => admin.end(),
  };
}

async function tagsKept({ db }: Bench): Promise<readonly string[]> {
  return until('reading', async () =>
    (await db.query<{ tag: string }>('select tag from ride order by tag')).map(({ tag }) => tag),
  );
}

async function tablesOf({ db }: Bench): Promise<readonly string[]> {
  const rows = await db.query<{ name: string }>(
    `select relname as name from pg_class where relkind in ('r', 'p') and relname ~ $1 order by 1`,
    [`^ride_d${yesterday}(_|$)`],
  );
  return rows.map(({ name }) => name);
}

function queuedRide(bench: Bench, n: number): Promise<MadeRide> {
  return bench.authority.ride({ boardedMs: yesterdayMs - n * MINUTE_MS, code: 1 + (n % 2), queued: true });
}

async function fill(bench: Bench, count: number): Promise<MadeRide[]> {
  const rides: MadeRide[] = [];
  for (let n = 0; n < count; n += 1) {
    const ride = await queuedRide(bench, n);
    assert.equal((await bench.post(ride.record)).status, 200);
    rides.push(ride);
  }
  return rides;
}

const tagsOf = (rides: readonly MadeRide[]): readonly string[] => rides.map(({ tag }) => uuidText(tag)).sort();

test('PostgreSQL killed at each step of sealing: every ride is there once, and the next try finishes', async () => {
  const bench = await openBench();
  const stops = await openStops(bench);
  const { engine } = stops;
  const rides = await fill(bench, 6);
  const sealer = connect({ url: bench.databaseUrl, max: 3, name: 'sealer', log: silentLog });
  after(async () => {
    await stops.disarm();
    await Promise.all([stops.end(), sealer.end()]);
  });
  let steps = 0;
  for (let isDone = false; !isDone;) {
    await stops.arm(steps + 1);
    /** Something to catch up on, before and under the lock of the day. */
    const late: MadeRide[] = [];
    let ended: 'sealed' | 'failed' | undefined;
    const sealing = rewriteDay(sealer, yesterday, {
      async at(stage) {
        if (stage === 'watched') return;
        const ride = await queuedRide(bench, 20 + rides.length);
        rides.push(ride);
        assert.equal((await bench.post(ride.record)).status, 200);
      },
    }).then(
      () => void (ended = 'sealed'),
      () => void (ended = 'failed'),
    );
    const pid = await until('a step', async () => (await stops.stopped()) ?? (ended === undefined ? undefined : 0));
    if (pid !== 0) {
      steps += 1;
      // While the day is locked this one waits, and is answered by the crash.
      const ride = await queuedRide(bench, 20 + rides.length);
      late.push(ride);
      const asked = bench.post(ride.record);
      // All of the server every fourth time; one of its processes, which takes the others with it, else.
      process.kill(steps % 4 === 0 ? engine.pid : pid, 'SIGKILL');
      await sealing;
      assert.equal(ended, 'failed');
      await asked;
    }
    await sealing;
    await stops.disarm();
    for (const ride of late) {
      rides.push(ride);
      await until('a ride again', async () => ((await bench.post(ride.record)).status === 200 ? true : undefined));
    }
    assert.deepEqual(await tagsKept(bench), tagsOf(rides), `after step ${steps}`);
    isDone = pid === 0;
    if (isDone) assert.equal(ended, 'sealed');
    else assert.ok((await tablesOf(bench)).includes(`ride_d${yesterday}_hot`), `step ${steps} had not been committed`);
  }
  assert.ok(steps >= 12, `${steps} steps`);
  assert.deepEqual(await tablesOf(bench), sealed);
  assert.deepEqual(await bench.db.one('select count(*)::int as n from ride_change'), { n: 0 });
});

const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** A platform of its own process at `nowMs`. */
async function startChild(settings: ChildSettings) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, JSON.stringify(settings)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.add(child);
  const events: string[] = [];
  const ready = Promise.withResolvers<string>();
  let arrived = Promise.withResolvers<boolean>();
  child.on('message', (message) => {
    const said = message as ChildReport;
    if (said.kind === 'event') events.push(said.event);
    else if (said.kind === 'ready') ready.resolve(said.url);
    else arrived.resolve(said.failed);
  });
  const gone = once(child, 'exit').then(() => {
    children.delete(child);
    ready.reject(new Error('the platform ended while it started'));
  });
  const url = await ready.promise;
  return {
    events,
    post: async (ride: MadeRide) =>
      (await fetch(`${url}/v1/rides`, { method: 'POST', body: toBase64Url(ride.record) })).status,
    /** Resolves when everything due until then has been done. */
    advanceTo(toMs: number): Promise<boolean> {
      arrived = Promise.withResolvers();
      child.send({ toMs });
      return arrived.promise;
    },
    async kill(): Promise<void> {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

test('the platform killed while it seals at night: every ride is there once, and the next process finishes', async () => {
  const bench = await openBench();
  const stops = await openStops(bench);
  after(async () => {
    await stops.disarm();
    await stops.end();
  });
  const rides = await fill(bench, 6);
  // As large as a day is that is worth it.
  await bench.db.query(
    `insert into ride_d${yesterday}_hot
     select r.*
       from (select to_jsonb(ride) as one from ride limit 1) a, generate_series(1, $1) n,
            jsonb_populate_record(null::ride, one || jsonb_build_object('tag', gen_random_uuid(), 'code_id', 1000 + n)) r`,
    [Math.ceil(SEAL_MIN_BYTES / 250)],
  );
  const kept = new Set(await tagsKept(bench));
  assert.ok(kept.size > 60_000);
  let nowMs = dayStartMs(today + 1, zone) + 185 * MINUTE_MS;
  const next = (): ChildSettings => ({ ...bench.settings, nowMs: (nowMs += MINUTE_MS) });

  /** A late ride of that day, known to have been taken. */
  async function oneMore(post: (ride: MadeRide) => Promise<number>): Promise<void> {
    const ride = await queuedRide(bench, 20 + rides.length);
    assert.equal(await post(ride), 200);
    rides.push(ride);
    kept.add(uuidText(ride.tag));
  }
  async function assertOnce(what: string): Promise<void> {
    const found = await tagsKept(bench);
    assert.equal(found.length, kept.size, what);
    assert.ok(
      found.every((tag) => kept.has(tag)),
      what,
    );
  }

  await bench.restart(async () => {
    // Watching, copying, indexing; exchanging: detaching, dropping, renaming, attaching.
    for (const step of [1, 3, 5, 8, 10, 12]) {
      await stops.arm(step);
      const child = await startChild(next());
      await oneMore(child.post);
      const looking = child.advanceTo(nowMs + 21 * MINUTE_MS);
      await until(`step ${step}`, () => stops.stopped());
      await child.kill();
      void looking;
      await stops.disarm();
      await assertOnce(`killed at step ${step}`);
      assert.ok((await tablesOf(bench)).includes(`ride_d${yesterday}_hot`), `step ${step} had not been committed`);
    }
    for (const afterMs of [40, 250, 600]) {
      const child = await startChild(next());
      await oneMore(child.post);
      void child.advanceTo(nowMs + 21 * MINUTE_MS);
      await wait(afterMs);
      await child.kill();
      await assertOnce(`killed after ${afterMs} ms`);
    }
    const last = await startChild(next());
    assert.equal(await last.advanceTo(nowMs + 21 * MINUTE_MS), false);
    await oneMore(last.post);
    await last.kill();
  });
  await assertOnce('in the end');
  assert.deepEqual(await tablesOf(bench), sealed);
});
