// Codes under the office's hands: every verb, at once and twice, by the wrong people and with wrong words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, fromBase64Url, MINUTE_MS, parseShortCode, toBase64Url, unwrap } from '@tongche/protocol';
import { codeBytes, errorOf, openBench, startMs } from '../test-kit.ts';
import type { Answer } from '../test-kit.ts';
import { signedIn } from '../staff-kit.ts';

const bench = await openBench();
const { authority, clock, db, post } = bench;
const admin = await signedIn(bench, 'admin');
const driver = await signedIn(bench, 'driver');
const code = (n: number): string => toBase64Url(codeBytes(n));
const api = '/operator/api/codes';

async function codesOn(unitId: string): Promise<number> {
  const row = await db.one<{ n: number }>(
    `select count(*)::int as n from code join binding using (code_id)
      where unit_id = $1 and to_ms is null and revoked_ms is null and purpose = 'passenger'`,
    [unitId],
  );
  return row?.n ?? 0;
}

async function shown(code8: string): Promise<Answer> {
  return bench.call(`/v1/codes/${code8}`);
}

async function newCodeOn(unitId: string): Promise<string> {
  const batch = await admin('POST', api, { unitIds: [unitId], perUnit: 1, purpose: 'passenger' });
  const rows = await db.query<{ code8: Buffer }>('select code8 from code where batch_id = $1', [batch.body['batchId']]);
  return toBase64Url(rows[0]?.code8 ?? new Uint8Array());
}

test('a batch gives each unit its stickers, every one usable, random and with a short code of its own', async () => {
  const wish = { unitIds: ['bus-1', 'car-2'], perUnit: 3, purpose: 'passenger' };
  const before = await codesOn('bus-1');
  const answer = await admin('POST', api, wish);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.deepEqual([answer.body['units'], answer.body['codes'], answer.body['perUnit']], [2, 6, 3]);
  assert.equal(await codesOn('bus-1'), before + 3);
  const rows = await db.query<{ code8: Buffer; short_code: string }>(
    'select code8, short_code from code where batch_id = $1',
    [answer.body['batchId']],
  );
  assert.equal(new Set(rows.map(({ code8 }) => code8.toString('hex'))).size, 6);
  for (const { short_code } of rows) assert.equal(unwrap(parseShortCode(short_code)), short_code);
  const first = toBase64Url(rows[0]?.code8 ?? new Uint8Array());
  assert.equal((await shown(first)).status, 200);
  const list = await admin('GET', '/operator/api/batches');
  assert.deepEqual((list.body['rows'] as unknown[])[0], answer.body);
});

test('the printer’s list names address, short code, plate and place in the train', async () => {
  const batch = await admin('POST', api, { unitIds: ['car-2'], perUnit: 1, purpose: 'passenger' });
  const response = await admin.raw('GET', `/operator/api/batches/${String(batch.body['batchId'])}/codes.csv`);
  const [header, line = ''] = (await response.text()).split('\n');
  assert.equal(header, 'code,short_code,unit_id,purpose,url,kind,plate,carriage_no');
  const cells = line.split(',');
  assert.deepEqual(cells.slice(2, 4), ['car-2', 'passenger']);
  assert.equal(cells[4], `http://127.0.0.1:8600/r/${cells[0]}`);
  assert.deepEqual(cells.slice(5), ['carriage', '', '2']);
  assert.equal(errorOf(await admin('GET', '/operator/api/batches/999999/codes.csv')), 'not-found');
});

test('two offices that press "issue what is missing" at once give each unit one code', async () => {
  await db.query(
    "update code set revoked_ms = 1 where code_id in (select code_id from binding where unit_id = 'taxi-1')",
  );
  await bench.restart();
  const wish = { missing: true, perUnit: 1, purpose: 'passenger' };
  const answers = await Promise.all([1, 2, 3].map(() => admin('POST', api, wish)));
  assert.deepEqual(answers.map((answer) => (answer.status === 200 ? 'made' : errorOf(answer))).sort(), [
    'made',
    'no-units',
    'no-units',
  ]);
  assert.equal(await codesOn('taxi-1'), 1);
});

test('crew codes are issued apart and passengers cannot look them up', async () => {
  const batch = await admin('POST', api, { kind: 'bus', missing: true, perUnit: 1, purpose: 'crew' });
  // Bus 1 has one already.
  assert.deepEqual([batch.body['units'], batch.body['codes']], [1, 1]);
  const rows = await db.query<{ short_code: string }>('select short_code from code where batch_id = $1', [
    batch.body['batchId'],
  ]);
  assert.equal(errorOf(await resolve({ shortCode: rows[0]?.short_code ?? '' })), 'unknown-code');
});

