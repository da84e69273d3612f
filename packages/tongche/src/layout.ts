// Where everything of one installation lies: one data folder, and a short folder for sockets.
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from '@tongche/runtime';

/** The five trust domains, in the order they start; they stop in the opposite one. */
export const PROCESSES = ['platform', 'registrar', 'vault', 'notifier', 'casework'] as const;
export type ProcessName = (typeof PROCESSES)[number];
/** What `start` runs as children: the message sink stands in for a message centre. */
export const CHILDREN = ['sink', ...PROCESSES] as const;
export type ChildName = (typeof CHILDREN)[number];

export const PORT_NAMES = [
  'registrar',
  'platform',
  'casework',
  'outbox',
  'smpp',
  'gateways',
  'mail',
  'wechat',
] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** Distance of each port from the first one. */
export const PORT_OFFSETS: Ports = {
  registrar: 0,
  platform: 10,
  casework: 20,
  outbox: 30,
  smpp: 31,
  gateways: 32,
  mail: 33,
  wechat: 34,
};
export const FIRST_PORT = 8600;

/** Processes with a folder of key slots. */
export type SlotOwner = 'platform' | 'registrar' | 'vault';

/** Processes with a listener on a Unix socket. */
export type SocketName = 'platform' | 'registrar' | 'vault' | 'notifier';
export type Sockets = Readonly<Record<SocketName, string>>;

export interface Layout {
  readonly data: string;
  readonly configs: string;
  readonly secrets: string;
  readonly slots: string;
  readonly city: string;
  readonly postgres: string;
  readonly logs: string;
  readonly lock: string;
  readonly roster: string;
  config(name: ChildName): string;
  secret(name: ChildName | 'root' | 'roles'): string;
  slot(owner: SlotOwner): string;
  log(name: ChildName | 'engine'): string;
}

export function layoutOf(dataDir: string): Layout {
  const data = resolve(dataDir);
  const configs = join(data, 'config');
  const secrets = join(data, 'secrets');
  const slots = join(data, 'slots');
  const logs = join(data, 'logs');
  return {
    data,
    configs,
    secrets,
    slots,
    city: join(data, 'city'),
    postgres: join(data, 'postgres'),
    logs,
    lock: join(data, 'running'),
    roster: join(configs, 'roster.json'),
    config: (name) => join(configs, `${name}.json`),
    secret: (name) => join(secrets, `${name}.json`),
    slot: (owner) => join(slots, owner),
    log: (name) => join(logs, `${name}.log`),
  };
}

/**
 * A folder for the sockets of one installation. It lies in the temp folder under a hash of the data folder, since a
 * socket's path may have 107 bytes only. Throws ConfigError when somebody else's folder has its name.
 */
export function runtimeFolder(dataDir: string): string {
  const hash = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  const parent = tmpdir().length > 60 ? '/tmp' : tmpdir();
  const folder = join(parent, `tongche-run-${hash}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const isOurs = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  if (!isOurs) throw new ConfigError(`${folder}: this folder for our sockets belongs to somebody else; remove it`);
  return folder;
}

export function socketsIn(folder: string): Sockets {
  const at = (name: SocketName): string => join(folder, `${name}.sock`);
  return { platform: at('platform'), registrar: at('registrar'), vault: at('vault'), notifier: at('notifier') };
}

/** Folders of the built pages. */
export const PAGES = {
  passenger: resolve(import.meta.dirname, '../../../apps/passenger/dist'),
  staff: resolve(import.meta.dirname, '../../../apps/staff/dist'),
  operator: resolve(import.meta.dirname, '../../../apps/operator/dist'),
  authority: resolve(import.meta.dirname, '../../../apps/authority/dist'),
} as const;

export const REPOSITORY = resolve(import.meta.dirname, '../../..');
