// What the authority signs: bundles, orders, requests, checkpoints; and wallets, which phones read from the wire.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { toBase64Url } from './base64.ts';
import { minuteOf, parseBundle, verifyBundle } from './bundle.ts';
import { utf8 } from './bytes.ts';
import { cosignCheckpoint, parseCheckpoint, signCheckpoint, verifyCheckpoint } from './checkpoint.ts';
import { hmacKey, issueWalletSync, nodeSha256, nodeSuite } from './node.ts';
import { canonicalOrder, caseCommitment, checkOrder, orderHash, subjectCommitment } from './order.ts';
import type { TraceOrder } from './order.ts';
import { signRequest, verifyRequest } from './request.ts';
import { unwrap } from './result.ts';
import { makeRide } from './ride.ts';
import { demoAuthority, fullSuites, suites } from './testing.ts';
import { decodeWallet, encodeWallet, pickSlot } from './wallet.ts';

test('a bundle verifies with either key in every suite that can, and with no other key', async () => {
  const { bundle, p256, ed25519, relay } = await demoAuthority();
  const wire = JSON.parse(JSON.stringify(bundle)) as unknown;
  for (const [name, suite] of suites) {
    assert.deepEqual(unwrap(await verifyBundle(suite, wire, { p256: p256.pk })), bundle, name);
    assert.deepEqual(await verifyBundle(suite, wire, { p256: relay.pk }), { ok: false, code: 'bad-signature' });
  }
  for (const [name, suite] of fullSuites) {
    assert.deepEqual(unwrap(await verifyBundle(suite, wire, { ed25519: ed25519.pk })), bundle, name);
  }
});

test('a bundle with any field changed does not verify', async () => {
  const { bundle, p256, relay } = await demoAuthority();
  const other = toBase64Url((await nodeSuite.generateKeyPair()).pk);
  const changes = [
    { day: bundle.day + 1 },
    { keyId: 'other' },
    { pkEnv: other },
    { relayPk: other },
    { platformUrl: 'https://evil.example' },
    { notBeforeMs: bundle.notBeforeMs + 1 },
    { notAfterMs: bundle.notAfterMs + 1 },
    { authority: { ...bundle.authority, iss: 2 } },
    { authority: { ...bundle.authority, zone: 'UTC' } },
    { authority: { ...bundle.authority, name: { zh: '别处', en: 'Elsewhere' } } },
  ];
  for (const change of changes) {
    const verified = await verifyBundle(nodeSuite, { ...bundle, ...change }, { p256: p256.pk });
    assert.deepEqual(verified, { ok: false, code: 'bad-signature' }, Object.keys(change).join());
  }
  const malformed = [null, 1, [], {}, { ...bundle, suite: 2 }, { ...bundle, pkEnv: 'AA' }, { ...bundle, day: -1 }];
  const noPoint = toBase64Url(new Uint8Array(65).fill(4));
  for (const value of [...malformed, { ...bundle, relayPk: noPoint }, { ...bundle, signatures: {} }]) {
    assert.equal(parseBundle(value).ok, false);
  }
  assert.ok(parseBundle({ ...bundle, relayPk: toBase64Url(relay.pk) }).ok);
});

test('a minute belongs to the bundle of its day alone', async () => {
  const { bundle } = await demoAuthority();
  assert.equal(unwrap(minuteOf(bundle, bundle.notBeforeMs)), 0);
  assert.equal(unwrap(minuteOf(bundle, bundle.notAfterMs - 1)), 1439);
  assert.equal(minuteOf(bundle, bundle.notAfterMs).ok, false);
  assert.equal(minuteOf(bundle, bundle.notBeforeMs - 1).ok, false);
});

test('making a ride outside its day, or with a slot of another day, is a fault', async () => {
  const { bundle } = await demoAuthority();
  const pass = { slot: 3, tag: nodeSuite.randomBytes(16), adm: nodeSuite.randomBytes(16) };
  const flags = { companion: false, assisted: true };
  const contact = { flags, kind: 'slip', subject: 5n, reach: 0n, name: '', openid: '' } as const;
  const facts = { bundle, code: nodeSuite.randomBytes(8), queued: true, party: 0, contact };
  const ride = await makeRide(nodeSuite, { ...facts, pass, boardedMs: bundle.notBeforeMs });
  assert.deepEqual(ride.tag, pass.tag);
  await assert.rejects(makeRide(nodeSuite, { ...facts, pass, boardedMs: bundle.notAfterMs }), RangeError);
  const walletDay = { day: bundle.day + 1, slots: [pass] };
  await assert.rejects(
    makeRide(nodeSuite, { ...facts, walletDay, slotIndex: 0, boardedMs: bundle.notBeforeMs }),
    RangeError,
  );
});

