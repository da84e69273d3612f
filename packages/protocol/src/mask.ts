// Masked forms for screens: enough to recognise somebody one knows, not enough to reach or look up anybody.
import { countryCodeOf } from './phone.ts';
import { formatSubject } from './subject.ts';
import type { SubjectKind } from './subject.ts';

const SHOWN_PHONE_DIGITS = 4;
/** A longer run of stars would tell the length of a name or document. */
const MAX_STARS = 3;

/** '138****1234' for a Chinese mobile, '+44 ****8810' for others. Takes E.164 digits. */
export function maskPhone(phone: bigint | string): string {
  const digits = phone.toString().replace(/^\+/, '');
  const last = digits.slice(-SHOWN_PHONE_DIGITS);
  if (/^861\d{10}$/.test(digits)) return `${digits.slice(2, 5)}****${last}`;
  if (!/^\d{7,15}$/.test(digits)) return '****';
  return `+${countryCodeOf(digits)} ****${last}`;
}

/** '张*三', '李*', 'Anna S.'; one word in another script shows its first letter only. Empty stays empty. */
export function maskName(name: string): string {
  const words = name.normalize('NFC').trim().split(/\s+/u).filter(Boolean);
  const first = words[0];
  if (first === undefined) return '';
  if (/\p{Script=Han}/u.test(name)) return maskHan(Array.from(words.join('')));
  const last = words.at(-1) ?? '';
  if (words.length > 1) return `${first} ${Array.from(last).slice(0, 1).join('')}.`;
  return `${Array.from(first).slice(0, 1).join('')}***`;
}

function maskHan(characters: readonly string[]): string {
  const first = characters[0] ?? '';
  if (characters.length === 1) return '*';
  if (characters.length === 2) return `${first}*`;
  return first + '*'.repeat(Math.min(characters.length - 2, MAX_STARS)) + (characters.at(-1) ?? '');
}

/** '110***********123X', 'E1***78', '***4321'. Takes the packed number of encodeSubject. */
export function maskDocument(kind: Exclude<SubjectKind, 'phone'>, value: bigint): string {
  const text = formatSubject(kind, value);
  if (kind === 'cn-id') return `${text.slice(0, 3)}***********${text.slice(-4)}`;
  if (kind === 'passport') return `${text.slice(0, 2)}***${text.slice(-2)}`;
  // A short number shown by its last four digits would be shown whole.
  return `***${text.length > 6 ? text.slice(-4) : ''}`;
}

/** Any subject, masked by its kind. */
export function maskSubject(kind: SubjectKind, value: bigint): string {
  return kind === 'phone' ? maskPhone(value) : maskDocument(kind, value);
}
