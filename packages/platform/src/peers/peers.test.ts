// Two processes over one database: what one commits, the other shows, counts and knows; and whatever is lost on the way is
// read again.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { positionsCsv } from '@tongche/network/import';
import { connect } from '@tongche/postgres';
import { concat, MINUTE_MS, toBase64Url } from '@tongche/protocol';
import type { MadeRide } from '@tongche/protocol';
import type { LiveReader } from '../live-kit.ts';
import { signedIn } from '../staff-kit.ts';
import type { Asking } from '../staff-kit.ts';
import { LOCKS } from '../store/peers.ts';
import { codeBytes, errorOf, openBench, smallCity, today } from '../test-kit.ts';
import type { Asked } from '../test-kit.ts';
import { openDuties } from './duties.ts';
import type { Duties } from './duties.ts';

const bench = await openBench();
const { authority, clock, db } = bench;
const other = await bench.beside();
const code = (n: number): string => toBase64Url(codeBytes(n));
const drivers = new Map<string, Asking>();

async function driver(account: string): Promise<Asking> {
  const known = drivers.get(account);
  // Sessions end with the working day, and the clock is moved on here.
  if (known !== undefined) return known.signIn().then(() => known);
  const fresh = await signedIn(bench, 'driver', account);
  drivers.set(account, fresh);
  return fresh;
}

async function take(who: Asking, n: number, at: Asked = bench): Promise<number> {
  const answer = await who.at(at)('POST', '/staff/shifts', { code: code(n) });
  assert.equal(answer.status, 200);
  return Number(answer.body['shiftId']);
}

async function undo(at: Asked, ride: MadeRide): Promise<void> {
  const body = toBase64Url(concat(new Uint8Array([ride.day >> 8, ride.day & 255]), ride.tag, ride.eraseKey));
  const answer = await at.call('/v1/rides/undo', { method: 'POST', headers: { 'content-type': 'text/plain' }, body });
  assert.equal(answer.status, 204);
}

/** In an order of their own: rides of one second come in any. */
function texts(checks: readonly unknown[]): readonly string[] {
  return checks.map((check) => JSON.stringify(check)).sort();
}

async function nextOf(reader: LiveReader, event: string) {
  const heard = await reader.next();
  assert.equal(heard.event, event);
  return heard;
}

/** Everything said until now is heard by both: what is said last is heard last. */
async function settled(): Promise<void> {
  const who = await driver('last-word');
  for (const [from, to] of [
    [bench, other],
    [other, bench],
  ] as const) {
    const reader = await who.live(await take(who, 7, from), { other: to });
    await nextOf(reader, 'state');
    await from.post((await authority.ride({ code: 7 })).record);
    await nextOf(reader, 'ride');
    reader.close();
  }
}

/** Heads of every run and unit, by what the next ride of the code would be told, on either side; it is taken back again. */
async function numberAt(at: Asked, n: number): Promise<number> {
  const ride = await authority.ride({ code: n });
  const answer = await at.post(ride.record);
  assert.equal(answer.status, 200);
  await undo(at, ride);
  return Number(answer.body['no']);
}

test('a ride taken by one process appears on the screen of the other, with its check, and leaves it when undone', async () => {
  const wang = await driver('wang');
  const shiftId = await take(wang, 1);
  const here = await wang.live(shiftId);
  const there = await wang.live(shiftId, { other });
  assert.deepEqual((await nextOf(there, 'state')).data['heads'], 0);
  await nextOf(here, 'state');
  const ride = await authority.ride({ party: 2 });
  await bench.post(ride.record);
  // The same bytes to the other process: the answer is the first one's row, and nobody sees it twice.
  const [first, again] = [await bench.post(ride.record), await other.post(ride.record)];
  assert.deepEqual([again.status, again.body['no']], [200, first.body['no']]);
  const second = await authority.ride();
  await other.post(second.record);
  for (const reader of [here, there]) {
    const [a, b] = [await nextOf(reader, 'ride'), await nextOf(reader, 'ride')];
    assert.deepEqual([a.data['check'], a.data['heads'], a.data['total']], [ride.check, 3, 3]);
    assert.deepEqual([b.data['check'], b.data['total']], [second.check, 4]);
  }
  await undo(other, ride);
  for (const reader of [here, there]) assert.equal((await nextOf(reader, 'undo')).data['total'], 1);
  here.close();
  there.close();
});

