// Match and fetch: what an approved order gets, and each reason for which it gets nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signRoster } from '@tongche/approval';
import type { Roster } from '@tongche/approval';
import type { LogHead, TraceWindow } from '@tongche/contract';
import { concat, leafHash, MINUTE_MS, sealNote, sealRelay, toBase64Url, utf8 } from '@tongche/protocol';
import { nodeSha256, nodeSuite } from '@tongche/protocol/node';
import { codeBytes, openBench, startMs, today } from '../test-kit.ts';
import { around, codeOf, hour, openDesk, tagsOf } from './trace-kit.ts';

const bench = await openBench();
const { authority, clock, post, db } = bench;
const { roster, lines, leaves, orderOf, signedBy, requestOf, showLog, match, fetchOf } = await openDesk(bench);

const caseRide = await authority.ride({ party: 1 });
const fellow = await authority.ride();
const otherBus = await authority.ride({ code: 2 });
for (const ride of [caseRide, fellow, otherBus]) await post(ride.record);

test('an approved order gets the case’s rides, then everybody who boarded near them', async () => {
  const place = { day: fellow.day, tag: fellow.tag, idx: 1 };
  const note = {
    basis: 'off-tap',
    boardLo: 1,
    boardHi: 2,
    alightLo: 3,
    alightHi: 4,
    minuteLo: 5,
    minuteHi: 6,
  } as const;
  const ct32 = await sealNote(nodeSuite, fellow.noteKey, place, note);
  const blob = await sealRelay(nodeSuite, new Uint8Array(bench.platform.relayPk), {
    kind: 'note',
    ...place,
    key16: fellow.adm,
    ct32,
  });
  await bench.inner.post('/internal/relay', { items: [toBase64Url(blob)] });

  const order = orderOf();
  const matched = await match({ order, tags: tagsOf(caseRide) });
  assert.equal(matched.rides.length, 1);
  const ride = matched.rides[0];
  assert.equal(ride?.tag, toBase64Url(caseRide.tag));
  assert.equal(ride?.code, toBase64Url(codeBytes(1)));
  assert.deepEqual(
    [ride?.unitId, ride?.runKey, ride?.iss, ride?.suite, ride?.day],
    ['bus-1', `${today}:bus-1:8`, 1, 1, today],
  );
  assert.deepEqual(
    matched.runs.map(({ runKey, heads, stops }) => [runKey, heads, stops.length]),
    [[`${today}:bus-1:8`, 3, 30]],
  );

  const fetched = await fetchOf(order, [around('bus-1', startMs)]);
  assert.deepEqual(
    new Set(fetched.rides.map(({ tag }) => tag)),
    new Set([caseRide, fellow].map(({ tag }) => toBase64Url(tag))),
  );
  const withNote = fetched.rides.find(({ tag }) => tag === toBase64Url(fellow.tag));
  assert.deepEqual(withNote?.notes, [{ idx: 1, ct: toBase64Url(ct32) }]);
  // The record can be put together again: what is stored opens at the vault.
  assert.equal(
    Buffer.from(withNote?.sealed ?? '', 'base64url')
      .subarray(33)
      .equals(Buffer.from(fellow.record.subarray(129))),
    true,
  );
  assert.equal(
    Buffer.from(withNote?.eraseC ?? '', 'base64url').equals(Buffer.from(fellow.record.subarray(48, 64))),
    true,
  );
  assert.deepEqual(
    fetched.units.map(({ unitId, capacity }) => [unitId, capacity]),
    [['bus-1', 80]],
  );
  // 07:12 to 09:12 touches the runs of 07, 08 and 09.
  assert.equal(fetched.runs.length, 3);
});

