// All processes of an installation in one Node process, with real HTTP on loopback, real Unix sockets, the real engine
// and a clock the caller may set: for integration tests, replay and benchmarks.
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { developmentAuthenticator } from '@tongche/approval';
import type { DevelopmentAuthenticator } from '@tongche/approval';
import * as caseworkProcess from '@tongche/casework';
import type { CaseworkRunning } from '@tongche/casework';
import type { MessageGateway, SmppSink, SmppSinkOptions } from '@tongche/connectors';
import * as notifierProcess from '@tongche/notifier';
import type { Notifier } from '@tongche/notifier';
import * as platformProcess from '@tongche/platform';
import type { RunningPlatform } from '@tongche/platform';
import type { Engine } from '@tongche/postgres';
import { dayOf } from '@tongche/protocol';
import * as registrarProcess from '@tongche/registrar';
import type { Registrar } from '@tongche/registrar';
import { parseConfig, silentLog, systemClock } from '@tongche/runtime';
import type { Clock, Log } from '@tongche/runtime';
import * as vaultProcess from '@tongche/vault';
import type { Vault } from '@tongche/vault';
import type { CityFiles } from './configs.ts';
import { ensureDatabases, openEngine } from './databases.ts';
import type { DemoProvider } from './demo-providers.ts';
import { addCaseworkPeople, addPlatformStaff, CASEWORK_PEOPLE, PLATFORM_STAFF } from './demo-people.ts';
import { STAFF_ROLES } from './keys.ts';
import type { StaffRole } from './keys.ts';
import { layoutOf, runtimeFolder, socketsIn } from './layout.ts';
import type { Ports, ProcessName, Sockets } from './layout.ts';
import { freePorts } from './ports.ts';
import { DEMO_ZONE, provision } from './provision.ts';
import type { Installation } from './provision.ts';
import { buildSink } from './sink.ts';

/** The last word on a process's configuration. */
export interface Adjustments {
  platform?(config: platformProcess.Config): platformProcess.Config;
  registrar?(config: registrarProcess.Config): registrarProcess.Config;
  vault?(config: vaultProcess.Config): vaultProcess.Config;
  notifier?(config: notifierProcess.Config): notifierProcess.Config;
  casework?(config: caseworkProcess.Config): caseworkProcess.Config;
}

export interface ComposeOptions {
  /** Made when absent. The caller removes it, with `removeData` for the database in it. */
  readonly dataDir: string;
  readonly clock: Clock;
  /** Another clock for the console: its sessions are those of browsers, which live in real time. */
  readonly consoleClock?: Clock;
  /** Nothing is logged when absent. */
  readonly log?: (process: ProcessName | 'sink' | 'engine') => Log;
  /** Free ones for those absent or 0. They are chosen before anything is built, since addresses stand in signed bundles. */
  readonly ports?: Partial<Ports>;
  /** Host of registrar and platform in their addresses; both listen there, or on `bind`. */
  readonly host?: string;
  readonly bind?: string;
  readonly zone?: string;
  readonly city?: 'demo' | 'none' | CityFiles;
  readonly engineSettings?: Readonly<Record<string, string | number>>;
  readonly receipts?: SmppSinkOptions['receipts'];
  readonly maxMessages?: number;
  /** Providers of messages in their order; SMPP only when absent. */
  readonly providers?: readonly DemoProvider[];
  /** In place of the providers. */
  readonly gateways?: { readonly registrar?: MessageGateway; readonly notifier?: MessageGateway };
  /** Believe X-Forwarded-For from this machine: simulated client addresses. */
  readonly proxies?: boolean;
  readonly adjust?: Adjustments;
}

export interface Composed {
  /** Origins, and the whole address of the page of sent messages. */
  readonly urls: Readonly<Record<'registrar' | 'platform' | 'casework' | 'outbox', string>>;
  readonly sockets: Sockets;
  readonly platform: RunningPlatform;
  readonly registrar: Registrar;
  readonly vault: Vault;
  readonly notifier: Notifier;
  readonly casework: CaseworkRunning;
  readonly sink: SmppSink;
  readonly engine: Engine;
  readonly installation: Installation;
  /** The demonstration's signing keys by role. */
  readonly signers: Readonly<Record<StaffRole, DevelopmentAuthenticator>>;
  readonly accounts: { readonly casework: typeof CASEWORK_PEOPLE; readonly platform: typeof PLATFORM_STAFF };
  /** Everything, in order, the engine last. */
  close(): Promise<void>;
}

/** Days a wallet spans: yesterday to +7. */
const walletDays = 9;
const keysWithinMs = 60_000;
const keysPollMs = 25;

type Undo = (() => Promise<void> | void)[];

async function closeAll(undo: Undo): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
}

async function openSink(options: ComposeOptions, installation: Installation, undo: Undo) {
  const log = options.log?.('sink') ?? silentLog;
  const { clock, receipts = 'deliver', maxMessages } = options;
  // Heartbeats of browsers are real time.
  const wireClock = systemClock((error, job) => log.fault(job, error));
  const kept = maxMessages === undefined ? {} : { maxMessages };
  const running = await buildSink({
    ...installation.files.sink,
    ...kept,
    clock,
    wireClock,
    log,
    receipts,
  });
  undo.push(() => running.close());
  return running;
}

