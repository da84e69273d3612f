// When the database cannot take a ride: phones are told to keep it, and nothing counted is left behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, openBench } from '../test-kit.ts';

test('while rides cannot be stored the answer is busy, and numbers go on where they were', async () => {
  const bench = await openBench();
  const { authority, post, db } = bench;
  assert.equal((await post((await authority.ride()).record)).body['no'], 1);
  const ride = await authority.ride();
  await db.query('alter table ride rename column no to elsewhere');
  const refused = await Promise.all([ride, await authority.ride()].map(({ record }) => post(record)));
  assert.deepEqual(
    refused.map((answer) => [answer.status, errorOf(answer)]),
    [
      [503, 'busy'],
      [503, 'busy'],
    ],
  );
  assert.equal(refused[0]?.headers.get('access-control-allow-origin'), '*');
  await db.query('alter table ride rename column elsewhere to no');
  assert.equal((await post(ride.record)).body['no'], 2);
});

test('a ride whose day has lost its partition is told to wait, and the next roll mends it', async () => {
  const bench = await openBench();
  const { authority, post, clock, db } = bench;
  await db.query(`drop table ride_d${(await authority.ride()).day}`);
  const refused = await post((await authority.ride()).record);
  assert.equal(errorOf(refused), 'busy');
  await bench.platform.roll();
  assert.equal((await post((await authority.ride({ boardedMs: clock.now() })).record)).status, 200);
});

test('a full queue answers busy and loses nothing it has accepted', async () => {
  const bench = await openBench({
    adjust: (config) => ({
      ...config,
      writing: { ...config.writing, maxRows: 1, maxDelayMs: 0, maxInFlight: 1, maxQueue: 2 },
    }),
  });
  const { authority, post, db } = bench;
  const rides = await Promise.all(Array.from({ length: 60 }, () => authority.ride()));
  const answers = await Promise.all(rides.map(({ record }) => post(record)));
  const stored = answers.filter(({ status }) => status === 200).length;
  assert.ok(answers.every((answer) => answer.status === 200 || errorOf(answer) === 'busy'));
  const shed = answers.filter(({ status }) => status === 503);
  assert.ok(shed.every(({ headers }) => Number(headers.get('retry-after')) >= 1));
  assert.ok(stored > 0 && stored < rides.length, `${stored} stored`);
  assert.equal((await db.one<{ n: number }>('select count(*)::int as n from ride'))?.n, stored);
  // The phones come again.
  for (const { record } of rides) assert.equal((await post(record)).status, 200);
  const numbers = await db.query<{ no: number }>('select no from ride order by no');
  assert.deepEqual(
    numbers.map(({ no }) => no),
    rides.map((_, n) => n + 1),
  );
});
