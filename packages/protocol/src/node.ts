// The suite over node:crypto, and the synchronous forms for servers' hot paths. Import as '@tongche/protocol/node'.
import * as crypto from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { assistTagInput, contactTagInput, rideTagInput, TAG_BYTES } from './tag.ts';
import type { AdmissionFields, AssistTagFields, ContactTagFields, RideTagFields } from './tag.ts';
import { equalBytes, toBytes } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { checkFromDigest } from './check.ts';
import type { CheckFields, RideCheck } from './check.ts';
import { hpkeOpen, hpkeSeal } from './hpke.ts';
import type { DhKey, HpkePrimitives } from './hpke.ts';
import { isScalar, scalarFrom } from './p256.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import { rideIdFromDigest } from './ride-id.ts';
import type { RideIdFields } from './ride-id.ts';
import { SEALED_BYTES } from './record.ts';
import type { FullSuite, RandomBytes } from './suite.ts';
import { buildWallet } from './wallet.ts';
import type { Wallet, WalletRider } from './wallet.ts';

const CURVE = 'prime256v1';
const GCM_TAG_BYTES = 16;
const HASH_BYTES = 32;

/** A synchronous SHA-256. The digest comes as a Latin-1 text, one character a byte: half the time of a Buffer. */
export function nodeSha256(data: Uint8Array): Bytes {
  const digest = crypto.hash('sha256', data, 'latin1');
  const out = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i += 1) out[i] = digest.charCodeAt(i);
  return out;
}

export { nodeSha256 as sha256Sync };

/** As fromBase64Url, in the time of two native calls: a ride's text has 300 characters. */
export function fromBase64UrlSync(text: string): Result<Bytes, 'bad-base64'> {
  const bytes = Buffer.from(text, 'base64url');
  // Buffer is lenient; only what is written again the same way is canonical.
  if (bytes.toString('base64url') !== text) return err('bad-base64');
  // Views of a Buffer are Buffers, which cost more to make than plain ones.
  return ok(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
}

/** An HMAC key as KeyObject: much faster than a Buffer key, which is wrapped anew at every call. */
export function hmacKey(key: Bytes): KeyObject {
  return crypto.createSecretKey(key);
}

/** HMAC-SHA256 over the parts in order, 32 bytes. */
export function nodeHmac(key: KeyObject, ...parts: readonly Uint8Array[]): Bytes {
  const mac = crypto.createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return toBytes(mac.digest());
}

export { nodeHmac as hmacSync };

const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** A key ready for many short messages. It holds the key in the clear: wipe it after use. */
export interface ReadyHmac {
  /** HMAC-SHA256 of the input (at most `maxInputBytes`), its first `into.length` (at most 32) bytes written into `into`. */
  write(input: Uint8Array, into: Uint8Array): void;
  /** Overwrites the key; `write` is worthless afterwards. */
  wipe(): void;
}

/**
 * HMAC (RFC 2104) as two one-shot digests over buffers that hold the padded key already. For messages of a few dozen bytes it
 * takes a quarter of createHmac's time, which goes into making objects; a wallet has 576 of them. Digests come as Latin-1
 * texts, one character a byte, which node makes faster than a Buffer. Keys have at most 64 bytes.
 */
export function readyHmac(key: Uint8Array, maxInputBytes: number): ReadyHmac {
  if (key.length > BLOCK_BYTES) throw new RangeError('a key of at most 64 bytes');
  const inner = Buffer.alloc(BLOCK_BYTES + maxInputBytes);
  const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);
  for (let i = 0; i < BLOCK_BYTES; i += 1) {
    inner[i] = (key[i] ?? 0) ^ INNER_PAD;
    outer[i] = (key[i] ?? 0) ^ OUTER_PAD;
  }
  return {
    write(input, into) {
      if (input.length > maxInputBytes || into.length > HASH_BYTES) throw new RangeError('too long for this HMAC');
      inner.set(input, BLOCK_BYTES);
      const end = BLOCK_BYTES + input.length;
      outer.write(
        crypto.hash('sha256', end === inner.length ? inner : inner.subarray(0, end), 'latin1'),
        BLOCK_BYTES,
        'latin1',
      );
      const digest = crypto.hash('sha256', outer, 'latin1');
      for (let i = 0; i < into.length; i += 1) into[i] = digest.charCodeAt(i);
    },
    wipe() {
      inner.fill(0);
      outer.fill(0);
    },
  };
}

