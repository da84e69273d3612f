// The cryptographic suite: what every format asks of WebCrypto, noble or node:crypto. All three are held to the same vectors.
import type { Bytes } from './bytes.ts';
import type { Result } from './result.ts';

/** Suite 1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, HMAC-SHA256. */
export const SUITE_ID = 1;

/** sk: 32-byte big-endian scalar. pk: 65-byte uncompressed P-256 point (for Ed25519: 32-byte seed and 32-byte key). */
export interface KeyPair {
  readonly sk: Bytes;
  readonly pk: Bytes;
}

/** A secret exported from an HPKE context (RFC 9180 section 5.3), 1..32 bytes long. */
export interface ExportRequest {
  readonly context: Bytes;
  readonly length: number;
}

export interface HpkeSealOptions {
  /** The recipient's public key, 65 bytes uncompressed. A key that is not a point is a fault of the caller. */
  readonly pk: Bytes;
  readonly info: Bytes;
  readonly aad: Bytes;
  readonly plaintext: Bytes;
  readonly exports?: readonly ExportRequest[];
  /** For test vectors and seeded runs only: without it a fresh key is made. */
  readonly ephemeral?: { readonly sk: Bytes };
}

export interface HpkeSealed {
  readonly enc: Bytes;
  readonly ct: Bytes;
  readonly exported: readonly Bytes[];
}

export interface HpkeOpenOptions {
  readonly sk: Bytes;
  readonly enc: Bytes;
  readonly info: Bytes;
  readonly aad: Bytes;
  readonly ct: Bytes;
  readonly exports?: readonly ExportRequest[];
}

export interface HpkeOpened {
  readonly plaintext: Bytes;
  readonly exported: readonly Bytes[];
}

export type HpkeOpenRefusal = 'bad-point' | 'open-failed';

export interface Suite {
  readonly id: 1;
  readonly sha256: (data: Bytes) => Promise<Bytes>;
  readonly hmac: (key: Bytes, data: Bytes) => Promise<Bytes>;
  readonly hpkeSeal: (options: HpkeSealOptions) => Promise<HpkeSealed>;
  readonly hpkeOpen: (options: HpkeOpenOptions) => Promise<Result<HpkeOpened, HpkeOpenRefusal>>;
  readonly generateKeyPair: () => Promise<KeyPair>;
  /** AES-GCM with a 16- or 32-byte key, a 12-byte nonce and the 16-byte tag at the end of the ciphertext. */
  readonly aesGcmSeal: (key: Bytes, nonce: Bytes, aad: Bytes, plaintext: Bytes) => Promise<Bytes>;
  readonly aesGcmOpen: (key: Bytes, nonce: Bytes, aad: Bytes, ct: Bytes) => Promise<Result<Bytes, 'open-failed'>>;
  /** ECDSA P-256 over SHA-256(data); signature r‖s, 64 bytes; pk 65 bytes uncompressed. */
  readonly verifyP256: (pk: Bytes, data: Bytes, signature: Bytes) => Promise<boolean>;
  readonly randomBytes: (length: number) => Bytes;
}

/** What servers and the mini-program can do besides; browsers' WebCrypto has no Ed25519 everywhere and no compressed points. */
export interface FullSuite extends Suite {
  readonly signP256: (sk: Bytes, data: Bytes) => Promise<Bytes>;
  readonly signEd25519: (sk: Bytes, data: Bytes) => Promise<Bytes>;
  readonly verifyEd25519: (pk: Bytes, data: Bytes, signature: Bytes) => Promise<boolean>;
  readonly generateEd25519KeyPair: () => Promise<KeyPair>;
  /** 33-byte compressed point to its 65-byte form. */
  readonly decompressPoint: (compressed: Bytes) => Promise<Result<Bytes, 'bad-point'>>;
}

/** A synchronous SHA-256, for the Merkle tree: nodeSha256 (./node) on servers, nobleSha256 elsewhere. */
export type HashFunction = (data: Bytes) => Bytes;

/** Uniform random bytes from the outside; seeded in tests and simulations. */
export type RandomBytes = (length: number) => Bytes;