const keys = [20_575, 20_576].map((day) => ({
  day,
  kTag: hmacKey(nodeSuite.randomBytes(32)),
  kAdm: hmacKey(nodeSuite.randomBytes(32)),
}));

test('a wallet comes back the same from the wire; a malformed one is refused', () => {
  const wallet = issueWalletSync(keys, { iss: 1, phone: 8613800138000n, walletNo: 7 });
  const packed = encodeWallet(wallet);
  assert.deepEqual(unwrap(decodeWallet(JSON.parse(JSON.stringify(packed)))), wallet);
  const tags = wallet.days.flatMap(({ slots }) => slots.map(({ tag }) => toBase64Url(tag)));
  assert.equal(new Set(tags).size, 64);
  const day = packed.days[0];
  const malformed = [
    null,
    {},
    { ...packed, walletNo: 8 },
    { ...packed, days: 1 },
    { ...packed, days: [{ ...day, day: -1 }] },
  ];
  for (const value of [
    ...malformed,
    { ...packed, days: [{ ...day, slots: 'AAAA' }] },
    { ...packed, days: Array(17).fill(day) },
  ]) {
    assert.equal(decodeWallet(value).ok, false);
  }
});

test('slots are picked among the unused ones of the day until none is left', () => {
  const wallet = issueWalletSync(keys, { iss: 1, phone: 8613800138000n, walletNo: 0 });
  const used = new Set<number>();
  for (let i = 0; i < 32; i += 1) {
    const { slotIndex, walletDay } = unwrap(pickSlot(wallet, 20_576, used, nodeSuite.randomBytes));
    assert.equal(walletDay.day, 20_576);
    assert.ok(!used.has(slotIndex));
    used.add(slotIndex);
  }
  assert.deepEqual(pickSlot(wallet, 20_576, used, nodeSuite.randomBytes), { ok: false, code: 'slots-exhausted' });
  assert.deepEqual(pickSlot(wallet, 1, new Set(), nodeSuite.randomBytes), { ok: false, code: 'no-such-day' });
});

const ISSUED_MS = 1_777_800_000_000;
const order: TraceOrder = {
  orderId: toBase64Url(new Uint8Array(16).fill(7)),
  iss: 1,
  authority: '示范市疾控中心',
  purpose: 'trace',
  status: 'confirmed',
  fromDay: 20_561,
  toDay: 20_575,
  subjects: 1,
  maxRides: 200,
  maxRecords: 20_000,
  maxExtraWindows: 10,
  watchUntilMs: ISSUED_MS + 5 * 86_400_000,
  depth: 1,
  issuedMs: ISSUED_MS,
  expiresMs: ISSUED_MS + 86_400_000,
  caseCommitment: toBase64Url(new Uint8Array(32)),
  subjectCommitments: [toBase64Url(new Uint8Array(32).fill(1))],
};

test('an order keeps its limits: 15 days, 21 with a third approver, five days of watching, a day of life', () => {
  assert.ok(checkOrder(order, 2).ok);
  assert.deepEqual(checkOrder({ ...order, fromDay: 20_560 }, 2), { ok: false, code: 'bad-span' });
  assert.ok(checkOrder({ ...order, fromDay: 20_555 }, 3).ok);
  assert.equal(checkOrder({ ...order, fromDay: 20_554 }, 3).ok, false);
  assert.equal(checkOrder({ ...order, fromDay: 20_576 }, 2).ok, false);
  assert.equal(checkOrder({ ...order, watchUntilMs: order.watchUntilMs + 1 }, 2).ok, false);
  assert.equal(checkOrder({ ...order, expiresMs: order.expiresMs + 1 }, 2).ok, false);
  assert.equal(checkOrder({ ...order, expiresMs: ISSUED_MS }, 2).ok, false);
  for (const subjects of [0, 2, 4]) assert.equal(checkOrder({ ...order, subjects }, 2).ok, false);
});

test("an order's hash does not depend on the order of its fields, and on everything else it does", async () => {
  const hash = await orderHash(nodeSuite, order);
  const reversed = Object.fromEntries(Object.entries(order).reverse()) as unknown as TraceOrder;
  assert.deepEqual(await orderHash(nodeSuite, reversed), hash);
  assert.deepEqual(nodeSha256(utf8(`trace-order/1${new TextDecoder().decode(canonicalOrder(order))}`)), hash);
  for (const change of [{ maxRides: 201 }, { purpose: 'exercise' as const }, { subjectCommitments: [] }]) {
    assert.notDeepEqual(await orderHash(nodeSuite, { ...order, ...change }), hash);
  }
});

