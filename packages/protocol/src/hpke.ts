// HPKE base mode (RFC 9180) for DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM: one message per context, exports included.
import { fromBase64Url } from './base64.ts';
import { concat, u16, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { err, ok, unwrap } from './result.ts';
import type { Result } from './result.ts';
import type {
  ExportRequest,
  HpkeOpened,
  HpkeOpenOptions,
  HpkeOpenRefusal,
  HpkeSealed,
  HpkeSealOptions,
} from './suite.ts';

export const POINT_BYTES = 65;
const HASH_BYTES = 32;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;
/** HKDF-Expand is written for one HMAC block; nothing in this protocol needs a longer secret. */
const MAX_EXPAND_BYTES = HASH_BYTES;

/** One side's Diffie-Hellman key. */
export interface DhKey {
  readonly pk: Bytes;
  /** The 32-byte x coordinate; undefined where the peer's 65 bytes are not a point of the curve. */
  readonly dh: (peer: Bytes) => Promise<Bytes | undefined>;
}

/** The few primitives HPKE stands on; each suite brings its own. */
export interface HpkePrimitives {
  readonly hmac: (key: Bytes, data: Bytes) => Promise<Bytes>;
  /** The key of a given scalar, or a fresh one. Throws where the scalar is not in 1..n-1. */
  readonly dhKey: (sk?: Bytes) => Promise<DhKey>;
  readonly aesGcmSeal: (key: Bytes, nonce: Bytes, aad: Bytes, plaintext: Bytes) => Promise<Bytes>;
  readonly aesGcmOpen: (key: Bytes, nonce: Bytes, aad: Bytes, ct: Bytes) => Promise<Result<Bytes, 'open-failed'>>;
}

// "KEM"‖0x0010 and "HPKE"‖kem 0x0010‖kdf 0x0001‖aead 0x0001 (RFC 9180 sections 4.1, 5.1).
// Made once, with the "HPKE-v1" that stands before them in every label: servers derive millions of keys a day.
const KEM_LABEL_PREFIX: Bytes = /* @__PURE__ */ concat(utf8('HPKE-v1KEM'), u16(0x10));
const HPKE_LABEL_PREFIX: Bytes = /* @__PURE__ */ concat(utf8('HPKE-v1HPKE'), u16(0x10), u16(1), u16(1));
const EMPTY: Bytes = new Uint8Array(0);
// An empty HMAC key equals a block of zeros, and some WebCrypto implementations refuse to import an empty one.
const NO_SALT: Bytes = new Uint8Array(HASH_BYTES);

// LabeledExtract("", "psk_id_hash", "") of this suite, always the same in base mode; the RFC's vectors prove it.
const PSK_ID_HASH = 'uI1ObZF1nmXofEcOi5FBET6a1fDIzu_B4IjILmmAUAc';

type Hmac = HpkePrimitives['hmac'];

function labeledExtract(hmac: Hmac, prefix: Bytes, salt: Bytes, label: string, ikm: Bytes): Promise<Bytes> {
  return hmac(salt, concat(prefix, utf8(label), ikm));
}

async function labeledExpand(
  hmac: Hmac,
  prefix: Bytes,
  prk: Bytes,
  label: string,
  info: Bytes,
  length: number,
): Promise<Bytes> {
  if (length < 1 || length > MAX_EXPAND_BYTES) throw new RangeError('HPKE expand of 1..32 bytes');
  const block = await hmac(prk, concat(u16(length), prefix, utf8(label), info, new Uint8Array([1])));
  return block.slice(0, length);
}

/** ExtractAndExpand of DHKEM, section 4.1. */
async function sharedSecretOf(hmac: Hmac, dh: Bytes, enc: Bytes, recipientPk: Bytes): Promise<Bytes> {
  const prk = await labeledExtract(hmac, KEM_LABEL_PREFIX, NO_SALT, 'eae_prk', dh);
  return labeledExpand(hmac, KEM_LABEL_PREFIX, prk, 'shared_secret', concat(enc, recipientPk), HASH_BYTES);
}

interface Context {
  readonly key: Bytes;
  readonly nonce: Bytes;
  readonly exported: readonly Bytes[];
}

/** KeySchedule of mode_base, section 5.1, and the exports of section 5.3. */
async function keySchedule(
  hmac: Hmac,
  sharedSecret: Bytes,
  info: Bytes,
  exports: readonly ExportRequest[],
): Promise<Context> {
  const infoHash = await labeledExtract(hmac, HPKE_LABEL_PREFIX, NO_SALT, 'info_hash', info);
  const secret = await labeledExtract(hmac, HPKE_LABEL_PREFIX, sharedSecret, 'secret', EMPTY);
  const context = concat(new Uint8Array([0]), unwrap(fromBase64Url(PSK_ID_HASH)), infoHash);
  const key = await labeledExpand(hmac, HPKE_LABEL_PREFIX, secret, 'key', context, KEY_BYTES);
  const nonce = await labeledExpand(hmac, HPKE_LABEL_PREFIX, secret, 'base_nonce', context, NONCE_BYTES);
  if (exports.length === 0) return { key, nonce, exported: [] };
  const exporter = await labeledExpand(hmac, HPKE_LABEL_PREFIX, secret, 'exp', context, HASH_BYTES);
  const exported: Bytes[] = [];
  for (const wanted of exports) {
    exported.push(await labeledExpand(hmac, HPKE_LABEL_PREFIX, exporter, 'sec', wanted.context, wanted.length));
  }
  return { key, nonce, exported };
}

/** SealBase of one message. Throws where the recipient's key is not an uncompressed point: bundles are checked when parsed. */
export async function hpkeSeal(primitives: HpkePrimitives, options: HpkeSealOptions): Promise<HpkeSealed> {
  const { pk, info, aad, plaintext } = options;
  const ephemeral = await primitives.dhKey(options.ephemeral?.sk);
  const dh = isUncompressed(pk) ? await ephemeral.dh(pk) : undefined;
  if (dh === undefined) throw new RangeError('the recipient key is not a P-256 point');
  const secret = await sharedSecretOf(primitives.hmac, dh, ephemeral.pk, pk);
  const { key, nonce, exported } = await keySchedule(primitives.hmac, secret, info, options.exports ?? []);
  return { enc: ephemeral.pk, ct: await primitives.aesGcmSeal(key, nonce, aad, plaintext), exported };
}

/** OpenBase of one message. */
export async function hpkeOpen(
  primitives: HpkePrimitives,
  options: HpkeOpenOptions,
): Promise<Result<HpkeOpened, HpkeOpenRefusal>> {
  const { sk, enc, info, aad, ct } = options;
  if (!isUncompressed(enc)) return err('bad-point');
  const own = await primitives.dhKey(sk);
  const dh = await own.dh(enc);
  if (dh === undefined) return err('bad-point');
  const secret = await sharedSecretOf(primitives.hmac, dh, enc, own.pk);
  const { key, nonce, exported } = await keySchedule(primitives.hmac, secret, info, options.exports ?? []);
  const plaintext = await primitives.aesGcmOpen(key, nonce, aad, ct);
  return plaintext.ok ? ok({ plaintext: plaintext.value, exported }) : plaintext;
}

/** Only the 65-byte form may stand on the wire (section 7.1.1): libraries would take compressed and hybrid points too. */
function isUncompressed(point: Bytes): boolean {
  return point.length === POINT_BYTES && point[0] === 4;
}
