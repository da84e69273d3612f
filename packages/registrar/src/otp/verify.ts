// Checking a code: five tries, once, within its life. One statement takes the try and uses the challenge up, and nothing is
// answered before it is committed, so that many requests at one moment get no more than one after another.
import { Refusal } from '@tongche/contract';
import type { Clock } from '@tongche/runtime';
import type { Keyring } from '../keys/keyring.ts';
import type { ChallengeStore } from '../store/challenges.ts';
import { openChallenge } from './challenge.ts';

export interface Proven {
  readonly phone: bigint;
  readonly consentVersion: number;
}

export interface VerifyOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly keyring: Pick<Keyring, 'challengeKeyOf'>;
  readonly store: ChallengeStore;
  readonly tries: number;
}

/** The phone a code proves. Throws Refusal: wrong-otp with triesLeft, otp-expired (also used, forged, worn out). */
export async function verifyOtp(
  options: VerifyOptions,
  asked: { readonly challenge: string; readonly otp: string },
): Promise<Proven> {
  const { clock, keyring, store, tries } = options;
  const challenge = openChallenge((day) => keyring.challengeKeyOf(day), asked.challenge);
  if (challenge === undefined || challenge.expiresMs <= clock.now()) throw new Refusal('otp-expired');
  const isRight = challenge.isCode(asked.otp);
  const tried = await store.takeTry(challenge.id, { limit: tries, isRight, expiresMs: challenge.expiresMs });
  if (tried === undefined) throw new Refusal('otp-expired');
  if (!isRight) {
    throw tried >= tries ? new Refusal('otp-expired') : new Refusal('wrong-otp', { triesLeft: tries - tried });
  }
  return { phone: challenge.phone, consentVersion: challenge.consentVersion };
}
