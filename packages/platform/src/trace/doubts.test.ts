// What a trace is told of doubtful rides: judged by what is known when it asks, handed over apart from the others, opening
// no window of their own; junk neither makes an order fail nor uses it up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, MINUTE_MS, toBase64Url } from '@tongche/protocol';
import type { MadeRide } from '@tongche/protocol';
import { positionsToken, reportEast } from '../positions/positions-kit.ts';
import { signedIn } from '../staff-kit.ts';
import { openBench, today } from '../test-kit.ts';
import type { RideOptions } from '../test-kit.ts';
import { around, codeOf, openDesk, tagsOf } from './trace-kit.ts';

const bench = await openBench({ secrets: { positionsToken } });
const { authority, clock, db, post } = bench;
const desk = await openDesk(bench);
const admin = await signedIn(bench, 'admin');

async function scan(options: RideOptions = {}): Promise<MadeRide> {
  const ride = await authority.ride(options);
  assert.equal((await post(ride.record)).status, 200);
  return ride;
}
type Reply = Awaited<ReturnType<typeof desk.match>>;
const doubtsIn = ({ rides }: Reply, { tag }: MadeRide): readonly string[] =>
  rides.find((ride) => ride.tag === toBase64Url(tag))?.doubts ?? assert.fail('the ride is not in the answer');
const doubtful = ({ rides }: Reply): number => rides.filter(({ doubts }) => doubts.length > 0).length;

async function seen(plate: string, atMs: number, eastKm: number): Promise<void> {
  await reportEast(bench.platform.url, plate, eastKm, [atMs, atMs + 30_000, atMs + 60_000]);
}

test('junk of one minute is doubtful from its first ride on, and who boarded before and after is not', async () => {
  const before = await scan();
  await clock.advance(MINUTE_MS);
  const junk = await Promise.all(Array.from({ length: 500 }, () => scan()));
  await clock.advance(MINUTE_MS);
  const [sick, after] = [await scan(), await scan()];
  const order = desk.orderOf();
  assert.deepEqual(doubtsIn(await desk.match({ order, tags: tagsOf(sick) }), sick), []);
  const reply = await desk.fetchOf(order, [around('bus-1', clock.now())]);
  assert.deepEqual([reply.rides.length, doubtful(reply), reply.withheld], [503, 500, 0]);
  for (const ride of junk) assert.deepEqual(doubtsIn(reply, ride), ['crowded-minute', 'over-capacity']);
  for (const ride of [before, sick, after]) assert.deepEqual(doubtsIn(reply, ride), []);

  // An order that has no room for the junk still gets everybody else.
  const small = desk.orderOf({ maxRecords: 50 });
  await desk.match({ order: small, tags: tagsOf(sick) });
  const cut = await desk.fetchOf(small, [around('bus-1', clock.now())]);
  assert.deepEqual([cut.rides.length, doubtful(cut), cut.withheld], [50, 47, 453]);
  const used = await db.one<{ records: number }>(
    'select sum(records)::int as records from trace_window where records <= 50',
  );
  assert.equal(used?.records, 50);
  const tight = desk.orderOf({ maxRecords: 2 });
  await desk.match({ order: tight, tags: tagsOf(sick) });
  assert.equal(
    await codeOf(desk.fetchOf(tight, [around('bus-1', clock.now())])),
    'order-limit',
    'three are without doubt',
  );
});

test('a doubtful ride of the case opens no window by itself: one around it counts as extra', async () => {
  const order = desk.orderOf({ maxExtraWindows: 1 });
  await clock.advance(30 * MINUTE_MS);
  await seen('粤B12346D', clock.now() - 60_000, 6);
  const sick = await scan({ code: 2 });
  assert.deepEqual(doubtsIn(await desk.match({ order, tags: tagsOf(sick) }), sick), ['far-away']);
  const at = clock.now();
  const near = { ...around('bus-2', at), toMs: at };
  assert.equal(await codeOf(desk.fetchOf(order, [near, { ...near, fromMs: at - MINUTE_MS }])), 'order-limit');
  assert.equal(await codeOf(desk.fetchOf(order, [near])), 'granted');
  assert.equal(await codeOf(desk.fetchOf(order, [{ ...near, fromMs: at - 1 }])), 'order-limit');
  // What a tracer took in knowingly counts too, also beside a ride without doubt.
  const other = await scan({ code: 3 });
  const second = desk.orderOf({ maxExtraWindows: 0 });
  await desk.match({ order: second, tags: tagsOf(sick, other) });
  assert.equal(await codeOf(desk.fetchOf(second, [around('car-1', at)])), 'granted');
  assert.equal(await codeOf(desk.fetchOf(second, [{ ...around('car-1', at), reason: 'included' }])), 'order-limit');
});

test('what is learned later adds doubt and clears it; what is forgotten changes nothing', async () => {
  await clock.advance(60 * MINUTE_MS);
  const [first, second] = [await scan({ code: 2 }), await scan({ code: 2 })];
  const order = desk.orderOf();
  const ask = async () => doubtsIn(await desk.match({ order, tags: tagsOf(first, second) }), first);
  const atMs = clock.now();
  assert.deepEqual(await ask(), []);
  await seen('粤B12346D', atMs - 40_000, 9);
  assert.deepEqual(await ask(), ['far-away'], 'a radio that was late');
  const flags = await db.query('select 1 from ride where flags & 4 <> 0 and tag = any($1::uuid[])', [
    [first, second].map(({ tag }) => Buffer.from(tag).toString('hex')),
  ]);
  assert.equal(flags.length, 0, 'rows are never rewritten');
  const span = { vehicleId: 'bus-2', fromMs: atMs - 20 * MINUTE_MS, toMs: atMs + 20 * MINUTE_MS };
  const { body } = await admin('GET', '/operator/api/vehicles/bus-2/runs');
  const [made] = body['made'] as { runKey: string | null }[];
  await admin('POST', '/operator/api/corrections', { ...span, runKey: made?.runKey ?? null });
  assert.deepEqual(await ask(), [], 'a person’s word about the run goes before the radio');
  await admin('POST', '/operator/api/corrections', { ...span, runKey: null });
  assert.deepEqual(await ask(), ['out-of-service']);
});

test('positions that are gone leave what they said at arrival', async () => {
  await clock.advance(30 * MINUTE_MS);
  await seen('粤B12345D', clock.now() - 60_000, 6);
  const sick = await scan({ code: 1 });
  for (let day = 0; day < 4; day += 1) await clock.advance(DAY_MS);
  assert.equal((await db.query('select 1 from vehicle_position limit 1')).length, 0);
  assert.deepEqual(doubtsIn(await desk.match({ tags: tagsOf(sick) }), sick), ['far-away']);
});

test('rides flagged before reasons were kept stay set apart, without one', async () => {
  const sick = await scan({ code: 3, boardedMs: clock.now() });
  await db.query('update ride set flags = flags | 4 where tag = $1', [Buffer.from(sick.tag).toString('hex')]);
  const order = desk.orderOf({ fromDay: today + 4, toDay: today + 4 });
  const reply = await desk.match({ order, tags: [{ day: today + 4, tags: toBase64Url(sick.tag) }] });
  assert.deepEqual(doubtsIn(reply, sick), ['unexplained']);
});