test('commitments tell cases and subjects apart under one key, and keys apart', async () => {
  const [a, b] = [nodeSuite.randomBytes(32), nodeSuite.randomBytes(32)];
  const texts = [
    await caseCommitment(nodeSuite, a, 'C-1'),
    await caseCommitment(nodeSuite, a, 'C-2'),
    await caseCommitment(nodeSuite, b, 'C-1'),
    await subjectCommitment(nodeSuite, a, { kind: 'phone', subject: 1n }),
    await subjectCommitment(nodeSuite, a, { kind: 'slip', subject: 1n }),
  ].map(toBase64Url);
  assert.equal(new Set(texts).size, texts.length);
});

test('a request is taken within five minutes, unchanged, from its signer', async () => {
  for (const [, suite] of fullSuites) {
    const { sk, pk } = await suite.generateEd25519KeyPair();
    const request = await signRequest(suite, sk, { orderHash: 'x', windows: [1, 2] }, ISSUED_MS);
    const received = JSON.parse(JSON.stringify(request)) as typeof request;
    assert.ok((await verifyRequest(suite, pk, received, ISSUED_MS + 300_000)).ok);
    assert.ok((await verifyRequest(suite, pk, received, ISSUED_MS - 300_000)).ok);
    for (const offsetMs of [-300_001, 300_001]) {
      const verified = await verifyRequest(suite, pk, received, ISSUED_MS + offsetMs);
      assert.deepEqual(verified, { ok: false, code: 'stale-request' });
    }
    const other = await suite.generateEd25519KeyPair();
    for (const [key, value] of [
      [pk, { ...received, windows: [1, 3] }],
      [pk, { ...received, nonce: `${received.nonce.slice(0, -1)}_` }],
      [pk, { ...received, issuedMs: ISSUED_MS + 1 }],
      [pk, { ...received, signature: 'AA' }],
      [other.pk, received],
    ] as const) {
      assert.deepEqual(await verifyRequest(suite, key, value, ISSUED_MS), { ok: false, code: 'bad-signature' });
    }
  }
});

test('a checkpoint is signed, cosigned, read and verified; changes are not', async () => {
  const log = { name: 'registrar.example', ...(await nodeSuite.generateEd25519KeyPair()) };
  const witness = { name: 'witness.example', ...(await nodeSuite.generateEd25519KeyPair()) };
  const origin = 'registrar.example/log';
  const checkpoint = { origin, size: 12, root: nodeSha256(utf8('root')) };
  const note = await signCheckpoint(nodeSuite, log, checkpoint);
  assert.match(note, /^registrar\.example\/log\n12\n[A-Za-z0-9+/]{43}=\n\n— registrar\.example [A-Za-z0-9+/=]+\n$/);
  assert.deepEqual(unwrap(await verifyCheckpoint(nodeSuite, note, { log, origin })), checkpoint);
  const witnesses = [witness];
  const needed = { log, origin, witnesses, minWitnesses: 1 };
  assert.equal((await verifyCheckpoint(nodeSuite, note, needed)).ok, false);
  const cosigned = unwrap(await cosignCheckpoint(nodeSuite, witness, note, 1_777_800_000));
  for (const [, suite] of fullSuites) {
    assert.deepEqual(unwrap(await verifyCheckpoint(suite, cosigned, needed)), checkpoint);
  }
  assert.equal(unwrap(parseCheckpoint(cosigned)).signatures.length, 2);
  const stranger = await nodeSuite.generateEd25519KeyPair();
  assert.equal((await verifyCheckpoint(nodeSuite, note, { log: { ...log, ...stranger }, origin })).ok, false);
  assert.equal((await verifyCheckpoint(nodeSuite, note, { log, origin: 'other' })).ok, false);
  assert.equal((await verifyCheckpoint(nodeSuite, note.replace('\n12\n', '\n13\n'), { log, origin })).ok, false);
});

test('no text makes the checkpoint parser throw; what is out of place is refused', () => {
  const root = 'A'.repeat(43);
  const good = `o\n1\n${root}=\n\n— n AAAAAAAA\n`;
  assert.ok(parseCheckpoint(good).ok);
  const wrong = [
    '',
    'o\n1\n',
    good.slice(0, -1),
    good.replace('1', '01'),
    good.replace('1', '1e3'),
    good.replace('—', '-'),
  ];
  for (const text of [...wrong, good.replace('=', ''), `\n${good}`, good.replace(' n ', '  '), `${good}x\n`]) {
    assert.equal(parseCheckpoint(text).ok, false, JSON.stringify(text));
  }
  fc.assert(
    fc.property(fc.string(), (text) => assert.equal(parseCheckpoint(text).ok, false)),
    { seed: 30 },
  );
});