test('wishes that name nothing, unknown units or too much are refused whole', async () => {
  const count = async () => (await db.one<{ n: number }>('select count(*)::int as n from code'))?.n;
  const before = await count();
  const wish = { perUnit: 1, purpose: 'passenger' };
  assert.equal(errorOf(await admin('POST', api, wish)), 'bad-request');
  const unknown = await admin('POST', api, { ...wish, unitIds: ['bus-1', 'bus-99'] });
  assert.deepEqual([errorOf(unknown), unknown.body['unitIds']], ['unknown-unit', ['bus-99']]);
  assert.equal(errorOf(await admin('POST', api, { ...wish, lineId: 'M999' })), 'no-units');
  for (const bad of [{ perUnit: 0 }, { perUnit: 21 }, { perUnit: 1.5 }, { purpose: 'staff' }, { unitIds: 'bus-1' }]) {
    assert.equal(errorOf(await admin('POST', api, { kind: 'bus', ...wish, ...bad })), 'bad-request');
  }
  assert.equal(errorOf(await admin('POST', api, { ...wish, kind: 'bus', colour: 'red' })), 'unknown-field');
  assert.equal(await count(), before);
});

test('a sticker moved into the past belongs to the new unit since then, and to the old one before', async () => {
  const sinceMs = clock.now() - 90 * MINUTE_MS;
  const moved = await admin('POST', `${api}/${code(2)}/move`, { unitId: 'bus-1', fromMs: sinceMs + 7_000 });
  assert.equal((moved.body['unit'] as { unitId: string }).unitId, 'bus-1');
  const boundMs = Math.floor((sinceMs + 7_000) / MINUTE_MS) * MINUTE_MS;
  assert.equal(moved.body['boundMs'], boundMs);
  const rows = await db.query<{ unit_id: string; from_ms: number; to_ms: number | null }>(
    'select unit_id, from_ms, to_ms from binding join code using (code_id) where code8 = $1 order by from_ms',
    [Buffer.from(codeBytes(2))],
  );
  assert.deepEqual(rows, [
    { unit_id: 'bus-2', from_ms: 0, to_ms: boundMs },
    { unit_id: 'bus-1', from_ms: boundMs, to_ms: null },
  ]);
  // Further back: what was believed in between is taken back.
  const earlierMs = boundMs - 60 * MINUTE_MS;
  await admin('POST', `${api}/${code(2)}/move`, { unitId: 'car-1', fromMs: earlierMs });
  const ride = await post((await authority.ride({ code: 2 })).record);
  assert.equal((ride.body['unit'] as { label: { zh: string } }).label.zh, '1车厢');
  await admin('POST', `${api}/${code(2)}/move`, { unitId: 'bus-2', fromMs: earlierMs });
  const back = await db.query('select from binding join code using (code_id) where code8 = $1', [
    Buffer.from(codeBytes(2)),
  ]);
  assert.equal(back.length, 2);
});

test('moving again to where it is writes nothing', async () => {
  const changes = async () => (await db.one<{ n: number }>('select count(*)::int as n from code_change'))?.n;
  await admin('POST', `${api}/${code(4)}/move`, { unitId: 'car-1' });
  const before = await changes();
  await admin('POST', `${api}/${code(4)}/move`, { unitId: 'car-1' });
  assert.equal(await changes(), before);
  await admin('POST', `${api}/${code(4)}/move`, { unitId: 'car-2' });
});

test('moves before retention, ahead of time, to nowhere or of nothing are refused', async () => {
  const move = (code8: string, body: object) => admin('POST', `${api}/${code8}/move`, body);
  assert.equal(errorOf(await move(code(1), { unitId: 'bus-2', fromMs: startMs - 40 * DAY_MS })), 'outside-retention');
  assert.equal(errorOf(await move(code(1), { unitId: 'bus-2', fromMs: clock.now() + DAY_MS })), 'bad-request');
  assert.equal(errorOf(await move(code(1), { unitId: 'bus-99' })), 'unknown-unit');
  assert.equal(errorOf(await move(code(99), { unitId: 'bus-1' })), 'unknown-code');
  assert.equal(errorOf(await move('short', { unitId: 'bus-1' })), 'bad-request');
});

test('rides that arrive while their code moves are all registered, each on one of the two units', async () => {
  const code8 = await newCodeOn('bus-1');
  const bytes = unwrap(fromBase64Url(code8));
  const rides = await Promise.all(Array.from({ length: 40 }, () => authority.ride({ codeBytes: bytes })));
  const moving = (async () => {
    for (const unitId of ['bus-2', 'bus-1', 'taxi-1', 'bus-2']) await admin('POST', `${api}/${code8}/move`, { unitId });
  })();
  const answers = await Promise.all(rides.map(({ record }) => post(record)));
  await moving;
  assert.deepEqual(answers.filter(({ status }) => status !== 200).map(errorOf), []);
  const row = await admin('POST', `${api}/${code8}/move`, { unitId: 'bus-2' });
  assert.deepEqual([row.body['rides'], row.body['state']], [40, 'active']);
});

