// The 7-character code printed under a QR, for typing: six characters and a check character.
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import { foldSeparators } from './text.ts';

/** No 0 O 1 I L U (read as one another) and no Z (a 2): 29 characters, a prime, which the check needs. */
export const SHORT_ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXY';
const DATA_CHARACTERS = 6;
const PRIME = SHORT_ALPHABET.length;

/** Numbers of 0..SHORT_CODE_COUNT-1 have a short code: 594,823,321 of them. */
export const SHORT_CODE_COUNT = PRIME ** DATA_CHARACTERS;

/** What people write for a printed character; the check character catches a wrong guess. */
const LOOKALIKES: Readonly<Record<string, string>> = { '0': 'Q', O: 'Q', '1': '7', I: '7', L: '7', U: 'V', Z: '2' };

/**
 * Weighted sum modulo a prime, weights 1..7: a single wrong character changes it, and so does any swap of two different
 * characters, because all weights and all differences of weights are units modulo 29.
 */
function weightedSum(values: readonly number[]): number {
  return values.reduce((sum, value, i) => (sum + value * (i + 1)) % PRIME, 0);
}

/** The code of a number. The caller picks numbers at random within its city and keeps them unique. */
export function makeShortCode(n: number): string {
  if (!Number.isInteger(n) || n < 0 || n >= SHORT_CODE_COUNT) throw new RangeError('no short code for this number');
  const values: number[] = [];
  let rest = n;
  for (let i = 0; i < DATA_CHARACTERS; i += 1) {
    values.unshift(rest % PRIME);
    rest = Math.floor(rest / PRIME);
  }
  const checkWeight = DATA_CHARACTERS + 1;
  const sum = weightedSum(values);
  for (let check = 0; check < PRIME; check += 1) {
    if ((sum + check * checkWeight) % PRIME === 0) values.push(check);
  }
  return values.map((value) => SHORT_ALPHABET.charAt(value)).join('');
}

/** The canonical code of what was typed: any case, spaces, dashes and full-width forms are forgiven, look-alikes folded. */
export function parseShortCode(text: string): Result<string, 'bad-short-code'> {
  const folded = Array.from(foldSeparators(text).toUpperCase(), (c) => LOOKALIKES[c] ?? c);
  if (folded.length !== DATA_CHARACTERS + 1) return err('bad-short-code');
  const values = folded.map((c) => SHORT_ALPHABET.indexOf(c));
  if (values.some((value) => value < 0) || weightedSum(values) !== 0) return err('bad-short-code');
  return ok(folded.join(''));
}
