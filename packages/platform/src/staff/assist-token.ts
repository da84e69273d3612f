// Tokens with which staff open the registrar's assist form: the registrar learns a number to limit by, no name.
import { createHash } from 'node:crypto';
import type { AssistToken } from '@tongche/contract';
import { concat, toBase64Url, utf8 } from '@tongche/protocol';
import type { Platform } from '../platform.ts';
import type { OpenShift } from './shifts.ts';

/** As long as the longest shift. */
const lifeMs = 12 * 3_600_000;

/** The same for the shift, so that limits hold; another in the next one, so that the registrar cannot follow a person. */
function keyIdOf(shift: OpenShift): string {
  return createHash('sha256')
    .update(`assist|${shift.shiftId}|${shift.staffId}|${shift.startedMs}`)
    .digest('base64url')
    .slice(0, 22);
}

export async function makeAssistToken(platform: Platform, shift: OpenShift, code8: string): Promise<AssistToken> {
  const expiresMs = platform.clock.now() + lifeMs;
  const body = toBase64Url(utf8(JSON.stringify({ kid: keyIdOf(shift), expMs: expiresMs })));
  const signed = concat(utf8('assist-token/1|'), utf8(body));
  const signature = await platform.suite.signEd25519(platform.keys.assist.sk, signed);
  const token = `${body}.${toBase64Url(signature)}`;
  return { token, url: `${platform.config.registrarUrl}/assist#token=${token}&code=${code8}`, expiresMs };
}
