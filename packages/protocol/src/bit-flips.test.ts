// Every single-bit change of a record, a note or a relay message is refused or does not open.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleInfo } from './bundle.ts';
import { equalBytes } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { admTagSync, decompressPointSync, hmacKey, issueWalletSync, nodeSuite } from './node.ts';
import { openNote, sealNote } from './note.ts';
import { decodeRecord, openRecord, packSealed, unpackSealed } from './record.ts';
import { openRelay, sealRelay } from './relay.ts';
import { unwrap } from './result.ts';
import { makeRide } from './ride.ts';
import type { MadeRide } from './ride.ts';
import type { Suite } from './suite.ts';
import { demoAuthority, suites } from './testing.ts';
import type { DemoAuthority } from './testing.ts';

const kAdm = hmacKey(nodeSuite.randomBytes(32));
const kTag = hmacKey(nodeSuite.randomBytes(32));

async function oneRide(): Promise<{ readonly demo: DemoAuthority; readonly ride: MadeRide }> {
  const demo = await demoAuthority();
  const { bundle } = demo;
  const wallet = issueWalletSync([{ day: bundle.day, kTag, kAdm }], { iss: 1, phone: 8613912345678n, walletNo: 0 });
  const walletDay = wallet.days[0];
  assert.ok(walletDay);
  const ride = await makeRide(nodeSuite, {
    bundle,
    walletDay,
    slotIndex: 7,
    code: nodeSuite.randomBytes(8),
    boardedMs: bundle.notBeforeMs + 700 * 60_000,
    queued: false,
    party: 1,
    contact: {
      flags: { companion: false, assisted: false },
      kind: 'phone',
      subject: 8613912345678n,
      reach: 0n,
      name: 'Li',
      openid: '',
    },
  });
  return { demo, ride };
}

function flipped(bytes: Bytes, bit: number): Bytes {
  const out = bytes.slice();
  out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return out;
}

/** Where a changed record is stopped; undefined where it is not. */
async function stoppedAt(suite: Suite, demo: DemoAuthority, bytes: Bytes): Promise<string | undefined> {
  const record = decodeRecord(bytes);
  if (!record.ok) return record.code;
  const { day, iss, tag, adm } = record.value;
  if (!equalBytes(adm, admTagSync(kAdm, { day, iss, tag }))) return 'not-admitted';
  const opened = await openRecord(suite, {
    sk: demo.envelope.sk,
    info: bundleInfo(demo.bundle),
    record: record.value,
  });
  return opened.ok ? undefined : opened.code;
}

test('each of the 1,800 bits of a record matters', async () => {
  const { demo, ride } = await oneRide();
  assert.equal(await stoppedAt(nodeSuite, demo, ride.record), undefined);
  const stops = new Set<string>();
  for (let bit = 0; bit < ride.record.length * 8; bit += 1) {
    const stop = await stoppedAt(nodeSuite, demo, flipped(ride.record, bit));
    assert.ok(stop !== undefined, `bit ${bit}`);
    stops.add(stop);
  }
  assert.deepEqual([...stops].sort(), [
    'bad-point',
    'bad-suite',
    'bad-version',
    'bad-window',
    'not-admitted',
    'open-failed',
  ]);
});

for (const [name, suite] of suites) {
  test(`${name} stops every eleventh changed bit of a record`, async () => {
    const { demo, ride } = await oneRide();
    assert.equal(await stoppedAt(suite, demo, ride.record), undefined);
    for (let bit = 0; bit < ride.record.length * 8; bit += 11) {
      assert.ok((await stoppedAt(suite, demo, flipped(ride.record, bit))) !== undefined, `bit ${bit}`);
    }
  });

  test(`${name}: each bit of a note matters, and so do its day, tag, number and key`, async () => {
    const noteKey = suite.randomBytes(16);
    const place = { day: 20_575, tag: suite.randomBytes(16), idx: 1 };
    const range = { boardLo: 0, boardHi: 1, alightLo: 254, alightHi: 255, minuteLo: 1490, minuteHi: 1510 };
    const ct = await sealNote(suite, noteKey, place, { basis: 'chained', ...range });
    assert.ok((await openNote(suite, noteKey, place, ct)).ok);
    const refused = { ok: false, code: 'open-failed' };
    for (let bit = 0; bit < 256; bit += 1) {
      assert.deepEqual(await openNote(suite, noteKey, place, flipped(ct, bit)), refused);
    }
    for (let bit = 0; bit < 128; bit += 1) {
      const tag = flipped(place.tag, bit);
      assert.deepEqual(await openNote(suite, noteKey, { ...place, tag }, ct), refused);
    }
    assert.deepEqual(await openNote(suite, noteKey, { ...place, day: 20_576 }, ct), refused);
    for (const idx of [0, 2, 3, 257]) assert.equal((await openNote(suite, noteKey, { ...place, idx }, ct)).ok, false);
    assert.deepEqual(await openNote(suite, flipped(noteKey, 0), place, ct), refused);
  });
}

test('each bit of a relay message matters', async () => {
  const { sk, pk } = await nodeSuite.generateKeyPair();
  const [tag, key16, ct32] = [nodeSuite.randomBytes(16), nodeSuite.randomBytes(16), nodeSuite.randomBytes(32)];
  const bytes = await sealRelay(nodeSuite, pk, { kind: 'note', day: 3, tag, key16, idx: 2, ct32 });
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    assert.equal((await openRelay(nodeSuite, sk, flipped(bytes, bit))).ok, false, `bit ${bit}`);
  }
});

test('each bit of the stored column matters', async () => {
  const { demo, ride } = await oneRide();
  const record = unwrap(decodeRecord(ride.record));
  const sealed = packSealed(record.enc, record.ct);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const unpacked = await unpackSealed(nodeSuite, flipped(sealed, bit));
    if (!unpacked.ok) continue;
    const changed = { ...record, ...unpacked.value };
    const info = bundleInfo(demo.bundle);
    assert.equal(
      (await openRecord(nodeSuite, { sk: demo.envelope.sk, info, record: changed })).ok,
      false,
      `bit ${bit}`,
    );
  }
  assert.equal(decompressPointSync(sealed.subarray(0, 32)).ok, false);
});
