// The daily roll: it destroys exactly what is due, when it is due, also after nights it missed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, dayOf, dayStartMs, MINUTE_MS, sealRelay, toBase64Url } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { nextRollMs, rollDay } from './calendar.ts';
import { errorOf, openBench, startMs, today, zone } from './test-kit.ts';
import type { Bench } from './test-kit.ts';

const hour = 60 * MINUTE_MS;
const rollMs = (day: number): number => dayStartMs(day, zone) + 3 * hour;

async function daysOf(bench: Bench, table: string): Promise<number[]> {
  const rows = await bench.db.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_inherits i on i.inhrelid = c.oid
      where i.inhparent = to_regclass($1) and c.relkind in ('r', 'p')`,
    [table],
  );
  return rows.map(({ name }) => Number(name.slice(table.length + 2))).sort((a, b) => a - b);
}
async function rideDays(bench: Bench): Promise<number[]> {
  const rows = await bench.db.query<{ id: string }>('select ride_id as id from ride order by ride_id');
  return rows.map(({ id }) => dayOf(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16), zone));
}

test('the roll of a day is due at 03:00 local time', () => {
  assert.equal(rollDay(rollMs(today) - 1, zone), today - 1);
  assert.equal(rollDay(rollMs(today), zone), today);
  assert.equal(nextRollMs(rollMs(today) - 1, zone), rollMs(today));
  assert.equal(nextRollMs(rollMs(today), zone), rollMs(today + 1));
});

test('a day of rides and notes goes at the roll of d+28, not an hour earlier, and no other day with it', async () => {
  const bench = await openBench();
  const { authority, clock, post } = bench;
  const rides = [
    await authority.ride({ boardedMs: startMs - DAY_MS, queued: true }),
    await authority.ride(),
    await authority.ride({ boardedMs: dayStartMs(today, zone), queued: true }),
    await authority.ride({ boardedMs: dayStartMs(today, zone) - MINUTE_MS, queued: true }),
  ];
  for (const ride of rides) {
    assert.equal((await post(ride.record)).status, 200);
    const note = {
      kind: 'note',
      day: ride.day,
      tag: ride.tag,
      key16: ride.adm,
      idx: 0,
      ct32: new Uint8Array(32),
    } as const;
    const item = toBase64Url(await sealRelay(nodeSuite, new Uint8Array(bench.platform.relayPk), note));
    await bench.inner.post('/internal/relay', { items: [item] });
  }
  const noteCount = async () => (await bench.db.one<{ n: number }>('select count(*)::int as n from ride_note'))?.n;
  assert.deepEqual(
    await daysOf(bench, 'ride'),
    Array.from({ length: 11 }, (_, n) => today - 7 + n),
  );

  await clock.advanceTo(rollMs(today + 27) - 1);
  assert.deepEqual(await rideDays(bench), [today - 1, today - 1, today, today]);
  await clock.advanceTo(rollMs(today + 27));
  assert.deepEqual(await rideDays(bench), [today, today]);
  assert.equal(await noteCount(), 2);
  assert.equal((await daysOf(bench, 'ride'))[0], today);
  assert.deepEqual(await daysOf(bench, 'ride'), await daysOf(bench, 'ride_note'));
  // Twice is once.
  await bench.platform.roll();
  assert.deepEqual(await rideDays(bench), [today, today]);
  await clock.advanceTo(rollMs(today + 28));
  assert.deepEqual(await rideDays(bench), []);
  assert.equal(await noteCount(), 0);
  assert.equal((await daysOf(bench, 'ride')).at(-1), today + 31);
  const oldest = await bench.db.one<{ day: number }>('select min(day) as day from run');
  assert.equal(oldest?.day, today);
});

test('an admission key is destroyed at the roll of d+8 and rides of that day are no longer taken', async () => {
  const bench = await openBench();
  const { authority, clock, post } = bench;
  const has = (day: number): boolean => bench.slotFiles().some((file) => file.startsWith(`adm-${day}.`));
  // Midnight of a week ago is beyond seven days; 23:00 of that day is not.
  const boardedMs = dayStartMs(today + 1, zone) - hour;
  await clock.advanceTo(rollMs(today + 8) - 1);
  assert.equal(has(today), true);
  assert.equal((await post((await authority.ride({ boardedMs, queued: true })).record)).status, 422);
  await clock.advanceTo(rollMs(today + 8));
  assert.equal(has(today), false);
  assert.equal(has(today + 1), true);
  assert.equal(errorOf(await post((await authority.ride({ boardedMs, queued: true })).record)), 'too-old');
  // Late deliveries do not bring it back.
  await bench.deliverKeys([today, today + 8]);
  assert.equal(has(today), false);
});

test('a process that slept through five nights makes up for them once the authority has signed for the day', async () => {
  const bench = await openBench({ adjust: (config) => ({ ...config, retentionDays: 14 }) });
  const { authority, clock, post } = bench;
  for (const days of [0, 3, 4]) {
    await post((await authority.ride({ boardedMs: startMs - days * DAY_MS, queued: days > 0 })).record);
  }
  await clock.advanceTo(startMs + 6 * DAY_MS);
  await bench.restart(() => clock.advanceTo(startMs + 11 * DAY_MS));
  // Its own clock alone could be wrong by as much.
  assert.deepEqual(await rideDays(bench), [today - 4, today - 3, today]);
  await bench.deliverKeys([today + 11]);
  await clock.advance(0);
  // Roll of today + 11: today - 3 and before are gone.
  assert.deepEqual(await rideDays(bench), [today]);
  const living = bench.slotFiles().filter((file) => file.startsWith('adm-'));
  assert.ok(living.every((file) => Number(/adm-(\d+)/.exec(file)?.[1]) > today + 3));
  const answer = await post((await authority.ride({ boardedMs: clock.now() })).record);
  assert.equal((answer.body['run'] as { key: string }).key, `${today + 11}:bus-1:8`);
});

test('health tells when nothing was destroyed for two nights', async () => {
  const bench = await openBench();
  assert.equal((await bench.call('/healthz')).status, 200);
  await bench.db.query(`update platform_state set value = value - 2 where name = 'last-roll'`);
  assert.equal((await bench.call('/healthz')).status, 503);
  await bench.platform.roll();
  assert.equal((await bench.call('/healthz')).status, 200);
});

test('shifts, trips, sessions, orders and nonces go when their time is over', async () => {
  const bench = await openBench();
  const { db, clock } = bench;
  await bench.platform.putStaff({ account: 'w', name: { zh: '王', en: 'W' }, role: 'driver', password: 'a long word' });
  const oldMs = startMs - 29 * DAY_MS;
  await db.query(
    `insert into shift (staff_id, unit_id, code_id, started_ms, ended_ms)
     select staff_id, 'bus-1', 1, t, t + 1000 from staff_account, unnest($1::bigint[]) t`,
    [[oldMs, startMs]],
  );
  await db.query(`insert into trip (shift_id, run_id, dir, started_ms) select shift_id, 1, 0, started_ms from shift`);
  await db.query(`insert into staff_session select decode('00', 'hex'), staff_id, $1 from staff_account`, [startMs]);
  await db.query(`insert into seen_nonce values (decode('00', 'hex'), $1), (decode('01', 'hex'), $2)`, [
    oldMs,
    startMs,
  ]);
  await db.query(`insert into trace_order select decode('00', 'hex'), 'trace', 1, 2, 1, 1, 1, 1, $1, $1, $1`, [
    startMs - 31 * DAY_MS,
  ]);
  await db.query(`insert into trace_tags values (decode('00', 'hex'), 0, decode('00', 'hex'))`);
  await clock.advance(1000);
  await bench.platform.roll();
  const counts = await db.one(
    `select (select count(*)::int from shift) as shifts, (select count(*)::int from trip) as trips,
            (select count(*)::int from staff_session) as sessions, (select count(*)::int from seen_nonce) as nonces,
            (select count(*)::int from trace_order) as orders, (select count(*)::int from trace_tags) as tags`,
  );
  assert.deepEqual(counts, { shifts: 1, trips: 1, sessions: 0, nonces: 1, orders: 0, tags: 0 });
});
