// Contacts, records, identifiers, checks, notes and relay messages: written, read again alike, and strict about the rest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { concat, toBytes, toHex, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { check, CHECK_COLOURS } from './check.ts';
import { decodeContact, encodeContact } from './contact.ts';
import type { Contact } from './contact.ts';
import { nodeSuite, rideIdSync } from './node.ts';
import { NOTE_BASES, openNote, sealNote } from './note.ts';
import { decodeRecord, encodeRecord, envelopeInfo, packWindow, recordAad, unpackWindow } from './record.ts';
import { openRelay, sealRelay } from './relay.ts';
import type { RelayMessage } from './relay.ts';
import { unwrap } from './result.ts';
import { boardedMsOf, rideId, rideIdBounds, uuidFromText, uuidText } from './ride-id.ts';
import { SUBJECT_KINDS } from './subject.ts';
import { admission, assistTag, listValue, rideTag, slotOf } from './tag.ts';

const u16Value = fc.integer({ min: 0, max: 0xffff });
const u64Value = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

function bytesOf(length: number): fc.Arbitrary<Bytes> {
  return fc.uint8Array({ minLength: length, maxLength: length }).map(toBytes);
}

function makeContact(companion: boolean, assisted: boolean, holder: bigint, rest: ContactRest): Contact {
  const flags = { companion, assisted };
  return companion ? { ...rest, flags, holder } : { ...rest, flags };
}

type ContactRest = Omit<Contact, 'flags' | 'holder'>;

const contactRest: fc.Arbitrary<ContactRest> = fc.record({
  slot: u16Value,
  kind: fc.constantFrom(...SUBJECT_KINDS),
  subject: u64Value,
  reach: u64Value,
  name: fc.constantFrom('', '张小三', 'Anna Smith', '欧阳', '𠮷田'),
  openid: fc.constantFrom('', 'oABC_def-123', 'o'.repeat(28)),
});

const contacts = fc
  .tuple(fc.boolean(), fc.boolean(), u64Value, contactRest)
  .map(([companion, assisted, holder, rest]) => makeContact(companion, assisted, holder, rest));

test('a contact is 80 bytes and comes back the same', () => {
  fc.assert(
    fc.property(contacts, (contact) => {
      const encoded = encodeContact(contact);
      assert.equal(encoded.length, 80);
      assert.deepEqual(unwrap(decodeContact(encoded)), contact);
    }),
    { seed: 20 },
  );
});

const PLAIN_CONTACT: Contact = {
  flags: { companion: false, assisted: false },
  slot: 1,
  kind: 'phone',
  subject: 8613800138000n,
  reach: 0n,
  name: '',
  openid: '',
};

test('a name is cut between code points: 24 bytes, 16 for a companion', () => {
  const name = '一二三四五六七八九十';
  assert.equal(unwrap(decodeContact(encodeContact({ ...PLAIN_CONTACT, name }))).name, '一二三四五六七八');
  const companion = { ...PLAIN_CONTACT, name, flags: { companion: true, assisted: false }, holder: 1n };
  assert.equal(unwrap(decodeContact(encodeContact(companion))).name, '一二三四五');
});

test('a contact with anything out of place is refused, and makes no decoder throw', () => {
  const good = encodeContact({ ...PLAIN_CONTACT, name: '李', openid: 'oX' });
  const changed = (at: number, value: number) => {
    const out = good.slice();
    out[at] = value;
    return decodeContact(out);
  };
  const cases = [
    [0, 2],
    [1, 4],
    [4, 0],
    [4, 6],
    [21, 25],
    [21, 2],
    [22, 0xff],
    [30, 1],
    [46, 0x20],
    [48 + 2, 0x41],
    [79, 1],
  ];
  for (const [at = 0, value = 0] of cases) assert.equal(changed(at, value).ok, false, `byte ${at}`);
  assert.deepEqual(decodeContact(good.slice(1)), { ok: false, code: 'bad-length' });
  fc.assert(
    fc.property(bytesOf(80), (bytes) => {
      const decoded = decodeContact(bytes);
      if (decoded.ok) assert.deepEqual(encodeContact(decoded.value), bytes);
    }),
    { seed: 21 },
  );
});

