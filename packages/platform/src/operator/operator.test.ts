// The console's counts against rides really registered: days, midnight, moved stickers, dead ones, a restart, and who may ask.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeList, Overview, Retention, VehicleDetail, VehicleList } from '@tongche/contract';
import { DAY_MS, dayStartMs, dayText, MINUTE_MS, toBase64Url } from '@tongche/protocol';
import { codeBytes, errorOf, openBench, startMs, today, zone } from '../test-kit.ts';
import type { Bench } from '../test-kit.ts';
import { localHours, segmentsOf } from './day-counts.ts';

const hour = 60 * MINUTE_MS;
const code = (n: number): string => toBase64Url(codeBytes(n));

async function signIn(bench: Bench, account: string, role: 'admin' | 'driver'): Promise<string> {
  await bench.platform.putStaff({ account, name: { zh: account, en: account }, role, password: 'a long word' });
  const answer = await bench.call('/staff/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account, password: 'a long word' }),
  });
  assert.equal(answer.status, 200);
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

async function openConsole(bench: Bench) {
  let cookie = await signIn(bench, 'boss', 'admin');
  let signedInMs = bench.clock.now();
  return async <T>(path: string): Promise<T> => {
    if (bench.clock.now() - signedInMs > 12 * hour) {
      cookie = await signIn(bench, 'boss', 'admin');
      signedInMs = bench.clock.now();
    }
    // Older than this nothing is shown without being counted anew first.
    await bench.clock.advance(3 * MINUTE_MS);
    const answer = await bench.call(`/operator/api${path}`, { headers: { cookie } });
    assert.equal(answer.status, 200, `${path} ${errorOf(answer)}`);
    return answer.body as T;
  };
}

async function register(bench: Bench, options: Parameters<Bench['authority']['ride']>[0]): Promise<void> {
  const answer = await bench.post((await bench.authority.ride(options)).record);
  assert.equal(answer.status, 200, errorOf(answer));
}

test('only an admin is told anything', async () => {
  const bench = await openBench();
  const paths = ['/overview', '/vehicles', '/vehicles/bus-1', '/codes', '/doubts', '/retention'];
  const cookie = await signIn(bench, 'wang', 'driver');
  for (const path of paths) {
    assert.equal(errorOf(await bench.call(`/operator/api${path}`)), 'not-signed-in');
    assert.equal(errorOf(await bench.call(`/operator/api${path}`, { headers: { cookie } })), 'forbidden');
  }
});

test('heads are counted by the local day and hour of boarding, whatever the day they arrive on', async () => {
  const bench = await openBench();
  const ask = await openConsole(bench);
  const midnight = dayStartMs(today, zone);
  await register(bench, { party: 2 });
  await register(bench, { code: 2 });
  await register(bench, { code: 7 });
  await register(bench, { code: 6 });
  await register(bench, { boardedMs: midnight, queued: true });
  await register(bench, { boardedMs: midnight - MINUTE_MS, queued: true });
  const now = await ask<Overview>('/overview');
  assert.equal(now.date, dayText(today));
  assert.deepEqual(
    [now.totals.rides, now.totals.heads, now.totals.late],
    [4, 6, 1],
    'crew and yesterday are not in it',
  );
  assert.equal(now.hours[8], 5);
  assert.equal(now.hours[0], 1);
  assert.equal(now.hours.length, 24);
  const m133 = now.lines.find(({ line }) => line?.id === 'M133');
  assert.equal(m133?.heads, 5);
  assert.equal(m133?.hours[8], 4);
  assert.equal(now.lines.find(({ line }) => line === null)?.heads, 1, 'the taxi has no line');
  assert.equal(
    now.lines.reduce((sum, { heads }) => sum + heads, 0),
    now.totals.heads,
  );
  const yesterday = await ask<Overview>(`/overview?date=${dayText(today - 1)}`);
  assert.deepEqual([yesterday.totals.heads, yesterday.hours[23]], [1, 1]);
});

