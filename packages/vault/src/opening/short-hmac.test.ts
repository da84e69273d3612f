import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { shortHmac } from './short-hmac.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

test('is the HMAC-SHA256 of node:crypto, whatever was written before', () => {
  const hmac = shortHmac(256);
  fc.assert(
    fc.property(bytes(32), fc.array(bytes(60), { maxLength: 4 }), fc.integer({ min: 1, max: 32 }), (key, parts, n) => {
      const expected = createHmac('sha256', key).update(Buffer.concat(parts)).digest().subarray(0, n);
      const into = new Uint8Array(n);
      hmac.key(key);
      // The second time by the same key.
      for (let i = 0; i < 2; i += 1) {
        into.fill(0);
        hmac.write(into, ...parts);
        assert.deepEqual(Buffer.from(into), expected);
      }
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('refuses what does not fit, and forgets its key', () => {
  const hmac = shortHmac(8);
  assert.throws(() => hmac.key(new Uint8Array(33)), RangeError);
  assert.throws(() => hmac.write(new Uint8Array(32), new Uint8Array(5), new Uint8Array(4)), RangeError);
  const written = (): string => {
    const into = new Uint8Array(32);
    hmac.write(into, Uint8Array.of(1));
    return Buffer.from(into).toString('hex');
  };
  hmac.key(Uint8Array.of(9));
  const before = written();
  hmac.wipe();
  assert.notEqual(written(), before);
});
