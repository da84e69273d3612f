// Sealing a day: every ride exactly once whatever happens meanwhile, and nobody who writes today waits for it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect } from '@tongche/postgres';
import { concat, DAY_MS, dayStartMs, MINUTE_MS, uuidText } from '@tongche/protocol';
import type { MadeRide } from '@tongche/protocol';
import { diskBeside, SEAL_MIN_BYTES } from './seal-day.ts';
import { LOCKS } from './store/peers.ts';
import { matchTags, ridesOfSpans } from './store/rides.ts';
import { rewriteDay, sweepCopies, unsealedDays } from './store/seal.ts';
import { openBench, startMs, today, zone } from './test-kit.ts';
import type { Bench } from './test-kit.ts';

const yesterday = today - 1;
const yesterdayMs = startMs - DAY_MS;
const quick = { attempts: 3, pauseMs: 1 };

async function rideOf(bench: Bench, boardedMs: number, code = 1): Promise<MadeRide> {
  const ride = await bench.authority.ride({ boardedMs, code, queued: boardedMs < bench.clock.now() - MINUTE_MS });
  const answer = await bench.post(ride.record);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return ride;
}

/** Some rides of yesterday on two vehicles, in no order of theirs. */
async function fill(bench: Bench, count = 6): Promise<MadeRide[]> {
  const rides: MadeRide[] = [];
  for (let n = 0; n < count; n += 1) rides.push(await rideOf(bench, yesterdayMs - n * MINUTE_MS, 2 - (n % 2)));
  return rides;
}

async function tagsKept(bench: Bench): Promise<readonly string[]> {
  const rows = await bench.db.query<{ tag: string }>('select tag from ride order by tag');
  return rows.map(({ tag }) => tag);
}
function tagsOf(rides: readonly MadeRide[]): readonly string[] {
  return rides.map(({ tag }) => uuidText(tag)).sort();
}
async function tablesOf(bench: Bench, day: number): Promise<readonly string[]> {
  const rows = await bench.db.query<{ name: string }>(
    `select relname as name from pg_class where relkind in ('r', 'p') and relname ~ $1 order by 1`,
    [`^ride_d${day}(_|$)`],
  );
  return rows.map(({ name }) => name);
}
/** Ends the session that is rewriting a day, whatever it does. */
async function killSealer(bench: Bench): Promise<void> {
  const killed = await bench.db.query(
    `select pg_terminate_backend(pid, 10000) from pg_locks where locktype = 'advisory' and objid = $1 and granted
        and database = (select oid from pg_database where datname = current_database())`,
    [LOCKS.seal],
  );
  assert.equal(killed.length, 1);
}
async function erase(bench: Bench, ride: MadeRide): Promise<void> {
  const erased = await bench.db.query('delete from ride where tag = $1', [uuidText(ride.tag)]);
  assert.equal(erased.rowCount, 1);
}

test('rides before, during and after sealing are there exactly once; what was erased meanwhile stays erased', async () => {
  const bench = await openBench();
  const rides = await fill(bench);
  const [first, second, third, fourth, fifth] = rides;
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  assert.ok(fourth !== undefined && fifth !== undefined);
  const gone: MadeRide[] = [];
  const sealed = await rewriteDay(bench.db, yesterday, {
    async at(stage) {
      rides.push(await rideOf(bench, yesterdayMs - 30 * MINUTE_MS));
      const brief = await rideOf(bench, yesterdayMs - 31 * MINUTE_MS);
      await erase(bench, brief);
      const one = { watched: first, copied: second, ready: third }[stage];
      await erase(bench, one);
      gone.push(one);
    },
  });
  assert.equal(sealed?.attempts, 1);
  assert.equal(gone.length, 3);
  rides.push(await rideOf(bench, yesterdayMs - 40 * MINUTE_MS));
  await erase(bench, fourth);
  const kept = rides.filter((ride) => !gone.includes(ride) && ride !== fourth);
  assert.deepEqual(await tagsKept(bench), tagsOf(kept));
  assert.deepEqual(await tablesOf(bench, yesterday), [`ride_d${yesterday}`, `ride_d${yesterday}_sealed`]);
  assert.ok(!(await unsealedDays(bench.db)).some(({ day }) => day === yesterday));
  assert.equal((await bench.db.query('select 1 from ride_change')).length, 0);
  // The same ride again is the same row.
  const again = await bench.post(fifth.record);
  assert.equal(again.status, 200);
  assert.equal((await tagsKept(bench)).length, kept.length);
});

test('a sealed day lies in code order and answers traces by tag and by vehicle and time', async () => {
  const bench = await openBench();
  const rides = await fill(bench, 8);
  await rewriteDay(bench.db, yesterday);
  const order = await bench.db.query<{ codeId: number }>(
    `select code_id as "codeId" from ride_d${yesterday}_sealed order by ctid`,
  );
  const codes = order.map(({ codeId }) => codeId);
  assert.deepEqual(
    codes,
    codes.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(codes).size, 2);
  const [fromMs, toMs] = [dayStartMs(yesterday, zone), dayStartMs(today, zone) - 1];
  const byTag = await matchTags(bench.db, concat(...rides.map(({ tag }) => tag)), fromMs, toMs, 100);
  assert.equal(byTag.length, 8);
  const [one] = byTag;
  assert.ok(one !== undefined);
  const span = { codeId: one.codeId, fromMs: one.boardedMs, toMs: one.boardedMs };
  assert.deepEqual(await ridesOfSpans(bench.db, [span], 100), [one]);
});

