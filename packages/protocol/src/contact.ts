// The 80 bytes inside a ride's envelope: whom the authority may reach. Made on the phone, read only in the vault.
import { concat, cutUtf8, fromUtf8, isZero, readU16, readU64, u16, u64, u8, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import { subjectKindByte, subjectKindOf } from './subject.ts';
import type { SubjectKind } from './subject.ts';

export const CONTACT_BYTES = 80;
const VERSION = 1;
const FLAG_COMPANION = 1;
const FLAG_ASSISTED = 2;
const NAME_BYTES = 24;
/** A companion's name shares its field with the holder's phone. */
const COMPANION_NAME_BYTES = 16;
const OPENID_BYTES = 28;

// Layout: ver1 flags1 slot2 kind1 subject8 reach8 nlen1 name24 openid28 pad6
const AT = {
  flags: 1,
  slot: 2,
  kind: 4,
  subject: 5,
  reach: 13,
  nameLength: 21,
  name: 22,
  holder: 38,
  openid: 46,
  pad: 74,
};

export interface Contact {
  /** companion: travels on the holder's wallet. assisted: staff entered the subject, nobody proved it. */
  readonly flags: { readonly companion: boolean; readonly assisted: boolean };
  readonly slot: number;
  readonly kind: SubjectKind;
  /** Packed by encodeSubject; for a phone its E.164 digits. */
  readonly subject: bigint;
  /** E.164 digits of a phone to call where the subject is a document, else 0n. */
  readonly reach: bigint;
  /** Cut to 24 bytes of UTF-8 (16 for a companion) between code points; may be empty. */
  readonly name: string;
  /** WeChat recipient, printable ASCII, at most 28 characters; '' outside the mini-program. */
  readonly openid: string;
  /** The wallet holder's phone: set exactly when flags.companion is. */
  readonly holder?: bigint;
}

export type ContactRefusal = 'bad-length' | 'bad-version' | 'bad-contact';

export function encodeContact(contact: Contact): Bytes {
  const { flags, holder, openid } = contact;
  if (flags.companion !== (holder !== undefined))
    throw new RangeError('a companion, and only a companion, has a holder');
  if (!/^[\x21-\x7e]{0,28}$/.test(openid)) throw new RangeError('not an openid');
  const name = utf8(cutUtf8(contact.name, flags.companion ? COMPANION_NAME_BYTES : NAME_BYTES));
  return concat(
    u8(VERSION),
    u8((flags.companion ? FLAG_COMPANION : 0) | (flags.assisted ? FLAG_ASSISTED : 0)),
    u16(contact.slot),
    u8(subjectKindByte(contact.kind)),
    u64(contact.subject),
    u64(contact.reach),
    u8(name.length),
    holder === undefined ? padded(name, NAME_BYTES) : concat(padded(name, COMPANION_NAME_BYTES), u64(holder)),
    padded(utf8(openid), OPENID_BYTES),
    new Uint8Array(CONTACT_BYTES - AT.pad),
  );
}

function padded(data: Bytes, length: number): Bytes {
  return concat(data, new Uint8Array(length - data.length));
}

/** Strict: unknown flags and kinds, padding that is not zero and text that is not UTF-8 are refused. */
export function decodeContact(bytes: Bytes): Result<Contact, ContactRefusal> {
  if (bytes.length !== CONTACT_BYTES) return err('bad-length');
  if (bytes[0] !== VERSION) return err('bad-version');
  const flagBits = bytes[AT.flags] ?? 0;
  const companion = (flagBits & FLAG_COMPANION) !== 0;
  const kind = subjectKindOf(bytes[AT.kind] ?? 0);
  if (flagBits > (FLAG_COMPANION | FLAG_ASSISTED)) return err('bad-contact', 'flags');
  if (kind === undefined) return err('bad-contact', 'kind');
  const nameField = bytes.subarray(AT.name, companion ? AT.holder : AT.openid);
  const nameLength = bytes[AT.nameLength] ?? 0;
  if (nameLength > nameField.length || !isZero(nameField.subarray(nameLength))) return err('bad-contact', 'name');
  const name = fromUtf8(nameField.subarray(0, nameLength));
  if (!name.ok) return err('bad-contact', 'name');
  const openidField = bytes.subarray(AT.openid, AT.pad);
  const openidEnd = openidField.indexOf(0);
  const openid = fromUtf8(openidEnd < 0 ? openidField : openidField.subarray(0, openidEnd));
  if (!openid.ok || !/^[\x21-\x7e]*$/.test(openid.value)) return err('bad-contact', 'openid');
  if (!isZero(bytes.subarray(AT.openid + openid.value.length))) return err('bad-contact', 'padding');
  return ok({
    flags: { companion, assisted: (flagBits & FLAG_ASSISTED) !== 0 },
    slot: readU16(bytes, AT.slot),
    kind,
    subject: readU64(bytes, AT.subject),
    reach: readU64(bytes, AT.reach),
    name: name.value,
    openid: openid.value,
    ...(companion ? { holder: readU64(bytes, AT.holder) } : {}),
  });
}
