// The development authenticator: real WebAuthn assertions from a key in memory, for demonstrations, replay and tests.
// It stands in for a person's passkey, so its keys carry the mark `demo` on the roster and production refuses them.
import { createECDH, createHash, createPrivateKey, sign } from 'node:crypto';
import { concat, fromBase64Url, toBase64Url, toBytes, unwrap } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import type { Assertion } from './assertion.ts';

/** All base64url: credential id, P-256 scalar (32 bytes), COSE public key. */
export interface DevelopmentKey {
  readonly keyId: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

export interface DevelopmentAuthenticator {
  readonly keyId: string;
  /** COSE public key, base64url. */
  readonly publicKey: string;
  /** An assertion over 32 bytes, as a browser would give it. */
  sign(hash: Bytes): Promise<Assertion>;
}

/** COSE_Key of ES256 (RFC 9053 section 7.1): {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
function coseKey(point: Uint8Array): Bytes {
  const head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
  return concat(toBytes(head), point.subarray(1, 33), toBytes([0x22, 0x58, 0x20]), point.subarray(33, 65));
}

function pointOf(privateKey: Bytes): Bytes {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(privateKey);
  return toBytes(ecdh.getPublicKey());
}

function sha256(data: Uint8Array): Bytes {
  return toBytes(createHash('sha256').update(data).digest());
}

function keyOf(privateKey: Bytes): DevelopmentKey {
  const publicKey = coseKey(pointOf(privateKey));
  return {
    keyId: toBase64Url(sha256(publicKey).slice(0, 16)),
    privateKey: toBase64Url(privateKey),
    publicKey: toBase64Url(publicKey),
  };
}

/** A fresh key; seeded ones come from a suite of the caller. */
export async function makeDevelopmentKey(
  suite: { generateKeyPair(): Promise<{ readonly sk: Bytes }> } = nodeSuite,
): Promise<DevelopmentKey> {
  return keyOf((await suite.generateKeyPair()).sk);
}

/** User present (bit 0) and user verified (bit 2), WebAuthn section 6.1. */
const FLAGS_PRESENT_AND_VERIFIED = 0x05;

/**
 * Signs as a platform authenticator would for a page of `origin`. `flags` is for tests of the refusals.
 */
export function developmentAuthenticator(
  privateKey: string,
  page: { readonly origin: string; readonly rpId: string },
  flags: number = FLAGS_PRESENT_AND_VERIFIED,
): DevelopmentAuthenticator {
  const scalar = unwrap(fromBase64Url(privateKey));
  const { keyId, publicKey } = keyOf(scalar);
  const point = pointOf(scalar);
  const signingKey = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: privateKey,
      x: toBase64Url(point.subarray(1, 33)),
      y: toBase64Url(point.subarray(33, 65)),
    },
  });
  // rpIdHash ‖ flags ‖ signCount: a passkey that is synced between devices keeps its count at zero.
  const authenticatorData = concat(sha256(Buffer.from(page.rpId)), toBytes([flags, 0, 0, 0, 0]));
  return {
    keyId,
    publicKey,
    sign: async (hash) => {
      const clientData = Buffer.from(
        JSON.stringify({
          type: 'webauthn.get',
          challenge: toBase64Url(hash),
          origin: page.origin,
          crossOrigin: false,
        }),
      );
      const signed = concat(authenticatorData, sha256(clientData));
      return {
        keyId,
        authenticatorData: toBase64Url(authenticatorData),
        clientDataJson: toBase64Url(clientData),
        signature: toBase64Url(sign('sha256', signed, { key: signingKey, dsaEncoding: 'der' })),
      };
    },
  };
}
