// Who a contact is: a phone, an identity document, a slip or a card, each packed into an unsigned 64-bit number.
import { U64_MAX } from './bytes.ts';
import { parseCnId, formatCnId } from './cn-id.ts';
import { formatPhone, parsePhone } from './phone.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import { foldSeparators } from './text.ts';

export const SUBJECT_KINDS = ['phone', 'cn-id', 'passport', 'slip', 'card'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** 1..5 on the wire. */
export function subjectKindByte(kind: SubjectKind): number {
  return SUBJECT_KINDS.indexOf(kind) + 1;
}

export function subjectKindOf(byte: number): SubjectKind | undefined {
  return SUBJECT_KINDS[byte - 1];
}

const MAX_PASSPORT_CHARACTERS = 12;
const MIN_PASSPORT_CHARACTERS = 5;

/**
 * A passport or travel permit number, 5..12 letters and digits, in base 36 behind a leading 1: without that mark a number
 * that begins with zeros could not be written again as it stands in the document.
 */
export function parsePassport(text: string): Result<bigint, 'bad-passport'> {
  const folded = foldSeparators(text).toUpperCase();
  if (!/^[0-9A-Z]+$/.test(folded)) return err('bad-passport');
  if (folded.length < MIN_PASSPORT_CHARACTERS || folded.length > MAX_PASSPORT_CHARACTERS) return err('bad-passport');
  let value = 1n;
  for (const character of folded) value = value * 36n + BigInt(Number.parseInt(character, 36));
  return ok(value);
}

function formatPassport(value: bigint): string {
  return value.toString(36).slice(1).toUpperCase();
}

/** The number of a paper slip or a card: 1..18 digits. */
function parseNumber(text: string): Result<bigint, 'bad-number'> {
  const folded = foldSeparators(text);
  return /^\d{1,18}$/.test(folded) ? ok(BigInt(folded)) : err('bad-number');
}

export type SubjectRefusal = 'bad-phone' | 'bad-cn-id' | 'bad-passport' | 'bad-number';

const PARSERS: Readonly<Record<SubjectKind, (text: string) => Result<bigint, SubjectRefusal>>> = {
  phone: (text) => parsePhone(text),
  'cn-id': parseCnId,
  passport: parsePassport,
  slip: parseNumber,
  card: parseNumber,
};

const FORMATTERS: Readonly<Record<SubjectKind, (value: bigint) => string>> = {
  phone: formatPhone,
  'cn-id': formatCnId,
  passport: formatPassport,
  slip: String,
  card: String,
};

/** What a person typed, by kind, to its packed number. */
export function parseSubject(kind: SubjectKind, text: string): Result<bigint, SubjectRefusal> {
  return PARSERS[kind](text);
}

/** Checks a packed number against its kind; throws RangeError where no parser could have made it. */
export function encodeSubject(kind: SubjectKind, value: bigint): bigint {
  if (value < 0n || value > U64_MAX || !parsesBack(kind, value)) throw new RangeError(`not a packed ${kind}`);
  return value;
}

function parsesBack(kind: SubjectKind, value: bigint): boolean {
  const again = parseSubject(kind, formatSubject(kind, value));
  return again.ok && again.value === value;
}

/** The written form: '+8613812345678', 18 characters of an ID, a passport number, or digits. Never for logs. */
export function formatSubject(kind: SubjectKind, value: bigint): string {
  return FORMATTERS[kind](value);
}