test('a vehicle taken at one process ends the shift at the other, for the vehicle and for the person', async () => {
  const [wang, li] = [await driver('wang'), await driver('li')];
  const shiftId = await take(wang, 2);
  const there = await wang.live(shiftId, { other });
  await nextOf(there, 'state');
  // A page that is sent on to the other process right after taking a vehicle finds it there.
  const after = await take(li, 2, other);
  await nextOf(there, 'closed');
  assert.equal((await li('GET', `/staff/shifts/${after}/live.json`)).status, 200);
  assert.equal(((await li('GET', '/staff/session')).body['shift'] as { shiftId: number }).shiftId, after);
  assert.equal(errorOf(await wang('DELETE', `/staff/shifts/${shiftId}`)), 'no-shift');
  assert.equal((await wang.at(other)('GET', '/staff/session')).body['shift'], null);
});

test('the same vehicle and the same person at both processes at once leave one shift each', async () => {
  const [wang, li] = [await driver('wang'), await driver('li')];
  for (let round = 0; round < 5; round += 1) {
    await Promise.all([take(wang, 1), take(li, 1, other), take(wang, 2, other), take(li, 2)]);
  }
  const open = await db.query<{ units: number; people: number; n: number }>(
    `select count(*)::int as n, count(distinct unit_id)::int as units, count(distinct staff_id)::int as people
       from shift where ended_ms is null and unit_id like 'bus%'`,
  );
  const { n, units, people } = open[0] ?? assert.fail();
  assert.ok(n >= 1 && n === units && n === people, JSON.stringify(open));
});

test('a trip begun at one process is the run of rides at the other, and its end too', async () => {
  // 04:12, when the timetable has nothing.
  await clock.advance(20 * 60 * MINUTE_MS);
  const zhao = await driver('zhao');
  const shiftId = await take(zhao, 1);
  const there = await zhao.live(shiftId, { other });
  await nextOf(there, 'state');
  assert.equal((await zhao('POST', `/staff/shifts/${shiftId}/trip`, { dir: 1 })).status, 200);
  const begun = await nextOf(there, 'trip');
  assert.equal((begun.data['shift'] as { trip: { dir: number } }).trip.dir, 1);
  const ride = await other.post((await authority.ride()).record);
  assert.match((ride.body['run'] as { key: string }).key, /^trip:/);
  assert.equal((await nextOf(there, 'ride')).data['total'], 1);
  const summary = await zhao.at(other)('DELETE', `/staff/shifts/${shiftId}/trip`);
  assert.deepEqual([summary.status, summary.body['heads']], [200, 1]);
  assert.equal((await nextOf(there, 'trip')).data['heads'], 1);
  assert.equal(errorOf(await zhao('DELETE', `/staff/shifts/${shiftId}/trip`)), 'conflict');
  there.close();
});

test('what the office changes at one process counts at the other: a moved sticker, a revoked one, another city', async () => {
  const unitOf = async (at: Asked, n: number): Promise<unknown> =>
    ((await at.post((await authority.ride({ code: n })).record)).body['unit'] as { plate: unknown } | undefined)?.plate;
  assert.equal(await unitOf(other, 2), '粤B·12346D');
  await bench.platform.moveCode(code(2), 'bus-1', clock.now());
  await settled();
  await clock.advance(MINUTE_MS);
  assert.equal(await unitOf(other, 2), '粤B·12345D');
  await other.platform.importCity({
    ...smallCity(),
    codes: [...smallCity().codes, { code8: code(9), shortCode: 'ABCDEF2', unitId: 'bus-2', purpose: 'passenger' }],
  });
  await settled();
  assert.equal(await unitOf(bench, 9), '粤B·12346D');
  await other.platform.revokeCode(code(9));
  await settled();
  await clock.advance(MINUTE_MS);
  assert.equal(errorOf(await bench.post((await authority.ride({ code: 9 })).record)), 'code-revoked');
});

