// What each process is told: its configuration and its own secrets, made of the installation's keys and addresses.
import { join } from 'node:path';
import type * as casework from '@tongche/casework';
import type { Name } from '@tongche/contract';
import type * as notifier from '@tongche/notifier';
import type * as platform from '@tongche/platform';
import type * as registrar from '@tongche/registrar';
import type * as vault from '@tongche/vault';
import type { InstallationKeys } from './keys.ts';
import { installedMiniProgram, installedProviders, sinkProviders } from './demo-providers.ts';
import type { DemoProvider } from './demo-providers.ts';
import { PAGES } from './layout.ts';
import type { Layout, Ports, ProcessName, Sockets } from './layout.ts';
import type { SinkConfig, SinkSecrets } from './sink-config.ts';

/** A configuration as it stands in a file: fields with a default may be left out. */
type Written<Config> = { readonly [Key in keyof Config]?: Config[Key] extends object ? unknown : Config[Key] };

export interface ProcessFiles {
  readonly platform: { readonly config: Written<platform.Config>; readonly secrets: platform.Secrets };
  readonly registrar: { readonly config: Written<registrar.Config>; readonly secrets: registrar.Secrets };
  readonly vault: { readonly config: Written<vault.Config>; readonly secrets: vault.Secrets };
  readonly notifier: { readonly config: Written<notifier.Config>; readonly secrets: notifier.Secrets };
  readonly casework: { readonly config: Written<casework.Config>; readonly secrets: casework.Secrets };
  readonly sink: { readonly config: SinkConfig; readonly secrets: SinkSecrets };
}

/** Paths of the files a platform reads its city from. */
export interface CityFiles {
  readonly gtfs: string;
  readonly fleet: string;
  readonly codes?: string;
  readonly vehicleRuns?: string;
  readonly platePrefix?: string;
}

export interface Addresses {
  readonly ports: Ports;
  readonly sockets: Sockets;
  /** Interface of the two public processes. */
  readonly bind: string;
  /** Origins as browsers know them. */
  readonly registrar: string;
  readonly platform: string;
  readonly casework: string;
}

export interface Settings {
  readonly mode: 'demo' | 'production';
  readonly layout: Layout;
  readonly keys: InstallationKeys;
  /** Public halves of the vault's signing keys, base64url. */
  readonly signing: { readonly ed25519: string; readonly p256: string };
  readonly addresses: Addresses;
  /** Where PostgreSQL is: a host name, several with commas (a primary and its standbys), or the folder of its socket. */
  readonly database: { readonly host: string; readonly port: number };
  readonly zone: string;
  readonly city?: CityFiles | undefined;
  /** True behind proxies on this machine, whose X-Forwarded-For is believed. */
  readonly proxies: boolean;
  /** Providers of messages in their order; all are stand-ins on this machine. */
  readonly providers: readonly DemoProvider[];
}

const iss = 1;
const cityName: Name = { zh: '海京市', en: 'Haijing' };
const authorityName: Name = { zh: '海京市疾病预防控制中心', en: 'Haijing Centre for Disease Control' };
const hotline = '12345';
const smsProvider: Name = { zh: '演示短信（不会真的发出）', en: 'demonstration messages (nothing is really sent)' };
/** The demonstration mixes erasures and stop notes over seconds, so that a person sees them arrive; production over hours. */
const demoRelay = { minDelayMs: 1_000, maxDelayMs: 5_000, tickMs: 500 };
/** It sleeps in a drawer for weeks, and one machine has one clock: what a calendar says is believed at once. */
const demoLeap = { days: 2, holdMs: 0 };
/** Equal hours mean no quiet hours: somebody who tries the demonstration at night wants to see the message. */
const noQuiet = { fromHour: 0, toHour: 0 };
/** Keeps one machine's server within PostgreSQL's 100 connections with all processes, backup and repairs. */
const databaseMax = 8;

export function databaseOf(name: ProcessName): string {
  return `tongche_${name}`;
}

/** Connection string of a role for a database of the installation. */
export function databaseUrl(settings: Settings, database: ProcessName, role: ProcessName): string {
  const { host, port } = settings.database;
  const access = `${databaseOf(role)}:${encodeURIComponent(settings.keys.passwords[role])}`;
  if (host.startsWith('/')) {
    return `postgresql://${access}@/${databaseOf(database)}?host=${encodeURIComponent(host)}&port=${port}`;
  }
  const hosts = host.split(',').map((one) => `${one}:${port}`);
  const attrs = hosts.length > 1 ? '?target_session_attrs=read-write' : '';
  return `postgresql://${access}@${hosts.join(',')}/${databaseOf(database)}${attrs}`;
}

function platformFiles(settings: Settings): ProcessFiles['platform'] {
  const { layout, keys, addresses, mode, zone } = settings;
  const log = `tongche-log-${iss}`;
  return {
    config: {
      mode,
      publicUrl: addresses.platform,
      registrarUrl: addresses.registrar,
      listen: { host: addresses.bind, port: addresses.ports.platform },
      internal: { socket: addresses.sockets.platform },
      trustProxy: settings.proxies,
      databaseMax,
      // A demonstration shares its machine with everything else on it: lateness there is no load of ours.
      ...(mode === 'demo' ? { load: { maxDelayMs: 10_000, maxAgeMs: 10_000 } } : {}),
      slotsFolder: layout.slot('platform'),
      printsFolder: join(layout.data, 'prints'),
      branding: { city: cityName, authority: authorityName },
      pages: PAGES.staff,
      operatorPages: PAGES.operator,
      authority: {
        iss,
        zone,
        signEd25519: settings.signing.ed25519,
        rootEd25519: keys.root.publicKey,
        log: { origin: log, name: log },
      },
      ...(mode === 'demo' ? { leap: demoLeap } : {}),
      ...(settings.city === undefined ? {} : { city: settings.city }),
    },
    secrets: { unsealKey: keys.unseal.platform, databaseUrl: databaseUrl(settings, 'platform', 'platform') },
  };
}