test('each broken proof, signature and limit of a match is refused by its name, with no ride', async () => {
  const good = () => ({ tags: tagsOf(caseRide) });
  const stranger = await nodeSuite.generateEd25519KeyPair();
  const old = clock.now();
  const cases: [string, string, () => Promise<unknown>][] = [
    ['control', 'granted', () => match(good())],
    ['another signer', 'signature-invalid', () => match({ ...good(), sk: stranger.sk })],
    ['stale', 'stale-request', () => match({ ...good(), issuedMs: old - 6 * MINUTE_MS })],
    ['from the future', 'stale-request', () => match({ ...good(), issuedMs: old + 6 * MINUTE_MS })],
    ['one person twice', 'same-signer', () => match({ ...good(), signers: ['lin', 'lin'] })],
    ['two people in one role', 'same-signer', () => match({ ...good(), signers: ['lin', 'wu'] })],
    [
      'another order signed',
      'signature-invalid',
      async () => {
        const assertions = await signedBy(orderOf(), ['lin', 'chen']);
        return match({ ...good(), change: (body) => ({ ...body, assertions }) });
      },
    ],
    ['another authority', 'wrong-authority', () => match({ ...good(), order: orderOf({ iss: 2 }) })],
    ['16 days by two', 'span-too-long', () => match({ ...good(), order: orderOf({ fromDay: today - 15 }) })],
    [
      '16 days by three',
      'granted',
      () => match({ ...good(), order: orderOf({ fromDay: today - 15 }), signers: ['lin', 'chen', 'gao'] }),
    ],
    [
      '22 days by three',
      'span-too-long',
      () => match({ ...good(), order: orderOf({ fromDay: today - 21 }), signers: ['lin', 'chen', 'gao'] }),
    ],
    [
      'before retention',
      'outside-retention',
      () => match({ ...good(), order: orderOf({ fromDay: today - 28, toDay: today - 20 }), tags: [] }),
    ],
    ['tomorrow', 'outside-retention', () => match({ ...good(), order: orderOf({ toDay: today + 1 }) })],
    [
      'watch too long',
      'order-limit',
      () => match({ ...good(), order: orderOf({ watchUntilMs: old + 6 * 86_400_000 }) }),
    ],
    ['life too long', 'order-limit', () => match({ ...good(), order: orderOf({ expiresMs: old + 2 * 86_400_000 }) })],
    [
      'expired',
      'order-expired',
      () =>
        match({
          ...good(),
          order: orderOf({ issuedMs: old - 86_400_000, expiresMs: old - 1, watchUntilMs: old + hour }),
        }),
    ],
    ['a day outside the order', 'order-limit', () => match({ tags: [{ day: today - 2, tags: '' }] })],
    [
      'more rides than allowed',
      'order-limit',
      () => match({ order: orderOf({ maxRides: 1 }), tags: tagsOf(caseRide, fellow) }),
    ],
    ['as many as allowed', 'granted', () => match({ order: orderOf({ maxRides: 2 }), tags: tagsOf(caseRide, fellow) })],
    [
      'too many tags',
      'order-limit',
      () => {
        const tags = Array.from({ length: 641 }, (_, n) => new Uint8Array(16).fill(n & 255).fill(n >> 8, 8));
        return match({ tags: [{ day: today, tags: toBase64Url(concat(...tags)) }] });
      },
    ],
    [
      'an entry of another order',
      'proof-invalid',
      () => match({ ...good(), change: (body) => ({ ...body, logEntry: lines[0] }) }),
    ],
    ['another index', 'proof-invalid', () => match({ ...good(), change: (body) => ({ ...body, logIndex: 0 }) })],
    ['no inclusion', 'proof-invalid', () => match({ ...good(), change: (body) => ({ ...body, inclusion: [] }) })],
    [
      'a head that was never shown',
      'proof-invalid',
      () => match({ ...good(), change: (body) => ({ ...body, logSize: Number(body['logSize']) + 1 }) }),
    ],
  ];
  for (const [name, expected, work] of cases) assert.equal(await codeOf(work()), expected, name);
});

test('the log is remembered only as it continues what was seen, and a request is about any state of it', async () => {
  const earlier = await requestOf({ tags: tagsOf(caseRide) });
  lines.push('{}');
  leaves.push(leafHash(nodeSha256, utf8('{}')));
  const cases: [string, (head: LogHead) => LogHead][] = [
    ['no consistency', (head) => ({ ...head, consistency: [] })],
    ['consistency from elsewhere', (head) => ({ ...head, consistencyFrom: 0, consistency: [] })],
    [
      'a stranger’s checkpoint',
      (head) => ({ ...head, checkpoint: head.checkpoint.replace(/— log.test .*/u, '— log.test AAAAAAAA') }),
    ],
  ];
  for (const [name, change] of cases) assert.equal(await codeOf(showLog(change)), 'proof-invalid', name);
  const size = async (): Promise<unknown> => ((await bench.inner.get('/internal/checkpoint')) as { size: number }).size;
  assert.equal(await size(), leaves.length - 1);
  // Two show different heads at once: one of them has to begin again from what the other showed.
  const heads = await Promise.all([codeOf(showLog()), codeOf(showLog())]);
  assert.ok(heads.includes('granted'), heads.join());
  assert.equal(await size(), leaves.length);
  assert.equal(await codeOf(bench.inner.post('/internal/match', earlier)), 'granted');
});

test('a request counts once', async () => {
  const request = await requestOf({ tags: tagsOf(caseRide) });
  assert.equal(await codeOf(bench.inner.post('/internal/match', request)), 'granted');
  assert.equal(await codeOf(bench.inner.post('/internal/match', request)), 'stale-request');
  const changed = { ...request, tags: tagsOf(fellow) };
  assert.equal(await codeOf(bench.inner.post('/internal/match', changed)), 'signature-invalid');
});

