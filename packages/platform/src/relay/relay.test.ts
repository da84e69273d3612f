// Notes and erasures as the registrar delivers them, and what becomes of bad ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE_MS, sealNote, sealRelay, toBase64Url, uuidText } from '@tongche/protocol';
import type { Bytes, MadeRide, RelayMessage } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { errorOf, openBench, startMs, today } from '../test-kit.ts';

const bench = await openBench();
const { authority, clock, db, post } = bench;

function seal(message: RelayMessage): Promise<string> {
  return sealRelay(nodeSuite, new Uint8Array(bench.platform.relayPk), message).then(toBase64Url);
}
async function noteOf(ride: MadeRide, idx = 0, change: Partial<{ key16: Bytes; day: number }> = {}): Promise<string> {
  const note = {
    basis: 'off-tap',
    boardLo: 1,
    boardHi: 2,
    alightLo: 3,
    alightHi: 4,
    minuteLo: 500,
    minuteHi: 501,
  } as const;
  const { day, tag } = ride;
  const ct32 = await sealNote(nodeSuite, ride.noteKey, { day, tag, idx }, note);
  return seal({ kind: 'note', day, tag, key16: ride.adm, idx, ct32, ...change });
}
function erasureOf(ride: MadeRide, key16: Bytes = ride.eraseKey): Promise<string> {
  return seal({ kind: 'erase', day: ride.day, tag: ride.tag, key16 });
}
const deliver = (items: readonly string[]) => bench.inner.post('/internal/relay', { items });
async function notes(ride: MadeRide): Promise<number[]> {
  const kept = await db.query<{ place: string }>('select place from ride_note');
  const places = new Set(kept.map(({ place }) => place));
  return [0, 1, 2].filter((idx) => places.has(bench.notePlace(ride.day, ride.tag, idx)));
}
async function isStored(ride: MadeRide): Promise<boolean> {
  return (await db.one('select 1 as found from ride where tag = $1', [uuidText(ride.tag)])) !== undefined;
}

test('notes are kept once per number, and the first one stays', async () => {
  const ride = await authority.ride();
  await post(ride.record);
  const first = await noteOf(ride, 0);
  assert.deepEqual(await deliver([first, await noteOf(ride, 2)]), { accepted: 2, refused: 0 });
  const before = await db.query('select place, ct from ride_note order by place');
  assert.deepEqual(await deliver([first, await noteOf(ride, 0), first]), { accepted: 3, refused: 0 });
  assert.deepEqual(await db.query('select place, ct from ride_note order by place'), before);
  assert.deepEqual(await notes(ride), [0, 2]);
});

test('an empty message is in order and leaves nothing', async () => {
  const before = await db.query('select place, ct from ride_note order by place');
  assert.deepEqual(await deliver([await seal({ kind: 'empty' })]), { accepted: 1, refused: 0 });
  assert.deepEqual(await db.query('select place, ct from ride_note order by place'), before);
});

test('a note may come before its ride', async () => {
  const ride = await authority.ride();
  assert.deepEqual(await deliver([await noteOf(ride, 1)]), { accepted: 1, refused: 0 });
  assert.deepEqual(await notes(ride), [1]);
});

test('notes without the tag’s admission, of another day or of a day without key are refused', async () => {
  const ride = await authority.ride();
  const old = await authority.ride({ boardedMs: startMs - 12 * 86_400_000 });
  const items = [
    await noteOf(ride, 0, { key16: new Uint8Array(16) }),
    await noteOf(ride, 0, { key16: ride.eraseKey }),
    await noteOf(ride, 0, { day: today - 1 }),
    await noteOf(old),
  ];
  assert.deepEqual(await deliver(items), { accepted: 0, refused: 4 });
  assert.deepEqual(await notes(ride), []);
});

test('an erasure needs the erase key and takes the notes along', async () => {
  const ride = await authority.ride();
  const { body } = await post(ride.record);
  await deliver([await noteOf(ride, 0)]);
  await deliver([await erasureOf(ride, ride.adm), await erasureOf(ride, new Uint8Array(16))]);
  assert.equal(await isStored(ride), true);
  assert.deepEqual(await notes(ride), [0]);
  // Long after undo's two minutes.
  await clock.advance(30 * MINUTE_MS);
  await deliver([await erasureOf(ride), await noteOf(ride, 1)]);
  assert.equal(await isStored(ride), false);
  assert.deepEqual(await notes(ride), []);
  const next = await authority.ride({ boardedMs: clock.now() - 30 * MINUTE_MS, queued: true });
  assert.equal((await post(next.record)).body['no'], body['no']);
});

test('forged, foreign and truncated items are counted and hold up nobody', async () => {
  const ride = await authority.ride();
  const good = await noteOf(ride);
  const bytes = Buffer.from(good, 'base64url');
  const items = Array.from(bytes, (byte, at) => {
    const changed = Buffer.from(bytes);
    changed[at] = byte ^ 1;
    return changed.toString('base64url');
  });
  const other = await nodeSuite.generateKeyPair();
  const foreign = await sealRelay(nodeSuite, other.pk, {
    kind: 'erase',
    day: ride.day,
    tag: ride.tag,
    key16: ride.adm,
  });
  const answer = await deliver([...items, toBase64Url(foreign), good]);
  assert.deepEqual(answer, { accepted: 1, refused: items.length + 1 });
  assert.deepEqual(await notes(ride), [0]);
  await assert.rejects(deliver(['AAAA']), /bad-request/);
});

test('identity names the relay key; keys of a stranger or a changed day are refused', async () => {
  const identity = (await bench.inner.get('/internal/identity')) as { relayPk: string };
  assert.equal(identity.relayPk, toBase64Url(bench.platform.relayPk));
  const stranger = await nodeSuite.generateEd25519KeyPair();
  const key = { iss: 1, day: today, kAdm: toBase64Url(new Uint8Array(32)), issuedMs: clock.now() };
  const { signJson } = await import('@tongche/protocol');
  const keys = (admission: object[]) => bench.inner.post('/internal/keys', { admission });
  await assert.rejects(keys([await signJson(nodeSuite, stranger.sk, key)]), /signature-invalid/);
  await assert.rejects(keys([await signJson(nodeSuite, authority.sign.sk, { ...key, iss: 2 })]), /wrong-authority/);
  await assert.rejects(keys([await signJson(nodeSuite, authority.sign.sk, key)]), /conflict/);
  // The day's own key again is no change; a day long past is left out.
  await bench.deliverKeys([today, today - 20]);
  const old = await authority.ride({ boardedMs: startMs - 20 * 86_400_000, queued: true });
  assert.equal(errorOf(await post(old.record)), 'too-old');
});
