// Files from the office: what the dry run says, what applying does, twice, at once, wrong, half wrong, across restarts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, dayStartMs, makeShortCode, MINUTE_MS, toBase64Url } from '@tongche/protocol';
import { codeBytes, errorOf, openBench, startMs, today, zone } from '../test-kit.ts';
import type { Answer } from '../test-kit.ts';
import { signedIn } from '../staff-kit.ts';
import { apply, changesOf, dateOf, send, smallZip } from './feed-kit.ts';

const bench = await openBench();
const { authority, clock, db, post } = bench;
const admin = await signedIn(bench, 'admin');
const driver = await signedIn(bench, 'driver');
const code = (n: number): string => toBase64Url(codeBytes(n));

/** Sends and applies; the answer of applying. */
async function take(kind: string, body: Uint8Array<ArrayBuffer> | string, query = {}): Promise<Answer> {
  const checked = await send(admin, kind, body, query);
  assert.equal(checked.status, 200, JSON.stringify(checked.body));
  return apply(admin, checked);
}

async function count(statement: string, params: readonly unknown[] = []): Promise<number> {
  return (await db.one<{ n: number }>(statement, params))?.n ?? 0;
}

async function exported(kind: string, format = 'csv'): Promise<Uint8Array<ArrayBuffer>> {
  const response = await admin.raw('GET', `/operator/api/exports/${kind}?format=${format}`);
  assert.equal(response.status, 200, kind);
  return new Uint8Array(await response.arrayBuffer());
}

const fleet = [
  'unit_id,kind,plate,line_id,vehicle_id,carriage_no,capacity',
  'bus-1,bus,粤B12345D,L1,,,80',
  'bus-2,bus,粤B12346D,L2,,,80',
  'car-1,carriage,,,train-1,1,250',
  'car-2,carriage,,,train-1,2,250',
  'bus-9,bus,粤B99999D,L1,,,70',
  '',
].join('\n');

test('a dry run tells what would happen and changes nothing', async () => {
  const before = await count('select count(*)::int as n from line');
  const checked = await send(admin, 'gtfs', smallZip());
  assert.equal(checked.status, 200, JSON.stringify(checked.body));
  const { state, bad, errorCount, kind, appliedMs } = checked.body;
  assert.deepEqual(
    { state, bad, errorCount, kind, appliedMs },
    { state: 'checked', bad: 0, errorCount: 0, kind: 'gtfs', appliedMs: null },
  );
  assert.deepEqual(changesOf(checked), {
    lines: '2 0 0 1',
    directions: '2 0 0 2',
    stops: '12 0 0 0',
    timetable: '1 0 0 0',
  });
  assert.equal(await count('select count(*)::int as n from line'), before);
  assert.equal(await count('select count(*)::int as n from city_source'), 0);
});

test('a timetable is taken in; its line that is not named is gone, not deleted; the same file again changes nothing', async () => {
  const applied = await take('gtfs', smallZip());
  assert.equal(applied.body['state'], 'applied', JSON.stringify(applied.body));
  assert.equal(await count('select count(*)::int as n from line where gone_ms is not null'), 1);
  assert.equal(await count('select count(*)::int as n from run where run_key like $1', [`${today}:L1-%`]), 13);
  // What left before now is not put into the past; tomorrow is whole.
  assert.equal(await count('select count(*)::int as n from run where day = $1', [today + 1]), 32);
  const runs = await db.query('select run_id, run_key from run order by run_id');
  const again = await take('gtfs', smallZip());
  assert.deepEqual(changesOf(again), {
    lines: '0 0 2 0',
    directions: '0 0 2 0',
    stops: '0 0 12 0',
    timetable: '0 0 1 0',
  });
  assert.deepEqual(await db.query('select run_id, run_key from run order by run_id'), runs);
});

