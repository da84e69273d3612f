// Stickers that are stuck to nothing, and units that have left the fleet: their rides are taken, flagged, and not traced to
// a vehicle nobody saw them on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE_MS, toBase64Url } from '@tongche/protocol';
import { signedIn } from '../staff-kit.ts';
import { codeBytes, errorOf, openBench, startMs } from '../test-kit.ts';
import { openDesk, tagsOf } from '../trace/trace-kit.ts';

const bench = await openBench();
const { authority, clock, db, post } = bench;
const desk = await openDesk(bench);
const admin = await signedIn(bench, 'admin');
const label = (body: Readonly<Record<string, unknown>>): string => (body['unit'] as { label: { zh: string } }).label.zh;

async function codeOfRow(n: number): Promise<number> {
  const row = await db.one<{ code_id: number }>('select code_id from code where code8 = $1', [
    Buffer.from(codeBytes(n)),
  ]);
  return row?.code_id ?? 0;
}

/** The platform reads its codes anew when one of them is moved: here the crew's, to where it is. */
const reload = () => bench.platform.moveCode(toBase64Url(codeBytes(6)), 'bus-1', 1);

test('a sticker between two vehicles is answered with the nearer one, flagged, and belongs to none', async () => {
  const codeId = await codeOfRow(2);
  await db.query('update binding set to_ms = $2 where code_id = $1', [codeId, startMs - 30 * MINUTE_MS]);
  await db.query('insert into binding (code_id, unit_id, from_ms) values ($1, $2, $3)', [
    codeId,
    'taxi-1',
    startMs + 10 * MINUTE_MS,
  ]);
  await reload();
  const ride = await authority.ride({ code: 2 });
  const answer = await post(ride.record);
  assert.deepEqual(
    [answer.status, label(answer.body), answer.body['flags']],
    [200, '出租车', ['implausible', 'unbound']],
  );
  const early = await authority.ride({ code: 2, boardedMs: startMs - 25 * MINUTE_MS, queued: true });
  assert.equal(label((await post(early.record)).body), '2号车');
  const order = desk.orderOf();
  const matched = await desk.match({ order, tags: tagsOf(ride) });
  assert.deepEqual([matched.rides[0]?.unitId, matched.rides[0]?.runKey], [null, null]);
  assert.equal((matched.rides[0]?.flags ?? 0) & 32, 32);
  assert.equal((await bench.call(`/v1/codes/${toBase64Url(codeBytes(2))}`)).status, 200);
  const unit = await admin('POST', `/operator/api/codes/${toBase64Url(codeBytes(2))}/move`, {
    unitId: 'bus-2',
    fromMs: startMs - 40 * MINUTE_MS,
  });
  assert.equal(unit.status, 200, JSON.stringify(unit.body));
  const found = await desk.match({ order, tags: tagsOf(ride) });
  assert.equal(found.rides[0]?.unitId, 'bus-2', 'bound into the past, it traces right');
});

test('a sticker that was never stuck anywhere is taken, revoked ones and unknown ones are not', async () => {
  const codeId = await codeOfRow(7);
  await db.query('delete from binding where code_id = $1', [codeId]);
  await reload();
  const answer = await post((await authority.ride({ code: 7, party: 1 })).record);
  assert.deepEqual(
    [answer.status, answer.body['line'], answer.body['run'], answer.body['basis'], answer.body['no']],
    [200, null, null, 'usual', 2],
  );
  assert.deepEqual(answer.body['flags'], ['implausible', 'unbound']);
  await bench.platform.revokeCode(toBase64Url(codeBytes(7)));
  await clock.advance(MINUTE_MS);
  assert.equal(errorOf(await post((await authority.ride({ code: 7 })).record)), 'code-revoked');
  assert.equal(errorOf(await post((await authority.ride({ code: 99 })).record)), 'unknown-code');
});

test('a unit that left the fleet is flagged from then on', async () => {
  const before = await post((await authority.ride({ code: 1 })).record);
  assert.deepEqual(before.body['flags'], []);
  await db.query(`update unit set gone_ms = $1 where unit_id = 'bus-1'`, [startMs + 1]);
  await reload();
  await clock.advance(MINUTE_MS);
  const after = await post((await authority.ride({ code: 1 })).record);
  assert.deepEqual([after.status, after.body['flags']], [200, ['implausible', 'gone']]);
});
