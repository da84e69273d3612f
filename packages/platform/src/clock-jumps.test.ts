// Clocks that are set, forwards and backwards, while rides come in: nothing is destroyed early, doubled or refused for it,
// but what the protocol's own rules of time refuse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, dayOf, dayStartMs, MINUTE_MS } from '@tongche/protocol';
import type { MadeRide } from '@tongche/protocol';
import { errorOf, openBench, startMs, today, zone } from './test-kit.ts';
import type { Bench } from './test-kit.ts';

const hourMs = 60 * MINUTE_MS;

async function rideCount({ db }: Bench): Promise<number> {
  return (await db.one<{ n: number }>('select count(*)::int as n from ride'))?.n ?? 0;
}
async function partitions({ db }: Bench): Promise<readonly number[]> {
  const rows = await db.query<{ day: number }>(
    `select substring(inhrelid::regclass::text from 'ride_d([0-9]+)')::int as day
       from pg_inherits where inhparent = 'ride'::regclass order by 1`,
  );
  return rows.map(({ day }) => day);
}
let riders = 0;
interface Rider {
  /** A phone that shows this time registers. */
  readonly ride: MadeRide;
  /** The same ride as the phone sends it later: it says that it waited. */
  readonly later: MadeRide;
}
async function riderAt({ authority }: Bench, boardedMs: number, queued = false): Promise<Rider> {
  riders += 1;
  const options = { boardedMs, phone: 8_613_800_000_000n + BigInt(riders) };
  return {
    ride: await authority.ride({ ...options, queued }),
    later: await authority.ride({ ...options, queued: true }),
  };
}
async function rideAt(bench: Bench, boardedMs: number, queued = false): Promise<MadeRide> {
  return (await riderAt(bench, boardedMs, queued)).ride;
}
/** The platform looks at its calendar every minute. */
async function lookAgain({ clock }: Bench): Promise<void> {
  await clock.advance(MINUTE_MS + 1);
}

test('a calendar thirty days ahead destroys nothing, and phones keep what only the wrong clock refuses', async () => {
  const bench = await openBench();
  const { clock, post, call, log } = bench;
  const first = await riderAt(bench, startMs);
  const receipt = await post(first.ride.record);
  assert.equal(receipt.status, 200);
  const [daysBefore, slotsBefore] = [await partitions(bench), bench.slotFiles()];

  clock.setTo(startMs + 30 * DAY_MS);
  await lookAgain(bench);
  assert.equal(await rideCount(bench), 1);
  assert.deepEqual(await partitions(bench), daysBefore);
  assert.deepEqual(bench.slotFiles(), slotsBefore);
  const health = await call('/healthz');
  assert.equal(health.status, 503);
  assert.equal((health.body['checks'] as { clock: boolean }).clock, false);
  assert.equal(log.lines.filter(({ event }) => event === 'platform.calendarLeapt').length, 1);
  // The phones are right. Told "clock-wrong" they would take over the wrong time, told "too-old" they would give up.
  const phones = [await rideAt(bench, startMs + 3 * MINUTE_MS), await rideAt(bench, startMs - DAY_MS, true)];
  for (const { record } of phones) assert.equal(errorOf(await post(record)), 'busy');
  // Keys that come meanwhile are for the true days, and come only once.
  await bench.deliverKeys([today + 9]);
  assert.ok(bench.slotFiles().some((file) => file.startsWith(`adm-${today + 9}.`)));

  clock.setTo(startMs + 4 * MINUTE_MS);
  await lookAgain(bench);
  assert.equal((await call('/healthz')).status, 200);
  for (const { record } of phones) assert.equal((await post(record)).status, 200);
  assert.deepEqual((await post(first.later.record)).body['no'], receipt.body['no']);
  assert.equal(await rideCount(bench), 3);
});

test('a calendar that stays ahead is believed when the steady clock has seen enough, also across a restart', async () => {
  const bench = await openBench();
  const { clock, post, call } = bench;
  await post((await rideAt(bench, startMs)).record);
  clock.setTo(startMs + 30 * DAY_MS);
  await lookAgain(bench);
  await clock.advance(3 * hourMs);
  await bench.restart();
  await clock.advance(2 * hourMs);
  assert.equal(await rideCount(bench), 1, 'six hours have not passed');
  await clock.advance(hourMs + 20 * MINUTE_MS);
  assert.equal(await rideCount(bench), 0);
  assert.equal(bench.slotFiles().filter((file) => file.startsWith('adm-')).length, 0);
  assert.equal((await call('/healthz')).status, 200);
  await bench.deliverKeys([today + 30]);
  assert.equal((await post((await rideAt(bench, clock.now())).record)).status, 200);
});

test('the authority’s signature for the day is enough, one from days ago or from the future is not', async () => {
  const bench = await openBench();
  const { clock, post } = bench;
  await post((await rideAt(bench, startMs)).record);
  clock.setTo(startMs + 30 * DAY_MS);
  await lookAgain(bench);
  await bench.deliverKeys([today + 20], startMs + 20 * DAY_MS);
  await bench.deliverKeys([today + 31], startMs + 40 * DAY_MS);
  await lookAgain(bench);
  assert.equal(await rideCount(bench), 1, 'one clock of two is wrong');
  await bench.deliverKeys([today + 30]);
  await clock.advance(0);
  assert.equal(await rideCount(bench), 0);
});

