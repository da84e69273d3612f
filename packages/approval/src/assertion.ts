// Approvals: WebAuthn assertions whose challenge is the hash of what is approved, checked against the roster.
import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { err, fromBase64Url, fromUtf8, ok, toBase64Url } from '@tongche/protocol';
import type { Bytes, Result } from '@tongche/protocol';
import type { Role, Roster, RosterKey } from './roster.ts';

/** What a browser hands back from navigator.credentials.get(), base64url. */
export interface Assertion {
  readonly keyId: string;
  readonly authenticatorData: string;
  readonly clientDataJson: string;
  readonly signature: string;
}

/** A checked assertion: who approved. */
export interface Approval {
  readonly keyId: string;
  readonly role: Role;
  readonly person: string;
  readonly demo: boolean;
}

export type Mode = 'demo' | 'production';
export type AssertionRefusal = 'signature-invalid' | 'demo-key-refused';

/** Everything the library and the roster demand; any difference is one refusal, which tells a forger nothing. */
async function isSignedBy(key: RosterKey, publicKey: Bytes, roster: Roster, hash: Bytes, assertion: Assertion) {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id: assertion.keyId,
        rawId: assertion.keyId,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          authenticatorData: assertion.authenticatorData,
          clientDataJSON: assertion.clientDataJson,
          signature: assertion.signature,
        },
      },
      expectedChallenge: toBase64Url(hash),
      expectedOrigin: roster.origin,
      expectedRPID: roster.rpId,
      // The hash is never signed for twice with effect, so the counter, which synced passkeys keep at zero, adds nothing.
      credential: { id: key.keyId, publicKey, counter: 0 },
      requireUserVerification: true,
    });
    return verified && authenticationInfo.userVerified;
  } catch {
    return false;
  }
}

/** The library lets an assertion made inside another site's frame pass where the browser names no top origin. */
function isFramed(clientDataJson: string): boolean {
  const bytes = fromBase64Url(clientDataJson);
  const text = bytes.ok ? fromUtf8(bytes.value) : bytes;
  if (!text.ok) return true;
  try {
    const data: unknown = JSON.parse(text.value);
    return typeof data !== 'object' || data === null || ('crossOrigin' in data && data.crossOrigin !== false);
  } catch {
    return true;
  }
}

/**
 * Checks one assertion: a key of the roster, challenge = hash, origin and relying party of the roster, user present and
 * verified, signature. The roster must have been verified before. In production the development authenticator's keys
 * are refused.
 */
export async function verifyAssertion(options: {
  readonly roster: Roster;
  /** What is approved: 32 bytes. */
  readonly hash: Bytes;
  readonly assertion: Assertion;
  readonly mode: Mode;
}): Promise<Result<Approval, AssertionRefusal>> {
  const { roster, hash, assertion, mode } = options;
  if (hash.length !== 32) throw new RangeError('what is approved is named by 32 bytes');
  const key = roster.keys.find(({ keyId }) => keyId === assertion.keyId);
  if (key === undefined) return err('signature-invalid', 'the key is not on the roster');
  if (key.demo && mode === 'production') return err('demo-key-refused');
  const publicKey = fromBase64Url(key.publicKey);
  if (!publicKey.ok || isFramed(assertion.clientDataJson)) return err('signature-invalid');
  const good = await isSignedBy(key, publicKey.value, roster, hash, assertion);
  if (!good) return err('signature-invalid');
  const { keyId, role, person, demo } = key;
  return ok({ keyId, role, person, demo });
}

/** Two pairs of eyes: every key and every person different, a tracer and an approver among them. An officer reads; it signs nothing. */
export function checkTwoPeople(approvals: readonly Approval[]): Result<readonly Approval[], 'same-signer'> {
  const keys = new Set(approvals.map(({ keyId }) => keyId));
  const persons = new Set(approvals.map(({ person }) => person));
  const roles = new Set(approvals.map(({ role }) => role));
  if (keys.size !== approvals.length || persons.size !== approvals.length) return err('same-signer');
  return roles.has('tracer') && roles.has('approver') ? ok(approvals) : err('same-signer');
}
