// The suite over the browser's own WebCrypto: no library, for the passenger page. Import as '@tongche/protocol/webcrypto'.
import { fromBase64Url } from './base64.ts';
import { concat } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { hpkeOpen, hpkeSeal } from './hpke.ts';
import type { DhKey, HpkePrimitives } from './hpke.ts';
import { err, ok, unwrap } from './result.ts';
import type { Suite } from './suite.ts';

type Algorithm = string | object;

/** The members of a private EC key in JWK form (RFC 7518 section 6.2). */
interface PrivateJwk {
  readonly d?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
}

/** The part of the Crypto interface used here; a browser's and Node's globalThis.crypto both have it. */
export interface WebCrypto<Key> {
  getRandomValues(array: Bytes): unknown;
  readonly subtle: {
    digest(algorithm: string, data: Bytes): Promise<ArrayBuffer>;
    importKey(format: 'raw' | 'pkcs8', key: Bytes, algorithm: Algorithm, out: boolean, uses: string[]): Promise<Key>;
    sign(algorithm: Algorithm, key: Key, data: Bytes): Promise<ArrayBuffer>;
    verify(algorithm: Algorithm, key: Key, signature: Bytes, data: Bytes): Promise<boolean>;
    encrypt(algorithm: Algorithm, key: Key, data: Bytes): Promise<ArrayBuffer>;
    decrypt(algorithm: Algorithm, key: Key, data: Bytes): Promise<ArrayBuffer>;
    deriveBits(algorithm: Algorithm, key: Key, length: number): Promise<ArrayBuffer>;
    generateKey(algorithm: Algorithm, out: boolean, uses: string[]): Promise<unknown>;
    exportKey(format: 'jwk', key: Key): Promise<PrivateJwk>;
  };
}

const ECDH = { name: 'ECDH', namedCurve: 'P-256' };
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HMAC = { name: 'HMAC', hash: 'SHA-256' };
// PKCS #8 around a P-256 scalar (RFC 5915), the public point left out: WebCrypto takes no raw private key. Only vectors and
// tests import a scalar; a phone's keys are generated.
const PKCS8_SHELL = 'MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCA';

/** Needs a secure context (HTTPS or localhost): elsewhere `crypto.subtle` is missing and the noble suite serves. */
export function webCryptoSuite<Key>(crypto: WebCrypto<Key>): Suite {
  const { subtle } = crypto;

  function randomBytes(length: number): Bytes {
    const out = new Uint8Array(length);
    crypto.getRandomValues(out);
    return out;
  }

  async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
    const imported = await subtle.importKey('raw', key, HMAC, false, ['sign']);
    return new Uint8Array(await subtle.sign('HMAC', imported, data));
  }

  async function ecdhKey(
    sk: Bytes | undefined,
  ): Promise<{ readonly key: Key; readonly sk: Bytes; readonly pk: Bytes }> {
    const key =
      sk === undefined
        ? ((await subtle.generateKey(ECDH, true, ['deriveBits'])) as { readonly privateKey: Key }).privateKey
        : await subtle.importKey('pkcs8', concat(unwrap(fromBase64Url(PKCS8_SHELL)), sk), ECDH, true, ['deriveBits']);
    // A private key's JWK carries the public point too.
    const jwk = await subtle.exportKey('jwk', key);
    const part = (name: keyof PrivateJwk): Bytes => unwrap(fromBase64Url(jwk[name] ?? ''));
    return { key, sk: part('d'), pk: concat(new Uint8Array([4]), part('x'), part('y')) };
  }

  async function dhKey(given?: Bytes): Promise<DhKey> {
    const { key, pk } = await ecdhKey(given);
    return {
      pk,
      dh: async (peer) => {
        try {
          const other = await subtle.importKey('raw', peer, ECDH, false, []);
          return new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: other }, key, 256));
        } catch {
          return undefined;
        }
      },
    };
  }

  async function aesGcmSeal(key: Bytes, iv: Bytes, additionalData: Bytes, plaintext: Bytes): Promise<Bytes> {
    const imported = await subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
    return new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, imported, plaintext));
  }

  const aesGcmOpen: HpkePrimitives['aesGcmOpen'] = async (key, iv, additionalData, ct) => {
    const imported = await subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
    try {
      return ok(new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, imported, ct)));
    } catch {
      return err('open-failed');
    }
  };

  const primitives: HpkePrimitives = { hmac, dhKey, aesGcmSeal, aesGcmOpen };
  return {
    id: 1,
    sha256: async (data) => new Uint8Array(await subtle.digest('SHA-256', data)),
    hmac,
    hpkeSeal: (options) => hpkeSeal(primitives, options),
    hpkeOpen: (options) => hpkeOpen(primitives, options),
    generateKeyPair: async () => {
      const { sk, pk } = await ecdhKey(undefined);
      return { sk, pk };
    },
    aesGcmSeal,
    aesGcmOpen,
    verifyP256: async (pk, data, signature) => {
      if (pk.length !== 65) return false;
      try {
        return await subtle.verify(ECDSA, await subtle.importKey('raw', pk, ECDSA, false, ['verify']), signature, data);
      } catch {
        return false;
      }
    },
    randomBytes,
  };
}
