// The staff page's side: signing in, taking over vehicles, trips, the live view that misses and doubles nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, fromBase64Url, MINUTE_MS, toBase64Url, unwrap, utf8 } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { listenTo as listen } from '../live-kit.ts';
import type { LiveReader } from '../live-kit.ts';
import { codeBytes, errorOf, openBench, startMs, today } from '../test-kit.ts';
import type { Answer } from '../test-kit.ts';

const bench = await openBench();
const { authority, clock, post } = bench;
const code = (n: number): string => toBase64Url(codeBytes(n));

for (const account of ['wang', 'li', 'zhao']) {
  await bench.platform.putStaff({
    account,
    name: { zh: account, en: account },
    role: 'driver',
    password: 'a long word',
  });
}

interface Person {
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answer>;
  cookie: string;
}

async function person(account: string): Promise<Person> {
  const answer = await bench.call('/staff/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account, password: 'a long word' }),
  });
  assert.equal(answer.status, 200);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return {
    cookie,
    ask: (method, path, body, headers = {}) =>
      bench.call(`/staff${path}`, {
        method,
        headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}

const listenTo = (who: Person, shiftId: unknown, lastEventId?: string): Promise<LiveReader> =>
  listen({ url: bench.platform.url, cookie: who.cookie, shiftId, lastEventId });

test('a wrong password, an unknown account and a stranger get nothing', async () => {
  for (const [account, password] of [
    ['wang', 'wrong'],
    ['nobody', 'a long word'],
  ]) {
    const answer = await bench.call('/staff/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account, password }),
    });
    assert.equal(errorOf(answer), 'wrong-credentials');
    assert.equal(answer.headers.get('set-cookie'), null);
  }
  assert.equal(errorOf(await bench.call('/staff/session')), 'not-signed-in');
  assert.equal(errorOf(await bench.call('/staff/shifts/1/live')), 'not-signed-in');
});

test('the cookie is for this site’s pages only, and other sites’ pages may not write', async () => {
  const wang = await person('wang');
  const answer = await wang.ask('GET', '/session');
  assert.equal(answer.body['account'], 'wang');
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
    assert.equal(errorOf(await wang.ask('POST', '/shifts', { code: code(1) }, headers)), 'wrong-origin');
  }
  assert.equal((await wang.ask('POST', '/shifts', { code: code(1) }, { origin: bench.platform.url })).status, 200);
  assert.equal((await wang.ask('DELETE', '/session')).status, 204);
  assert.equal(errorOf(await wang.ask('GET', '/session')), 'not-signed-in');
});

test('sessions end', async () => {
  const wang = await person('wang');
  await clock.advance(17 * 3_600_000);
  assert.equal(errorOf(await wang.ask('GET', '/session')), 'not-signed-in');
});

test('a vehicle is taken by code, address or number; handing over ends the shift before', async () => {
  const wang = await person('wang');
  const li = await person('li');
  const first = await wang.ask('POST', '/shifts', { code: `https://example.org/r/${code(2)}` });
  assert.equal((first.body['unit'] as { plate: string }).plate, '粤B·12346D');
  assert.equal((first.body['directions'] as unknown[]).length, 2);
  const live = await listenTo(wang, first.body['shiftId']);
  assert.equal((await live.next()).event, 'state');
  const short = (first.body['unit'] as { shortCode: string }).shortCode;
  const second = await li.ask('POST', '/shifts', { code: short.toLowerCase() });
  assert.equal(second.status, 200);
  assert.equal((await live.next()).event, 'closed');
  live.close();
  assert.equal(errorOf(await wang.ask('GET', `/shifts/${String(first.body['shiftId'])}/live.json`)), 'no-shift');
  assert.equal(errorOf(await wang.ask('DELETE', `/shifts/${String(second.body['shiftId'])}`)), 'no-shift');
  assert.equal(errorOf(await li.ask('POST', '/shifts', { code: 'ABCDEFG' })), 'bad-short-code');
  assert.equal((await li.ask('DELETE', `/shifts/${String(second.body['shiftId'])}`)).status, 200);
});

