// The ride record, 225 bytes: what a phone posts to the operator's platform, and the envelope inside it.
import { concat, readU16, toBytes, u16, u8, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { CONTACT_BYTES, decodeContact } from './contact.ts';
import type { Contact, ContactRefusal } from './contact.ts';
import { NOTE_EXPORT } from './note.ts';
import { COMPRESSED_BYTES, compressPoint, isPoint } from './p256.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import type { FullSuite, HpkeOpenRefusal, Suite } from './suite.ts';

export const RECORD_BYTES = 225;
export const RECORD_VERSION = 1;
const GCM_TAG_BYTES = 16;
export const CT_BYTES = CONTACT_BYTES + GCM_TAG_BYTES;
/** As rides are kept: enc33 ‖ ct96. */
export const SEALED_BYTES = COMPRESSED_BYTES + CT_BYTES;
/** Minutes since the bundle's not_before: a day of 25 hours has 1,500. */
export const MAX_MINUTE = 1499;
export const MAX_PARTY = 7;

/** w2 = 0¹ ‖ queued¹ ‖ party³ ‖ min¹¹. */
export interface RideWindow {
  /** The ride waited on the phone before it was sent. */
  readonly queued: boolean;
  /** Heads that travel with the holder, 0..7. */
  readonly party: number;
  /** Minutes since bundle.notBeforeMs, 0..1499. */
  readonly minute: number;
}

export interface RideRecord {
  readonly version: 1;
  readonly suite: 1;
  readonly code: Bytes;
  readonly iss: number;
  readonly day: number;
  readonly w: RideWindow;
  readonly tag: Bytes;
  readonly adm: Bytes;
  readonly eraseC: Bytes;
  readonly enc: Bytes;
  readonly ct: Bytes;
}

/** The fields the envelope is bound to. */
export type RecordHeader = Pick<RideRecord, 'version' | 'suite' | 'code' | 'iss' | 'day' | 'w' | 'tag' | 'eraseC'>;

export type RecordRefusal = 'bad-length' | 'bad-version' | 'bad-suite' | 'bad-window' | 'bad-point';

export function packWindow({ queued, party, minute }: RideWindow): number {
  if (!Number.isInteger(party) || party < 0 || party > MAX_PARTY) throw new RangeError('party of 0..7');
  if (!Number.isInteger(minute) || minute < 0 || minute > MAX_MINUTE) throw new RangeError('minute of 0..1499');
  return (queued ? 1 << 14 : 0) | (party << 11) | minute;
}

export function unpackWindow(w2: number): Result<RideWindow, 'bad-window'> {
  const minute = w2 & 0x7ff;
  if (!Number.isInteger(w2) || w2 < 0 || w2 >= 1 << 15 || minute > MAX_MINUTE) return err('bad-window');
  return ok({ queued: (w2 & (1 << 14)) !== 0, party: (w2 >> 11) & 7, minute });
}

function sized(bytes: Bytes, length: number, name: string): Bytes {
  if (bytes.length !== length) throw new RangeError(`${name} is ${length} bytes`);
  return bytes;
}

/** ver1 suite1 code8 iss2 d2 w2 tag16: what both the record and the associated data begin with. */
function headerBytes(record: RecordHeader): Bytes {
  return concat(
    u8(record.version),
    u8(record.suite),
    sized(record.code, 8, 'code'),
    u16(record.iss),
    u16(record.day),
    u16(packWindow(record.w)),
    sized(record.tag, 16, 'tag'),
  );
}

/** The 48 bytes ver‖suite‖code‖iss‖d‖w‖tag‖eraseC: a record moved to another code, minute or tag does not open. */
export function recordAad(record: RecordHeader): Bytes {
  return concat(headerBytes(record), sized(record.eraseC, 16, 'eraseC'));
}

export function encodeRecord(record: RideRecord): Bytes {
  return concat(
    headerBytes(record),
    sized(record.adm, 16, 'adm'),
    sized(record.eraseC, 16, 'eraseC'),
    sized(record.enc, 65, 'enc'),
    sized(record.ct, CT_BYTES, 'ct'),
  );
}

/** Everything that can be checked without a key, the point on the curve included. The fields are views of `bytes`. */
export function decodeRecord(bytes: Bytes): Result<RideRecord, RecordRefusal> {
  if (bytes.length !== RECORD_BYTES) return err('bad-length');
  if (bytes[0] !== RECORD_VERSION) return err('bad-version');
  if (bytes[1] !== 1) return err('bad-suite');
  const w = unpackWindow(readU16(bytes, 14));
  if (!w.ok) return w;
  const enc = bytes.subarray(64, 129);
  if (!isPoint(enc)) return err('bad-point');
  return ok({
    version: 1,
    suite: 1,
    code: bytes.subarray(2, 10),
    iss: readU16(bytes, 10),
    day: readU16(bytes, 12),
    w: w.value,
    tag: bytes.subarray(16, 32),
    adm: bytes.subarray(32, 48),
    eraseC: bytes.subarray(48, 64),
    enc,
    ct: bytes.subarray(129),
  });
}

/** HPKE info: "ride-contact/1|" ‖ authority ‖ "|" ‖ d2 ‖ "|" ‖ key_id. The authority is its issuer number in decimal. */
export function envelopeInfo(fields: {
  readonly authority: number | string;
  readonly day: number;
  readonly keyId: string;
}): Bytes {
  const authority = String(fields.authority);
  if (authority.includes('|')) throw new RangeError('an authority has no "|" in its identifier');
  return concat(utf8(`ride-contact/1|${authority}|`), u16(fields.day), utf8(`|${fields.keyId}`));
}

/** eraseC = SHA-256(eraseK)[0:16]. */
export async function eraseCommitment(suite: Suite, eraseKey: Bytes): Promise<Bytes> {
  return (await suite.sha256(eraseKey)).slice(0, 16);
}

export interface OpenedRecord {
  readonly contact: Contact;
  /** Opens the ride's stop notes. */
  readonly noteKey: Bytes;
}

/** Opens a ride's envelope. The caller then compares the tag with contactTag: only that proves the phone. */
export async function openRecord(
  suite: Suite,
  options: { readonly sk: Bytes; readonly info: Bytes; readonly record: Omit<RideRecord, 'adm'> },
): Promise<Result<OpenedRecord, HpkeOpenRefusal | ContactRefusal>> {
  const { sk, info, record } = options;
  const opened = await suite.hpkeOpen({
    sk,
    enc: record.enc,
    info,
    aad: recordAad(record),
    ct: record.ct,
    exports: [NOTE_EXPORT],
  });
  if (!opened.ok) return opened;
  const contact = decodeContact(opened.value.plaintext);
  const noteKey = opened.value.exported[0];
  if (noteKey === undefined) throw new Error('an export asked for is missing');
  return contact.ok ? ok({ contact: contact.value, noteKey }) : contact;
}

/** enc65 and ct96 to the 129 bytes in which they are kept and handed to the vault. */
export function packSealed(enc: Bytes, ct: Bytes): Bytes {
  return concat(compressPoint(enc), sized(ct, CT_BYTES, 'ct'));
}

/** Those 129 bytes back to enc65 and ct96. Servers' hot paths use unpackSealedSync of ./node. */
export async function unpackSealed(
  suite: Pick<FullSuite, 'decompressPoint'>,
  sealed: Uint8Array,
): Promise<Result<{ readonly enc: Bytes; readonly ct: Bytes }, 'bad-length' | 'bad-point'>> {
  if (sealed.length !== SEALED_BYTES) return err('bad-length');
  const enc = await suite.decompressPoint(toBytes(sealed.subarray(0, 33)));
  return enc.ok ? ok({ enc: enc.value, ct: toBytes(sealed.subarray(33)) }) : enc;
}