test('a fleet is taken in with plates, lines and carriages; codes stay where they are', async () => {
  const bindings = await db.query('select code_id, unit_id, from_ms, to_ms from binding order by code_id, from_ms');
  const applied = await take('fleet', fleet);
  // hall and taxi-1 are not in the list.
  assert.deepEqual(changesOf(applied), { units: '1 4 0 2' });
  assert.deepEqual(
    await db.query('select code_id, unit_id, from_ms, to_ms from binding order by code_id, from_ms'),
    bindings,
  );
  assert.equal(await count('select count(*)::int as n from unit where gone_ms is not null'), 2);
  const again = await take('fleet', fleet);
  assert.deepEqual(changesOf(again), { units: '0 0 5 0' });
  const ride = await post((await authority.ride({ code: 5 })).record);
  assert.equal(ride.status, 200, 'a sticker on a unit that is gone still registers');
  const stickers = { kind: 'taxi', perUnit: 1, purpose: 'passenger' };
  const issued = await admin('POST', '/operator/api/codes', stickers);
  assert.equal(errorOf(issued), 'no-units', 'a unit that is gone gets no new codes');
});

test('vehicles of a list make the runs from now on, also after a restart without any file', async () => {
  const list = `date,block_id,vehicle_id\n,block-L1,bus-1\n${dateOf(today + 1)},block-L2,bus-2\n`;
  const applied = await take('vehicle-runs', list);
  assert.deepEqual(changesOf(applied), { assignments: '2 0 0 0' });
  const made = async (vehicleId: string, day: number) =>
    count('select count(*)::int as n from run where vehicle_id = $1 and day = $2', [vehicleId, day]);
  assert.equal(await made('bus-1', today + 1), 16);
  assert.equal(await made('bus-2', today + 1), 16);
  assert.equal(await made('bus-2', today + 2), 0);
  await clock.advanceTo(startMs + DAY_MS);
  await bench.restart(async () => {
    await db.query('delete from run where day > $1', [today]);
  });
  await admin.signIn();
  await driver.signIn();
  assert.equal(await made('bus-1', today + 1), 16);
  assert.equal(await made('bus-1', today + 3), 16);
  const ride = await post((await authority.ride({ code: 1 })).record);
  const run = ride.body['run'] as { key: string } | null;
  assert.equal(run?.key, `${today + 1}:L1-8`);
  const list2 = await take('vehicle-runs', list);
  assert.deepEqual(changesOf(list2), { assignments: '0 0 2 0' });
});

test('a new timetable counts from now on: rides keep their run, what has not left is replaced', async () => {
  const before = await post((await authority.ride({ code: 1 })).record);
  const key = (before.body['run'] as { key: string }).key;
  const stops = async (runKey: string) =>
    (
      await db.one<{ dep_s: number[] }>('select dep_s from run join run_stop using (run_id) where run_key = $1', [
        runKey,
      ])
    )?.dep_s;
  const begun = await stops(key);
  await take('gtfs', smallZip({ stepMin: 4 }));
  assert.deepEqual(await stops(key), begun);
  const later = await stops(`${today + 1}:L1-12`);
  assert.deepEqual(
    later?.map((s) => s - (later[0] ?? 0)),
    [0, 240, 480, 720, 960, 1200],
  );
  const again = await post((await authority.ride({ code: 1 })).record);
  assert.equal((again.body['run'] as { key: string }).key, key);
});

test('positions of hours gone by show who made a run the list gave to another', async () => {
  const departsMs = dayStartMs(today + 1, zone) + 7 * 60 * MINUTE_MS;
  const rows = Array.from({ length: 51 }, (_, n) => {
    const at = new Date(departsMs + n * 30_000).toISOString();
    return `bus-2,${at},22.5,${(114 + n / 1000).toFixed(4)},L1`;
  });
  const text = [
    'vehicle_id,timestamp,latitude,longitude,route_id',
    ...rows,
    `ghost,${new Date(departsMs).toISOString()},22.5,114,L1`,
  ].join('\n');
  const applied = await take('positions', text);
  assert.equal(applied.body['state'], 'applied', JSON.stringify(applied.body));
  assert.deepEqual(changesOf(applied), { positions: '51 0 0 0' });
  assert.deepEqual(applied.body['notes'], ['unknown-vehicles: 1']);
  const made = await db.query(
    'select run_segment.vehicle_id, run_key from run_segment join run using (run_id) where basis = $1',
    ['positions'],
  );
  assert.deepEqual(made, [{ vehicle_id: 'bus-2', run_key: `${today + 1}:L1-7` }]);
});

