// Assist tokens: the platform vouches that a staff member may register riders without a phone. Checked here with the
// platform's public key; the staff key id only serves to limit the rate and is forgotten.
import { PlatformIdentity, Refusal } from '@tongche/contract';
import type { InternalClient } from '@tongche/http';
import { RemoteError } from '@tongche/http';
import { fromBase64Url, unwrap, utf8 } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import type { Clock, Log } from '@tongche/runtime';
import { events } from '../events.ts';
import { IDENTITY_AT_MOST_EVERY_MS, IDENTITY_EVERY_MS, MAX_ASSIST_TOKEN_MS } from '../limits.ts';

/** Clocks of two servers differ by less. */
const SKEW_MS = 60_000;
const MAX_TOKEN_CHARS = 400;

export interface AssistTokens {
  /** The staff key id. Throws Refusal assist-token-invalid, or busy while the platform's key is unknown. */
  check(authorization: string | undefined): Promise<string>;
}

function parseBody(text: string): { readonly kid: string; readonly expMs: number } | undefined {
  const bytes = fromBase64Url(text);
  if (!bytes.ok) return undefined;
  try {
    const { kid, expMs } = JSON.parse(Buffer.from(bytes.value).toString('utf8')) as Record<string, unknown>;
    const fits = typeof kid === 'string' && kid !== '' && kid.length <= 64 && Number.isSafeInteger(expMs);
    return fits ? { kid, expMs: expMs as number } : undefined;
  } catch {
    return undefined;
  }
}

/** Caches the platform's key; asks again when it is old or when a signature does not fit, never more than once a minute. */
export function assistTokens(platform: InternalClient, clock: Clock, log: Log): AssistTokens {
  let key: Uint8Array<ArrayBuffer> | undefined;
  let askedMs = Number.NEGATIVE_INFINITY;

  let asking: Promise<void> | undefined;
  /** One question at a time: whoever needs the key meanwhile waits for the same answer. */
  function ask(): Promise<void> {
    asking ??= askNow().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function askNow(): Promise<void> {
    askedMs = clock.now();
    try {
      const identity = await platform.get('/internal/identity', PlatformIdentity);
      key = unwrap(fromBase64Url(identity.assistPk));
    } catch (error) {
      log.event(events.identityUnknown, { code: error instanceof RemoteError ? error.code : 'fault' });
    }
  }

  async function fits(body: string, signature: Uint8Array<ArrayBuffer>): Promise<boolean> {
    return key !== undefined && nodeSuite.verifyEd25519(key, utf8(`assist-token/1|${body}`), signature);
  }

  async function check(authorization: string | undefined): Promise<string> {
    const [, body = '', signatureText = ''] = /^Bearer ([\w-]+)\.([\w-]+)$/.exec(authorization ?? '') ?? [];
    const parsed = (authorization ?? '').length > MAX_TOKEN_CHARS ? undefined : parseBody(body);
    const signature = fromBase64Url(signatureText);
    if (parsed === undefined || !signature.ok) throw new Refusal('assist-token-invalid');
    const leftMs = parsed.expMs - clock.now();
    if (leftMs <= 0 || leftMs > MAX_ASSIST_TOKEN_MS + SKEW_MS) throw new Refusal('assist-token-invalid');
    if (asking !== undefined || clock.now() - askedMs > IDENTITY_EVERY_MS) await ask();
    if (await fits(body, signature.value)) return parsed.kid;
    // The platform may have a new key: worth one question a minute, not one for every forged token.
    if (clock.now() - askedMs >= IDENTITY_AT_MOST_EVERY_MS || (key === undefined && askedMs !== clock.now())) {
      await ask();
      if (await fits(body, signature.value)) return parsed.kid;
    }
    throw new Refusal(key === undefined ? 'busy' : 'assist-token-invalid');
  }

  return { check };
}