/** One HMAC under a key used once, as in key derivation. */
function hmacOnce(key: Uint8Array, data: Uint8Array): Bytes {
  const ready = readyHmac(key.length > BLOCK_BYTES ? nodeSha256(key) : key, data.length);
  const mac = new Uint8Array(HASH_BYTES);
  ready.write(data, mac);
  ready.wipe();
  return mac;
}

function truncatedHmac(key: KeyObject, input: Bytes): Bytes {
  return nodeHmac(key, input).slice(0, TAG_BYTES);
}

export function rideTagSync(kTag: KeyObject, fields: RideTagFields): Bytes {
  return truncatedHmac(kTag, rideTagInput(fields));
}

export function assistTagSync(kTag: KeyObject, fields: AssistTagFields): Bytes {
  return truncatedHmac(kTag, assistTagInput(fields));
}

/** The tag an opened contact must have come with: compare with equalBytes, a difference means "contact not verified". */
export function contactTagSync(kTag: KeyObject, fields: ContactTagFields): Bytes {
  return truncatedHmac(kTag, contactTagInput(fields));
}

/**
 * An input of fixed layout behind its label, whose bytes are written anew for every hash: a ride has three of them, and
 * none is kept. The portable forms (rideIdInput, checkInput, admissionInput) say what the layouts are.
 */
function sameInput(label: string, length: number): Uint8Array {
  const bytes = new Uint8Array(label.length + length);
  for (let i = 0; i < label.length; i += 1) bytes[i] = label.charCodeAt(i);
  return bytes;
}

function put(into: Uint8Array, at: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i += 1) into[at + i] = bytes[i] ?? 0;
}

function putU16(into: Uint8Array, at: number, value: number): void {
  into[at] = value >> 8;
  into[at + 1] = value;
}

/** "adm1" d2 iss2 tag16. */
const ADMISSION_INPUT_BYTES = 24;
/** Admission keys made ready; each is forgotten together with its KeyObject. */
const readyAdmissions = new WeakMap<KeyObject, ReadyHmac>();

function readyAdmission(kAdm: KeyObject): ReadyHmac {
  let ready = readyAdmissions.get(kAdm);
  if (ready === undefined) {
    ready = readyHmac(kAdm.export(), ADMISSION_INPUT_BYTES);
    readyAdmissions.set(kAdm, ready);
  }
  return ready;
}

const admissionBytes = sameInput('adm1', ADMISSION_INPUT_BYTES - 4);

/** A third of createHmac's time, for a key that lives for days and meets every ride of its day. */
export function admTagSync(kAdm: KeyObject, fields: AdmissionFields): Bytes {
  const tag = new Uint8Array(TAG_BYTES);
  if (fields.tag.length !== TAG_BYTES) throw new RangeError('a tag is 16 bytes');
  putU16(admissionBytes, 4, fields.day);
  putU16(admissionBytes, 6, fields.iss);
  put(admissionBytes, 8, fields.tag);
  readyAdmission(kAdm).write(admissionBytes, tag);
  return tag;
}

const rideIdBytes = sameInput('ride1', 24);

export function rideIdSync({ tag, code, boardedMs }: RideIdFields): Bytes {
  put(rideIdBytes, 5, tag);
  put(rideIdBytes, 21, code);
  return rideIdFromDigest(boardedMs, nodeSha256(rideIdBytes));
}

const checkBytes = sameInput('check1', 28);

export function checkSync({ tag, code, day, minute }: CheckFields): RideCheck {
  put(checkBytes, 6, tag);
  put(checkBytes, 22, code);
  putU16(checkBytes, 30, day);
  putU16(checkBytes, 32, minute);
  return checkFromDigest(nodeSha256(checkBytes));
}

/** A wallet made with KeyObjects; days in the order given. */
export function issueWalletSync(
  keys: readonly { readonly day: number; readonly kTag: KeyObject; readonly kAdm: KeyObject }[],
  rider: WalletRider,
): Wallet {
  return buildWallet(keys, rider, (key, slot) => {
    const tag = rideTagSync(key.kTag, { iss: rider.iss, phone: rider.phone, slot });
    return { slot, tag, adm: admTagSync(key.kAdm, { day: key.day, iss: rider.iss, tag }) };
  });
}