/** Resolves when registrar and platform can take rides of every day of a wallet. */
async function keysArrived(options: ComposeOptions, zone: string, vault: Vault, registrar: Registrar): Promise<void> {
  const giveUpMs = performance.now() + keysWithinMs;
  const today = dayOf(options.clock.now(), zone);
  for (;;) {
    const delivered = registrar.delivery.delivered();
    const days = Array.from({ length: walletDays }, (_, index) => today - 1 + index);
    if (days.every((day) => delivered.has(day))) return;
    if (performance.now() > giveUpMs) throw new Error('the day keys did not reach registrar and platform in time');
    await vault.deliver();
    await registrar.delivery.run();
    await wait(keysPollMs);
  }
}

async function buildAll(options: ComposeOptions, installation: Installation, undo: Undo) {
  const { clock, adjust = {}, gateways = {} } = options;
  const { files } = installation;
  const logOf = (name: ProcessName): Log => options.log?.(name) ?? silentLog;
  const keep = async <Running extends { close(): Promise<void> }>(building: Promise<Running>): Promise<Running> => {
    const running = await building;
    undo.push(() => running.close());
    return running;
  };
  const configs = {
    platform: parseConfig(platformProcess.Config, files.platform.config, 'platform'),
    registrar: parseConfig(registrarProcess.Config, files.registrar.config, 'registrar'),
    vault: parseConfig(vaultProcess.Config, files.vault.config, 'vault'),
    notifier: parseConfig(notifierProcess.Config, files.notifier.config, 'notifier'),
    casework: parseConfig(caseworkProcess.Config, files.casework.config, 'casework'),
  };
  const platform = await keep(
    platformProcess.buildPlatform({
      config: adjust.platform?.(configs.platform) ?? configs.platform,
      secrets: files.platform.secrets,
      clock,
      log: logOf('platform'),
    }),
  );
  const registrar = await keep(
    registrarProcess.buildRegistrar({
      config: adjust.registrar?.(configs.registrar) ?? configs.registrar,
      secrets: files.registrar.secrets,
      clock,
      log: logOf('registrar'),
      ...(gateways.registrar === undefined ? {} : { gateway: gateways.registrar }),
    }),
  );
  const vault = await keep(
    vaultProcess.buildVault({
      config: adjust.vault?.(configs.vault) ?? configs.vault,
      secrets: files.vault.secrets,
      clock,
      log: logOf('vault'),
    }),
  );
  const notifier = await keep(
    notifierProcess.buildNotifier({
      config: adjust.notifier?.(configs.notifier) ?? configs.notifier,
      secrets: files.notifier.secrets,
      clock,
      log: logOf('notifier'),
      ...(gateways.notifier === undefined ? {} : { gateway: gateways.notifier }),
    }),
  );
  const casework = await keep(
    caseworkProcess.buildCasework({
      config: adjust.casework?.(configs.casework) ?? configs.casework,
      secrets: files.casework.secrets,
      clock: options.consoleClock ?? clock,
      log: logOf('casework'),
    }),
  );
  return { platform, registrar, vault, notifier, casework };
}

function signersOf(installation: Installation, origin: string): Composed['signers'] {
  const page = { origin, rpId: new URL(origin).hostname };
  const signer = (role: StaffRole): DevelopmentAuthenticator => {
    const key = installation.keys.demo.find((one) => one.role === role);
    if (key === undefined) throw new Error(`the installation has no key of a ${role}`);
    return developmentAuthenticator(key.privateKey, page);
  };
  return Object.fromEntries(STAFF_ROLES.map((role) => [role, signer(role)])) as Record<
    StaffRole,
    DevelopmentAuthenticator
  >;
}

/**
 * Provisions, starts everything in this process, adds the demonstration's accounts, and waits until the day keys are
 * where rides need them. What was opened is closed again when a part cannot start.
 */
export async function composeCity(options: ComposeOptions): Promise<Composed> {
  const { dataDir, host = '127.0.0.1', bind = host, zone = DEMO_ZONE } = options;
  const undo: Undo = [];
  try {
    const layout = layoutOf(dataDir);
    const engine = await openEngine(layout, options.log?.('engine') ?? silentLog, {
      settings: options.engineSettings ?? {},
    });
    undo.push(() => engine.stop());
    const ports = await freePorts('127.0.0.1', options.ports);
    const folder = runtimeFolder(dataDir);
    undo.push(() => rmSync(folder, { recursive: true, force: true }));
    const urls = {
      registrar: `http://${host}:${ports.registrar}`,
      platform: `http://${host}:${ports.platform}`,
      casework: `http://casework.localhost:${ports.casework}`,
    };
    const installation = await provision({
      dataDir,
      mode: 'demo',
      addresses: { ports, sockets: socketsIn(folder), bind, ...urls },
      database: { host: engine.socketDir, port: engine.port },
      zone,
      city: options.city,
      proxies: options.proxies,
      providers: options.providers,
    });
    await ensureDatabases(engine, installation.keys.passwords);
    const { sink, page } = await openSink(options, installation, undo);
    const processes = await buildAll(options, installation, undo);
    await addPlatformStaff(processes.platform);
    await addCaseworkPeople(processes.casework);
    await keysArrived(options, zone, processes.vault, processes.registrar);
    return {
      ...processes,
      urls: { ...urls, outbox: page.url },
      sockets: socketsIn(folder),
      sink,
      engine,
      installation,
      signers: signersOf(installation, urls.casework),
      accounts: { casework: CASEWORK_PEOPLE, platform: PLATFORM_STAFF },
      close: () => closeAll(undo),
    };
  } catch (error) {
    await closeAll(undo);
    throw error;
  }
}
