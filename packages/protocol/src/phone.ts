// Phone numbers: what people type, to E.164 digits as an integer.
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import { foldSeparators } from './text.ts';

/** ITU-T E.164: at most 15 digits with the country code; shorter than 7 is a short number, which no message reaches. */
const MAX_DIGITS = 15;
const MIN_DIGITS = 7;

/** Countries whose mobile numbers we know exactly; others pass on length alone. National part, without trunk zero. */
const NATIONAL_RULES: Readonly<Record<string, RegExp>> = {
  '86': /^1[3-9]\d{9}$/, // MIIT numbering plan: mobiles begin with 13..19
  '852': /^[4-9]\d{7}$/, // Hong Kong: 8 digits, mobiles 4..9
  '853': /^6\d{7}$/, // Macao: 8 digits, mobiles 6
  '886': /^9\d{8}$/, // Taiwan: 9 digits, mobiles 9
};

const ONE_DIGIT_CODES = new Set(['1', '7']);
// ITU-T E.164 list of assigned two-digit country codes; everything else is three digits long.
const TWO_DIGIT_CODES = new Set(
  '20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98'.split(
    ' ',
  ),
);

/** The country code a number begins with. */
export function countryCodeOf(digits: string): string {
  if (ONE_DIGIT_CODES.has(digits.slice(0, 1))) return digits.slice(0, 1);
  if (TWO_DIGIT_CODES.has(digits.slice(0, 2))) return digits.slice(0, 2);
  return digits.slice(0, 3);
}

/**
 * E.164 digits of a mobile number. With '+' or '00' the number is international; without, it is of the default country
 * (also where that country's code stands in front without a '+'). Full-width digits, spaces, dashes, dots and brackets
 * are forgiven.
 */
export function parsePhone(text: string, defaultCountry = '86'): Result<bigint, 'bad-phone'> {
  const folded = foldSeparators(text).replaceAll(/[()]/g, '');
  if (/^(\+|00)[1-9]\d*$/.test(folded)) return international(folded.replace(/^(\+|00)/, ''));
  if (!/^\d+$/.test(folded)) return err('bad-phone');
  const national = international(defaultCountry + folded.replace(/^0/, ''));
  if (national.ok && fitsRule(defaultCountry, folded.replace(/^0/, ''))) return national;
  return folded.startsWith(defaultCountry) ? international(folded) : err('bad-phone');
}

function fitsRule(country: string, national: string): boolean {
  return NATIONAL_RULES[country]?.test(national) ?? true;
}

function international(digits: string): Result<bigint, 'bad-phone'> {
  if (digits.length < MIN_DIGITS || digits.length > MAX_DIGITS) return err('bad-phone');
  const country = countryCodeOf(digits);
  return fitsRule(country, digits.slice(country.length)) ? ok(BigInt(digits)) : err('bad-phone');
}

/** '+8613812345678'. Never for logs. */
export function formatPhone(phone: bigint): string {
  return `+${phone}`;
}
