// Filling the wallet on the phone: from a confirmed code, from the ticket, or from the ticket's cookie.
import type { Bundle, WalletReply } from '@tongche/contract';
import {
  decodeWallet,
  fromBase64Url,
  maskName,
  maskPhone,
  toBase64Url,
  unwrap,
  verifyBundle,
} from '@tongche/protocol/formats';
import type { DayBundle, Suite } from '@tongche/protocol/formats';
import type { Phone, Refill } from '../app.ts';
import { CLOCK_TOLERANCE_MS, LATE_MS } from '../ride/model.ts';
import type { Me } from '../ride/model.ts';
import { ask } from '../ride/net.ts';
import type { Answered } from '../ride/net.ts';

export const deviceHash = async (suite: Suite, deviceKey: Me['deviceKey']): Promise<string> =>
  toBase64Url(await suite.sha256(deviceKey));

/** Only bundles that the authority signed are ever kept: a phone seals to nothing else. */
export async function verified(phone: Phone, bundles: readonly Bundle[]): Promise<DayBundle[]> {
  const suite = await phone.suite();
  const p256 = unwrap(fromBase64Url(phone.settings.signP256));
  const checked = await Promise.all(bundles.map((bundle) => verifyBundle(suite, bundle, { p256 })));
  return checked.flatMap((result) =>
    result.ok && result.value.authority.iss === phone.settings.authority.iss ? [result.value] : [],
  );
}

/** Puts a fresh wallet in place of the old one; used indices of days that stay are kept. */
export async function keepWallet(
  phone: Phone,
  reply: WalletReply,
  who: Partial<Pick<Me, 'deviceKey' | 'phone' | 'name'>> = {},
): Promise<boolean> {
  const bundles = await verified(phone, reply.bundles);
  const { walletNo, days, ticket, consentVersion, nowMs } = reply;
  if (bundles.length === 0 || !decodeWallet({ walletNo, days }).ok) return false;
  return phone.store.transact(async (tx) => {
    const old = await tx.get<Me>('me');
    const deviceKey = who.deviceKey ?? old?.deviceKey;
    const number = who.phone ?? old?.phone;
    if (deviceKey === undefined || number === undefined) return false;
    const same = old !== undefined && old.phone === number && old.wallet.walletNo === walletNo;
    const name = who.name ?? old?.name ?? '';
    const offsetMs = nowMs - Date.now();
    // Past days stay while late rides of theirs may still be sealed and sent.
    const past = same ? old.bundles.filter((b) => b.notAfterMs > nowMs - LATE_MS) : [];
    const older = past.filter((b) => !bundles.some((fresh) => fresh.day === b.day));
    const olderDays = same ? old.wallet.days.filter((d) => older.some((b) => b.day === d.day)) : [];
    const me: Me = {
      deviceKey,
      ticket,
      phone: number,
      name,
      masked: { phone: maskPhone(number), name: maskName(name) },
      wallet: { walletNo, days: [...olderDays, ...days] },
      used: same ? old.used : {},
      bundles: [...older, ...bundles],
      consentVersion,
      refilledMs: nowMs,
      // Answers take seconds in a tunnel: small differences are not the clock's.
      offsetMs: Math.abs(offsetMs) > CLOCK_TOLERANCE_MS ? offsetMs : 0,
      party: old?.party ?? 0,
    };
    tx.put('me', me);
    tx.remove('otp');
    return true;
  });
}

/** Set while the registrar waits for the rider's yes to this newer version of the rules. */
let newRules: number | undefined;
export const rulesToAgree = (): number | undefined => newRules;

interface Outdated {
  readonly consentVersion?: number;
}
/** The version that a refusal asks for; silence and busy servers leave what was known. */
function noteRules({ status, code, body }: Answered<unknown>): void {
  if (status === 200 || status === 401) newRules = undefined;
  else if (code === 'consent-outdated') newRules = (body as Outdated).consentVersion;
}

function outcome(answer: Pick<Answered, 'status'>, kept: boolean): Refill {
  if (kept) return 'refilled';
  const { status } = answer;
  if (status === undefined || status === 404) return 'unreachable';
  return status === 401 || status === 400 || status === 409 ? 'ticket-refused' : 'busy';
}

/** POST /wallet with the phone's own ticket. `agreed`: the newer rules the rider has said yes to. */
export async function refill(phone: Phone, agreed: Outdated = {}): Promise<Refill> {
  const me = await phone.store.transact((tx) => tx.get<Me>('me'));
  if (me === undefined) return 'ticket-refused';
  const body = { ticket: me.ticket, deviceKey: toBase64Url(me.deviceKey), ...agreed };
  const answer = await ask<WalletReply>('/wallet', body);
  noteRules(answer);
  return outcome(answer, answer.status === 200 && (await keepWallet(phone, answer.body)));
}

/** The page's storage is gone (some browsers empty it after a week) but the HttpOnly ticket may still be there. */
export async function recover(phone: Phone, agreed: Outdated = {}): Promise<Refill> {
  const suite = await phone.suite();
  const deviceKey = suite.randomBytes(16);
  const device = await deviceHash(suite, deviceKey);
  const answer = await ask<WalletReply>('/wallet', { device, ...agreed }, { credentials: 'same-origin' });
  noteRules(answer);
  const kept =
    answer.status === 200 &&
    answer.body.phone !== undefined &&
    (await keepWallet(phone, answer.body, { deviceKey, phone: answer.body.phone }));
  return outcome(answer, kept);
}

/** The rider said yes to the newer rules: the wallet and its ticket follow, from the ticket or else from its cookie. */
export async function agree(phone: Phone, consentVersion: number): Promise<Refill> {
  const me = await phone.store.transact((tx) => tx.get<Me>('me'));
  return me === undefined ? recover(phone, { consentVersion }) : refill(phone, { consentVersion });
}
