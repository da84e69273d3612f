// A case's own key: everything the vault writes about a case is sealed under it, each value bound to its table, row and
// column. Destroying the slot destroys the case, wherever copies of the rows have gone.
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { toBase64Url } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { toBytes } from '@tongche/protocol';
import type { Random, Slots } from '@tongche/runtime';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const GCM_TAG_BYTES = 16;
const ID_BYTES = 12;

/** No JSON begins with it: what stands behind it is compressed. */
const COMPRESSED = Buffer.of(0);
/** Shorter ones, as contacts, are compressed more slowly than they are written. */
const LONG_BYTES = 8_192;
const quickest = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MIN_QUALITY + 1 } };

/** Traces say the same words over and over: 48 KB become 7. */
function packed(value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  return text.length < LONG_BYTES ? text : Buffer.concat([COMPRESSED, brotliCompressSync(text, quickest)]);
}

function unpacked(bytes: Buffer): unknown {
  const text = bytes[0] === COMPRESSED[0] ? brotliDecompressSync(bytes.subarray(1)) : bytes;
  return JSON.parse(text.toString('utf8'));
}

export interface CaseKey {
  /** JSON of a value, sealed: nonce12 ‖ ciphertext ‖ tag16; a long text is compressed before. `place` names table, row and column. */
  seal(place: string, value: unknown): Buffer;
  /** Throws for bytes of another case or place: a fault, not an expected refusal. */
  open(place: string, sealed: Uint8Array): unknown;
  /** Keyed digest of a text, 32 bytes: means nothing without the case's key. */
  digestBytes(label: string, text: string): Buffer;
  /** Its first 12 bytes in base64url: an identifier. */
  digest(label: string, text: string): string;
  /** The commitment key, for commitments in orders. */
  readonly commitKey: Bytes;
}

function slotOf(caseId: string): string {
  return `case-${caseId}`;
}

function keyFrom(bytes: Uint8Array, random: Random): CaseKey {
  const key = bytes.subarray(0, KEY_BYTES);
  const commitKey = toBytes(bytes.subarray(KEY_BYTES));
  function digestBytes(label: string, text: string): Buffer {
    return createHmac('sha256', commitKey).update(`${label}\n${text}`).digest();
  }
  return {
    commitKey,
    seal(place, value) {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(place));
      return Buffer.concat([nonce, cipher.update(packed(value)), cipher.final(), cipher.getAuthTag()]);
    },
    open(place, sealed) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(sealed.subarray(sealed.length - GCM_TAG_BYTES));
      const text = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - GCM_TAG_BYTES));
      return unpacked(Buffer.concat([text, decipher.final()]));
    },
    digestBytes,
    digest: (label, text) => toBase64Url(digestBytes(label, text).subarray(0, ID_BYTES)),
  };
}

export interface CaseKeys {
  make(caseId: string): CaseKey;
  /** Undefined once destroyed. */
  get(caseId: string): CaseKey | undefined;
  /** Destroys the key and re-wraps the folder, so that old file blocks stay noise too. */
  destroy(caseIds: readonly string[]): void;
  /** Cases with a living key. */
  living(): readonly string[];
}

export function openCaseKeys(slots: Slots, random: Random): CaseKeys {
  return {
    make(caseId) {
      const bytes = random(2 * KEY_BYTES);
      slots.put(slotOf(caseId), bytes);
      return keyFrom(bytes, random);
    },
    get(caseId) {
      const bytes = slots.get(slotOf(caseId));
      return bytes === undefined ? undefined : keyFrom(bytes, random);
    },
    destroy(caseIds) {
      const found = caseIds.filter((caseId) => slots.destroy(slotOf(caseId)));
      if (found.length > 0) slots.rewrap();
    },
    living: () => slots.names().flatMap((name) => (name.startsWith('case-') ? [name.slice('case-'.length)] : [])),
  };
}