test('a feed that is over runs as of a day', async () => {
  const [from, to] = [today - 800, today - 700];
  const old = smallZip({ days: [from, to], stepMin: 3 });
  const plain = await send(admin, 'gtfs', old);
  assert.ok((plain.body['notes'] as string[]).includes('calendar-over'), JSON.stringify(plain.body['notes']));
  const applied = await take('gtfs', old, { asOf: dateOf(from + 7) });
  assert.equal(changesOf(applied)['timetable'], '0 1 0 0');
  assert.ok(!(applied.body['notes'] as string[]).includes('calendar-over'), 'said of a day on which it runs');
  const never = await send(admin, 'gtfs', old, { asOf: dateOf(to + 1) });
  assert.ok((never.body['notes'] as string[]).includes('calendar-over'), 'not said of a day after its end');
  assert.equal(await count('select count(*)::int as n from run where day = $1', [today + 2]), 32);
  await take('gtfs', smallZip());
});

test('a file with bad rows goes in whole or by its good rows, and the others come back to be mended', async () => {
  const broken = fleet.replace('粤B99999D', 'XX').replace('car-2,carriage', 'car-2,spaceship');
  const checked = await send(admin, 'fleet', broken);
  assert.deepEqual([checked.body['rows'], checked.body['good'], checked.body['bad']], [5, 3, 2]);
  assert.deepEqual(
    (checked.body['errors'] as { line: number; column: string; reason: string }[]).map(
      ({ line, column, reason }) => `${line} ${column} ${reason}`,
    ),
    ['5 kind unknown-value', '6 plate bad-plate'],
  );
  const refused = await apply(admin, checked);
  assert.equal(errorOf(refused), 'import-refused');
  assert.equal(await count("select count(*)::int as n from unit where unit_id = 'bus-9' and gone_ms is null"), 1);
  const path = `/operator/api/imports/${String(checked.body['importId'])}`;
  const bad = await (await admin.raw('GET', `${path}/bad-rows`)).text();
  assert.match(bad, /unit_id,kind,plate,line_id,vehicle_id,carriage_no,capacity,error/);
  assert.match(bad, /bus-9,bus,XX,.*plate: bad-plate/);
  const good = await apply(admin, checked, 'good-rows');
  assert.equal(good.body['state'], 'applied');
  // What was left out is in the fleet all the same.
  assert.deepEqual(changesOf(good), { units: '0 0 3 0' });
  assert.equal(errorOf(await apply(admin, checked, 'good-rows')), 'import-over');
  const mended = await take('fleet', bad.replace('XX', '粤B99998D').replace('spaceship', 'carriage'));
  // Rows that were mended are not the whole fleet.
  assert.deepEqual(changesOf(mended), { units: '0 1 1 0' });
  await take('fleet', fleet);
});

test('codes printed elsewhere come in with every short code checked', async () => {
  const rows = [
    ['AQEBAQEBAQE', makeShortCode(1000), 'bus-9', 'passenger'],
    // A check character that is wrong, a short code that another code has, a code that has another short code.
    [
      'AgICAgICAgI',
      `${makeShortCode(1001).slice(0, 6)}${makeShortCode(1001).endsWith('2') ? '3' : '2'}`,
      'bus-9',
      'passenger',
    ],
    ['AwMDAwMDAwM', makeShortCode(1), 'bus-9', 'passenger'],
    [code(2), makeShortCode(1003), 'bus-2', 'passenger'],
    ['BAQEBAQEBAQ', makeShortCode(1004), 'bus-77', 'passenger'],
  ];
  const text = ['code,short_code,unit_id,purpose', ...rows.map((row) => row.join(','))].join('\n');
  const checked = await send(admin, 'codes', text);
  assert.deepEqual(
    (checked.body['errors'] as { line: number; column: string; reason: string }[]).map(
      ({ line, column, reason }) => `${line} ${column} ${reason}`,
    ),
    ['3 short_code bad-code', '4 short_code conflict', '5 short_code conflict', '6 unit_id unknown-reference'],
  );
  const applied = await apply(admin, checked, 'good-rows');
  assert.deepEqual(changesOf(applied), { codes: '1 0 0 0' });
  assert.equal((await bench.call('/v1/codes/AQEBAQEBAQE')).status, 200);
  // Moved by a list: from now on.
  const moved = await take(
    'codes',
    `code,short_code,unit_id,purpose\nAQEBAQEBAQE,${makeShortCode(1000)},bus-2,passenger\n`,
  );
  assert.deepEqual(changesOf(moved), { codes: '0 1 0 0' });
  const view = await bench.call('/v1/codes/AQEBAQEBAQE');
  assert.equal((view.body['unit'] as { plate: string }).plate, '粤B12346D');
});