test('the live view shows each ride once, with its check, across reconnection and undo', async () => {
  const wang = await person('wang');
  const shift = (await wang.ask('POST', '/shifts', { code: code(1) })).body;
  const live = await listenTo(wang, shift['shiftId']);
  const state = await live.next();
  assert.deepEqual([state.event, state.data['heads']], ['state', 0]);
  const a = await authority.ride({ party: 1 });
  await post(a.record);
  await post(a.record);
  const shown = await live.next();
  assert.equal(shown.event, 'ride');
  assert.deepEqual(shown.data['check'], a.check);
  assert.deepEqual([shown.data['heads'], shown.data['assisted'], shown.data['late']], [2, false, false]);
  live.close();
  const b = await authority.ride();
  await post(b.record, '?via=assist');
  const c = await authority.ride({ boardedMs: clock.now() - MINUTE_MS, queued: true });
  await post(c.record);
  await post((await authority.ride({ code: 2 })).record);
  const again = await listenTo(wang, shift['shiftId'], shown.id);
  const missed = await again.next();
  assert.deepEqual([missed.event, missed.data['check'], missed.data['assisted']], ['ride', b.check, true]);
  const text = toBase64Url(concat(new Uint8Array([b.day >> 8, b.day & 255]), b.tag, b.eraseKey));
  await bench.call('/v1/rides/undo', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: text });
  const undone = await again.next();
  assert.deepEqual([undone.event, undone.data['seq']], ['undo', missed.data['seq']]);
  again.close();
  const now = (await wang.ask('GET', `/shifts/${String(shift['shiftId'])}/live.json`)).body;
  assert.equal(now['heads'], 2);
  assert.deepEqual(
    (now['rides'] as { undone: boolean }[]).map(({ undone: is }) => is),
    [false, true],
  );
  // A number of nobody's sequence: the whole state again.
  const strange = await listenTo(wang, shift['shiftId'], 'AAAAAAAA.1');
  assert.equal((await strange.next()).event, 'state');
  strange.close();
});

test('a reader that comes back after a restart gets the whole state, with every ride', async () => {
  const zhao = await person('zhao');
  const shift = (await zhao.ask('POST', '/shifts', { code: code(3) })).body;
  const ride = await authority.ride({ code: 3, party: 3 });
  await post(ride.record);
  const before = await listenTo(zhao, shift['shiftId']);
  const { id } = await before.next();
  before.close();
  await bench.restart();
  const live = await listenTo(zhao, shift['shiftId'], id);
  const state = await live.next();
  assert.deepEqual([state.event, state.data['heads']], ['state', 4]);
  assert.deepEqual(
    (state.data['rides'] as { check: unknown }[]).map(({ check }) => check),
    [ride.check],
  );
  await post((await authority.ride({ code: 3 })).record);
  const next = await live.next();
  assert.deepEqual([next.event, next.data['total']], ['ride', 5]);
  live.close();
});

