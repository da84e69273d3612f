// Points that are not keys: each category of the Wycheproof ECDH-P256 vectors (invalid curve, wrong length, infinity, field
// overflow, wrong encodings), refused by every suite; and edge points that are keys, computed alike by every suite.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { nobleSuite } from './noble.ts';
import { decompressPointSync, makeOpeningSuite, nodeSuite } from './node.ts';
import { compressPoint, isPoint, isScalar, scalarFrom } from './p256.ts';
import { unwrap } from './result.ts';
import { GX, GY, N, NOT_POINTS, P, X_ZERO, ZERO, hex } from './testing-vectors.ts';
import { fullSuites, suites } from './testing.ts';

const EMPTY: Bytes = new Uint8Array(0);

for (const [name, suite] of suites) {
  test(`${name} refuses each kind of false point as an encapsulated key`, async () => {
    const { sk } = await nodeSuite.generateKeyPair();
    for (const [kind, enc] of Object.entries(NOT_POINTS)) {
      const opened = await suite.hpkeOpen({ sk, enc, info: EMPTY, aad: EMPTY, ct: new Uint8Array(16) });
      assert.deepEqual(opened, { ok: false, code: 'bad-point' }, kind);
    }
  });

  test(`${name} does not seal to a false point, and verifies nothing under it`, async () => {
    for (const [kind, pk] of Object.entries(NOT_POINTS)) {
      await assert.rejects(suite.hpkeSeal({ pk, info: EMPTY, aad: EMPTY, plaintext: EMPTY }), RangeError, kind);
      assert.equal(await suite.verifyP256(pk, EMPTY, new Uint8Array(64)), false, kind);
    }
  });

  test(`${name} computes the same secret with edge points as the others`, async () => {
    const sk = hex(`${'00'.repeat(31)}03`);
    for (const enc of [hex(`04${ZERO}${X_ZERO}`), hex(`04${GX}${GY}`)]) {
      const sealed = await nobleSuite.hpkeSeal({
        pk: enc,
        info: EMPTY,
        aad: EMPTY,
        plaintext: EMPTY,
        ephemeral: { sk },
      });
      const again = await suite.hpkeSeal({ pk: enc, info: EMPTY, aad: EMPTY, plaintext: EMPTY, ephemeral: { sk } });
      assert.deepEqual(again, sealed);
    }
  });
}

test('a prepared opening suite refuses each kind of false point, and opens with other keys too', async () => {
  const own = await nodeSuite.generateKeyPair();
  const other = await nodeSuite.generateKeyPair();
  const opening = makeOpeningSuite(own.sk);
  for (const [kind, enc] of Object.entries(NOT_POINTS)) {
    const opened = await opening.hpkeOpen({ sk: own.sk, enc, info: EMPTY, aad: EMPTY, ct: new Uint8Array(16) });
    assert.deepEqual(opened, { ok: false, code: 'bad-point' }, kind);
  }
  for (const { sk, pk } of [own, other]) {
    const { enc, ct } = await nodeSuite.hpkeSeal({ pk, info: EMPTY, aad: EMPTY, plaintext: hex('05') });
    const opened = unwrap(await opening.hpkeOpen({ sk, enc, info: EMPTY, aad: EMPTY, ct }));
    assert.deepEqual(opened.plaintext, hex('05'));
  }
});

test('the portable check agrees: only points of the curve are points', () => {
  for (const [kind, point] of Object.entries(NOT_POINTS)) assert.equal(isPoint(point), false, kind);
  assert.ok(isPoint(hex(`04${GX}${GY}`)));
  assert.ok(isPoint(hex(`04${ZERO}${X_ZERO}`)));
});

test('compressing and decompressing is the identity in noble and node', async () => {
  for (let i = 0; i < 20; i += 1) {
    const { pk } = await nodeSuite.generateKeyPair();
    const compressed = compressPoint(pk);
    assert.equal(compressed.length, 33);
    for (const [, suite] of fullSuites) assert.deepEqual(unwrap(await suite.decompressPoint(compressed)), pk);
  }
});

test('what is not a compressed point is refused by noble and node', async () => {
  const candidates = ['02', '00', `04${GX}`, `02${P}`, `02${'ff'.repeat(32)}`, `05${GX}`, `04${GX}${GY}`, `00${ZERO}`];
  for (const text of candidates) {
    for (const [name, suite] of fullSuites) {
      assert.deepEqual(await suite.decompressPoint(hex(text)), { ok: false, code: 'bad-point' }, `${name} ${text}`);
    }
  }
  let missing = 0;
  for (let x = 1; x < 20; x += 1) {
    const compressed = concat(hex(`02${'00'.repeat(31)}`), new Uint8Array([x]));
    const noble = await nobleSuite.decompressPoint(compressed);
    assert.deepEqual(noble, decompressPointSync(compressed));
    if (!noble.ok) missing += 1;
  }
  assert.ok(missing > 0, 'about half of all x have no point');
});

test('scalars are 1..n-1', () => {
  assert.equal(isScalar(hex(ZERO)), false);
  assert.equal(isScalar(hex(N)), false);
  assert.equal(isScalar(hex('ff'.repeat(32))), false);
  assert.equal(isScalar(hex('01')), false);
  assert.ok(isScalar(hex(`${N.slice(0, -1)}0`)));
  assert.ok(isScalar(hex(`${'00'.repeat(31)}01`)));
});

test('a broken source of randomness is a fault, not a weak key', () => {
  assert.throws(() => scalarFrom((length) => new Uint8Array(length)), /broken/);
  assert.throws(() => scalarFrom((length) => new Uint8Array(length).fill(0xff)), /broken/);
});

for (const [name, suite] of suites) {
  test(`${name} refuses a private key of zero or of the group's order`, async () => {
    for (const sk of [hex(ZERO), hex(N)]) {
      await assert.rejects(
        suite.hpkeOpen({ sk, enc: hex(`04${GX}${GY}`), info: EMPTY, aad: EMPTY, ct: new Uint8Array(16) }),
      );
    }
  });
}
