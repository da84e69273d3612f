// The roster: which staff key may sign in which role. Signed by the authority's root key, so that neither the vault nor
// the platform can add anybody on its own.
import { canonicalJson, err, fromBase64Url, ok, toBase64Url, utf8 } from '@tongche/protocol';
import type { Bytes, Result } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';

export const ROLES = ['tracer', 'approver', 'officer'] as const;
export type Role = (typeof ROLES)[number];

/** One credential of one person in one role. */
export interface RosterKey {
  /** WebAuthn credential id, base64url. */
  readonly keyId: string;
  readonly role: Role;
  /** Stable name of the person inside the authority; two keys of one person never count as two people. */
  readonly person: string;
  /** COSE public key, base64url. */
  readonly publicKey: string;
  /** Made by the development authenticator; production refuses it. */
  readonly demo: boolean;
}

export interface RosterBody {
  readonly iss: number;
  /** Rises by one with every roster. */
  readonly version: number;
  /** The console's origin, as it must stand in every assertion. */
  readonly origin: string;
  /** WebAuthn relying party id. */
  readonly rpId: string;
  readonly issuedMs: number;
  readonly keys: readonly RosterKey[];
}

export interface Roster extends RosterBody {
  /** Ed25519 of the root key over canonical JSON of everything else, base64url. */
  readonly signature: string;
}

function signedBytes(body: RosterBody): Bytes {
  const { iss, version, origin, rpId, issuedMs } = body;
  const keys = body.keys.map(({ keyId, role, person, publicKey, demo }) => ({ keyId, role, person, publicKey, demo }));
  return utf8(canonicalJson({ iss, version, origin, rpId, issuedMs, keys }));
}

/** Signs a roster with the root key (Ed25519 seed, 32 bytes). */
export async function signRoster(body: RosterBody, rootPrivateKey: Bytes): Promise<Roster> {
  const signature = await nodeSuite.signEd25519(rootPrivateKey, signedBytes(body));
  return { ...body, signature: toBase64Url(signature) };
}

/**
 * A roster is good when the root key (Ed25519, 32 bytes) signed it and no credential stands in it twice: a key listed in
 * two roles could otherwise sign for both.
 */
export async function verifyRoster(roster: Roster, rootPublicKey: Bytes): Promise<Result<Roster, 'signature-invalid'>> {
  const signature = fromBase64Url(roster.signature);
  if (!signature.ok) return err('signature-invalid', 'not base64url');
  const good = await nodeSuite.verifyEd25519(rootPublicKey, signedBytes(roster), signature.value);
  if (!good) return err('signature-invalid', 'not signed by the root key');
  if (new Set(roster.keys.map((key) => key.keyId)).size !== roster.keys.length) {
    return err('signature-invalid', 'a key stands in it twice');
  }
  return ok(roster);
}
