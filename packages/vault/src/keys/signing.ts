// sign_auth: the keys that sign day bundles, requests to the operator and log checkpoints. Made once, kept in slots.
import { fromBase64Url, toBase64Url, toBytes, unwrap } from '@tongche/protocol';
import type { Bytes, KeyPair } from '@tongche/protocol';
import { makeNodeSuite } from '@tongche/protocol/node';
import { openSlots } from '@tongche/runtime';
import type { Random, Slots } from '@tongche/runtime';

export interface SigningKeys {
  readonly ed25519: KeyPair;
  readonly p256: KeyPair;
}

const ED25519_SLOT = 'sign-ed25519';
const P256_SLOT = 'sign-p256';
const SK_BYTES = 32;

function readPair(slots: Slots, name: string): KeyPair | undefined {
  const bytes = slots.get(name);
  if (bytes === undefined) return undefined;
  return { sk: toBytes(bytes.subarray(0, SK_BYTES)), pk: toBytes(bytes.subarray(SK_BYTES)) };
}

async function ensurePair(slots: Slots, name: string, make: () => Promise<KeyPair>): Promise<KeyPair> {
  const kept = readPair(slots, name);
  if (kept !== undefined) return kept;
  const { sk, pk } = await make();
  slots.put(name, Buffer.concat([sk, pk]));
  return { sk, pk };
}

/** The keys, made at the first call. */
export async function ensureSigningKeys(slots: Slots, random: Random): Promise<SigningKeys> {
  const suite = makeNodeSuite((length): Bytes => toBytes(random(length)));
  return {
    ed25519: await ensurePair(slots, ED25519_SLOT, () => suite.generateEd25519KeyPair()),
    p256: await ensurePair(slots, P256_SLOT, () => suite.generateKeyPair()),
  };
}

/**
 * Public halves, base64url, for the configuration of platform and registrar, which pin them. Makes the keys when the
 * folder is new. Must not be called while a vault runs on the folder.
 */
export async function vaultPublicKeys(options: {
  readonly slotsFolder: string;
  /** base64url, 32 bytes. */
  readonly unsealKey: string;
  readonly random: Random;
}): Promise<{ readonly ed25519: string; readonly p256: string }> {
  const slots = openSlots(options.slotsFolder, unwrap(fromBase64Url(options.unsealKey)));
  const keys = await ensureSigningKeys(slots, options.random);
  return { ed25519: toBase64Url(keys.ed25519.pk), p256: toBase64Url(keys.p256.pk) };
}