test('a log that was rewritten is noticed, also after a restart', async () => {
  await match({ tags: tagsOf(caseRide) });
  await bench.restart();
  const kept = leaves[0];
  leaves[0] = leafHash(nodeSha256, utf8('another past'));
  assert.equal(await codeOf(match({ tags: tagsOf(caseRide) })), 'proof-invalid');
  if (kept !== undefined) leaves[0] = kept;
  assert.equal(await codeOf(match({ tags: tagsOf(caseRide) })), 'granted');
});

test('rides and tags of an order add up over its requests', async () => {
  const order = orderOf({ maxRides: 2 });
  assert.equal(await codeOf(match({ order, tags: tagsOf(caseRide) })), 'granted');
  assert.equal(await codeOf(match({ order, tags: tagsOf(caseRide) })), 'granted');
  assert.equal(await codeOf(match({ order, tags: tagsOf(fellow) })), 'granted');
  assert.equal(await codeOf(match({ order, tags: tagsOf(otherBus) })), 'order-limit');
  // Of a request that is refused for its rides nothing counts, and nothing of it is written once it has ended.
  const narrow = orderOf({ maxRides: 1 });
  assert.equal(await codeOf(match({ order: narrow, tags: tagsOf(caseRide) })), 'granted');
  const parts = async (): Promise<number> => (await db.query('select 1 from trace_tags')).length;
  const before = await parts();
  for (let n = 0; n < 5; n += 1) {
    assert.equal(await codeOf(match({ order: narrow, tags: tagsOf(caseRide, fellow) })), 'order-limit');
  }
  assert.equal(await parts(), before);
  // 320 a day and subject: 640 for two days.
  const many = (from: number, count: number) => [
    {
      day: today,
      tags: toBase64Url(
        concat(
          ...Array.from({ length: count }, (_, n) =>
            new Uint8Array(16).fill((from + n) >> 8).fill((from + n) & 255, 8),
          ),
        ),
      ),
    },
  ];
  const second = orderOf();
  assert.equal(await codeOf(match({ order: second, tags: many(0, 600) })), 'granted');
  assert.equal(await codeOf(match({ order: second, tags: many(100, 540) })), 'granted');
  assert.equal(await codeOf(match({ order: second, tags: many(0, 640) })), 'granted', 'all of them again');
  assert.equal(await codeOf(match({ order: second, tags: many(639, 2) })), 'order-limit', 'one more');
  assert.equal(await codeOf(match({ order: second, tags: many(0, 641) })), 'order-limit');
});

test('windows must be short, near a matched ride of their vehicle, or among the few extra ones', async () => {
  const order = orderOf();
  assert.equal(await codeOf(fetchOf(order, [around('bus-1', startMs)])), 'not-found');
  await match({ order, tags: tagsOf(caseRide) });
  const at = (fromMs: number, toMs: number, unitId = 'bus-1'): TraceWindow => ({
    unitId,
    fromMs: startMs + fromMs,
    toMs: startMs + toMs,
    reason: 'ride',
  });
  const cases: [string, string, TraceWindow[]][] = [
    ['six hours', 'granted', [at(-3 * hour, 3 * hour)]],
    ['longer', 'order-limit', [at(-3 * hour, 3 * hour + 1)]],
    ['backwards', 'order-limit', [at(hour, 0)]],
    ['before the order’s days', 'order-limit', [at(-60 * hour, -59 * hour)]],
    ['two elsewhere', 'granted', [around('bus-2', startMs), around('bus-1', startMs, 'interview')]],
    ['the same again', 'granted', [around('bus-2', startMs)]],
    ['a third elsewhere', 'order-limit', [at(-8 * hour, -7 * hour)]],
    ['near still', 'granted', [at(0, hour)]],
  ];
  for (const [name, expected, windows] of cases) assert.equal(await codeOf(fetchOf(order, windows)), expected, name);
  assert.equal(await codeOf(fetchOf(order, [], clock.now() - 6 * MINUTE_MS)), 'stale-request');
});

test('records of different windows add up; the same window again counts once', async () => {
  const order = orderOf({ maxRecords: 3, maxExtraWindows: 5 });
  await match({ order, tags: tagsOf(caseRide) });
  assert.equal((await fetchOf(order, [around('bus-1', startMs)])).rides.length, 2);
  assert.equal((await fetchOf(order, [around('bus-1', startMs)])).rides.length, 2);
  assert.equal((await fetchOf(order, [around('bus-2', startMs)])).rides.length, 1);
  assert.equal(await codeOf(fetchOf(order, [{ ...around('bus-1', startMs), toMs: startMs + 1 }])), 'order-limit');
});

test('an itinerary order matches and never fetches', async () => {
  const order = orderOf({ purpose: 'itinerary' });
  assert.equal((await match({ order, tags: tagsOf(caseRide) })).rides.length, 1);
  assert.equal(await codeOf(fetchOf(order, [around('bus-1', startMs)])), 'order-limit');
});

