// One assisted rider: the registrar derives the tag, this page seals the contact, the platform gets what it cannot open.
import type { AssistReply } from '@tongche/contract';
import {
  dayOf,
  fromBase64Url,
  makeRide,
  parsePhone,
  parseSubject,
  toBase64Url,
  unwrap,
  verifyBundle,
} from '@tongche/protocol/formats';
import type { RideCheck, Suite } from '@tongche/protocol/formats';
import { answerOf } from '../ride/flow.ts';
import type { Settings } from '../ride/model.ts';
import { ask } from '../ride/net.ts';
import type { Entry } from './vault.ts';

const QUEUED_AFTER_MS = 2 * 60_000;

export type Sealed =
  | { readonly body: string; readonly url: string; readonly check: RideCheck }
  | { readonly refused: 'offline' | 'busy' | 'assist-token-invalid' }
  /** For good: `code` says why. */
  | { readonly refused: 'failed'; readonly code: string };

/** Statuses that ask to come back: too many requests, a safety check first, a server in trouble. */
const isLater = (status: number): boolean => status === 429 || status === 428 || status >= 500;
const failed = (code = 'refused'): Sealed => ({ refused: 'failed', code });

/** Asks R for {tag, adm, slot} and seals. The value goes to the registrar and into the envelope, nowhere else. */
export async function sealEntry(suite: Suite, settings: Settings, token: string, entry: Entry): Promise<Sealed> {
  const { kind, value, boardedMs } = entry;
  const { iss, zone } = settings.authority;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const answer = await ask<AssistReply>('/assist', { kind, value, day: dayOf(boardedMs, zone) }, { headers });
  if (answer.status === undefined) return { refused: 'offline' };
  if (answer.status === 401) return { refused: 'assist-token-invalid' };
  if (answer.status !== 200) return isLater(answer.status) ? { refused: 'busy' } : failed(answer.code);
  const { tag, adm, slot, nowMs } = answer.body;
  const p256 = unwrap(fromBase64Url(settings.signP256));
  const bundle = await verifyBundle(suite, answer.body.bundle, { p256 });
  const subject = parseSubject(kind, value);
  const reach = parsePhone(entry.reach);
  if (!subject.ok) return failed('bad-document');
  if (!bundle.ok || bundle.value.authority.iss !== iss) return failed('signature-invalid');
  const made = await makeRide(suite, {
    bundle: bundle.value,
    pass: { slot, tag: unwrap(fromBase64Url(tag)), adm: unwrap(fromBase64Url(adm)) },
    code: unwrap(fromBase64Url(entry.code)).slice(0, 8),
    boardedMs,
    queued: nowMs - boardedMs > QUEUED_AFTER_MS,
    party: entry.party,
    contact: {
      flags: { companion: false, assisted: true },
      kind,
      subject: subject.value,
      reach: reach.ok && kind !== 'phone' ? reach.value : 0n,
      name: entry.name,
      openid: '',
    },
  });
  return { body: toBase64Url(made.record), url: bundle.value.platformUrl, check: made.check };
}

/** Posts sealed bytes. 'again': keep them and send the same bytes later. Else they are refused for good, and why. */
export async function postSealed(url: string, body: string): Promise<'ok' | 'again' | { readonly code: string }> {
  const { status, code } = await ask(`${url}/v1/rides?via=assist`, body);
  const answer = answerOf(status, code);
  if (answer === 'ok') return 'ok';
  return answer === 'busy' || answer === 'unreachable' ? 'again' : { code: code ?? answer };
}
