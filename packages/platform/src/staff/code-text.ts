// What staff give for a vehicle: the number they typed, the address they scanned, or the code in it.
import { Refusal } from '@tongche/contract';
import { decodeScannedCode, encodeCode, parseShortCode } from '@tongche/protocol';
import type { City, Code } from '../city/city.ts';

/** Throws Refusal 'unknown-code' or 'code-revoked'. */
export function codeOfText(city: City, text: string): Code {
  const scanned = decodeScannedCode(/\/r\/([A-Za-z0-9_-]+)/.exec(text)?.[1] ?? text.trim());
  const short = parseShortCode(text);
  const code = scanned.ok
    ? city.code(encodeCode(scanned.value.code))
    : short.ok
      ? city.codeByShort(short.value)
      : undefined;
  if (code === undefined) throw new Refusal('unknown-code');
  if (code.revokedMs !== null) throw new Refusal('code-revoked');
  return code;
}