/** 33-byte compressed point to 65 bytes, by OpenSSL. */
export function decompressPointSync(compressed: Uint8Array): Result<Bytes, 'bad-point'> {
  if (compressed.length !== 33) return err('bad-point');
  try {
    const point = crypto.ECDH.convertKey(compressed, CURVE, undefined, undefined, 'uncompressed');
    return typeof point === 'string' || point.length !== 65 ? err('bad-point') : ok(toBytes(point));
  } catch {
    return err('bad-point');
  }
}

/** The synchronous form of unpackSealed: 129 bytes enc33‖ct96 to {enc, ct}. */
export function unpackSealedSync(
  sealed: Uint8Array,
): Result<{ readonly enc: Bytes; readonly ct: Bytes }, 'bad-length' | 'bad-point'> {
  if (sealed.length !== SEALED_BYTES) return err('bad-length');
  const enc = decompressPointSync(sealed.subarray(0, 33));
  return enc.ok ? ok({ enc: enc.value, ct: toBytes(sealed.subarray(33)) }) : enc;
}

async function aesGcmSeal(key: Bytes, nonce: Bytes, aad: Bytes, plaintext: Bytes): Promise<Bytes> {
  const cipher = crypto.createCipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce);
  cipher.setAAD(aad);
  return toBytes(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}

const aesGcmOpen: HpkePrimitives['aesGcmOpen'] = async (key, nonce, aad, ct) => {
  if (ct.length < GCM_TAG_BYTES) return err('open-failed');
  const cipher = crypto.createDecipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce, {
    authTagLength: GCM_TAG_BYTES,
  });
  cipher.setAAD(aad);
  cipher.setAuthTag(ct.subarray(ct.length - GCM_TAG_BYTES));
  const plaintext = cipher.update(ct.subarray(0, ct.length - GCM_TAG_BYTES));
  try {
    cipher.final();
  } catch {
    return err('open-failed');
  }
  return ok(toBytes(plaintext));
};

function dhKeyOf(sk: Bytes): DhKey {
  if (!isScalar(sk)) throw new RangeError('not a P-256 scalar');
  const ecdh = crypto.createECDH(CURVE);
  ecdh.setPrivateKey(sk);
  return {
    pk: toBytes(ecdh.getPublicKey()),
    dh: async (peer) => {
      try {
        return toBytes(ecdh.computeSecret(peer));
      } catch {
        return undefined;
      }
    },
  };
}

// DER shells (RFC 8410, RFC 5915, RFC 5480) around raw keys: node:crypto takes raw keys in no older form.
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const P256_PKCS8 = Buffer.from('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420', 'hex');
const P256_SPKI = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

function privateKey(shell: Buffer, sk: Bytes): KeyObject {
  return crypto.createPrivateKey({ key: Buffer.concat([shell, sk]), format: 'der', type: 'pkcs8' });
}

function publicKey(shell: Buffer, pk: Bytes): KeyObject {
  return crypto.createPublicKey({ key: Buffer.concat([shell, pk]), format: 'der', type: 'spki' });
}