test('a day forwards, an hour and a day backwards: partitions are there, and only the rules of time refuse', async () => {
  const bench = await openBench();
  const { clock, post } = bench;
  const taken: MadeRide[] = [];
  async function rides(atMs: number, queued = false): Promise<void> {
    const { ride, later } = await riderAt(bench, atMs, queued);
    const answer = await post(ride.record);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    taken.push(later);
  }
  await rides(startMs);
  clock.setTo(startMs + DAY_MS);
  // Before anybody has looked, and after.
  await rides(clock.now());
  await lookAgain(bench);
  await rides(clock.now());
  // Late rides of the days before, as far back as rides may be late.
  for (let days = 1; days <= 7; days += 1) await rides(clock.now() - days * DAY_MS, true);

  clock.setTo(startMs + DAY_MS - hourMs);
  await lookAgain(bench);
  await rides(clock.now());
  assert.equal(errorOf(await post((await rideAt(bench, clock.now() + hourMs)).record)), 'clock-wrong');

  clock.setTo(startMs - DAY_MS);
  await lookAgain(bench);
  await rides(clock.now());
  // Admission keys of two more days went with the roll of the day ahead.
  for (let days = 1; days <= 5; days += 1) await rides(clock.now() - days * DAY_MS, true);
  // The clock stands before what was rolled already: it does not teach phones its time.
  assert.equal(errorOf(await post((await rideAt(bench, startMs)).record)), 'busy');

  clock.setTo(startMs + 10 * MINUTE_MS);
  await lookAgain(bench);
  const before = await rideCount(bench);
  assert.equal(before, taken.length);
  const again = await Promise.all(taken.map(async ({ record }) => post(record)));
  // Those of the day ahead wait until it comes.
  const answers = new Set(again.map((answer) => (answer.status === 200 ? 'registered' : errorOf(answer))));
  assert.deepEqual(answers, new Set(['registered', 'busy']));
  assert.equal(await rideCount(bench), before, 'no ride twice, whatever the clock showed when it came');
});

test('across midnight and the roll, minute by minute', async () => {
  const bench = await openBench({ atMs: dayStartMs(today + 1, zone) - 10 * MINUTE_MS });
  const { clock, post, db } = bench;
  let sent = 0;
  for (const untilMs of [
    dayStartMs(today + 1, zone) + 10 * MINUTE_MS,
    dayStartMs(today + 1, zone) + 3 * hourMs + 10 * MINUTE_MS,
  ]) {
    if (untilMs - clock.now() > hourMs) await clock.advanceTo(untilMs - 20 * MINUTE_MS);
    while (clock.now() < untilMs) {
      const ride = await rideAt(bench, clock.now());
      const [answer, again] = await Promise.all([post(ride.record), post(ride.record), clock.advance(MINUTE_MS)]);
      assert.deepEqual([answer.status, again.status], [200, 200]);
      assert.deepEqual(answer.body['no'], again.body['no']);
      sent += 1;
    }
  }
  assert.equal(sent, 40);
  const days = await db.query<{ name: string; n: number }>(
    'select tableoid::regclass::text as name, count(*)::int as n from ride group by 1 order by 1',
  );
  assert.deepEqual(days, [
    { name: `ride_d${today}_hot`, n: 10 },
    { name: `ride_d${today + 1}_hot`, n: 30 },
  ]);
});

for (const [what, at] of [
  ['the hour that comes twice', '2026-10-25T00:30:00+02:00'],
  ['the hour that does not come', '2027-03-28T00:30:00+01:00'],
] as const) {
  test(`daylight saving, ${what}: every ride once, in the partition of its day, and rolls go on`, async () => {
    const berlin = 'Europe/Berlin';
    const bench = await openBench({ atMs: Date.parse(at), zone: berlin });
    const { clock, post, db } = bench;
    const day = dayOf(clock.now(), berlin);
    const all: Rider[] = [];
    while (clock.now() < Date.parse(at) + 4 * hourMs) {
      const rider = await riderAt(bench, clock.now());
      assert.equal((await post(rider.ride.record)).status, 200);
      all.push(rider);
      await clock.advance(10 * MINUTE_MS);
    }
    for (const { later } of all) assert.equal((await post(later.record)).status, 200);
    const stored = await db.query<{ name: string; n: number }>(
      'select tableoid::regclass::text as name, count(*)::int as n from ride group by 1',
    );
    assert.deepEqual(stored, [{ name: `ride_d${day}_hot`, n: all.length }]);
    const rolls = await db.query<{ day: number }>('select day from roll_log order by day');
    assert.deepEqual(
      rolls.map((roll) => roll.day),
      [day - 1, day],
    );
  });
}

test('the roll under load: days are destroyed while riders write, none of whom notices', async () => {
  const bench = await openBench();
  const { clock, post, db, platform } = bench;
  const lanes = 8;
  const expired = Array.from({ length: 5 }, (_, n) => today - 40 - n);
  async function plant(day: number): Promise<void> {
    const hex = (ms: number): string => ms.toString(16).padStart(12, '0');
    const bound = (ms: number): string => `'${hex(ms).slice(0, 8)}-${hex(ms).slice(8)}-0000-0000-000000000000'`;
    await db.query(
      `create table ride_d${day} partition of ride
         for values from (${bound(dayStartMs(day, zone))}) to (${bound(dayStartMs(day + 1, zone))})`,
    );
  }
  const rolls = { areDue: true };
  let sent = 0;
  async function lane(): Promise<void> {
    while (rolls.areDue) {
      const { record } = await rideAt(bench, clock.now());
      const answer = await post(record);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      sent += 1;
    }
  }
  const riding = Array.from({ length: lanes }, lane);
  try {
    for (const day of expired) {
      await plant(day);
      await platform.roll();
      assert.ok(!(await partitions(bench)).includes(day));
    }
  } finally {
    rolls.areDue = false;
    await Promise.all(riding);
  }
  assert.ok(sent > 0);
  assert.equal(await rideCount(bench), sent);
});
