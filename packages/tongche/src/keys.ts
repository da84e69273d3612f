// Random values of one installation, made once and then read back from the secrets of whoever owns them.
import { randomBytes } from 'node:crypto';
import { developmentAuthenticator, makeDevelopmentKey } from '@tongche/approval';
import { fromBase64Url, toBase64Url, unwrap } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { ConfigError } from '@tongche/runtime';
import { PROCESSES } from './layout.ts';
import type { Layout, ProcessName, SlotOwner } from './layout.ts';
import { readJson, writeJson } from './private-files.ts';

export const STAFF_ROLES = ['tracer', 'approver', 'officer'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** A development authenticator's key; the person is named like the role. All base64url. */
export interface DemoKey {
  readonly role: StaffRole;
  readonly person: string;
  readonly keyId: string;
  readonly publicKey: string;
  /** P-256 scalar. */
  readonly privateKey: string;
}

export interface InstallationKeys {
  /** Database passwords of the roles `tongche_<process>`. */
  readonly passwords: Readonly<Record<ProcessName, string>>;
  /** Accounts at the message centre. */
  readonly smpp: Readonly<Record<'registrar' | 'notifier', string>>;
  /** Key of the demonstration's account at providers over HTTP and mail. */
  readonly gateway: string;
  readonly unseal: Readonly<Record<SlotOwner, string>>;
  /** Ed25519; the private half is here in the demonstration only. */
  readonly root: { readonly publicKey: string; readonly privateKey?: string };
  /** Empty outside the demonstration. */
  readonly demo: readonly DemoKey[];
}

type Record_ = Readonly<Record<string, unknown>>;

function objectAt(path: string): Record_ {
  const value = readJson(path) ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(`${path}: not a JSON object`);
  }
  return value as Record_;
}

function text(from: unknown): string | undefined {
  return typeof from === 'string' && from !== '' ? from : undefined;
}

function freshPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** SMPP 3.4 has room for eight characters. */
function freshSmppPassword(): string {
  return randomBytes(6).toString('base64url');
}

/** Passwords of the database roles and of the accounts at the message centre; missing ones are made and written. */
export function databaseRoles(layout: Layout): Pick<InstallationKeys, 'passwords' | 'smpp' | 'gateway'> {
  const file = layout.secret('roles');
  const kept = objectAt(file);
  const passwords = Object.fromEntries(PROCESSES.map((name) => [name, text(kept[name]) ?? freshPassword()])) as Record<
    ProcessName,
    string
  >;
  const smpp = {
    registrar: text(kept['smppRegistrar']) ?? freshSmppPassword(),
    notifier: text(kept['smppNotifier']) ?? freshSmppPassword(),
  };
  const gateway = text(kept['gateway']) ?? freshPassword();
  const roles = { ...passwords, smppRegistrar: smpp.registrar, smppNotifier: smpp.notifier, gateway };
  if (JSON.stringify(roles) !== JSON.stringify(kept)) writeJson(file, roles);
  return { passwords, smpp, gateway };
}

function unsealKey(layout: Layout, owner: SlotOwner): string {
  return text(objectAt(layout.secret(owner))['unsealKey']) ?? randomBytes(32).toString('base64url');
}

/** The demonstration's root key; production brings the public half of one made in a ceremony. */
async function demoRoot(layout: Layout): Promise<InstallationKeys['root']> {
  const kept = objectAt(layout.secret('root'));
  const [publicKey, privateKey] = [text(kept['publicKey']), text(kept['privateKey'])];
  if (publicKey !== undefined && privateKey !== undefined) return { publicKey, privateKey };
  const pair = await nodeSuite.generateEd25519KeyPair();
  const root = { publicKey: toBase64Url(pair.pk), privateKey: toBase64Url(pair.sk) };
  writeJson(layout.secret('root'), root);
  return root;
}

/** Nothing is signed here: only the public half and its name are wanted. */
const nowhere = { origin: 'http://casework.localhost', rpId: 'casework.localhost' };

async function demoKeys(layout: Layout): Promise<readonly DemoKey[]> {
  const kept = (objectAt(layout.secret('casework'))['demoKeys'] ?? {}) as Record_;
  return Promise.all(
    STAFF_ROLES.map(async (role) => {
      const privateKey = text(kept[role]) ?? (await makeDevelopmentKey()).privateKey;
      const { keyId, publicKey } = developmentAuthenticator(privateKey, nowhere);
      return { role, person: role, keyId, publicKey, privateKey };
    }),
  );
}

export interface KeyOptions {
  readonly mode: 'demo' | 'production';
  /** Production: the public root key, base64url. */
  readonly rootPublicKey?: string;
}

/** Reads what there is and makes what is missing. Only `roles.json` and the demonstration's root are written here. */
export async function installationKeys(layout: Layout, options: KeyOptions): Promise<InstallationKeys> {
  const isDemo = options.mode === 'demo';
  const given = options.rootPublicKey;
  if (!isDemo && (given === undefined || unwrap(fromBase64Url(given)).length !== 32)) {
    throw new ConfigError('production needs the public root key of a ceremony (--root-key)');
  }
  return {
    ...databaseRoles(layout),
    unseal: {
      platform: unsealKey(layout, 'platform'),
      registrar: unsealKey(layout, 'registrar'),
      vault: unsealKey(layout, 'vault'),
    },
    root: isDemo ? await demoRoot(layout) : { publicKey: given ?? '' },
    demo: isDemo ? await demoKeys(layout) : [],
  };
}
