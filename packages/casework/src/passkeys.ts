// Passkeys of the signed-in person: the browser's registration ceremony. The new key waits in the vault for the root ceremony.
import { Refusal } from '@tongche/contract';
import type { Clock } from '@tongche/runtime';
import {
  generateRegistrationOptions,
  verifyRegistrationResponse,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { StaffMember } from './store/staff.ts';

/** A person has this long to touch the authenticator. */
const challengeLifeMs = 5 * 60_000;
/** Registrations under way at a time in one console process. */
const maxChallenges = 1_000;

export interface NewPasskey {
  readonly keyId: string;
  readonly publicKey: string;
}
export interface Passkeys {
  options(member: StaffMember, known: readonly string[]): Promise<object>;
  verify(member: StaffMember, response: unknown): Promise<NewPasskey>;
}

export function openPasskeys(origin: string, clock: Clock): Passkeys {
  const rpId = new URL(origin).hostname;
  const challenges = new Map<string, { challenge: string; expiresMs: number }>();
  return {
    async options(member, known) {
      const options = await generateRegistrationOptions({
        rpName: 'Tongche 同车',
        rpID: rpId,
        userName: member.person,
        userDisplayName: member.nameZh,
        attestationType: 'none',
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
        excludeCredentials: known.map((id) => ({ id })),
        supportedAlgorithmIDs: [-7],
      });
      if (challenges.size >= maxChallenges) challenges.delete(challenges.keys().next().value ?? '');
      challenges.set(member.person, { challenge: options.challenge, expiresMs: clock.now() + challengeLifeMs });
      return options;
    },
    async verify(member, response) {
      const expected = challenges.get(member.person);
      challenges.delete(member.person);
      if (expected === undefined || expected.expiresMs <= clock.now()) throw new Refusal('stale-request');
      const result = await verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: expected.challenge,
        expectedOrigin: origin,
        expectedRPID: rpId,
        requireUserVerification: true,
      }).catch(() => undefined);
      if (result?.verified !== true) throw new Refusal('signature-invalid');
      const { credential } = result.registrationInfo;
      return { keyId: credential.id, publicKey: Buffer.from(credential.publicKey).toString('base64url') };
    },
  };
}
