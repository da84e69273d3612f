// Tags (who, sealed under a day key of the authority) and admissions (the operator's proof that a tag was issued).
import { concat, u16, u64, u8, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import type { Contact } from './contact.ts';
import { subjectKindByte } from './subject.ts';
import type { SubjectKind } from './subject.ts';
import type { Suite } from './suite.ts';

export const TAG_BYTES = 16;
const ADMISSION_LABEL = /* @__PURE__ */ utf8('adm1');
export const WALLETS = 8;
export const SLOTS_PER_WALLET = 32;
/** Assisted riders' slots are 0..63, random. */
export const ASSIST_SLOTS = 64;

/** slot = wallet_no · 32 + i. */
export function slotOf(walletNo: number, index: number): number {
  if (!Number.isInteger(walletNo) || walletNo < 0 || walletNo >= WALLETS) throw new RangeError('wallet number 0..7');
  if (!Number.isInteger(index) || index < 0 || index >= SLOTS_PER_WALLET) throw new RangeError('slot index 0..31');
  return walletNo * SLOTS_PER_WALLET + index;
}

export interface RideTagFields {
  readonly iss: number;
  /** E.164 digits. */
  readonly phone: bigint;
  readonly slot: number;
}

export interface AssistTagFields {
  readonly iss: number;
  readonly kind: SubjectKind;
  readonly subject: bigint;
  readonly slot: number;
}

export interface AdmissionFields {
  readonly day: number;
  readonly iss: number;
  readonly tag: Bytes;
}

export interface ContactTagFields {
  readonly iss: number;
  readonly contact: Contact;
}

/** "tag1" ‖ iss2 ‖ phone_u64 ‖ slot2. */
export function rideTagInput({ iss, phone, slot }: RideTagFields): Bytes {
  return concat(utf8('tag1'), u16(iss), u64(phone), u16(slot));
}

/** "asst1" ‖ iss2 ‖ kind1 ‖ subject8 ‖ slot2. */
export function assistTagInput({ iss, kind, subject, slot }: AssistTagFields): Bytes {
  return concat(utf8('asst1'), u16(iss), u8(subjectKindByte(kind)), u64(subject), u16(slot));
}

/** "adm1" ‖ d2 ‖ iss2 ‖ tag16. */
export function admissionInput({ day, iss, tag }: AdmissionFields): Bytes {
  if (tag.length !== TAG_BYTES) throw new RangeError('a tag is 16 bytes');
  return concat(ADMISSION_LABEL, u16(day), u16(iss), tag);
}

/**
 * What the tag of an opened contact was made from: an assisted rider's subject, the holder's phone for a companion who
 * rides on the holder's wallet, else the contact's own phone.
 */
export function contactTagInput({ iss, contact }: ContactTagFields): Bytes {
  const { kind, subject, slot, holder, flags } = contact;
  if (flags.companion && holder !== undefined) return rideTagInput({ iss, phone: holder, slot });
  if (flags.assisted || kind !== 'phone') return assistTagInput({ iss, kind, subject, slot });
  return rideTagInput({ iss, phone: subject, slot });
}

async function truncatedHmac(suite: Suite, key: Bytes, input: Bytes): Promise<Bytes> {
  return (await suite.hmac(key, input)).slice(0, TAG_BYTES);
}

export function rideTag(suite: Suite, kTag: Bytes, fields: RideTagFields): Promise<Bytes> {
  return truncatedHmac(suite, kTag, rideTagInput(fields));
}

export function assistTag(suite: Suite, kTag: Bytes, fields: AssistTagFields): Promise<Bytes> {
  return truncatedHmac(suite, kTag, assistTagInput(fields));
}

/** The tag an opened contact must have come with: a difference means "contact not verified". */
export function contactTag(suite: Suite, kTag: Bytes, fields: ContactTagFields): Promise<Bytes> {
  return truncatedHmac(suite, kTag, contactTagInput(fields));
}

export function admission(suite: Suite, kAdm: Bytes, fields: AdmissionFields): Promise<Bytes> {
  return truncatedHmac(suite, kAdm, admissionInput(fields));
}

/** A list in which phones look for their tags. */
export type TagList = 'expo1' | 'notice1';
export const LIST_VALUE_BYTES = 8;

/** list ‖ tag. */
export function listValueInput(list: TagList, tag: Bytes): Bytes {
  return concat(utf8(list), tag);
}

/** The value of a tag in a daily list that phones compare with: SHA-256(list ‖ tag)[0:8], list 'expo1' or 'notice1'. */
export async function listValue(suite: Suite, list: TagList, tag: Bytes): Promise<Bytes> {
  return (await suite.sha256(listValueInput(list, tag))).slice(0, LIST_VALUE_BYTES);
}