test('faults in a contact are thrown where it is made', () => {
  assert.throws(() => encodeContact({ ...PLAIN_CONTACT, openid: 'with space' }), RangeError);
  assert.throws(() => encodeContact({ ...PLAIN_CONTACT, openid: 'o'.repeat(29) }), RangeError);
  assert.throws(() => encodeContact({ ...PLAIN_CONTACT, holder: 1n }), RangeError);
  assert.throws(() => encodeContact({ ...PLAIN_CONTACT, flags: { companion: true, assisted: false } }), RangeError);
});

const windows = fc.record(
  {
    queued: fc.boolean(),
    party: fc.integer({ min: 0, max: 7 }),
    minute: fc.integer({ min: 0, max: 1499 }),
  },
  { noNullPrototype: true },
);

test('all 65,536 windows: those that exist come back the same, the rest are refused', () => {
  let accepted = 0;
  for (let w2 = 0; w2 < 65_536; w2 += 1) {
    const window = unpackWindow(w2);
    if (!window.ok) continue;
    accepted += 1;
    assert.equal(packWindow(window.value), w2);
  }
  assert.equal(accepted, 2 * 8 * 1500);
  assert.throws(() => packWindow({ queued: false, party: 8, minute: 0 }), RangeError);
  assert.throws(() => packWindow({ queued: false, party: 0, minute: 1500 }), RangeError);
});

test('a record is 225 bytes, comes back the same, and binds 48 of them', async () => {
  const { pk } = await nodeSuite.generateKeyPair();
  const fields = { code: bytesOf(8), iss: u16Value, day: u16Value, w: windows, tag: bytesOf(16) };
  const rest = { adm: bytesOf(16), eraseC: bytesOf(16), ct: bytesOf(96) };
  fc.assert(
    fc.property(fc.record({ ...fields, ...rest }), (values) => {
      const record = { version: 1, suite: 1, ...values, enc: pk } as const;
      const bytes = encodeRecord(record);
      assert.equal(bytes.length, 225);
      assert.deepEqual(unwrap(decodeRecord(bytes)), record);
      assert.deepEqual(recordAad(record), concat(bytes.subarray(0, 32), bytes.subarray(48, 64)));
    }),
    { seed: 22 },
  );
});

test('no bytes make the record decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 300 }), (bytes) => {
      assert.equal(decodeRecord(bytes).ok, false);
    }),
    { seed: 23 },
  );
  assert.deepEqual(decodeRecord(new Uint8Array(224)), { ok: false, code: 'bad-length' });
  assert.deepEqual(decodeRecord(new Uint8Array(225)), { ok: false, code: 'bad-version' });
});

test('the bytes of info, tags, admissions and list values are those of the specification', async () => {
  const zeros: Bytes = new Uint8Array(32);
  const mac = async (text: string, ...parts: readonly number[]) =>
    toHex((await nodeSuite.hmac(zeros, concat(utf8(text), new Uint8Array(parts)))).slice(0, 16));
  const phone = 8613800138000n;
  const phoneBytes = [0, 0, 0x07, 0xd5, 0x8e, 0x7f, 0x55, 0x10];
  assert.equal(BigInt(`0x${toHex(new Uint8Array(phoneBytes))}`), phone);
  assert.equal(
    toHex(await rideTag(nodeSuite, zeros, { iss: 258, phone, slot: 259 })),
    await mac('tag1', 1, 2, ...phoneBytes, 1, 3),
  );
  const assisted = { iss: 1, kind: 'passport', subject: phone, slot: 63 } as const;
  assert.equal(toHex(await assistTag(nodeSuite, zeros, assisted)), await mac('asst1', 0, 1, 3, ...phoneBytes, 0, 63));
  const tag = new Uint8Array(16).fill(9);
  assert.equal(
    toHex(await admission(nodeSuite, zeros, { day: 772, iss: 1, tag })),
    await mac('adm1', 3, 4, 0, 1, ...tag),
  );
  const info = envelopeInfo({ authority: 1, day: 772, keyId: 'k1' });
  assert.deepEqual(info, concat(utf8('ride-contact/1|1|'), new Uint8Array([3, 4]), utf8('|k1')));
  assert.throws(() => envelopeInfo({ authority: 'a|b', day: 1, keyId: 'k' }), RangeError);
  assert.equal((await listValue(nodeSuite, 'expo1', tag)).length, 8);
  assert.notDeepEqual(await listValue(nodeSuite, 'expo1', tag), await listValue(nodeSuite, 'notice1', tag));
  assert.equal(slotOf(7, 31), 255);
  assert.throws(() => slotOf(8, 0), RangeError);
  assert.throws(() => slotOf(0, 32), RangeError);
});

