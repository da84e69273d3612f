// Enrolling: the number gets a code, the code gets a wallet. The server proves the phone in one call; nothing here is trusted.
import type { WalletReply } from '@tongche/contract';
import type { Phone } from '../app.ts';
import { parsePhone, utf8 } from '@tongche/protocol/formats';
import type { Me, PendingCode } from '../ride/model.ts';
import { ask } from '../ride/net.ts';
import { deviceHash, keepWallet } from './wallet.ts';

/** The page may have been kept since before the rules changed: then the registrar names the version to agree to. */
let rulesVersion: number | undefined;

/** What to tell the rider: a code of the catalogue, or 'network'. */
export type Refused = { readonly code: string; readonly zh?: string; readonly en?: string };

/** Asking for more than 2^24 hashes would only drain a battery. */
const MAX_WORK_BITS = 24;

interface OtpAnswer {
  readonly challenge: string;
  readonly expiresMs: number;
  readonly salt?: string;
  readonly bits?: number;
  readonly consentVersion?: number;
  readonly error?: { readonly message: { readonly zh: string; readonly en: string } };
}

export const refusedBy = (answer: {
  code: string | undefined;
  body: unknown;
  status: number | undefined;
}): Refused => ({
  code: answer.code ?? (answer.status === undefined ? 'network' : 'busy'),
  ...(answer.body as OtpAnswer).error?.message,
});

/** A nonce whose SHA-256 with the salt begins in `bits` zero bits: a moment for one phone, a cost for ten thousand. */
async function solve(phone: Phone, salt: string, bits: number): Promise<string> {
  const suite = await phone.suite();
  for (let n = 0; ; n += 1) {
    const digest = await suite.sha256(utf8(`${salt}.${n}`));
    const head = ((digest[0] ?? 0) << 16) | ((digest[1] ?? 0) << 8) | (digest[2] ?? 0);
    if (head >> (24 - Math.min(bits, MAX_WORK_BITS)) === 0) return String(n);
  }
}

/** Sends a code to the number. The pending code is kept, so that coming back from the message app finds the form as it was. */
export async function sendCode(phone: Phone, typed: string, language: string): Promise<PendingCode | Refused> {
  const number = parsePhone(typed);
  if (!number.ok) return { code: 'bad-phone' };
  const request = {
    phone: `+${number.value}`,
    consentVersion: rulesVersion ?? phone.settings.consentVersion,
    language: language.slice(0, 8),
  };
  let answer = await ask<OtpAnswer>('/otp', request);
  const { salt, bits } = answer.body;
  if (answer.status === 428 && salt !== undefined && bits !== undefined) {
    answer = await ask<OtpAnswer>('/otp', { ...request, work: { salt, nonce: await solve(phone, salt, bits) } });
  }
  if (answer.code === 'consent-outdated') rulesVersion = answer.body.consentVersion;
  if (answer.status !== 200) return refusedBy(answer);
  const { challenge, expiresMs } = answer.body;
  const pending: PendingCode = { challenge, expiresMs, phone: `${number.value}`, sentMs: Date.now() };
  await phone.store.transact(async (tx) => tx.put('otp', pending));
  return pending;
}

/** Proves the number and stores the wallet. `undefined`: enrolled. */
export async function confirmCode(phone: Phone, otp: string, name: string): Promise<Refused | undefined> {
  const suite = await phone.suite();
  const { pending, old } = await phone.store.transact(async (tx) => ({
    pending: await tx.get<PendingCode>('otp'),
    old: await tx.get<Me>('me'),
  }));
  if (pending === undefined) return { code: 'otp-expired' };
  const deviceKey = old?.deviceKey ?? suite.randomBytes(16);
  const device = await deviceHash(suite, deviceKey);
  const answer = await ask<WalletReply>(
    '/otp/verify',
    { challenge: pending.challenge, otp, device },
    { credentials: 'same-origin' },
  );
  if (answer.status !== 200) return refusedBy(answer);
  const kept = await keepWallet(phone, answer.body, {
    deviceKey,
    phone: pending.phone,
    ...(name === '' ? {} : { name }),
  });
  return kept ? undefined : { code: 'bad-bundle' };
}
