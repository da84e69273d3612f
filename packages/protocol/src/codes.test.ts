// Codes as they are printed, scanned and typed, and the texts of bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from './base64.ts';
import { cutUtf8, fromHex, fromUtf8, readU64, toBytes, toHex, u64, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';
import { decodeCode, decodeScannedCode, encodeCode, encodeScreenCode, rotationAt, verifyRotation } from './code.ts';
import { nodeSuite } from './node.ts';
import { unwrap } from './result.ts';
import { makeShortCode, parseShortCode, SHORT_ALPHABET, SHORT_CODE_COUNT } from './short-code.ts';

const bytes = fc.uint8Array({ maxLength: 60 }).map(toBytes);
const code8 = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(toBytes);

test('base64, hex and UTF-8 agree with Node and come back the same', () => {
  fc.assert(
    fc.property(bytes, fc.string({ unit: 'grapheme' }), (data, text) => {
      assert.equal(toBase64Url(data), Buffer.from(data).toString('base64url'));
      assert.equal(toBase64(data), Buffer.from(data).toString('base64'));
      assert.equal(toHex(data), Buffer.from(data).toString('hex'));
      assert.deepEqual(unwrap(fromBase64Url(toBase64Url(data))), data);
      assert.deepEqual(unwrap(fromBase64(toBase64(data))), data);
      assert.deepEqual(unwrap(fromHex(toHex(data))), data);
      assert.deepEqual(utf8(text), toBytes(Buffer.from(text)));
      assert.equal(unwrap(fromUtf8(utf8(text))), text);
    }),
    { seed: 5 },
  );
});

test('only the canonical spelling of bytes is read', () => {
  for (const text of ['A', 'AB', 'AAB', 'AA==', 'A A', 'AA\n', 'AA+/', 'ÄA']) {
    assert.equal(fromBase64Url(text).ok, false, JSON.stringify(text));
  }
  for (const text of ['A', 'AA', 'AA=', 'AB==', 'AA-_', '====', 'AA==AA=='])
    assert.equal(fromBase64(text).ok, false, text);
  for (const text of ['a', 'gg', '0x']) assert.equal(fromHex(text).ok, false, text);
  for (const data of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe4, 0xb8], [0xff], [0xf5, 0x80, 0x80, 0x80]]) {
    assert.equal(fromUtf8(new Uint8Array(data)).ok, false);
  }
});

test('text is cut between code points', () => {
  assert.equal(cutUtf8('张小三', 8), '张小');
  assert.equal(cutUtf8('a😀b', 4), 'a');
  assert.equal(cutUtf8('abc', 24), 'abc');
  assert.deepEqual(utf8('\ud800'), utf8('\ufffd'));
});

test('64-bit numbers come back the same, and others are faults', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (value) => assert.equal(readU64(u64(value), 0), value)),
    { seed: 6 },
  );
  assert.throws(() => u64(-1n), RangeError);
  assert.throws(() => u64(1n << 64n), RangeError);
});

test('a code is 11 characters and comes back the same', () => {
  fc.assert(
    fc.property(code8, fc.uint8Array({ minLength: 4, maxLength: 4 }), (code, rotation) => {
      assert.equal(encodeCode(code).length, 11);
      assert.deepEqual(unwrap(decodeCode(encodeCode(code))), code);
      assert.deepEqual(unwrap(decodeScannedCode(encodeCode(code))), { code });
      const screen = encodeScreenCode(code, toBytes(rotation));
      assert.equal(screen.length, 16);
      assert.deepEqual(unwrap(decodeScannedCode(screen)), { code, rotation: toBytes(rotation) });
    }),
    { seed: 7 },
  );
  for (const text of ['', 'AAAAAAAAAA', 'AAAAAAAAAAB', 'AAAAAAAAAAAA', 'AAAAAAAAAA=', 'AAAAA AAAAA', '../AAAAAAAA']) {
    assert.equal(decodeCode(text).ok, false, text);
    assert.equal(decodeScannedCode(text).ok, false, text);
  }
});

test('a screen code is good for its step of 30 seconds and the ones beside it', async () => {
  const kScreen = nodeSuite.randomBytes(32);
  const atMs = 1_777_777_770_000;
  const rotation = await rotationAt(nodeSuite, kScreen, atMs);
  for (const [offsetMs, expected] of [
    [0, true],
    [-30_000, true],
    [59_999, true],
    [60_000, false],
    [-30_001, false],
  ] as const) {
    assert.equal(await verifyRotation(nodeSuite, kScreen, rotation, atMs + offsetMs), expected, String(offsetMs));
  }
});

const shortNumber = fc.integer({ min: 0, max: SHORT_CODE_COUNT - 1 });

test('a short code is read in any case, spaced, dashed, and with look-alikes', () => {
  fc.assert(
    fc.property(shortNumber, (n) => {
      const code = makeShortCode(n);
      assert.match(code, /^[2-9A-HJKMNP-TV-Y]{7}$/);
      const spaced = `${code.slice(0, 3)} ${code.slice(3, 5)}-${code.slice(5)}`.toLowerCase();
      for (const text of [
        code,
        spaced,
        ` ${code}`,
        code.replaceAll('Q', 'O').replaceAll('7', '1').replaceAll('V', 'u'),
      ]) {
        assert.equal(unwrap(parseShortCode(text)), code);
      }
    }),
    { seed: 8 },
  );
  assert.notEqual(makeShortCode(0), makeShortCode(1));
  for (const n of [-1, 0.5, SHORT_CODE_COUNT]) assert.throws(() => makeShortCode(n), RangeError);
});

test('every wrong character and every swap in a short code is caught', () => {
  fc.assert(
    fc.property(shortNumber, (n) => {
      const code = makeShortCode(n);
      for (let at = 0; at < 7; at += 1) {
        for (const other of SHORT_ALPHABET) {
          if (other === code.charAt(at)) continue;
          assert.equal(parseShortCode(code.slice(0, at) + other + code.slice(at + 1)).ok, false);
        }
        for (let other = 0; other < at; other += 1) {
          const swapped = Array.from(code);
          swapped[at] = code.charAt(other);
          swapped[other] = code.charAt(at);
          if (swapped.join('') !== code) assert.equal(parseShortCode(swapped.join('')).ok, false);
        }
      }
    }),
    { seed: 9, numRuns: 40 },
  );
});

test('canonical JSON sorts keys, writes no spaces and refuses what has two spellings', () => {
  assert.equal(
    canonicalJson({ b: [1, null, 'ä"'], a: { d: true, c: -5 } }),
    '{"a":{"c":-5,"d":true},"b":[1,null,"ä\\""]}',
  );
  for (const value of [1.5, Number.NaN, 2 ** 53, -0, undefined, { a: undefined }, 1n, () => 1]) {
    assert.throws(() => canonicalJson(value), TypeError);
  }
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.maxSafeInteger(), fc.string(), fc.boolean())), (value) => {
      const safe = JSON.parse(JSON.stringify(value)) as unknown;
      assert.deepEqual(JSON.parse(canonicalJson(safe)), safe);
      assert.equal(canonicalJson(Object.fromEntries(Object.entries(value).reverse())), canonicalJson(value));
    }),
    { seed: 10 },
  );
});
