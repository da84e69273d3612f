import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { TraceRide } from '@tongche/contract';
import {
  decodeRecord,
  makeRide,
  openRecord,
  packSealed,
  packWindow,
  sealNote,
  slotOf,
  toBase64Url,
  toBytes,
  unwrap,
  bundleInfo,
} from '@tongche/protocol';
import type { Bytes, Contact, UnsignedBundle } from '@tongche/protocol';
import { hmacKey, makeNodeSuite, rideTagSync, assistTagSync } from '@tongche/protocol/node';
import { seededRandom } from '@tongche/runtime';
import { openRides as openPacked } from './open-rides.ts';
import { packJob, unpackResult } from './packed.ts';
import type { DayToOpen, OpenResult } from './packed.ts';
import { openPool } from './pool.ts';
import type { OpenJob } from './pool.ts';

const random = seededRandom('opening');
const suite = makeNodeSuite((n) => toBytes(random(n)));
const iss = 1;
const day = 20_000;
const env = await suite.generateKeyPair();
const kTag = suite.randomBytes(32);
const bundle: UnsignedBundle = {
  authority: { iss, name: { zh: '市', en: 'City' }, zone: 'Asia/Shanghai' },
  day,
  keyId: `${day}-k`,
  suite: 1,
  pkEnv: toBase64Url(env.pk),
  notBeforeMs: 0,
  notAfterMs: 86_400_000,
  platformUrl: 'http://p.example',
  relayPk: toBase64Url(env.pk),
};
const days = (): DayToOpen[] => [{ day, keyId: bundle.keyId, skEnv: toBytes(env.sk), kTag: toBytes(kTag) }];
const own: Omit<Contact, 'slot'> = {
  flags: { companion: false, assisted: false },
  kind: 'phone',
  subject: 8_613_812_345_678n,
  reach: 0n,
  name: '张三',
  openid: '',
};

async function ride(contact: Omit<Contact, 'slot'>, tag: Bytes, slot: number, notes = 0): Promise<TraceRide> {
  const pass = { slot, tag, adm: suite.randomBytes(16) };
  const code = suite.randomBytes(8);
  const made = await makeRide(suite, { bundle, code, boardedMs: 3_600_000, queued: false, party: 1, contact, pass });
  const record = unwrap(decodeRecord(made.record));
  const sealedNotes = [];
  for (let idx = 0; idx < notes; idx += 1) {
    const note = {
      basis: 'off-tap' as const,
      boardLo: 1,
      boardHi: 1,
      alightLo: 4,
      alightHi: 4 + idx,
      minuteLo: 60,
      minuteHi: 80,
    };
    sealedNotes.push({ idx, ct: toBase64Url(await sealNote(suite, made.noteKey, { day, tag, idx }, note)) });
  }
  return {
    code: toBase64Url(code),
    unitId: 'u1',
    suite: 1,
    iss,
    day,
    w2: packWindow(record.w),
    tag: toBase64Url(tag),
    eraseC: toBase64Url(record.eraseC),
    sealed: toBase64Url(packSealed(record.enc, record.ct)),
    boardedMs: 3_600_000,
    receivedS: 3_600,
    runKey: 'r1',
    boardSeq: 1,
    basis: 'schedule',
    flags: 0,
    doubts: [],
    crewUntilMs: null,
    notes: sealedNotes,
  };
}

/** As a thread does it, without one. */
async function openRides({ iss: issuer, days: keys, rides }: OpenJob): Promise<OpenResult> {
  return unpackResult(await openPacked(packJob(issuer, keys, rides)));
}

const key = hmacKey(kTag);
const slot = slotOf(2, 7);
const ownTag = rideTagSync(key, { iss, phone: own.subject, slot });