test('vehicles say whether they run, who signed in, and are found by plate, line and state', async () => {
  const bench = await openBench();
  const ask = await openConsole(bench);
  await register(bench, {});
  const all = await ask<VehicleList>('/vehicles');
  assert.equal(all.total, 6);
  const row = (list: VehicleList, unitId: string) => list.rows.find(({ unit }) => unit.unitId === unitId);
  assert.deepEqual(
    [row(all, 'bus-1')?.inService, row(all, 'taxi-1')?.inService, row(all, 'hall')?.inService],
    [true, false, true],
    'a run today; neither run nor driver; stations are always open',
  );
  assert.equal(row(all, 'bus-1')?.heads, 1);
  assert.equal(row(all, 'bus-1')?.codes, 2);
  assert.deepEqual(
    (await ask<VehicleList>('/vehicles?state=no-registration')).rows.map(({ unit }) => unit.unitId).sort(),
    ['bus-2', 'car-1', 'car-2', 'hall'],
  );
  assert.equal((await ask<VehicleList>('/vehicles?q=粤b12346')).rows[0]?.unit.unitId, 'bus-2');
  assert.equal((await ask<VehicleList>('/vehicles?line=M133')).total, 4);
  const pages: string[] = [];
  for (let after: string | null = ''; after !== null;) {
    const page: VehicleList = await ask(`/vehicles?limit=2${after === '' ? '' : `&after=${after}`}`);
    pages.push(...page.rows.map(({ unit }) => unit.unitId));
    after = page.next;
  }
  assert.deepEqual(
    pages,
    all.rows.map(({ unit }) => unit.unitId),
  );

  const cookie = await signIn(bench, 'li', 'driver');
  const took = await bench.call('/staff/shifts', {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ code: code(7) }),
  });
  assert.equal(took.status, 200);
  const after = await ask<VehicleList>('/vehicles?q=taxi-1');
  assert.equal(after.rows[0]?.inService, true, 'somebody works in it');
  assert.notEqual(after.rows[0]?.signedInMs, null);
  assert.equal((await ask<VehicleList>('/vehicles?state=no-sign-in')).total, 5);
});

test('one vehicle shows its codes, bindings and the runs of its day with their heads', async () => {
  const bench = await openBench();
  const ask = await openConsole(bench);
  await register(bench, { party: 1 });
  const detail = await ask<VehicleDetail>('/vehicles/bus-1');
  assert.equal(detail.codes.length, 2);
  assert.equal(detail.bindings.length, 2);
  assert.equal(detail.runs.length, 16);
  const [run] = detail.runs.filter(({ heads }) => heads > 0);
  assert.equal(run?.heads, 2);
  assert.ok(run !== undefined && run.fromMs <= startMs && startMs < run.toMs);
  assert.equal(detail.codes.find((each) => each.code === code(1))?.rides, 1);
});

test('heads follow a corrected run to its line', async () => {
  const bench = await openBench();
  const ask = await openConsole(bench);
  await register(bench, { code: 7, party: 1 });
  const heads = async (lineId: string | null) =>
    (await ask<Overview>('/overview')).lines.find(({ line }) => (line?.id ?? null) === lineId)?.heads ?? 0;
  assert.deepEqual([await heads(null), await heads('M133')], [2, 0]);
  const cookie = await signIn(bench, 'boss', 'admin');
  const minute = startMs - (startMs % MINUTE_MS);
  const made = await bench.call('/operator/api/corrections', {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({
      vehicleId: 'taxi-1',
      fromMs: minute - 5 * MINUTE_MS,
      toMs: minute + 5 * MINUTE_MS,
      runKey: `${today}:bus-1:8`,
    }),
  });
  assert.equal(made.status, 200, errorOf(made));
  await bench.clock.advance(3 * MINUTE_MS);
  const after = await ask<Overview>('/overview');
  assert.deepEqual([await heads(null), await heads('M133')], [0, 2]);
  assert.equal(after.totals.heads, 2);
  assert.equal(after.lines.find(({ line }) => line?.id === 'M133')?.hours[8], 2);
});

test('a sticker moved during the day counts for each unit in its own time', async () => {
  const bench = await openBench();
  const ask = await openConsole(bench);
  await register(bench, {});
  await bench.clock.advance(10 * MINUTE_MS);
  await bench.platform.moveCode(code(1), 'bus-2', startMs + 5 * MINUTE_MS - (startMs % MINUTE_MS));
  await register(bench, {});
  await register(bench, {});
  const { rows } = await ask<VehicleList>('/vehicles');
  const heads = (unitId: string) => rows.find(({ unit }) => unit.unitId === unitId)?.heads;
  assert.deepEqual([heads('bus-1'), heads('bus-2')], [1, 2]);
  assert.equal(rows.find(({ unit }) => unit.unitId === 'bus-2')?.codes, 2);
});