test('other QR codes of the city are bound by list, by code or by unit', async () => {
  const list = `content,code,unit_id\nhttps://old.example/a?x=1,${code(1)},\n"老码,二",,bus-2\n没有这车,,bus-77\n`;
  const checked = await send(admin, 'aliases', list);
  assert.deepEqual([checked.body['good'], checked.body['bad']], [2, 1]);
  const applied = await apply(admin, checked, 'good-rows');
  assert.deepEqual(changesOf(applied), { aliases: '2 0 0 0' });
  const found = await bench.call('/v1/codes/resolve', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content: '老码,二' }),
  });
  assert.equal(found.body['code'], code(2));
});

test('a roster makes accounts with passwords shown once; existing people keep theirs', async () => {
  const list = 'account,name_zh,role\nzhang,张三,driver\nli,李四,station\nthe-driver,王五,driver\n';
  const checked = await send(admin, 'roster', list);
  assert.equal(checked.body['passwordsCsv'], undefined);
  const applied = await apply(admin, checked);
  assert.deepEqual(changesOf(applied), { accounts: '2 1 0 0' });
  const csv = String(applied.body['passwordsCsv']);
  const password = /zhang,张三,driver,([2-9A-Z-]+)/.exec(csv)?.[1] ?? '';
  assert.match(password, /^[2-9A-Y]{4}-[2-9A-Y]{4}-[2-9A-Y]{4}$/);
  assert.ok(!csv.includes('the-driver'));
  const signIn = async (account: string, word: string) =>
    bench.call('/staff/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account, password: word }),
    });
  assert.equal((await signIn('zhang', password)).status, 200);
  assert.equal((await signIn('the-driver', 'a long word')).status, 200);
  // Neither the file nor a password stays.
  const held = await count(
    'select count(*)::int as n from import_job where kind = $1 and (body is not null or report::text like $2)',
    ['roster', `%${password}%`],
  );
  assert.equal(held, 0);
  assert.deepEqual(changesOf(await take('roster', list)), { accounts: '0 0 3 0' });
});

test('riders counted by other means are kept by line and hour', async () => {
  const list = `date,line_id,hour,riders\n${dateOf(today)},L1,8,120\n${dateOf(today)},L2,8,90\n`;
  assert.deepEqual(changesOf(await take('rider-counts', list)), { 'rider-counts': '2 0 0 0' });
  assert.deepEqual(changesOf(await take('rider-counts', list.replace('120', '125'))), { 'rider-counts': '0 1 1 0' });
  assert.equal(await count('select sum(riders)::int as n from rider_count'), 215);
});

test('every list that is taken out can be taken in again and changes nothing, as CSV and as a workbook', async () => {
  for (const kind of ['fleet', 'codes', 'aliases', 'roster', 'vehicle-runs', 'rider-counts']) {
    for (const format of kind === 'fleet' ? ['csv', 'xlsx'] : ['csv']) {
      const checked = await send(admin, kind, await exported(kind, format));
      assert.equal(checked.body['errorCount'], 0, `${kind} ${JSON.stringify(checked.body)}`);
      for (const [what, counts] of Object.entries(changesOf(checked))) {
        assert.match(counts, /^0 0 [1-9]\d* 0$/, `${kind} ${format} ${what}`);
      }
    }
  }
  assert.equal(changesOf(await send(admin, 'gtfs', await exported('gtfs')))['timetable'], '0 0 1 0');
  assert.equal(errorOf(await admin('GET', '/operator/api/exports/line-stops')), 'not-found');
});

