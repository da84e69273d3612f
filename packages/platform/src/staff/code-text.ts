// What staff give for a vehicle: the number they typed, the address they scanned, the code in it, or what another QR on the
// vehicle says.
import { Refusal } from '@tongche/contract';
import { decodeScannedCode, encodeCode, parseShortCode } from '@tongche/protocol';
import type { City, Code } from '../city/city.ts';
import { contentDigest } from '../codes/alias.ts';
import { codeIdOfAlias } from '../store/codes.ts';
import type { Sql } from '../store/sql.ts';

/** The code a text from a scanner or a keyboard stands for. Throws Refusal 'unknown-code', 'bad-short-code' or 'code-revoked'. */
export async function codeOfText(sql: Sql, city: City, text: string): Promise<Code> {
  const scanned = decodeScannedCode(/\/r\/([A-Za-z0-9_-]+)/.exec(text)?.[1] ?? text.trim());
  const short = parseShortCode(text);
  const code = scanned.ok
    ? city.code(encodeCode(scanned.value.code))
    : short.ok
      ? city.codeByShort(short.value)
      : await codeOfContent(sql, city, text);
  if (code === undefined) throw new Refusal(looksTyped(text) && !short.ok ? 'bad-short-code' : 'unknown-code');
  if (code.revokedMs !== null) throw new Refusal('code-revoked');
  return code;
}

/** The code another QR's content is bound to. */
export async function codeOfContent(sql: Sql, city: City, content: string): Promise<Code | undefined> {
  const codeId = await codeIdOfAlias(sql, contentDigest(content));
  return codeId === undefined ? undefined : city.codeById(codeId);
}

/** Seven letters and digits are a vehicle number, right or wrong. */
function looksTyped(text: string): boolean {
  return /^[0-9A-Z]{7}$/i.test(text.normalize('NFKC').replaceAll(/[\s-]/g, ''));
}