test('a trip goes before the timetable, counts from nothing and ends with a summary', async () => {
  await clock.advanceTo(startMs + 20 * 3_600_000);
  const wang = await person('wang');
  const shift = (await wang.ask('POST', '/shifts', { code: code(1) })).body;
  const path = `/shifts/${String(shift['shiftId'])}`;
  // 04:12, no run in the timetable: the trip makes its own.
  assert.equal((await wang.ask('POST', `${path}/trip`, { dir: 1 })).status, 200);
  const first = await post((await authority.ride({ party: 1 })).record);
  const run = first.body['run'] as { key: string; boardSeq: number; stops: unknown[] };
  assert.match(run.key, /^trip:/);
  assert.deepEqual([run.boardSeq, run.stops.length, first.body['no'], first.body['flags']], [0, 30, 2, []]);
  assert.deepEqual((first.body['line'] as { headsign: { zh: string } }).headsign.zh, '深圳湾');
  await post((await authority.ride()).record, '?via=assist');
  assert.equal((await wang.ask('GET', `${path}/live.json`)).body['heads'], 3);
  await clock.advance(20 * MINUTE_MS);
  const summary = await wang.ask('DELETE', `${path}/trip`);
  const { heads, scanned, assisted, late } = summary.body;
  assert.deepEqual({ heads, scanned, assisted, late }, { heads: 3, scanned: 2, assisted: 1, late: 0 });
  assert.equal(errorOf(await wang.ask('DELETE', `${path}/trip`)), 'conflict');
  // A ride of the trip that arrives after it still belongs to it.
  const late5 = await post((await authority.ride({ boardedMs: clock.now() - 10 * MINUTE_MS, queued: true })).record);
  assert.equal((late5.body['run'] as { key: string }).key, run.key);
  // 08:12 the next day: the timetable's run is under way, and a trip that fits it is that run.
  await clock.advanceTo(startMs + 24 * 3_600_000);
  const back = await person('wang');
  const again = (await back.ask('POST', '/shifts', { code: code(1) })).body;
  await back.ask('POST', `/shifts/${String(again['shiftId'])}/trip`, { dir: 0 });
  const ride = await post((await authority.ride()).record);
  assert.equal((ride.body['run'] as { key: string }).key, `${today + 1}:bus-1:8`);
});

test('the assist token is signed over a number that changes with the shift', async () => {
  const wang = await person('wang');
  const kids = new Set<string>();
  for (const n of [1, 2]) {
    const shift = (await wang.ask('POST', '/shifts', { code: code(n) })).body;
    const { token, url, expiresMs } = (await wang.ask('POST', `/shifts/${String(shift['shiftId'])}/assist-token`)).body;
    assert.equal(url, `http://127.0.0.1:8600/assist#token=${String(token)}&code=${code(n)}`);
    const [body = '', signature = ''] = String(token).split('.');
    const signed = concat(utf8('assist-token/1|'), utf8(body));
    const pk = new Uint8Array(bench.platform.assistPk);
    assert.equal(await nodeSuite.verifyEd25519(pk, signed, unwrap(fromBase64Url(signature))), true);
    const { kid, expMs } = JSON.parse(Buffer.from(body, 'base64url').toString()) as { kid: string; expMs: number };
    assert.deepEqual([expMs, expMs - clock.now()], [expiresMs, 12 * 3_600_000]);
    kids.add(kid);
  }
  assert.equal(kids.size, 2);
});

test('guessing passwords is slowed down', async () => {
  let last = '';
  for (let n = 0; n < 40; n += 1) {
    last = errorOf(
      await bench.call('/staff/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ account: 'nobody', password: 'x' }),
      }),
    );
    if (last === 'rate-limited') break;
  }
  assert.equal(last, 'rate-limited');
});

test('buttons pressed several times at once leave one shift and one trip', async () => {
  await clock.advance(MINUTE_MS);
  const wang = await person('wang');
  const taken = await Promise.all([1, 2, 3].map(() => wang.ask('POST', '/shifts', { code: code(1) })));
  assert.deepEqual(
    taken.map(({ status }) => status),
    [200, 200, 200],
  );
  const shift = (await wang.ask('GET', '/session')).body['shift'] as { shiftId: number };
  const path = `/shifts/${shift.shiftId}`;
  const begun = await Promise.all([0, 1, 0, 1].map((dir) => wang.ask('POST', `${path}/trip`, { dir })));
  assert.deepEqual(
    begun.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  const ended = await Promise.all([1, 2].map(() => wang.ask('DELETE', `${path}/trip`)));
  assert.deepEqual(
    ended.map(({ status }) => status).sort((a, b) => a - b),
    [200, 409],
  );
  const handed = await Promise.all([1, 2].map(() => wang.ask('DELETE', path)));
  assert.deepEqual(
    handed.map(({ status }) => status).sort((a, b) => a - b),
    [200, 409],
  );
});