test('a connection killed in the middle leaves the day whole, and the next run finishes it', async () => {
  const bench = await openBench();
  const rides = await fill(bench);
  for (const cut of ['watched', 'copied', 'ready'] as const) {
    await assert.rejects(
      rewriteDay(bench.db, yesterday, {
        async at(stage) {
          if (stage !== cut) return;
          await killSealer(bench);
          rides.push(await rideOf(bench, yesterdayMs - 50 * MINUTE_MS));
        },
      }),
    );
    assert.deepEqual(await tagsKept(bench), tagsOf(rides));
  }
  assert.ok((await tablesOf(bench, yesterday)).includes(`ride_d${yesterday}_copy`));
  const done = await rewriteDay(bench.db, yesterday);
  assert.equal(done?.rows, rides.length);
  assert.deepEqual(await tagsKept(bench), tagsOf(rides));
  assert.deepEqual(await tablesOf(bench, yesterday), [`ride_d${yesterday}`, `ride_d${yesterday}_sealed`]);
});

/** Leaves what an end in the middle leaves. */
async function cutOff(bench: Bench, day: number): Promise<void> {
  await assert.rejects(
    rewriteDay(bench.db, day, {
      async at(stage) {
        if (stage === 'ready') await killSealer(bench);
      },
    }),
  );
  assert.ok((await tablesOf(bench, day)).includes(`ride_d${day}_copy`));
}

test('a leftover copy goes with its day, and is no day of its own', async () => {
  const bench = await openBench();
  await fill(bench);
  await cutOff(bench, yesterday);
  assert.equal((await bench.call('/healthz')).status, 200);
  const dropped = dayStartMs(yesterday + 28, zone) + 3 * 60 * MINUTE_MS;
  await bench.clock.advanceTo(dropped - DAY_MS + MINUTE_MS);
  // Nothing clears it away in this test but the day's end.
  await bench.db.query(`create table if not exists ride_d${yesterday}_copy (n int)`);
  await bench.clock.advanceTo(dropped);
  assert.deepEqual(await tablesOf(bench, yesterday), []);
});

test('leftovers are cleared away, and their day is seen to by vacuum again', async () => {
  const bench = await openBench();
  const rides = await fill(bench);
  await cutOff(bench, yesterday);
  await sweepCopies(bench.db);
  assert.deepEqual(await tablesOf(bench, yesterday), [`ride_d${yesterday}`, `ride_d${yesterday}_hot`]);
  const options = await bench.db.one<{ text: string }>(
    `select reloptions::text as text from pg_class where relname = $1`,
    [`ride_d${yesterday}_hot`],
  );
  assert.ok(!options?.text.includes('autovacuum_enabled'));
  assert.deepEqual(await tagsKept(bench), tagsOf(rides));
});

test('rides of today are taken while yesterday is locked by somebody, and its exchange waits for a reader', async () => {
  const bench = await openBench();
  const rides = await fill(bench);
  const other = connect({ url: bench.databaseUrl, max: 1, name: 'other', log: bench.log });
  after(() => other.end());
  async function ridesOfToday(): Promise<void> {
    // More than the five after which PostgreSQL may keep a plan for all days.
    for (let n = 0; n < 12; n += 1) rides.push(await rideOf(bench, bench.clock.now()));
  }
  await other.tx('hold', async (tx) => {
    await tx.query(`lock table ride_d${yesterday} in access exclusive mode`);
    await ridesOfToday();
  });
  const waited = other.tx('read', async (tx) => {
    await tx.query(`select count(*) from ride_d${yesterday}`);
    const sealing = rewriteDay(bench.db, yesterday, quick);
    const held = assert.rejects(sealing, { code: '55P03' });
    await ridesOfToday();
    await held;
  });
  await waited;
  assert.deepEqual(await tagsKept(bench), tagsOf(rides));
  assert.equal((await rewriteDay(bench.db, yesterday, quick))?.attempts, 1);
  assert.deepEqual(await tagsKept(bench), tagsOf(rides));
});

test('at night the days that are over are sealed after the roll, once', async () => {
  const bench = await openBench();
  await fill(bench);
  // As large as a day is that is worth it.
  await bench.db.query(
    `insert into ride_d${yesterday}_hot
     select r.*
       from (select to_jsonb(ride) as one from ride limit 1) a, generate_series(1, $1) n,
            jsonb_populate_record(null::ride, one || jsonb_build_object('tag', gen_random_uuid(), 'code_id', 1000 + n)) r`,
    [Math.ceil(SEAL_MIN_BYTES / 250)],
  );
  const count = await bench.db.one<{ n: number }>('select count(*)::int as n from ride');
  await bench.clock.advanceTo(dayStartMs(today + 1, zone) + 4 * 60 * MINUTE_MS);
  await bench.clock.advanceTo(dayStartMs(today + 2, zone) + 4 * 60 * MINUTE_MS);
  assert.deepEqual(await bench.db.one('select count(*)::int as n from ride'), count);
  assert.deepEqual(await tablesOf(bench, yesterday), [`ride_d${yesterday}`, `ride_d${yesterday}_sealed`]);
  const told = bench.log.lines.filter(({ event }) => event === 'platform.daySealed');
  assert.equal(told.length, 1);
});

test('the disk is that of the folder where the database is reached by a socket, and unknown elsewhere', async () => {
  const bench = await openBench();
  assert.match(bench.databaseUrl, /host=%2F/);
  assert.ok(((await diskBeside(bench.databaseUrl, import.meta.dirname)()) ?? 0) > 0);
  for (const url of ['postgres://u:p@one,two/db', 'postgres://u:p@one/db?host=two', 'postgres://u:p@one:5432/db'])
    assert.equal(await diskBeside(url, import.meta.dirname)(), undefined, url);
});