test('counts are the same on both sides after traffic on both, whatever was forgotten meanwhile', async () => {
  const rides = await Promise.all(
    Array.from({ length: 120 }, (_, n) => authority.ride({ code: 1 + (n % 5), party: n % 3 })),
  );
  const sides = [bench, other];
  const sent = rides.map((ride, n) => sides[n % 2]?.post(ride.record));
  // In the middle of it both forget what they have counted and read it again.
  await bench.platform.moveCode(code(2), 'bus-2', clock.now());
  await Promise.all(sent);
  await Promise.all(rides.filter((_, n) => n % 7 === 0).map((ride, n) => undo(sides[n % 2] ?? bench, ride)));
  await settled();
  for (const n of [1, 3, 4, 5]) {
    const here = await numberAt(bench, n);
    // Asking takes a ride and its undoing: a side that had heard of the one and not yet of the other would say one more.
    await settled();
    assert.equal(await numberAt(other, n), here, `code ${n}`);
    await settled();
  }
});

test('a bus that one process sees in its depot is doubted by the other', async () => {
  await clock.advance(MINUTE_MS);
  const admin = await signedIn(bench, 'admin');
  const depot = { vehicleId: 'bus-2', lat: 22.51, lon: 114.2 };
  const rows = [-60_000, 0].map((ms) => ({ ...depot, atMs: clock.now() + ms }));
  const octets = { 'content-type': 'application/octet-stream' };
  assert.equal((await admin.raw('POST', '/operator/api/positions', positionsCsv(rows), octets)).status, 200);
  // What is heard is read in the background, while rides go on.
  let flags: unknown = [];
  for (let n = 0; n < 100 && JSON.stringify(flags) === '[]'; n += 1) {
    flags = (await other.post((await authority.ride({ code: 2 })).record)).body['flags'];
  }
  assert.deepEqual(flags, ['implausible']);
  assert.deepEqual((await bench.post((await authority.ride({ code: 2 })).record)).body['flags'], ['implausible']);
  assert.deepEqual((await other.post((await authority.ride({ code: 1 })).record)).body['flags'], []);
});