test('ride identifiers are version 7, sort by boarding minute, and lie within their bounds', async () => {
  const property = fc.asyncProperty(
    bytesOf(16),
    bytesOf(8),
    fc.integer({ min: 0, max: 2 ** 41 }),
    fc.integer({ min: 0, max: 10 ** 8 }),
    async (tag, code, boardedMs, laterMs) => {
      const id = await rideId(nodeSuite, { tag, code, boardedMs });
      assert.deepEqual(id, rideIdSync({ tag, code, boardedMs }));
      const minuteMs = boardedMs - (boardedMs % 60_000);
      assert.equal(boardedMsOf(id), minuteMs);
      assert.deepEqual(id, rideIdSync({ tag, code, boardedMs: minuteMs + 59_999 }));
      assert.match(uuidText(id), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.deepEqual(unwrap(uuidFromText(uuidText(id))), id);
      const [low, high] = rideIdBounds(boardedMs, boardedMs + laterMs);
      assert.ok(toHex(low) <= toHex(id) && toHex(id) <= toHex(high));
      const [nextLow] = rideIdBounds(boardedMs + 60_000, boardedMs + 60_000);
      assert.ok(toHex(id) < toHex(nextLow));
    },
  );
  await fc.assert(property, { seed: 24 });
  assert.equal(uuidFromText('0').ok, false);
});

test('the check is two readable characters and a colour, never green', async () => {
  const property = fc.asyncProperty(bytesOf(16), bytesOf(8), u16Value, async (tag, code, day) => {
    const { text, colour } = await check(nodeSuite, { tag, code, day, minute: 3 });
    assert.match(text, /^[2-9A-HJKMNP-TV-Y]{2}$/);
    assert.ok(CHECK_COLOURS.includes(colour));
  });
  await fc.assert(property, { seed: 25 });
  assert.ok(!CHECK_COLOURS.some((colour) => /green/i.test(colour)));
  assert.equal(new Set(CHECK_COLOURS).size, 6);
});

const pair = (max: number) =>
  fc
    .tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

test('a stop note comes back the same in 32 bytes', async () => {
  const noteKey = nodeSuite.randomBytes(16);
  const property = fc.asyncProperty(
    fc.constantFrom(...NOTE_BASES),
    pair(255),
    pair(255),
    pair(2879),
    fc.record({ day: u16Value, tag: bytesOf(16), idx: fc.integer({ min: 0, max: 2 }) }),
    fc.option(fc.integer({ min: 0, max: 254 }), { nil: undefined }),
    fc.option(fc.record({ link: fc.constantFrom('next', 'wrap', 'next-day'), far: fc.boolean() }), { nil: undefined }),
    fc.boolean(),
    async (basis, [boardLo, boardHi], [alightLo, alightHi], [minuteLo, minuteHi], place, above, how, agrees) => {
      const best = above === undefined ? {} : { best: Math.min(alightLo + above, alightHi) };
      const isSettled = agrees && above !== undefined && (how !== undefined || basis === 'habit');
      const said = { ...best, ...how, ...(isSettled ? { settled: true } : {}) };
      const note = { basis, boardLo, boardHi, alightLo, alightHi, ...said, minuteLo, minuteHi };
      const ct = await sealNote(nodeSuite, noteKey, place, note);
      assert.equal(ct.length, 32);
      assert.deepEqual(unwrap(await openNote(nodeSuite, noteKey, place, ct)), note);
    },
  );
  await fc.assert(property, { seed: 26 });
});

test('a note whose plaintext makes no sense is refused though it opens', async () => {
  const noteKey = nodeSuite.randomBytes(16);
  const place = { day: 1, tag: new Uint8Array(16), idx: 0 };
  const aad = concat(utf8('note1'), new Uint8Array([0, 1]), place.tag, new Uint8Array([0]));
  const seal = (...plain: readonly number[]) =>
    nodeSuite.aesGcmSeal(
      noteKey,
      new Uint8Array(12),
      aad,
      concat(new Uint8Array(plain), new Uint8Array(16 - plain.length)),
    );
  assert.ok((await openNote(nodeSuite, noteKey, place, await seal(1, 1))).ok, 'the frame itself is right');
  const wrong = [
    [2, 1],
    [1, 0],
    [1, 6],
    [1, 1, 5, 4],
    [1, 1, 0, 0, 5, 4],
    [1, 1, 0, 0, 0, 0, 1, 0, 0, 0],
    [1, 1, 0, 0, 0, 0, 0, 0, 99],
  ];
  const padded = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0];
  assert.ok((await openNote(nodeSuite, noteKey, place, await seal(...padded, 1))).ok, 'stop 0 is the likeliest');
  assert.ok(
    (await openNote(nodeSuite, noteKey, place, await seal(...padded, 1, 7))).ok,
    'told by another day, from afar',
  );
  const settled = [1, 5, 0, 0, 0, 0, 0, 0, 0, 0, 1, 8];
  assert.ok((await openNote(nodeSuite, noteKey, place, await seal(...settled))).ok, 'two other days say the same');
  // Far, or settled, of nothing that was chained; settled without a stop; a bit nobody knows.
  const odd = [[2], [0, 4], [1, 8], [0, 9], [1, 16], [0, 0, 1]].map((rest) => [...padded, ...rest]);
  for (const plain of [...wrong, ...odd]) {
    const opened = await openNote(nodeSuite, noteKey, place, await seal(...plain));
    assert.deepEqual(opened, { ok: false, code: 'bad-note' }, plain.join());
  }
  assert.deepEqual(await openNote(nodeSuite, noteKey, place, new Uint8Array(31)), { ok: false, code: 'bad-length' });
});

test('notes, erasures and empty messages look alike on the relay: 153 bytes, nothing readable', async () => {
  const { sk, pk } = await nodeSuite.generateKeyPair();
  const ride = { day: 20_575, tag: nodeSuite.randomBytes(16), key16: nodeSuite.randomBytes(16) };
  const messages: readonly RelayMessage[] = [
    { kind: 'note', ...ride, idx: 2, ct32: nodeSuite.randomBytes(32) },
    { kind: 'erase', ...ride },
    { kind: 'empty' },
  ];
  for (const message of messages) {
    const bytes = await sealRelay(nodeSuite, pk, message);
    assert.equal(bytes.length, 153);
    assert.ok(!toHex(bytes).includes(toHex(ride.tag)));
    assert.deepEqual(unwrap(await openRelay(nodeSuite, sk, bytes)), message);
    const other = await nodeSuite.generateKeyPair();
    assert.deepEqual(await openRelay(nodeSuite, other.sk, bytes), { ok: false, code: 'open-failed' });
    assert.deepEqual(await openRelay(nodeSuite, sk, bytes.slice(1)), { ok: false, code: 'bad-length' });
  }
});
