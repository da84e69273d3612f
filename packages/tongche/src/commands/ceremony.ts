// `tongche ceremony`: what happens offline with the root key, on a machine that is on no network. `ceremony root` makes
// the key; `ceremony roster` signs which passkeys may act in which role.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROLES, signRoster, verifyRoster } from '@tongche/approval';
import type { Role, Roster, RosterKey } from '@tongche/approval';
import { fromBase64Url, toBase64Url } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { ConfigError } from '@tongche/runtime';
import { needed, readFlags, wholeNumber } from '../arguments.ts';
import type { Context } from '../arguments.ts';
import { readJson, writeJson } from '../private-files.ts';

const acts = ['root', 'roster'] as const;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function makeRoot(context: Context, args: readonly string[]): Promise<void> {
  const flags = readFlags('ceremony root', args, { to: 'text' });
  const file = resolve(context.calledFrom, needed('ceremony root', 'to', flags.to));
  if (existsSync(file)) throw new ConfigError(`ceremony root: ${file} is there already; a root key is never replaced`);
  const pair = await nodeSuite.generateEd25519KeyPair();
  writeJson(file, { publicKey: toBase64Url(pair.pk), privateKey: toBase64Url(pair.sk) });
  context.print(`Root key made: ${file} (keep it offline, copies in separate hands).`);
  context.print(
    `Public key for --root-key and for the vault's and the platform's configuration: ${toBase64Url(pair.pk)}`,
  );
}

/** Passkeys waiting for the ceremony: a list of them, or the vault's answer with its `pending`. */
function pendingKeys(file: string): readonly RosterKey[] {
  const value = readJson(file);
  const list = isObject(value) ? value['pending'] : value;
  if (!Array.isArray(list)) throw new ConfigError(`ceremony roster: ${file} has no list of pending passkeys`);
  return list.map((entry: unknown, index) => {
    const { keyId, role, person, publicKey } = isObject(entry) ? entry : {};
    const isKnownRole = (ROLES as readonly unknown[]).includes(role);
    if (typeof keyId !== 'string' || typeof person !== 'string' || typeof publicKey !== 'string' || !isKnownRole) {
      throw new ConfigError(`ceremony roster: ${file}: entry ${index + 1} is not a pending passkey`);
    }
    return { keyId, role: role as Role, person, publicKey, demo: false };
  });
}

interface RootKey {
  readonly privateKey: Uint8Array<ArrayBuffer>;
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

function rootKey(file: string): RootKey {
  const value = readJson(file);
  const read = (name: 'privateKey' | 'publicKey'): Uint8Array<ArrayBuffer> => {
    const field = isObject(value) ? value[name] : undefined;
    const bytes = typeof field === 'string' ? fromBase64Url(field) : undefined;
    if (bytes?.ok !== true || bytes.value.length !== 32)
      throw new ConfigError(`ceremony roster: ${file} is no root key`);
    return bytes.value;
  };
  return { privateKey: read('privateKey'), publicKey: read('publicKey') };
}

/** The roster before this one. Throws ConfigError when the root key did not sign it. */
async function previousRoster(file: string | undefined, root: RootKey): Promise<Roster | undefined> {
  if (file === undefined) return undefined;
  const value = readJson(file);
  if (!isObject(value) || !Array.isArray(value['keys'])) throw new ConfigError(`ceremony roster: ${file} is no roster`);
  const verified = await verifyRoster(value as unknown as Roster, root.publicKey);
  if (!verified.ok) throw new ConfigError(`ceremony roster: ${file}: ${verified.detail ?? verified.code}`);
  return verified.value;
}

async function signNext(context: Context, args: readonly string[]): Promise<void> {
  const name = 'ceremony roster';
  const flags = readFlags(name, args, {
    root: 'text',
    pending: 'text',
    previous: 'text',
    remove: 'text',
    origin: 'text',
    iss: 'text',
    to: 'text',
  });
  const at = (file: string): string => resolve(context.calledFrom, file);
  const root = rootKey(at(needed(name, 'root', flags.root)));
  const previous = await previousRoster(flags.previous === undefined ? undefined : at(flags.previous), root);
  const pending = flags.pending === undefined ? [] : pendingKeys(at(flags.pending));
  const removed = new Set((flags.remove ?? '').split(',').filter((keyId) => keyId !== ''));
  const known = (previous?.keys ?? []).filter(({ keyId }) => !pending.some((key) => key.keyId === keyId));
  const keys = [...known, ...pending].filter(({ keyId }) => !removed.has(keyId));
  const origin = flags.origin ?? previous?.origin ?? needed(name, 'origin', undefined);
  if (!URL.canParse(origin)) throw new ConfigError(`${name}: --origin is not an address`);
  const iss = flags.iss === undefined ? previous?.iss : wholeNumber(name, 'iss', flags.iss, [0, 65_535]);
  const file = at(needed(name, 'to', flags.to));
  const roster = await signRoster(
    {
      iss: iss ?? wholeNumber(name, 'iss', needed(name, 'iss', undefined), [0, 65_535]),
      version: (previous?.version ?? 0) + 1,
      origin,
      rpId: new URL(origin).hostname,
      issuedMs: Date.now(),
      keys,
    },
    root.privateKey,
  );
  writeJson(file, roster);
  context.print(`Roster ${roster.version} with ${keys.length} keys signed: ${file}`);
  for (const { role, person, keyId } of keys) context.print(`  ${role.padEnd(9)} ${person}  ${keyId}`);
}

export async function ceremony(context: Context, args: readonly string[]): Promise<void> {
  const [act = '', ...rest] = args;
  if (act === 'root') return makeRoot(context, rest);
  if (act === 'roster') return signNext(context, rest);
  throw new ConfigError(`ceremony: unknown act "${act}"; known: ${acts.join(', ')}`);
}