test('files that are none of their kind are refused, and none is half applied', async () => {
  const before = await db.query('select unit_id, gone_ms from unit order by unit_id');
  assert.equal(errorOf(await send(admin, 'gtfs', 'not a zip')), 'import-unreadable');
  assert.equal(errorOf(await send(admin, 'gtfs', '')), 'import-unreadable');
  const words = await send(admin, 'fleet', 'hello\nworld\n');
  assert.equal(words.body['good'], 0);
  assert.equal(errorOf(await apply(admin, words, 'good-rows')), 'import-refused');
  assert.equal(errorOf(await send(admin, 'fleets', fleet)), 'bad-request');
  assert.equal(errorOf(await send(admin, 'gtfs', smallZip(), { asOf: '2018-02-31' })), 'bad-request');
  assert.equal(errorOf(await send(admin, 'fleet', fleet, { colour: 'red' })), 'unknown-field');
  assert.equal(errorOf(await admin('POST', '/operator/api/imports?kind=fleet&name=x', {})), 'wrong-type');
  assert.equal(errorOf(await admin('GET', '/operator/api/imports/AAAAAAAAAAAAAAAA')), 'not-found');
  assert.deepEqual(await db.query('select unit_id, gone_ms from unit order by unit_id'), before);
});

test('two files of a kind at once: one is read, the other is told to wait; two that apply one file do it once', async () => {
  const both = await Promise.all([send(admin, 'fleet', fleet), send(admin, 'fleet', fleet)]);
  const outcomes = both.map((answer) => (answer.status === 200 ? 'read' : errorOf(answer))).sort();
  assert.deepEqual(outcomes, ['import-running', 'read']);
  const read = both.find(({ status }) => status === 200);
  assert.ok(read !== undefined);
  const twice = await Promise.all([apply(admin, read), apply(admin, read)]);
  assert.deepEqual(twice.map((answer) => (answer.status === 200 ? 'applied' : errorOf(answer))).sort(), [
    'applied',
    'import-running',
  ]);
  assert.equal(errorOf(await apply(admin, read)), 'import-over');
});

test('nobody but an admin sends, sees or takes out files', async () => {
  const checked = await send(admin, 'fleet', fleet);
  const path = `/operator/api/imports/${String(checked.body['importId'])}`;
  assert.equal(errorOf(await send(driver, 'fleet', fleet)), 'forbidden');
  for (const [method, at, body] of [
    ['GET', '/operator/api/imports', undefined],
    ['GET', path, undefined],
    ['GET', `${path}/bad-rows`, undefined],
    ['POST', `${path}/apply`, { mode: 'good-rows' }],
    ['GET', '/operator/api/exports/roster', undefined],
  ] as const) {
    assert.equal(errorOf(await driver(method, at, body)), 'forbidden', at);
    assert.equal(errorOf(await admin.anonymous(method, at, body)), 'not-signed-in', at);
  }
  assert.equal(
    errorOf(await admin('POST', `${path}/apply`, { mode: 'good-rows' }, { origin: 'https://evil.example' })),
    'wrong-origin',
  );
});

test('riders are answered while a timetable is read', async () => {
  const state = { done: false };
  const reading = send(
    admin,
    'gtfs',
    smallZip({ lines: Array.from({ length: 150 }, (_, n) => `M${n}`), stops: 30, stepMin: 1 }),
  ).finally(() => (state.done = true));
  let answered = 0;
  while (!state.done && answered < 400) {
    const ride = await post((await authority.ride({ code: 1 + (answered % 2) })).record);
    assert.equal(ride.status, 200);
    if (!state.done) answered += 1;
  }
  assert.ok(answered > 3, `${answered} rides while it was read`);
  assert.equal((await reading).status, 200);
});

test('a file that is not applied within a day is deleted, its report after ninety', async () => {
  const checked = await send(admin, 'fleet', fleet);
  const importId = String(checked.body['importId']);
  await db.query('update import_job set made_ms = made_ms - $1 where import_id = $2', [DAY_MS + MINUTE_MS, importId]);
  assert.equal(errorOf(await apply(admin, checked)), 'import-over');
  assert.equal((await admin('GET', `/operator/api/imports/${importId}`)).body['state'], 'expired');
  assert.equal(
    await count('select count(*)::int as n from import_job where import_id = $1 and body is not null', [importId]),
    0,
  );
  await db.query('update import_job set made_ms = made_ms - $1', [91 * DAY_MS]);
  await bench.platform.roll();
  assert.equal(await count('select count(*)::int as n from import_job'), 0);
});