test('a replacement has the old one’s place, purpose and aliases; the old one is out of use at once', async () => {
  const old = await newCodeOn('car-1');
  await admin('POST', `${api}/${old}/alias`, { content: 'https://city.example/bus?id=77' });
  const [a, b] = await Promise.all([1, 2].map(() => admin('POST', `${api}/${old}/replace`, {})));
  assert.ok(a !== undefined && b !== undefined);
  const answers = [a, b].map((answer) => (answer.status === 200 ? 'replaced' : errorOf(answer))).sort();
  assert.deepEqual(answers, ['code-revoked', 'replaced']);
  const row = (a.status === 200 ? a : b).body;
  assert.deepEqual(
    [(row['unit'] as { unitId: string }).unitId, row['purpose'], row['aliases'], row['state']],
    ['car-1', 'passenger', 1, 'new'],
  );
  assert.equal(errorOf(await shown(old)), 'code-revoked');
  assert.equal((await shown(String(row['code']))).status, 200);
  const found = await resolve({ content: ' https://city.example/bus?id=77\n' });
  assert.equal(found.body['code'], row['code']);
});

test('revoking twice is revoking once; a revoked code can be put right in its past only', async () => {
  const code8 = await newCodeOn('bus-2');
  await clock.advance(10 * MINUTE_MS);
  const first = await admin('POST', `${api}/${code8}/revoke`, {});
  assert.equal(first.body['state'], 'revoked');
  assert.deepEqual((await admin('POST', `${api}/${code8}/revoke`, {})).body, first.body);
  assert.equal(errorOf(await admin('POST', `${api}/${code8}/replace`, {})), 'code-revoked');
  assert.equal(errorOf(await admin('POST', `${api}/${code8}/move`, { unitId: 'bus-1' })), 'code-revoked');
  const past = { unitId: 'bus-1', fromMs: clock.now() - 5 * MINUTE_MS };
  assert.equal((await admin('POST', `${api}/${code8}/move`, past)).status, 200);
  assert.equal(errorOf(await shown(code8)), 'code-revoked');
});

function resolve(body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return bench.call('/v1/codes/resolve', { method: 'POST', headers, body: JSON.stringify(body) });
}

test('another QR of the city finds its vehicle, for passengers and for staff, by its exact text', async () => {
  const content = '深圳巴士|车辆=00123|京A·12345';
  assert.equal(errorOf(await resolve({ content })), 'unknown-code');
  assert.equal(errorOf(await driver('POST', '/staff/shifts', { code: content })), 'unknown-code');
  assert.equal((await admin('POST', `${api}/${code(1)}/alias`, { content })).status, 200);
  assert.equal((await resolve({ content })).body['code'], code(1));
  assert.equal(errorOf(await resolve({ content: content.slice(0, -1) })), 'unknown-code');
  const taken = await driver('POST', '/staff/shifts', { code: content });
  assert.equal(taken.body['code'], code(1));
  // Bound anew, it follows the new word.
  await admin('POST', `${api}/${code(5)}/alias`, { content });
  assert.equal((await resolve({ content })).body['code'], code(5));
  assert.equal(errorOf(await resolve({ content, shortCode: 'ABCDEFG' })).startsWith('200'), false);
  assert.equal(errorOf(await admin('POST', `${api}/${code(5)}/alias`, { content: '  ' })), 'bad-request');
});

test('nobody but an admin changes codes, and no other site’s page', async () => {
  const verbs = [
    ['POST', api, { kind: 'bus', perUnit: 1, purpose: 'passenger' }],
    ['POST', `${api}/${code(1)}/move`, { unitId: 'bus-2' }],
    ['POST', `${api}/${code(1)}/replace`, {}],
    ['POST', `${api}/${code(1)}/revoke`, {}],
    ['POST', `${api}/${code(1)}/alias`, { content: 'x' }],
    ['GET', '/operator/api/batches', undefined],
    ['GET', '/operator/api/batches/1/codes.csv', undefined],
  ] as const;
  const count = async () => (await db.one<{ n: number }>('select count(*)::int as n from code_change'))?.n;
  const before = await count();
  for (const [method, path, body] of verbs) {
    assert.equal(errorOf(await driver(method, path, body)), 'forbidden', path);
    assert.equal(errorOf(await admin.anonymous(method, path, body)), 'not-signed-in', path);
    if (method === 'POST') {
      assert.equal(errorOf(await admin(method, path, body, { origin: 'https://evil.example' })), 'wrong-origin', path);
    }
  }
  assert.equal(await count(), before);
});

test('who changed a code is kept 400 days', async () => {
  const rows = async () => (await db.one<{ n: number }>('select count(*)::int as n from code_change'))?.n ?? 0;
  assert.ok((await rows()) > 0);
  await db.query('update code_change set at_ms = at_ms - $1', [400 * DAY_MS]);
  await bench.platform.roll();
  assert.ok((await rows()) > 0);
  await db.query('update code_change set at_ms = at_ms - $1', [DAY_MS]);
  await bench.platform.roll();
  assert.equal(await rows(), 0);
});