test('what was said while a process could not hear is read again, and its screens are shown it', async () => {
  // Rides of the minute in which a vehicle is taken count to its shift.
  await clock.advance(MINUTE_MS);
  const wang = await driver('wang');
  const shiftId = await take(wang, 3);
  const here = await wang.live(shiftId);
  const there = await wang.live(shiftId, { other });
  await nextOf(here, 'state');
  await nextOf(there, 'state');
  const before = await authority.ride({ code: 3 });
  await other.post(before.record);
  await nextOf(here, 'ride');
  const { id } = await nextOf(there, 'ride');
  // Both lose their connection, and the ride is committed before either listens again.
  await db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and datname = current_database()`,
  );
  const missed = await authority.ride({ code: 3, party: 1 });
  await bench.post(missed.record);
  for (const reader of [here, there]) {
    for (;;) {
      const { event, data } = await reader.next();
      const rides = event === 'state' ? (data['rides'] as { check: unknown }[]) : [];
      // The process that took it shows it at once; both begin anew when they listen again.
      if (event === 'ride') continue;
      assert.equal(event, 'state');
      assert.equal(data['heads'], 3);
      assert.deepEqual(texts(rides.map(({ check }) => check)), texts([before.check, missed.check]));
      break;
    }
  }
  const back = await wang.live(shiftId, { other, lastEventId: id });
  await nextOf(back, 'state');
  await settled();
  await bench.post((await authority.ride({ code: 3 })).record);
  assert.equal((await nextOf(there, 'ride')).data['total'], 4);
  for (const reader of [here, there, back]) reader.close();
});

test('a page that comes back to its process gets just what it missed, to the other one the whole state', async () => {
  await clock.advance(MINUTE_MS);
  const wang = await driver('wang');
  const shiftId = await take(wang, 4);
  const first = await wang.live(shiftId);
  const { id } = await nextOf(first, 'state');
  first.close();
  const rides = await Promise.all(Array.from({ length: 6 }, () => authority.ride({ code: 4 })));
  // Batches of two processes commit in any order.
  await Promise.all(rides.map((ride, n) => (n % 2 === 0 ? bench : other).post(ride.record)));
  await undo(bench, rides[0] ?? assert.fail());
  await settled();
  const again = await wang.live(shiftId, { lastEventId: id });
  const seen: unknown[] = [];
  for (let n = 0; n < 6; n += 1) seen.push((await nextOf(again, 'ride')).data['check']);
  assert.equal((await nextOf(again, 'undo')).data['total'], 5);
  const elsewhere = await wang.live(shiftId, { other, lastEventId: id });
  const state = await nextOf(elsewhere, 'state');
  assert.equal(state.data['heads'], 5);
  assert.deepEqual(texts(seen), texts(rides.map(({ check }) => check)));
  again.close();
  elsewhere.close();
});

test('keys that one process was given are found by the other before it refuses a ride', async () => {
  const day = today + 2;
  await clock.advance(24 * 60 * MINUTE_MS);
  const ride = await authority.ride({ code: 1 });
  assert.equal(ride.day, day);
  await bench.deliverKeys([day]);
  assert.equal((await other.post(ride.record)).status, 200);
});

test('a host whose folder of keys is not a copy of the first one’s is refused in one line', async () => {
  const strange = bench.beside((config) => ({ ...config, slotsFolder: `${config.slotsFolder}-strange` }));
  await assert.rejects(strange, /another relay key; copy the slots folder/);
});

function dutiesOfTwo() {
  const pools = ['one', 'two'].map((name) => connect({ url: bench.databaseUrl, max: 2, name, log: bench.log }));
  after(() => Promise.all(pools.map((pool) => pool.end())));
  return pools.map(openDuties) as [Duties, Duties];
}

test('a duty is one process’s until that one ends, and then another’s', async () => {
  const [first, second] = dutiesOfTwo();
  assert.deepEqual([await first.isMine(LOCKS.feed), await second.isMine(LOCKS.feed)], [true, false]);
  assert.equal(await first.isMine(LOCKS.feed), true);
  // Ended by whatever: its connection is gone.
  await db.query(
    `select pg_terminate_backend(pid, 10000) from pg_locks
      where locktype = 'advisory' and objid = $1 and granted and database = (select oid from pg_database where datname = current_database())`,
    [LOCKS.feed],
  );
  assert.equal(await second.isMine(LOCKS.feed), true);
  assert.equal(await first.isMine(LOCKS.feed).catch(() => false), false);
  first.close();
  second.close();
});

test('work done alone waits for its turn, and work for which there is no turn says so', async () => {
  const [first, second] = dutiesOfTwo();
  const inside = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const steps: string[] = [];
  const one = first.alone(LOCKS.seed, async () => {
    inside.resolve();
    await end.promise;
    steps.push('first');
  });
  await inside.promise;
  assert.equal(await second.ifFree(LOCKS.seed, async () => 'at it'), undefined);
  const two = second.alone(LOCKS.seed, async () => void steps.push('second'));
  end.resolve();
  await Promise.all([one, two]);
  assert.deepEqual(steps, ['first', 'second']);
  assert.equal(await second.ifFree(LOCKS.seed, async () => 'at it'), 'at it');
});
