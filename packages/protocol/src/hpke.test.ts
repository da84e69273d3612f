// HPKE against RFC 9180 appendix A.3.1 (DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode), in all three suites.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { fromHex, toHex } from './bytes.ts';
import { unwrap } from './result.ts';
import { suites } from './testing.ts';

function hex(text: string): Bytes {
  return unwrap(fromHex(text));
}

const VECTOR = {
  info: hex('4f6465206f6e2061204772656369616e2055726e'),
  skEm: hex('4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb'),
  enc: '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4',
  pkRm: hex(
    '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0',
  ),
  skRm: hex('f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2'),
  aad: hex('436f756e742d30'),
  plaintext: hex('4265617574792069732074727574682c20747275746820626561757479'),
  ct: '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434',
  exports: [
    { context: new Uint8Array(0), length: 32 },
    { context: hex('00'), length: 32 },
    { context: utf8('TestContext'), length: 32 },
  ],
  exported: [
    '5e9bc3d236e1911d95e65b576a8a86d478fb827e8bdfe77b741b289890490d4d',
    '6cff87658931bda83dc857e6353efe4987a201b849658d9b047aab4cf216e796',
    'd8f1ea7942adbba7412c6d431c62d01371ea476b823eb697e1f6e6cae1dab85a',
  ],
};

for (const [name, suite] of suites) {
  test(`${name} seals and opens the vector of RFC 9180 A.3.1`, async () => {
    const { info, aad, plaintext, exports } = VECTOR;
    const sealed = await suite.hpkeSeal({
      pk: VECTOR.pkRm,
      info,
      aad,
      plaintext,
      exports,
      ephemeral: { sk: VECTOR.skEm },
    });
    assert.equal(toHex(sealed.enc), VECTOR.enc);
    assert.equal(toHex(sealed.ct), VECTOR.ct);
    assert.deepEqual(sealed.exported.map(toHex), VECTOR.exported);
    const opened = await suite.hpkeOpen({ sk: VECTOR.skRm, enc: sealed.enc, info, aad, ct: sealed.ct, exports });
    assert.ok(opened.ok);
    assert.deepEqual(opened.value.plaintext, plaintext);
    assert.deepEqual(opened.value.exported.map(toHex), VECTOR.exported);
  });

  test(`${name} refuses other info, other associated data and a cut ciphertext`, async () => {
    const { info, aad } = VECTOR;
    const enc = hex(VECTOR.enc);
    const ct = hex(VECTOR.ct);
    const sk = VECTOR.skRm;
    for (const changed of [{ info: utf8('x') }, { aad: utf8('x') }, { ct: ct.slice(1) }, { ct: ct.slice(0, 3) }]) {
      const opened = await suite.hpkeOpen({ sk, enc, info, aad, ct, ...changed });
      assert.deepEqual(opened, { ok: false, code: 'open-failed' });
    }
  });

  test(`${name} makes a fresh ephemeral key for each message`, async () => {
    const { pkRm: pk, info, aad, plaintext } = VECTOR;
    const first = await suite.hpkeSeal({ pk, info, aad, plaintext });
    const second = await suite.hpkeSeal({ pk, info, aad, plaintext });
    assert.notDeepEqual(first.enc, second.enc);
    assert.notDeepEqual(first.ct, second.ct);
  });
}
