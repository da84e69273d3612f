// The three suites agree on every primitive, and signatures verify across them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fromHex, toHex, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { nobleSuite } from './noble.ts';
import { hmacKey, makeNodeSuite, nodeHmac, nodeSuite, readyHmac } from './node.ts';
import { unwrap } from './result.ts';
import { fullSuites, suites } from './testing.ts';

function hex(text: string): Bytes {
  return unwrap(fromHex(text));
}

for (const [name, suite] of suites) {
  test(`${name}: SHA-256 of "abc" (FIPS 180-4)`, async () => {
    const digest = await suite.sha256(utf8('abc'));
    assert.equal(toHex(digest), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test(`${name}: HMAC-SHA256 test cases 1 and 2 of RFC 4231`, async () => {
    assert.equal(
      toHex(await suite.hmac(hex('0b'.repeat(20)), utf8('Hi There'))),
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    );
    assert.equal(
      toHex(await suite.hmac(utf8('Jefe'), utf8('what do ya want for nothing?'))),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  test(`${name}: AES-GCM test case 4 of McGrew and Viega`, async () => {
    const key = hex('feffe9928665731c6d6a8f9467308308');
    const nonce = hex('cafebabefacedbaddecaf888');
    const aad = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
    const plaintext = hex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    );
    const ct = await suite.aesGcmSeal(key, nonce, aad, plaintext);
    assert.equal(
      toHex(ct),
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47',
    );
    assert.deepEqual(unwrap(await suite.aesGcmOpen(key, nonce, aad, ct)), plaintext);
    const refused = { ok: false, code: 'open-failed' };
    assert.deepEqual(await suite.aesGcmOpen(key, nonce, utf8('x'), ct), refused);
    assert.deepEqual(await suite.aesGcmOpen(key, nonce, aad, ct.slice(0, 15)), refused);
  });

  test(`${name}: AES-256-GCM seals what the others open`, async () => {
    const [key, nonce] = [hex('11'.repeat(32)), hex('22'.repeat(12))];
    const ct = await suite.aesGcmSeal(key, nonce, utf8('a'), utf8('ticket'));
    for (const [, other] of suites) {
      assert.deepEqual(unwrap(await other.aesGcmOpen(key, nonce, utf8('a'), ct)), utf8('ticket'));
    }
  });

  test(`${name} verifies P-256 signatures of noble and node, and nothing changed`, async () => {
    for (const [, signer] of fullSuites) {
      const { sk, pk } = await suite.generateKeyPair();
      const signature = await signer.signP256(sk, utf8('bundle'));
      assert.equal(signature.length, 64);
      assert.ok(await suite.verifyP256(pk, utf8('bundle'), signature));
      assert.equal(await suite.verifyP256(pk, utf8('bundlf'), signature), false);
      const changed = signature.slice();
      changed[40] = (changed[40] ?? 0) ^ 1;
      assert.equal(await suite.verifyP256(pk, utf8('bundle'), changed), false);
      assert.equal(await suite.verifyP256(pk, utf8('bundle'), signature.slice(1)), false);
      assert.equal(await suite.verifyP256(pk, utf8('bundle'), new Uint8Array(64)), false);
    }
  });
}

for (const [name, suite] of fullSuites) {
  test(`${name}: Ed25519 test 2 of RFC 8032`, async () => {
    const sk = hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    const pk = hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const signature = await suite.signEd25519(sk, hex('72'));
    assert.equal(
      toHex(signature),
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    assert.ok(await suite.verifyEd25519(pk, hex('72'), signature));
    assert.equal(await suite.verifyEd25519(pk, hex('73'), signature), false);
    assert.equal(await suite.verifyEd25519(pk.slice(1), hex('72'), signature), false);
    assert.equal(await suite.verifyEd25519(pk, hex('72'), signature.slice(1)), false);
  });
}

test('Ed25519 key pairs of noble and node belong together', async () => {
  for (const [, suite] of fullSuites) {
    const { sk, pk } = await suite.generateEd25519KeyPair();
    const signature = await nobleSuite.signEd25519(sk, utf8('x'));
    assert.ok(await nodeSuite.verifyEd25519(pk, utf8('x'), signature));
  }
});

test('a seeded suite makes the same keys and seals the same bytes again', async () => {
  const seeded = () => {
    let next = 1;
    return makeNodeSuite((length) => new Uint8Array(length).map(() => (next = (next * 73 + 5) % 251)));
  };
  const { pk } = await nodeSuite.generateKeyPair();
  const options = { pk, info: utf8('i'), aad: utf8('a'), plaintext: utf8('p') };
  assert.deepEqual(await seeded().generateKeyPair(), await seeded().generateKeyPair());
  assert.deepEqual(await seeded().hpkeSeal(options), await seeded().hpkeSeal(options));
});

test('a ready HMAC is the HMAC, for any key and message it can take, and is worthless once wiped', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.uint8Array({ maxLength: 100 }),
      fc.integer({ min: 0, max: 32 }),
      (key, message, length) => {
        const ready = readyHmac(key, 100);
        const mac = new Uint8Array(length);
        ready.write(message, mac);
        const expected = nodeHmac(hmacKey(new Uint8Array(key)), message).slice(0, length);
        assert.deepEqual(mac, expected);
        ready.wipe();
        ready.write(message, mac);
        if (length > 8) assert.notDeepEqual(mac, expected);
      },
    ),
    { seed: 17, numRuns: 200 },
  );
  assert.throws(() => readyHmac(new Uint8Array(65), 10), RangeError);
  assert.throws(() => readyHmac(new Uint8Array(32), 10).write(new Uint8Array(11), new Uint8Array(32)), RangeError);
});

test('keys made for one seal are sealed to and opened by every suite', async () => {
  const pair = await nodeSuite.generateKeyPair();
  for (let i = 0; i < 300; i += 1) {
    const { enc, ct } = await nodeSuite.hpkeSeal({
      pk: pair.pk,
      info: utf8('i'),
      aad: utf8('a'),
      plaintext: utf8('hello'),
    });
    assert.equal(enc.length, 65);
    const opener = i < 3 ? nobleSuite : nodeSuite;
    const opened = unwrap(await opener.hpkeOpen({ sk: pair.sk, enc, info: utf8('i'), aad: utf8('a'), ct }));
    assert.deepEqual(opened.plaintext, utf8('hello'));
  }
});
