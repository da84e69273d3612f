// The quick way to a wallet gives what the protocol's way gives.
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { encodeWallet } from '@tongche/protocol';
import { issueWalletSync } from '@tongche/protocol/node';
import { seededRandom } from '@tongche/runtime';
import * as fc from 'fast-check';
import { packWallet } from './wallet-pack.ts';

test('packed wallets are the protocol’s, for any rider and any days', () => {
  const random = seededRandom('wallet');
  fc.assert(
    fc.property(
      fc.record({
        iss: fc.integer({ min: 0, max: 65_535 }),
        phone: fc.bigInt({ min: 1_000_000n, max: 999_999_999_999_999n }),
        walletNo: fc.integer({ min: 0, max: 7 }),
      }),
      fc.integer({ min: 0, max: 65_526 }),
      fc.integer({ min: 0, max: 9 }),
      (rider, first, count) => {
        const keys = Array.from({ length: count }, (_, index) => ({
          day: first + index,
          kTag: createSecretKey(random(32)),
          kAdm: createSecretKey(random(32)),
        }));
        assert.deepEqual(packWallet(keys, rider), encodeWallet(issueWalletSync(keys, rider)));
      },
    ),
    { seed: 11, numRuns: 40 },
  );
});
