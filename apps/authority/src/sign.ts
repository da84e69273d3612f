// Signing with a passkey, or with the demonstration's key: both give an assertion over the same 32-byte hash.
import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { Assertion, CaseworkSession } from '@tongche/contract';
import { canonicalJson, toBase64Url } from '@tongche/protocol';
import { api } from './api.ts';

/** A person has this long to find the finger. */
const ceremonyMs = 60_000;

export type SignProblem = 'noPasskey' | 'needPasskey' | 'cancelled';
export class SignError extends Error {
  readonly problem: SignProblem;
  constructor(problem: SignProblem) {
    super(problem);
    this.problem = problem;
  }
}

/** Asks the person's authenticator for an assertion over `hash` (base64url, 32 bytes). */
export async function signWithPasskey(session: CaseworkSession, hash: string): Promise<Assertion> {
  if (!browserSupportsWebAuthn()) throw new SignError('noPasskey');
  if (session.keyIds.length === 0) throw new SignError('needPasskey');
  try {
    const { id, response } = await startAuthentication({
      optionsJSON: {
        challenge: hash,
        rpId: location.hostname,
        userVerification: 'required',
        timeout: ceremonyMs,
        allowCredentials: session.keyIds.map((keyId) => ({ id: keyId, type: 'public-key' })),
      },
    });
    return {
      keyId: id,
      authenticatorData: response.authenticatorData,
      clientDataJson: response.clientDataJSON,
      signature: response.signature,
    };
  } catch {
    throw new SignError('cancelled');
  }
}

export function signForDemo(hash: string): Promise<Assertion> {
  return api.demoSign(hash);
}

/** Registers a passkey of this device for the signed-in person. */
export async function addPasskey(): Promise<void> {
  if (!browserSupportsWebAuthn()) throw new SignError('noPasskey');
  const options = await api.passkeyOptions();
  type Options = Parameters<typeof startRegistration>[0]['optionsJSON'];
  const response = await startRegistration({ optionsJSON: options as Options }).catch(() => {
    throw new SignError('cancelled');
  });
  await api.addPasskey(response);
}

/** SHA-256 of a label and a canonical value, as the vault computes it (base64url). */
export async function labelledHash(label: string, value: Parameters<typeof canonicalJson>[0]): Promise<string> {
  const bytes = new TextEncoder().encode(label + canonicalJson(value));
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