describe('openRides', () => {
  it('opens contact and notes and confirms the tag, as the protocol does', async () => {
    const one = await ride(own, ownTag, slot, 2);
    const [opened] = await openRides({ iss, days: days(), rides: [one] });
    assert.equal(opened?.tagFits, true);
    assert.deepEqual(opened.contact, { ...own, slot });
    assert.deepEqual(
      opened.notes.map((note) => note.alightHi),
      [4, 5],
    );
    const sealed = Buffer.from(one.sealed, 'base64url');
    const enc = unwrap(await suite.decompressPoint(toBytes(sealed.subarray(0, 33))));
    const reference = await openRecord(suite, {
      sk: env.sk,
      info: bundleInfo(bundle),
      record: {
        version: 1,
        suite: 1,
        code: toBytes(Buffer.from(one.code, 'base64url')),
        iss,
        day,
        w: { queued: false, party: 1, minute: 60 },
        tag: ownTag,
        eraseC: toBytes(Buffer.from(one.eraseC, 'base64url')),
        enc,
        ct: toBytes(sealed.subarray(33)),
      },
    });
    assert.deepEqual(unwrap(reference).contact, opened.contact);
  });

  it('confirms tags of assisted riders and of companions on their holder', async () => {
    const assisted: Omit<Contact, 'slot'> = { ...own, flags: { companion: false, assisted: true } };
    const assistedTag = assistTagSync(key, { iss, kind: 'phone', subject: own.subject, slot: 9 });
    const companion: Omit<Contact, 'slot'> = {
      ...own,
      flags: { companion: true, assisted: false },
      subject: 8_613_900_000_000n,
      holder: own.subject,
    };
    const rides = [await ride(assisted, assistedTag, 9), await ride(companion, ownTag, slot)];
    const opened = await openRides({ iss, days: days(), rides });
    assert.deepEqual(
      opened.map((one) => one?.tagFits),
      [true, true],
    );
    assert.equal(opened[1]?.contact.holder, own.subject);
  });

  it('opens under a key of the longest name there may be', async () => {
    const keyId = '钥'.repeat(200);
    const code = suite.randomBytes(8);
    const pass = { slot, tag: ownTag, adm: suite.randomBytes(16) };
    const seal = {
      bundle: { ...bundle, keyId },
      code,
      boardedMs: 3_600_000,
      queued: false,
      party: 1,
      contact: own,
      pass,
    };
    const record = unwrap(decodeRecord((await makeRide(suite, seal)).record));
    const sealed = toBase64Url(packSealed(record.enc, record.ct));
    const one = { ...(await ride(own, ownTag, slot)), code: toBase64Url(code), sealed };
    const rides = [{ ...one, eraseC: toBase64Url(record.eraseC) }];
    const [opened] = await openRides({ iss, days: days().map((each) => ({ ...each, keyId })), rides });
    assert.equal(opened?.tagFits, true);
  });

  it('marks a tag that was not made for the person inside', async () => {
    const forged = await ride({ ...own, subject: 8_613_700_000_000n }, ownTag, slot);
    const junk = await ride(own, suite.randomBytes(16), slot);
    const otherSlot = await ride(own, ownTag, slot + 1);
    const opened = await openRides({ iss, days: days(), rides: [forged, junk, otherSlot] });
    assert.deepEqual(
      opened.map((one) => one?.tagFits),
      [false, false, false],
    );
  });

  it('opens nothing that was moved, changed, of another day, another issuer or without a key', async () => {
    const one = await ride(own, ownTag, slot, 1);
    const flip = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
    const changed = [
      { ...one, code: flip(one.code) },
      { ...one, tag: flip(one.tag) },
      { ...one, w2: one.w2 + 1 },
      { ...one, eraseC: flip(one.eraseC) },
      { ...one, sealed: flip(one.sealed) },
      { ...one, day: day + 1 },
      { ...one, iss: 2 },
      { ...one, suite: 2 },
      { ...one, w2: 0x7ff },
      { ...one, w2: 1 << 20 },
    ];
    assert.deepEqual(
      await openRides({ iss, days: days(), rides: changed }),
      changed.map(() => null),
    );
    const [badNote] = await openRides({
      iss,
      days: days(),
      rides: [{ ...one, notes: one.notes.map((note) => ({ ...note, idx: 2 })) }],
    });
    assert.equal(badNote?.tagFits, true);
    assert.deepEqual(badNote.notes, []);
  });
});

describe('the pool', () => {
  const pool = openPool(1);
  after(() => pool.close());

  it('keeps the order over many jobs', async () => {
    const rides: TraceRide[] = [];
    for (let i = 0; i < 12; i += 1) rides.push(await ride({ ...own, name: `N${i}` }, ownTag, slot));
    const many = Array.from({ length: 1_203 }, (_, i) => rides[i % 12]).filter((one) => one !== undefined);
    const opened = await pool.open({ iss, days: days(), rides: many });
    assert.equal(opened.length, many.length);
    opened.forEach((one, i) => assert.equal(one?.contact.name, `N${i % 12}`));
  });

  it('does not wipe the keys of its caller', async () => {
    const job = { iss, days: days(), rides: [await ride(own, ownTag, slot)] };
    await pool.open(job);
    assert.deepEqual(job.days, days());
  });
});
