// The wallet on the phone: enrolling, refilling, and picking an unused tag for a ride.
import type { Bundle, WalletReply } from '@tongche/contract';
import { decodeWallet, fromBase64Url, pickSlot, toBase64Url, unwrap, verifyBundle } from '@tongche/protocol/formats';
import type { DayBundle, Suite, WalletDay } from '@tongche/protocol/formats';
import type { Me, Settings } from './model.ts';
import { ask } from './net.ts';
import type { Answered } from './net.ts';
import type { Store } from './store.ts';

export interface Phone {
  readonly settings: Settings;
  readonly store: Store;
  readonly suite: () => Promise<Suite>;
}

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
    const offsetMs = nowMs - Date.now();
    const me: Me = {
      deviceKey,
      ticket,
      phone: number,
      name: who.name ?? old?.name ?? '',
      wallet: { walletNo, days },
      used: same ? Object.fromEntries(Object.entries(old.used).filter(([day]) => days.some((d) => d.day === +day))) : {},
      bundles,
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
/** Below this a phone's clock counts as right: the platform allows three minutes. */
export const CLOCK_TOLERANCE_MS = 90_000;

export type Refill = 'refilled' | 'ticket-refused' | 'unreachable' | 'busy';

function outcome(answer: Answered, kept: boolean): Refill {
  if (kept) return 'refilled';
  const { status } = answer;
  if (status === undefined || status === 404) return 'unreachable';
  return status === 401 || status === 400 || status === 409 ? 'ticket-refused' : 'busy';
}

/** POST /wallet with the phone's own ticket. The registrar's own cookie, if there, may stand in for a refused one. */
export async function refill(phone: Phone): Promise<Refill> {
  const me = await phone.store.transact((tx) => tx.get<Me>('me'));
  if (me === undefined) return 'ticket-refused';
  const answer = await ask<WalletReply>('/wallet', { ticket: me.ticket, deviceKey: toBase64Url(me.deviceKey) });
  return outcome(answer as Answered, answer.status === 200 && (await keepWallet(phone, answer.body)));
}

/** The page's storage is gone (some browsers empty it after a week) but the HttpOnly ticket may still be there. */
export async function recover(phone: Phone): Promise<Refill> {
  const suite = await phone.suite();
  const deviceKey = suite.randomBytes(16);
  const device = await deviceHash(suite, deviceKey);
  const answer = await ask<WalletReply>('/wallet', { device }, { credentials: 'same-origin' });
  const kept =
    answer.status === 200 &&
    answer.body.phone !== undefined &&
    (await keepWallet(phone, answer.body, { deviceKey, phone: answer.body.phone }));
  return outcome(answer as Answered, kept);
}

export interface Pass {
  readonly bundle: DayBundle;
  readonly walletDay: WalletDay;
  readonly slotIndex: number;
  readonly me: Me;
}

/** The bundle of the day and an unused index, marked used in the same transaction. `keep` stays the index of a ride sealed before. */
export async function takeSlot(phone: Phone, atMs: number, keep?: number): Promise<Pass | undefined> {
  const suite = await phone.suite();
  return phone.store.transact(async (tx) => {
    const me = await tx.get<Me>('me');
    const bundle = me?.bundles.find((b) => atMs >= b.notBeforeMs && atMs < b.notAfterMs);
    const wallet = me === undefined ? undefined : decodeWallet(me.wallet);
    if (me === undefined || bundle === undefined || wallet?.ok !== true) return undefined;
    const { day } = bundle;
    const used = me.used[day] ?? [];
    const picked = pickSlot(wallet.value, day, new Set(used), (n) => suite.randomBytes(n));
    const walletDay = wallet.value.days.find((d) => d.day === day);
    const slotIndex = keep ?? (picked.ok ? picked.value.slotIndex : undefined);
    if (walletDay === undefined || slotIndex === undefined) return undefined;
    if (!used.includes(slotIndex)) tx.put('me', { ...me, used: { ...me.used, [day]: [...used, slotIndex] } });
    return { bundle, walletDay, slotIndex, me };
  });
}