function registrarFiles(settings: Settings): ProcessFiles['registrar'] {
  const { layout, keys, addresses, mode, zone } = settings;
  const messages = installedProviders(settings, 'registrar');
  const miniProgram = installedMiniProgram(settings);
  return {
    config: {
      mode,
      publicUrl: addresses.registrar,
      platformUrl: addresses.platform,
      listen: { host: addresses.bind, port: addresses.ports.registrar },
      internal: { socket: addresses.sockets.registrar },
      platformInternal: { socket: addresses.sockets.platform },
      proxies: settings.proxies ? ['127.0.0.1'] : [],
      databaseMax,
      slotsFolder: layout.slot('registrar'),
      pages: PAGES.passenger,
      authority: { iss, name: authorityName, zone, phone: hotline },
      vault: settings.signing,
      consent: { version: 1 },
      smsProvider,
      providers: messages.providers,
      ...miniProgram.config,
      ...(mode === 'demo' ? { relay: demoRelay } : {}),
    },
    secrets: {
      unsealKey: keys.unseal.registrar,
      databaseUrl: databaseUrl(settings, 'registrar', 'registrar'),
      providers: messages.secrets,
      ...miniProgram.secrets,
    },
  };
}

function vaultFiles(settings: Settings): ProcessFiles['vault'] {
  const { layout, keys, addresses, mode, zone } = settings;
  const demoKeys = keys.demo.map(({ keyId, role, person, publicKey }) => ({ keyId, role, person, publicKey }));
  const rootKey = keys.root.privateKey;
  return {
    config: {
      mode,
      authority: { iss, name: authorityName, zone },
      listen: { socket: addresses.sockets.vault },
      platformInternal: { socket: addresses.sockets.platform },
      registrarInternal: { socket: addresses.sockets.registrar },
      registrarUrl: addresses.registrar,
      slotsFolder: layout.slot('vault'),
      databaseMax,
      notifierRole: databaseOf('notifier'),
      rootPublicKey: keys.root.publicKey,
      console: { origin: addresses.casework, rpId: new URL(addresses.casework).hostname },
      ...(mode === 'demo' ? { demoKeys, leap: demoLeap } : { rosterFile: layout.roster }),
      notice: { phone: hotline },
    },
    secrets: {
      unsealKey: keys.unseal.vault,
      databaseUrl: databaseUrl(settings, 'vault', 'vault'),
      ...(mode === 'demo' && rootKey !== undefined ? { demoRootKey: rootKey } : {}),
    },
  };
}

function notifierFiles(settings: Settings): ProcessFiles['notifier'] {
  const { addresses, mode, zone } = settings;
  const messages = installedProviders(settings, 'notifier');
  return {
    config: {
      mode,
      listen: { socket: addresses.sockets.notifier },
      zone,
      providers: messages.providers,
      ...(mode === 'demo' ? { quiet: noQuiet } : {}),
    },
    secrets: {
      databaseUrl: databaseUrl(settings, 'notifier', 'notifier'),
      outboxUrl: databaseUrl(settings, 'vault', 'notifier'),
      providers: messages.secrets,
    },
  };
}

function caseworkFiles(settings: Settings): ProcessFiles['casework'] {
  const { keys, addresses, mode, zone } = settings;
  const demoKeys = Object.fromEntries(keys.demo.map(({ person, privateKey }) => [person, privateKey]));
  return {
    config: {
      mode,
      listen: { host: '127.0.0.1', port: addresses.ports.casework },
      origin: addresses.casework,
      zone,
      pages: PAGES.authority,
      vault: { socket: addresses.sockets.vault },
    },
    secrets: { databaseUrl: databaseUrl(settings, 'casework', 'casework'), ...(mode === 'demo' ? { demoKeys } : {}) },
  };
}

function sinkFiles(settings: Settings): ProcessFiles['sink'] {
  const { keys, addresses } = settings;
  const others = sinkProviders(settings);
  return {
    config: {
      host: '127.0.0.1',
      smppPort: addresses.ports.smpp,
      pagePort: addresses.ports.outbox,
      maxMessages: 10_000,
      ...others.config,
    },
    secrets: {
      credentials: [
        { systemId: 'registrar', password: keys.smpp.registrar },
        { systemId: 'notifier', password: keys.smpp.notifier },
      ],
      ...others.secrets,
    },
  };
}

/** Configuration and secrets of every process. Nobody's secrets hold another's, but the roles' shared mailboxes. */
export function processFiles(settings: Settings): ProcessFiles {
  return {
    platform: platformFiles(settings),
    registrar: registrarFiles(settings),
    vault: vaultFiles(settings),
    notifier: notifierFiles(settings),
    casework: caseworkFiles(settings),
    sink: sinkFiles(settings),
  };
}