test('a sticker that was moved, noticed late, is traced to the vehicle it was on', async () => {
  const moved = await authority.ride({ code: 2, boardedMs: startMs - 10 * MINUTE_MS, queued: true });
  await post(moved.record);
  // From 08:00 on the sticker of bus 2 was on bus 1; bus 2's ride of 08:12 and this one were there.
  await bench.platform.moveCode(toBase64Url(codeBytes(2)), 'bus-1', startMs - 5 * MINUTE_MS);
  const order = orderOf();
  const matched = await match({ order, tags: tagsOf(caseRide, otherBus) });
  assert.deepEqual(
    matched.rides.map(({ unitId }) => unitId),
    ['bus-1', 'bus-1'],
  );
  const onFirst = await fetchOf(order, [around('bus-1', startMs)]);
  assert.deepEqual(
    new Set(onFirst.rides.map(({ tag }) => tag)),
    new Set([caseRide, fellow, otherBus].map(({ tag }) => toBase64Url(tag))),
  );
  const onSecond = await fetchOf(order, [around('bus-2', startMs)]);
  assert.deepEqual(
    onSecond.rides.map(({ tag }) => tag),
    [toBase64Url(moved.tag)],
  );
});

test('drivers on shift at the time are named by number', async () => {
  await bench.platform.putStaff({
    account: 'wang',
    name: { zh: '王', en: 'Wang' },
    role: 'driver',
    password: 'a long word',
  });
  await db.query(
    `insert into shift (staff_id, unit_id, code_id, started_ms, ended_ms)
     select staff_id, 'bus-1', 1, $1, $2 from staff_account`,
    [startMs - hour, startMs + hour],
  );
  const reply = await match({ tags: tagsOf(caseRide) });
  assert.deepEqual(
    reply.shifts.map(({ unitId, fromMs }) => [unitId, fromMs]),
    [['bus-1', startMs - hour]],
  );
  assert.match(reply.shifts[0]?.staffRef ?? '', /^staff-\d+$/);
});

test('a roster nobody signed, or an older one, is refused', async () => {
  const stranger = await nodeSuite.generateEd25519KeyPair();
  const forged = await signRoster({ ...roster, version: 9 }, stranger.sk);
  const take = (one: Roster) => codeOf(bench.inner.post('/internal/roster', one));
  assert.equal(await take(forged), 'signature-invalid');
  assert.equal(await take(await signRoster({ ...roster, iss: 2 }, authority.root.sk)), 'wrong-authority');
  assert.equal(
    await take(await signRoster({ ...roster, version: 2, keys: roster.keys.slice(0, 1) }, authority.root.sk)),
    'granted',
  );
  assert.equal(await take(roster), 'conflict');
  // Whoever is no longer on it signs in vain.
  assert.equal(await codeOf(match({ tags: tagsOf(caseRide) })), 'signature-invalid');
});

test('every request stands in the access log, and the public sees how many', async () => {
  const outcomes = await db.query<{ kind: string; outcome: string; n: number }>(
    'select kind, outcome, count(*)::int as n from access_log group by kind, outcome',
  );
  const sum = (fits: (row: { kind: string; outcome: string }) => boolean): number =>
    outcomes.filter(fits).reduce((all, { n }) => all + n, 0);
  const { body } = await bench.call('/v1/access-counts');
  const day = (body['days'] as Record<string, unknown>[])[0];
  assert.equal(day?.['date'], '2026-11-20');
  assert.equal(
    day?.['match'],
    sum(({ kind, outcome }) => kind === 'match' && outcome === 'granted'),
  );
  assert.equal(
    day?.['fetch'],
    sum(({ kind, outcome }) => kind === 'fetch' && outcome === 'granted'),
  );
  assert.equal(
    day?.['refused'],
    sum(({ outcome }) => outcome !== 'granted'),
  );
  assert.ok(Number(day?.['records']) > 10 && Number(day?.['orders']) > 5);
});

test('an order ends when its watch ends', async () => {
  await bench.inner.post('/internal/roster', await signRoster({ ...roster, version: 3 }, authority.root.sk));
  const order = orderOf({ watchUntilMs: clock.now() + 26 * hour });
  await match({ order, tags: tagsOf(caseRide) });
  await clock.advance(25 * hour);
  assert.equal(await codeOf(match({ order, tags: tagsOf(caseRide) })), 'granted');
  assert.equal(await codeOf(fetchOf(order, [around('bus-1', startMs)])), 'granted');
  await clock.advance(2 * hour);
  assert.equal(await codeOf(match({ order, tags: tagsOf(caseRide) })), 'order-expired');
  assert.equal(await codeOf(fetchOf(order, [around('bus-1', startMs)])), 'order-expired');
});
