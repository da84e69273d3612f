// Opens one ride's envelope without awaiting anything: the hot path of a trace. The same HPKE as `openRecord` of the
// protocol (RFC 9180 base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM), with everything that only depends
// on the day computed once; a test holds the two together.
import { createDecipheriv, createECDH } from 'node:crypto';
import type { ECDH } from 'node:crypto';
import { concat, decodeContact, NOTE_EXPORT, toBytes, u16, utf8 } from '@tongche/protocol';
import type { Bytes, Contact } from '@tongche/protocol';
import { unpackSealedSync } from '@tongche/protocol/node';
import { shortHmac } from './short-hmac.ts';

const KEM = concat(utf8('KEM'), u16(0x10));
const HPKE = concat(utf8('HPKE'), u16(0x10), u16(1), u16(1));
const ZERO_SALT = new Uint8Array(32);
const EMPTY = new Uint8Array(0);
const ONE = new Uint8Array([1]);
const GCM_TAG_BYTES = 16;

/** What stands before the keying material of a labelled extract, and before the info of a labelled expand. */
function label(suite: Bytes, text: string, length?: number): Bytes {
  return concat(length === undefined ? EMPTY : u16(length), utf8('HPKE-v1'), suite, utf8(text));
}

const EAE_PRK = label(KEM, 'eae_prk');
const SHARED_SECRET = label(KEM, 'shared_secret', 32);
const PSK_ID_HASH = label(HPKE, 'psk_id_hash');
const INFO_HASH = label(HPKE, 'info_hash');
const SECRET = label(HPKE, 'secret');
const KEY = label(HPKE, 'key', 16);
const NONCE = label(HPKE, 'base_nonce', 12);
const EXPORTER = label(HPKE, 'exp', 32);
const EXPORTED = label(HPKE, 'sec', NOTE_EXPORT.length);

/** The longest is a day's HPKE info, which holds the name of its key: at most 200 characters, of three bytes each. */
const INPUT_BYTES = 1_024;
const hmac = shortHmac(INPUT_BYTES);
const HASH_BYTES = 32;

/** What is derived of one envelope, overwritten by the next. */
const [kemPrk, shared, secret, exporter] = [0, 1, 2, 3].map(() => new Uint8Array(HASH_BYTES)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const [aesKey, nonce] = [new Uint8Array(16), new Uint8Array(12)];

function wipe(): void {
  for (const bytes of [kemPrk, shared, secret, exporter, aesKey, nonce]) bytes.fill(0);
  hmac.wipe();
}

function extracted(salt: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const into = new Uint8Array(HASH_BYTES);
  hmac.key(salt);
  hmac.write(into, ...parts);
  return into;
}

export interface DayOpener {
  readonly ecdh: ECDH;
  readonly pk: Uint8Array;
  readonly context: Bytes;
}

/** What opening a day's envelopes shares. `info` is the HPKE info of the day's bundle. */
export function dayOpener(skEnv: Uint8Array, info: Bytes): DayOpener {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(skEnv);
  const pskIdHash = extracted(ZERO_SALT, PSK_ID_HASH);
  const infoHash = extracted(ZERO_SALT, INFO_HASH, info);
  return { ecdh, pk: ecdh.getPublicKey(), context: concat(new Uint8Array([0]), pskIdHash, infoHash) };
}

export interface Opened {
  readonly contact: Contact;
  /** The 80 bytes the contact was read from. */
  readonly plaintext: Bytes;
  /** Opens the ride's stop notes; undefined unless asked for. */
  readonly noteKey: Bytes | undefined;
}

/** Undefined for anything that does not open or does not hold a contact: junk somebody posted, and nothing else. */
export function openEnvelope(
  { ecdh, pk, context }: DayOpener,
  { aad, sealed }: { readonly aad: Bytes; readonly sealed: Uint8Array },
  wantsNotes: boolean,
): Opened | undefined {
  const unpacked = unpackSealedSync(sealed);
  if (!unpacked.ok) return undefined;
  const { enc, ct } = unpacked.value;
  let dh: Uint8Array;
  try {
    dh = ecdh.computeSecret(enc);
  } catch {
    return undefined;
  }
  hmac.key(ZERO_SALT);
  hmac.write(kemPrk, EAE_PRK, dh);
  hmac.key(kemPrk);
  hmac.write(shared, SHARED_SECRET, enc, pk, ONE);
  hmac.key(shared);
  hmac.write(secret, SECRET);
  hmac.key(secret);
  hmac.write(aesKey, KEY, context, ONE);
  hmac.write(nonce, NONCE, context, ONE);
  const plaintext = decrypt(aesKey, nonce, aad, ct);
  const contact = plaintext === undefined ? undefined : decodeContact(plaintext);
  if (plaintext === undefined || contact?.ok !== true) return undefined;
  if (!wantsNotes) return { contact: contact.value, plaintext, noteKey: undefined };
  hmac.write(exporter, EXPORTER, context, ONE);
  hmac.key(exporter);
  const noteKey = new Uint8Array(NOTE_EXPORT.length);
  hmac.write(noteKey, EXPORTED, NOTE_EXPORT.context, ONE);
  return { contact: contact.value, plaintext, noteKey };
}

/** Overwrites what is left of the keys of the envelope opened last. */
export { wipe as wipeOpening };

function decrypt(key: Uint8Array, nonce: Uint8Array, aad: Bytes, ct: Bytes): Bytes | undefined {
  const cipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: GCM_TAG_BYTES });
  cipher.setAAD(aad);
  cipher.setAuthTag(ct.subarray(ct.length - GCM_TAG_BYTES));
  const plaintext = cipher.update(ct.subarray(0, ct.length - GCM_TAG_BYTES));
  try {
    cipher.final();
  } catch {
    return undefined;
  }
  return toBytes(plaintext);
}
