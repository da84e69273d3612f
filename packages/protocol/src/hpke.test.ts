// HPKE against RFC 9180 appendix A.3.1 (DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode), in all three suites.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex, utf8 } from './bytes.ts';
import { HPKE_VECTOR, hex } from './testing-vectors.ts';
import { suites } from './testing.ts';

for (const [name, suite] of suites) {
  test(`${name} seals and opens the vector of RFC 9180 A.3.1`, async () => {
    const { info, aad, plaintext, exports } = HPKE_VECTOR;
    const sealed = await suite.hpkeSeal({
      pk: HPKE_VECTOR.pkRm,
      info,
      aad,
      plaintext,
      exports,
      ephemeral: { sk: HPKE_VECTOR.skEm },
    });
    assert.equal(toHex(sealed.enc), HPKE_VECTOR.enc);
    assert.equal(toHex(sealed.ct), HPKE_VECTOR.ct);
    assert.deepEqual(sealed.exported.map(toHex), HPKE_VECTOR.exported);
    const opened = await suite.hpkeOpen({ sk: HPKE_VECTOR.skRm, enc: sealed.enc, info, aad, ct: sealed.ct, exports });
    assert.ok(opened.ok);
    assert.deepEqual(opened.value.plaintext, plaintext);
    assert.deepEqual(opened.value.exported.map(toHex), HPKE_VECTOR.exported);
  });

  test(`${name} refuses other info, other associated data and a cut ciphertext`, async () => {
    const { info, aad } = HPKE_VECTOR;
    const enc = hex(HPKE_VECTOR.enc);
    const ct = hex(HPKE_VECTOR.ct);
    const sk = HPKE_VECTOR.skRm;
    for (const changed of [{ info: utf8('x') }, { aad: utf8('x') }, { ct: ct.slice(1) }, { ct: ct.slice(0, 3) }]) {
      const opened = await suite.hpkeOpen({ sk, enc, info, aad, ct, ...changed });
      assert.deepEqual(opened, { ok: false, code: 'open-failed' });
    }
  });

  test(`${name} makes a fresh ephemeral key for each message`, async () => {
    const { pkRm: pk, info, aad, plaintext } = HPKE_VECTOR;
    const first = await suite.hpkeSeal({ pk, info, aad, plaintext });
    const second = await suite.hpkeSeal({ pk, info, aad, plaintext });
    assert.notDeepEqual(first.enc, second.enc);
    assert.notDeepEqual(first.ct, second.ct);
  });
}
