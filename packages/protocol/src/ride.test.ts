// A ride from scan to vault: made on the phone, admitted by the operator, opened by the authority.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwrap } from './result.ts';
import { bundleInfo } from './bundle.ts';
import { equalBytes } from './bytes.ts';
import { check } from './check.ts';
import { openNote, sealNote } from './note.ts';
import {
  admTagSync,
  checkSync,
  contactTagSync,
  hmacKey,
  issueWalletSync,
  nodeSuite,
  unpackSealedSync,
} from './node.ts';
import { decodeRecord, eraseCommitment, openRecord, packSealed, unpackSealed } from './record.ts';
import { makeRide } from './ride.ts';
import { contactTag } from './tag.ts';
import { demoAuthority, suites } from './testing.ts';
import { decodeWallet, encodeWallet, issueWallet, pickSlot } from './wallet.ts';

const phone = 8613800138000n;
const contact = {
  flags: { companion: false, assisted: false },
  kind: 'phone',
  subject: phone,
  reach: 0n,
  name: '张小三',
  openid: '',
} as const;

for (const [name, suite] of suites) {
  test(`a ride made with ${name} is admitted, opened, and proves its phone`, async () => {
    const { bundle, envelope } = await demoAuthority();
    const kTag = nodeSuite.randomBytes(32);
    const kAdm = nodeSuite.randomBytes(32);
    const rider = { iss: 1, phone, walletNo: 5 };
    const issued = await issueWallet(suite, [{ day: bundle.day, kTag, kAdm }], rider);
    assert.deepEqual(issued, issueWalletSync([{ day: bundle.day, kTag: hmacKey(kTag), kAdm: hmacKey(kAdm) }], rider));
    const wallet = unwrap(decodeWallet(JSON.parse(JSON.stringify(encodeWallet(issued)))));
    assert.deepEqual(wallet, issued);
    const picked = unwrap(pickSlot(wallet, bundle.day, new Set(), suite.randomBytes));
    const code = suite.randomBytes(8);
    const boardedMs = bundle.notBeforeMs + 8 * 3_600_000 + 12_345;
    const ride = await makeRide(suite, { bundle, ...picked, code, boardedMs, queued: false, party: 2, contact });
    assert.equal(ride.minute, 480);

    const record = unwrap(decodeRecord(ride.record));
    assert.deepEqual(record.w, { queued: false, party: 2, minute: 480 });
    const { day, iss, tag } = record;
    assert.ok(equalBytes(record.adm, admTagSync(hmacKey(kAdm), { day, iss, tag })));
    assert.deepEqual(record.eraseC, await eraseCommitment(nodeSuite, ride.eraseKey));
    assert.deepEqual(ride.check, checkSync({ tag, code, day, minute: 480 }));
    assert.deepEqual(ride.check, await check(suite, { tag, code, day, minute: 480 }));

    const sealed = packSealed(record.enc, record.ct);
    const unpacked = unwrap(await unpackSealed(nodeSuite, sealed));
    assert.deepEqual(unpacked, unwrap(unpackSealedSync(sealed)));
    const stored = { ...record, ...unpacked };
    const opened = unwrap(await openRecord(nodeSuite, { sk: envelope.sk, info: bundleInfo(bundle), record: stored }));
    assert.deepEqual(opened.contact, { ...contact, slot: 5 * 32 + picked.slotIndex });
    assert.deepEqual(opened.noteKey, ride.noteKey);
    assert.deepEqual(contactTagSync(hmacKey(kTag), { iss, contact: opened.contact }), tag);
    assert.deepEqual(await contactTag(suite, kTag, { iss, contact: opened.contact }), tag);

    const place = { day, tag, idx: 0 };
    const note = { boardLo: 2, boardHi: 3, alightLo: 9, alightHi: 9, minuteLo: 500, minuteHi: 503 };
    const ct = await sealNote(suite, ride.noteKey, place, { basis: 'off-tap', ...note });
    assert.deepEqual(unwrap(await openNote(nodeSuite, opened.noteKey, place, ct)), { basis: 'off-tap', ...note });
  });
}
