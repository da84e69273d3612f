// The roster in force: verified with the pinned root key, kept, shown to the platform. In the demonstration the root key
// itself is at hand and signs new keys at once; in production they wait for the ceremony.
import { readFileSync } from 'node:fs';
import { signRoster, verifyRoster } from '@tongche/approval';
import { Refusal, Roster } from '@tongche/contract';
import type { PendingKey, RosterKey, RosterReply } from '@tongche/contract';
import { canonicalJson, fromBase64Url, toBase64Url, unwrap, utf8 } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { nodeSha256, nodeSuite } from '@tongche/protocol/node';
import type { Database } from '@tongche/postgres';
import { ConfigError } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import type { Config, Secrets } from '../config.ts';
import { events } from '../events.ts';
import type { TransparencyLog } from '../log/transparency.ts';
import { addPending, addRoster, latestRoster, pendingKeys } from '../store/roster.ts';

/** Passkeys waiting for a ceremony; more is somebody's mistake. */
const MAX_PENDING = 100;

export interface Rosters {
  /** The roster in force, verified. Undefined before the first ceremony. */
  current(): Roster | undefined;
  view(): Promise<RosterReply>;
  /** Throws Refusal signature-invalid or conflict (not newer). */
  install(roster: Roster): Promise<void>;
  /** A new key asks to be on the roster. */
  ask(key: Static<typeof PendingKey>): Promise<void>;
}

interface RosterParts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly transparency: TransparencyLog;
  /** Called when another roster is in force. */
  readonly onChange: () => void;
}

function readRosterFile(file: string): Roster {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (Value.Check(Roster, value)) return value;
  } catch {
    // Told below in one line.
  }
  throw new ConfigError(`${file}: not a signed roster`);
}

async function demoRootKey(config: Config, secrets: Secrets): Promise<Bytes | undefined> {
  if (config.mode !== 'demo' || secrets.demoRootKey === undefined) return undefined;
  const sk = unwrap(fromBase64Url(secrets.demoRootKey));
  // The pinned public half must be that of the secret, or nothing it signs would ever verify.
  const probe = utf8('root key');
  const pk = unwrap(fromBase64Url(config.rootPublicKey));
  if (!(await nodeSuite.verifyEd25519(pk, probe, await nodeSuite.signEd25519(sk, probe)))) {
    throw new ConfigError('demoRootKey is not the private half of rootPublicKey');
  }
  return sk;
}

export async function openRosters(parts: RosterParts): Promise<Rosters> {
  const { config, secrets, db, clock, log, transparency, onChange } = parts;
  const rootPublicKey = unwrap(fromBase64Url(config.rootPublicKey));
  const rootKey = await demoRootKey(config, secrets);
  let inForce: Roster | undefined;

  async function isGood(roster: Roster): Promise<boolean> {
    return roster.iss === config.authority.iss && (await verifyRoster(roster, rootPublicKey)).ok;
  }

  async function install(roster: Roster): Promise<void> {
    if (!(await isGood(roster))) throw new Refusal('signature-invalid');
    if (roster.version <= (inForce?.version ?? 0)) throw new Refusal('conflict');
    if (config.mode === 'production' && roster.keys.some(({ demo }) => demo)) throw new Refusal('demo-key-refused');
    const atMs = clock.now();
    const { signature, ...body } = roster;
    const sha256 = toBase64Url(nodeSha256(utf8(canonicalJson(body))));
    await db.tx('install-roster', async (tx) => {
      await addRoster(tx, roster, atMs);
      const detail = { version: roster.version, keys: roster.keys.length, sha256, signature };
      await transparency.append(tx, atMs, [{ kind: 'roster', detail }]);
    });
    inForce = roster;
    log.event(events.rosterInstalled, { version: roster.version, keys: roster.keys.length });
    onChange();
  }

  /** Signs the present keys and the new ones with the demonstration's root key. */
  async function signNow(root: Bytes, added: readonly RosterKey[]): Promise<void> {
    const kept = (inForce?.keys ?? []).filter(({ keyId }) => !added.some((key) => key.keyId === keyId));
    const { origin, rpId } = config.console;
    const version = (inForce?.version ?? 0) + 1;
    const body = { iss: config.authority.iss, version, origin, rpId, issuedMs: clock.now(), keys: [...kept, ...added] };
    const signed = await signRoster(body, root);
    await install({ ...signed, keys: [...signed.keys] });
  }

  async function loadKept(): Promise<void> {
    const kept = await latestRoster(db);
    if (kept === undefined) return;
    if (!(await isGood(kept))) throw new ConfigError('the roster kept is not signed by rootPublicKey');
    if (config.mode === 'production' && kept.keys.some(({ demo }) => demo)) {
      throw new ConfigError('production refuses demo keys on the roster');
    }
    inForce = kept;
  }

  async function addDemoKeys(root: Bytes): Promise<void> {
    const wanted = (config.demoKeys ?? []).map((key): RosterKey => ({ ...key, demo: true }));
    const missing = wanted.filter((key) => !inForce?.keys.some(({ keyId }) => keyId === key.keyId));
    const moved = inForce !== undefined && inForce.origin !== config.console.origin;
    if (inForce === undefined || missing.length > 0 || moved) await signNow(root, missing);
  }

  await loadKept();
  if (config.rosterFile !== undefined) {
    const roster = readRosterFile(config.rosterFile);
    if (roster.version > (inForce?.version ?? 0)) await install(roster);
  }
  if (rootKey !== undefined) await addDemoKeys(rootKey);

  return {
    current: () => inForce,
    install,
    async view() {
      const pending = await pendingKeys(db);
      return { version: inForce?.version ?? 0, keys: [...(inForce?.keys ?? [])], pending: [...pending] };
    },
    async ask(key) {
      if (inForce?.keys.some(({ keyId }) => keyId === key.keyId)) throw new Refusal('conflict');
      if ((await pendingKeys(db)).length >= MAX_PENDING) throw new Refusal('busy');
      await addPending(db, key, clock.now());
      if (rootKey !== undefined) await signNow(rootKey, [{ ...key, demo: false }]);
    },
  };
}
