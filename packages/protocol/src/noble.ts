// The suite over the audited noble libraries: plain JavaScript, for mini-programs and pages without WebCrypto.
import { gcm } from '@noble/ciphers/aes.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toBytes } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { hpkeOpen, hpkeSeal } from './hpke.ts';
import type { DhKey, HpkePrimitives } from './hpke.ts';
import { scalarFrom } from './p256.ts';
import { err, ok } from './result.ts';
import type { FullSuite, RandomBytes } from './suite.ts';

export function nobleSha256(data: Bytes): Bytes {
  return toBytes(sha256(data));
}

async function aesGcmSeal(key: Bytes, nonce: Bytes, aad: Bytes, plaintext: Bytes): Promise<Bytes> {
  return toBytes(gcm(key, nonce, aad).encrypt(plaintext));
}

const aesGcmOpen: HpkePrimitives['aesGcmOpen'] = async (key, nonce, aad, ct) => {
  const cipher = gcm(key, nonce, aad);
  try {
    return ok(toBytes(cipher.decrypt(ct)));
  } catch {
    return err('open-failed');
  }
};

function dhKeyOf(sk: Bytes): DhKey {
  return {
    pk: toBytes(p256.getPublicKey(sk, false)),
    dh: async (peer) => {
      try {
        return toBytes(p256.getSharedSecret(sk, peer, true).subarray(1));
      } catch {
        return undefined;
      }
    },
  };
}

/** A noble suite with the randomness of its caller (a mini-program's wx.getRandomValues, or a seed in tests). */
export function makeNobleSuite(randomBytes: RandomBytes): FullSuite {
  const primitives: HpkePrimitives = {
    hmac: async (key, data) => toBytes(hmac(sha256, key, data)),
    dhKey: async (sk) => dhKeyOf(sk ?? scalarFrom(randomBytes)),
    aesGcmSeal,
    aesGcmOpen,
  };
  return {
    id: 1,
    sha256: async (data) => nobleSha256(data),
    hmac: primitives.hmac,
    hpkeSeal: (options) => hpkeSeal(primitives, options),
    hpkeOpen: (options) => hpkeOpen(primitives, options),
    generateKeyPair: async () => {
      const sk = scalarFrom(randomBytes);
      return { sk, pk: dhKeyOf(sk).pk };
    },
    aesGcmSeal,
    aesGcmOpen,
    signP256: async (sk, data) => toBytes(p256.sign(data, sk, { lowS: false })),
    verifyP256: async (pk, data, signature) => {
      if (pk.length !== 65) return false;
      try {
        return p256.verify(signature, data, pk, { lowS: false });
      } catch {
        return false;
      }
    },
    signEd25519: async (sk, data) => toBytes(ed25519.sign(data, sk)),
    verifyEd25519: async (pk, data, signature) => {
      try {
        // RFC 8032 rules, not the looser ZIP 215: the other suites follow the RFC.
        return ed25519.verify(signature, data, pk, { zip215: false });
      } catch {
        return false;
      }
    },
    generateEd25519KeyPair: async () => {
      const sk = randomBytes(32);
      return { sk, pk: toBytes(ed25519.getPublicKey(sk)) };
    },
    decompressPoint: async (compressed) => {
      if (compressed.length !== 33) return err('bad-point');
      try {
        return ok(toBytes(p256.Point.fromBytes(compressed).toBytes(false)));
      } catch {
        return err('bad-point');
      }
    },
    randomBytes,
  };
}

interface RandomSource {
  getRandomValues(array: Bytes): unknown;
}

function platformRandomBytes(length: number): Bytes {
  const source = (globalThis as { readonly crypto?: RandomSource }).crypto;
  if (source === undefined) throw new Error('no secure randomness here: use makeNobleSuite with a source of it');
  const out = new Uint8Array(length);
  source.getRandomValues(out);
  return out;
}

/** The noble suite with the platform's crypto.getRandomValues, which browsers offer on plain HTTP pages too. */
export const nobleSuite: FullSuite = /* @__PURE__ */ makeNobleSuite(platformRandomBytes);
