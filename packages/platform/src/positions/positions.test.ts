// Positions of vehicles come in, by a feed or by hand: rides follow what was measured, and so do the times a trace sees.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { PositionsTaken } from '@tongche/contract';
import type { VehiclePosition } from '@tongche/network';
import { positionsCsv, writeVehiclePositions } from '@tongche/network/import';
import { dayStartMs, DAY_MS, MINUTE_MS } from '@tongche/protocol';
import { cityOfRows } from '../city/city.ts';
import { signedIn } from '../staff-kit.ts';
import { readCityRows } from '../store/city.ts';
import { errorOf, openBench, startMs, today, zone } from '../test-kit.ts';
import { around, hour, openDesk, tagsOf } from '../trace/trace-kit.ts';
import { applyPositions } from './past.ts';

const token = 'a-token-of-the-vehicles-own-system';
/** What the feed answers. */
const feed: { bytes: Uint8Array; status: number; asked: number } = { bytes: new Uint8Array(), status: 200, asked: 0 };
const server = createServer((_request, response) => {
  feed.asked += 1;
  response.writeHead(feed.status);
  response.end(feed.bytes);
});
server.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
after(() => server.close());
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/vehicles.pb`;

const bench = await openBench({
  secrets: { positionsToken: token },
  adjust: (config) => ({
    ...config,
    positions: { ...config.positions, url, everyS: 30, maxBytes: 100_000 },
  }),
});
const { authority, clock, post, db } = bench;
const desk = await openDesk(bench);
const admin = await signedIn(bench, 'admin');
const midnight = dayStartMs(today, zone);
const at = (h: number, min: number): number => midnight + h * hour + min * MINUTE_MS;
const keyOf = (vehicle: string, h: number): string => `${today}:${vehicle}:${h}`;
const runOf = (body: Readonly<Record<string, unknown>>): string | undefined =>
  (body['run'] as { key: string } | null)?.key;

/** A vehicle on its way along the run of the hour, `late` minutes behind; stops lie 111 m and 100 s apart. */
function way(
  name: string,
  run: { vehicle: string; h: number },
  fromMs: number,
  toMs: number,
  late = 0,
): VehiclePosition[] {
  const positions: VehiclePosition[] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += 30_000) {
    const along = Math.max(0, Math.min(29, (atMs - at(run.h, late)) / 100_000));
    const seq = run.h % 2 === 0 ? along : 29 - along;
    positions.push({ vehicleId: name, atMs, lat: 22.5 + seq / 1000, lon: 114, tripId: `${run.vehicle}:${run.h}` });
  }
  return positions;
}
const send = async (body: string | Uint8Array, headers: Readonly<Record<string, string>>) => {
  const response = await fetch(`${bench.platform.url}/operator/api/positions`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', ...headers },
    body: Uint8Array.from(typeof body === 'string' ? Buffer.from(body) : body),
  });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
};
const bearer = { authorization: `Bearer ${token}` };

test('a vehicle that made another run is found by its positions, and the one it stood in for is not on it', async () => {
  const [before, standIn] = [await authority.ride({ code: 2 }), await authority.ride({ code: 1 })];
  assert.equal(runOf((await post(before.record)).body), keyOf('bus-2', 8));
  assert.equal(runOf((await post(standIn.record)).body), keyOf('bus-1', 8));
  const order = desk.orderOf();
  const matched = await desk.match({ order, tags: tagsOf(before) });
  const track = way('粤B12346D', { vehicle: 'bus-1', h: 8 }, at(8, 3), startMs - 10_000, 2);
  const taken = await send(
    positionsCsv([...track, ...track.slice(0, 1).map((one) => ({ ...one, vehicleId: 'a stranger' }))]),
    bearer,
  );
  assert.equal(taken.status, 200, JSON.stringify(taken.body));
  const { positions, vehicles, unknown, relabelled } = taken.body as unknown as PositionsTaken;
  assert.deepEqual([positions, vehicles, unknown], [track.length, 1, 1]);
  assert.equal(relabelled, 2);
  const again = await post(before.record);
  assert.deepEqual([runOf(again.body), again.body['basis']], [keyOf('bus-1', 8), 'positions']);
  const left = await post(standIn.record);
  assert.deepEqual([left.body['run'], left.body['basis']], [null, 'usual']);
  const fetched = await desk.fetchOf(order, [around('bus-2', startMs)]);
  assert.ok(fetched.revision > matched.revision);
  const run = fetched.runs.find(({ runKey }) => runKey === keyOf('bus-1', 8));
  assert.deepEqual([run?.vehicleId, run?.basis], ['bus-2', 'positions']);
  // Two minutes behind the timetable, by what was seen; what is to come is shifted likewise.
  const third = run?.stops.find(({ seq }) => seq === 3);
  assert.equal(third?.source, 'gtfs-rt');
  assert.ok(Math.abs((third?.arrMs ?? 0) - (at(8, 2) + 300_000)) <= 30_000, `${third?.arrMs}`);
  assert.equal(run?.stops.at(-1)?.source, 'schedule');
});

test('the next ride is assigned by them at once, also after a restart', async () => {
  const now = await post((await authority.ride({ code: 2 })).record);
  assert.deepEqual([runOf(now.body), now.body['basis'], now.body['no']], [keyOf('bus-1', 8), 'positions', 2]);
  await bench.restart();
  const next = await post((await authority.ride({ code: 2 })).record);
  assert.deepEqual([runOf(next.body), next.body['basis'], next.body['no']], [keyOf('bus-1', 8), 'positions', 3]);
});

test('the feed is asked, believed while it is new, and more of the same moves nothing', async () => {
  const relabels = await db.query('select 1 from relabel');
  const fresh = way('bus-2', { vehicle: 'bus-1', h: 8 }, startMs, startMs + 5 * MINUTE_MS, 2);
  await clock.advance(5 * MINUTE_MS);
  feed.bytes = writeVehiclePositions(fresh, clock.now());
  await clock.advance(20 * MINUTE_MS);
  const [segment] = await db.query<{ to_ms: number }>(`select to_ms from run_segment where basis = 'positions'`);
  assert.ok((segment?.to_ms ?? 0) > startMs + 4 * MINUTE_MS);
  assert.equal((await db.query('select 1 from relabel')).length, relabels.length);
  const ride = await authority.ride({ code: 2, boardedMs: startMs + 4 * MINUTE_MS, queued: true });
  assert.equal(runOf((await post(ride.record)).body), keyOf('bus-1', 8));
});

test('a feed that fails, is old, too large or no feed is named in the log and asked more rarely', async () => {
  const reasons = () =>
    bench.log.lines.flatMap((line) => (line.event === 'platform.positionsFailed' ? [line['reason']] : []));
  async function trouble(change: () => void): Promise<unknown> {
    const before = reasons().length;
    change();
    for (let n = 0; n < 40 && reasons().length === before; n += 1) {
      await clock.advance(30_000);
    }
    return reasons().at(-1);
  }
  assert.equal(await trouble(() => (feed.bytes = writeVehiclePositions([], clock.now() - hour))), 'stale');
  assert.equal(await trouble(() => (feed.bytes = new Uint8Array(200_000))), 'too-large');
  assert.equal(await trouble(() => (feed.bytes = new TextEncoder().encode('<html>gone</html>'))), 'unreadable');
  assert.equal(await trouble(() => (feed.status = 503)), 'http-status');
  const asked = feed.asked;
  for (let n = 0; n < 60; n += 1) {
    await clock.advance(30_000);
  }
  assert.ok(feed.asked - asked <= 4, `${feed.asked - asked} times in half an hour`);
});

test('positions are taken from admins and from whoever has the token, from nobody else', async () => {
  const csv = positionsCsv(way('bus-1', { vehicle: 'bus-1', h: 8 }, clock.now() - 60_000, clock.now()));
  assert.equal((await send(csv, { authorization: 'Bearer something else entirely' })).status, 401);
  assert.equal((await send(csv, { authorization: token })).status, 401);
  assert.equal((await send(csv, {})).status, 401);
  const driver = await signedIn(bench, 'driver');
  const octets = { 'content-type': 'application/octet-stream' };
  assert.equal((await driver.raw('POST', '/operator/api/positions', csv, octets)).status, 403);
  await admin.signIn();
  assert.equal((await admin.raw('POST', '/operator/api/positions', csv, octets)).status, 200);
  const elsewhere = { ...octets, origin: 'https://evil.example' };
  assert.equal((await admin.raw('POST', '/operator/api/positions', csv, elsewhere)).status, 403);
  assert.equal(errorOf({ ...(await send('no list at all', bearer)), headers: new Headers() }), 'bad-request');
  assert.equal((await send(new Uint8Array(9 * 1024 * 1024), bearer)).status, 413);
});

test('a file of a day gone by is matched without anything in memory', async () => {
  const yesterday = way('bus-1', { vehicle: 'bus-2', h: 6 }, at(6, 5), at(6, 30));
  const city = cityOfRows(await readCityRows(db));
  const taken = await db.tx('past', (tx) =>
    applyPositions(tx, { zone, city, nowMs: clock.now(), oldestMs: midnight - 20 * DAY_MS }, [
      ...yesterday,
      ...yesterday.slice(0, 1).map((one) => ({ ...one, atMs: midnight - 21 * DAY_MS })),
    ]),
  );
  assert.deepEqual(
    [[...taken.vehicleIds].sort(), taken.positions, taken.leftOut],
    [['bus-1', 'bus-2'], yesterday.length, 1],
  );
  const rows = await db.query(
    `select 1 from run_segment g join run r using (run_id) where r.run_key = $1 and g.vehicle_id = 'bus-1'`,
    [keyOf('bus-2', 6)],
  );
  assert.equal(rows.length, 1);
});

test('positions are gone after some days, the times measured by them with their rides', async () => {
  const count = async (table: string) => (await db.query(`select 1 from ${table} limit 1`)).length;
  assert.equal(await count('vehicle_position'), 1);
  await clock.advance(4 * DAY_MS);
  await bench.platform.roll();
  assert.deepEqual([await count('vehicle_position'), await count('run_measured')], [0, 1]);
  await clock.advance(26 * DAY_MS);
  await bench.platform.roll();
  assert.deepEqual([await count('run_segment'), await count('run_measured')], [0, 0]);
});
