// The demonstration's signing button: a development authenticator in place of a passkey. Production has neither key nor route.
import { developmentAuthenticator, type Assertion } from '@tongche/approval';

/** A WebAuthn-shaped assertion over a hash (base64url, 32 bytes) by the person's development key. */
export function signForDemo(privateKey: string, origin: string, hash: string): Promise<Assertion> {
  const page = { origin, rpId: new URL(origin).hostname };
  return developmentAuthenticator(privateKey, page).sign(new Uint8Array(Buffer.from(hash, 'base64url')));
}