function verifies(shell: Buffer, algorithm: string | null, pk: Bytes, data: Bytes, signature: Bytes): boolean {
  try {
    const key = publicKey(shell, pk);
    return crypto.verify(algorithm, data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  }
}

/**
 * A private key made ready for many agreements: KeyObjects agree faster than createECDH, but take longer to make. A point
 * off the curve is refused when its KeyObject is made.
 */
function preparedDhKey(sk: Bytes): DhKey {
  const { pk } = dhKeyOf(sk);
  const own = privateKey(P256_PKCS8, sk);
  return {
    pk,
    dh: async (peer) => {
      try {
        return toBytes(crypto.diffieHellman({ privateKey: own, publicKey: publicKey(P256_SPKI, peer) }));
      } catch {
        return undefined;
      }
    },
  };
}

/** Keys sealed to are few and the same all day: the day's envelope key, the relay's. */
const maxKnownPoints = 64;
const knownPoints = new Map<string, KeyObject>();

/** The KeyObject of a public point. Throws where it is off the curve. */
function knownPoint(point: Bytes): KeyObject {
  const name = Buffer.from(point.buffer, point.byteOffset, point.length).toString('latin1');
  let key = knownPoints.get(name);
  if (key === undefined) {
    key = publicKey(P256_SPKI, point);
    if (knownPoints.size >= maxKnownPoints) knownPoints.clear();
    knownPoints.set(name, key);
  }
  return key;
}

/** A fresh key from OpenSSL's own randomness, for one seal: less than half the time of createECDH. */
function freshDhKey(): DhKey {
  const own = crypto.generateKeyPairSync('ec', { namedCurve: CURVE });
  const { x = '', y = '' } = own.publicKey.export({ format: 'jwk' });
  return {
    pk: toBytes(Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])),
    dh: async (peer) => {
      try {
        return toBytes(crypto.diffieHellman({ privateKey: own.privateKey, publicKey: knownPoint(peer) }));
      } catch {
        return undefined;
      }
    },
  };
}

function primitivesWith(randomBytes: RandomBytes): HpkePrimitives {
  return {
    hmac: async (key, data) => hmacOnce(key, data),
    // A caller's own randomness (seeded tests, simulations) decides the scalar; OpenSSL's is used where it is no other's.
    dhKey: async (sk) =>
      sk === undefined && randomBytes === secureRandomBytes ? freshDhKey() : dhKeyOf(sk ?? scalarFrom(randomBytes)),
    aesGcmSeal,
    aesGcmOpen,
  };
}

function suiteOver(primitives: HpkePrimitives, randomBytes: RandomBytes): FullSuite {
  return {
    id: 1,
    sha256: async (data) => nodeSha256(data),
    hmac: primitives.hmac,
    hpkeSeal: (options) => hpkeSeal(primitives, options),
    hpkeOpen: (options) => hpkeOpen(primitives, options),
    generateKeyPair: async () => {
      const sk = scalarFrom(randomBytes);
      return { sk, pk: dhKeyOf(sk).pk };
    },
    aesGcmSeal,
    aesGcmOpen,
    signP256: async (sk, data) =>
      toBytes(crypto.sign('sha256', data, { key: privateKey(P256_PKCS8, sk), dsaEncoding: 'ieee-p1363' })),
    verifyP256: async (pk, data, signature) =>
      pk.length === 65 && signature.length === 64 && verifies(P256_SPKI, 'sha256', pk, data, signature),
    signEd25519: async (sk, data) => toBytes(crypto.sign(null, data, privateKey(ED25519_PKCS8, sk))),
    verifyEd25519: async (pk, data, signature) =>
      pk.length === 32 && signature.length === 64 && verifies(ED25519_SPKI, null, pk, data, signature),
    generateEd25519KeyPair: async () => {
      const sk = randomBytes(32);
      const key = crypto.createPublicKey(privateKey(ED25519_PKCS8, sk));
      return { sk, pk: toBytes(key.export({ format: 'der', type: 'spki' }).subarray(ED25519_SPKI.length)) };
    },
    decompressPoint: async (compressed) => decompressPointSync(compressed),
    randomBytes,
  };
}

/** A node suite with its caller's randomness, for seeded tests and simulations. */
export function makeNodeSuite(randomBytes: RandomBytes): FullSuite {
  return suiteOver(primitivesWith(randomBytes), randomBytes);
}

function secureRandomBytes(length: number): Bytes {
  return toBytes(crypto.randomBytes(length));
}

export const nodeSuite: FullSuite = makeNodeSuite(secureRandomBytes);

/**
 * nodeSuite with one private key made ready, for opening a day's envelopes: pass it, and the same sk, to openRecord. It keeps
 * the key alive: drop it when the key is destroyed.
 */
export function makeOpeningSuite(sk: Bytes): FullSuite {
  const primitives = primitivesWith(secureRandomBytes);
  const own = sk.slice();
  const prepared = preparedDhKey(own);
  const dhKey: HpkePrimitives['dhKey'] = async (wanted) =>
    wanted !== undefined && equalBytes(wanted, own) ? prepared : primitives.dhKey(wanted);
  return suiteOver({ ...primitives, dhKey }, secureRandomBytes);
}
