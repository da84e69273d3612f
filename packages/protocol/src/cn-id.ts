// Chinese 18-character identity numbers (GB 11643-1999), residence permits of Hong Kong, Macao and Taiwan residents, and
// the permanent residence card for foreigners of 2023, which share length, birth date and check character.
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import { foldSeparators } from './text.ts';

// First two digits: provinces (GB/T 2260), 71 Taiwan; 81, 82, 83 residence permits for Hong Kong, Macao, Taiwan residents.
const REGIONS = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
);
const CHECK_CHARACTERS = '10X98765432';
const OLDEST_YEAR = 1850;
const LATEST_YEAR = 2099;

/** Seventeen digits times 11 plus the check value (X = 10), as one number below 2^64. */
export function parseCnId(text: string): Result<bigint, 'bad-cn-id'> {
  const folded = foldSeparators(text).toUpperCase();
  if (!/^\d{17}[\dX]$/.test(folded)) return err('bad-cn-id');
  if (!regionExists(folded)) return err('bad-cn-id', 'region');
  if (!dateExists(folded.slice(6, 14))) return err('bad-cn-id', 'date');
  if (checkCharacterOf(folded) !== folded.charAt(17)) return err('bad-cn-id', 'check');
  const check = folded.endsWith('X') ? 10n : BigInt(folded.charAt(17));
  return ok(BigInt(folded.slice(0, 17)) * 11n + check);
}

function regionExists(id: string): boolean {
  // 9‖province‖nationality: the permanent residence card for foreigners.
  return id.startsWith('9') ? REGIONS.has(id.slice(1, 3)) : REGIONS.has(id.slice(0, 2));
}

function dateExists(yyyymmdd: string): boolean {
  const year = Number(yyyymmdd.slice(0, 4));
  const month = Number(yyyymmdd.slice(4, 6));
  const day = Number(yyyymmdd.slice(6, 8));
  if (year < OLDEST_YEAR || year > LATEST_YEAR) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** ISO 7064 MOD 11-2 over the first seventeen digits. */
export function checkCharacterOf(id: string): string {
  let remainder = 0;
  for (let i = 0; i < 17; i += 1) remainder = ((remainder + Number(id.charAt(i))) * 2) % 11;
  return CHECK_CHARACTERS.charAt(remainder);
}

/** The 18 characters again. Never for logs. */
export function formatCnId(value: bigint): string {
  const check = value % 11n;
  return (value / 11n).toString().padStart(17, '0') + (check === 10n ? 'X' : check.toString());
}