test('a sticker is dead after seven full days without a scan while its bus ran, and alive again with one', async () => {
  const bench = await openBench();
  const ask = await openConsole(bench);
  const stateOf = async (n: number) => (await ask<CodeList>('/codes')).rows.find((row) => row.code === code(n))?.state;
  assert.equal(await stateOf(1), 'new', 'never scanned, but this platform has known it for a day only');
  await register(bench, { code: 2 });
  for (let day = 1; day <= 7; day += 1) await bench.clock.advance(DAY_MS);
  assert.equal(await stateOf(1), 'new');
  assert.equal(await stateOf(2), 'active');
  await bench.clock.advance(DAY_MS);
  const cookie = await signIn(bench, 'boss', 'admin');
  assert.equal(
    errorOf(await bench.call('/operator/api/codes?state=unheard-of', { headers: { cookie } })),
    'bad-request',
  );
  assert.equal(await stateOf(1), 'dead');
  assert.equal(await stateOf(2), 'dead');
  assert.equal(await stateOf(5), 'dead', 'stations are always open');
  assert.equal(await stateOf(7), 'active', 'the taxi was never out, so nothing is known');
  const dead = await ask<VehicleList>('/vehicles?state=dead-sticker');
  assert.deepEqual(dead.rows.map(({ unit }) => unit.unitId).sort(), ['bus-1', 'bus-2', 'car-1', 'car-2', 'hall']);
  assert.equal((await ask<Overview>('/overview')).totals.deadCodes, 5, 'the crew code is not dead');
  await bench.deliverKeys([today + 8]);
  await register(bench, { code: 2 });
  await bench.clock.advance(2 * MINUTE_MS);
  assert.equal(await stateOf(2), 'active');
  await bench.platform.revokeCode(code(1));
  assert.equal(await stateOf(1), 'revoked');
});

test('the counts survive a restart, since they come from the rides', async () => {
  const bench = await openBench();
  const ask = await openConsole(bench);
  await register(bench, { party: 3 });
  const before = await ask<Overview>('/overview');
  await bench.restart();
  const after = await ask<Overview>('/overview');
  assert.deepEqual(after.totals, before.totals);
  assert.deepEqual(after.lines, before.lines);
});

test('the calendar says what goes when, and keeps what past rolls destroyed', async () => {
  const bench = await openBench();
  const ask = await openConsole(bench);
  await register(bench, {});
  const first = await ask<Retention>('/retention');
  assert.equal(first.retentionDays, 28);
  assert.equal(first.days[0]?.date, dayText(today));
  assert.equal(first.days[0]?.destroyedOn, dayText(today + 28));
  assert.equal(first.days[0]?.keysHeld, true);
  assert.deepEqual(
    first.rolls.map(({ date }) => date),
    [dayText(today)],
  );
  await bench.clock.advance(9 * DAY_MS);
  await signIn(bench, 'boss', 'admin');
  const cookie = await signIn(bench, 'boss', 'admin');
  const later = (await bench.call('/operator/api/retention', { headers: { cookie } })).body as unknown as Retention;
  assert.equal(later.days.find(({ date }) => date === dayText(today))?.keysHeld, false);
  assert.equal(later.rolls.length, 10);
  assert.ok(later.rolls.every(({ keys }) => keys <= 8));
  assert.ok(later.rolls.reduce((sum, { keys }) => sum + keys, 0) >= 9, 'each roll destroyed a key');
  assert.equal(later.nextRollMs, dayStartMs(today + 10, zone) + 3 * hour);
});

test('days that do not exist or are still to come are refused', async () => {
  const bench = await openBench();
  const cookie = await signIn(bench, 'boss', 'admin');
  for (const date of ['2026-02-30', dayText(today + 1), 'yesterday']) {
    assert.equal(
      errorOf(await bench.call(`/operator/api/overview?date=${date}`, { headers: { cookie } })),
      'bad-request',
    );
  }
});

test('segments follow the binding that began last, in whole minutes of the day', () => {
  const start = dayStartMs(today, zone);
  const end = start + DAY_MS;
  const bindings = [
    { code: '', unitId: 'a', fromMs: 0 },
    { code: '', unitId: 'b', fromMs: start + 30 * MINUTE_MS, toMs: start + 60 * MINUTE_MS },
  ];
  assert.deepEqual(
    segmentsOf(1, bindings, start, end).map(({ unitId, fromMin, toMin }) => [unitId, fromMin, toMin]),
    [
      ['a', 0, 30],
      ['b', 30, 60],
      ['a', 60, 1440],
    ],
  );
  assert.deepEqual(segmentsOf(1, [{ code: '', unitId: 'a', fromMs: end }], start, end), []);
});

test('local hours of a day are 24, and 23 or 25 where clocks change', () => {
  assert.deepEqual(
    localHours(today, zone),
    Array.from({ length: 24 }, (_, n) => n),
  );
  const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY_MS;
  assert.equal(localHours(day('2026-03-29'), 'Europe/Berlin').length, 23);
  assert.equal(localHours(day('2026-10-25'), 'Europe/Berlin').filter((n) => n === 2).length, 2);
});
