// As the load grows, whoever only looks is refused first and rides last; each is told when to come again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { classOfRequest } from './priorities.ts';
import { errorOf, openBench } from './test-kit.ts';
import type { Answer, Bench } from './test-kit.ts';

async function openRequests({ platform }: Bench): Promise<number> {
  assert.ok('socket' in platform.internal);
  const asked = request({ socketPath: platform.internal.socket, path: '/metrics' }).end();
  const [reply] = (await once(asked, 'response')) as [IncomingMessage];
  return Number(/^tongche_open_requests (\d+)$/m.exec(await text(reply))?.[1]);
}

const nameOf = (method: string, url: string): string | undefined => classOfRequest(method, url)?.name;

test('every request has its place: rides, undoing, staff, everything that looks', () => {
  assert.equal(nameOf('POST', '/v1/rides'), 'ride');
  assert.equal(nameOf('POST', '/v1/rides?via=assist'), 'ride');
  assert.equal(nameOf('POST', '/v1/rides/undo'), 'undo');
  for (const url of ['/staff/session', '/staff/shifts/7/trip', '/staff/']) assert.equal(nameOf('POST', url), 'staff');
  const looks = ['/v1/codes/AAAA', '/v1/access-counts', '/operator/api/imports', '/', '/v1/ridesx', '/healthzx'];
  for (const url of looks) assert.equal(nameOf('GET', url), 'read');
  assert.equal(nameOf('GET', '/v1/rides'), 'read');
  assert.equal(classOfRequest('GET', '/healthz'), undefined);
  assert.equal(classOfRequest('GET', '/staff/shifts/7/live')?.isStream, true);
  assert.equal(classOfRequest('GET', '/staff/shifts/7/live?x=/live')?.isStream, true);
  assert.notEqual(classOfRequest('GET', '/staff/shifts/7/live.json')?.isStream, true);
  assert.notEqual(classOfRequest('GET', '/staff/shifts/7/trip?x=/live')?.isStream, true);
});

test('while rides wait for the database reads are refused, then staff, then rides; nothing accepted is lost', async () => {
  const bench = await openBench({
    adjust: (config) => ({ ...config, load: { ...config.load, maxOpen: 20, maxAgeMs: 10_000 } }),
  });
  const { authority, post, call, db } = bench;
  const view = async (): Promise<Answer> => call('/v1/codes/AAAAAAAAAAA');
  const staff = async (): Promise<Answer> => call('/staff/session');
  const rides = await Promise.all(Array.from({ length: 25 }, () => authority.ride()));
  const waiting: Promise<Answer>[] = [];
  /** Sends rides, which will wait for the lock, until so many are inside. */
  async function openRides(count: number): Promise<void> {
    while (waiting.length < count) waiting.push(post(rides[waiting.length]?.record ?? ''));
    while ((await openRequests(bench)) < count) await wait(5);
  }
  assert.equal((await view()).status, 404);
  await db.tx('hold', async (tx) => {
    await tx.query('lock table ride in access exclusive mode');
    await openRides(8);
    const refused = await view();
    assert.equal(errorOf(refused), 'busy');
    assert.equal(refused.headers.get('retry-after'), String(refused.body['retryAfterS']));
    assert.equal(refused.headers.get('access-control-allow-origin'), '*');
    assert.equal((await staff()).status, 401);
    await openRides(13);
    assert.equal(errorOf(await staff()), 'busy');
    await openRides(20);
    const late = await Promise.all(rides.slice(20).map(async ({ record }) => post(record)));
    for (const answer of late) {
      assert.equal(errorOf(answer), 'busy');
      assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    }
    assert.equal((await call('/healthz')).status, 200);
  });
  const answers = await Promise.all(waiting);
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal((await view()).status, 404);
  for (const { record } of rides) assert.equal((await post(record)).status, 200);
  assert.equal((await db.one<{ n: number }>('select count(*)::int as n from ride'))?.n, rides.length);
  const shed = bench.log.lines.filter(({ event }) => event === 'http.shedding').map((line) => line['refused']);
  assert.deepEqual(shed, ['read', 'staff', 'ride']);
});
