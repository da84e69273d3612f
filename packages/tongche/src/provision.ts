// Makes everything an installation needs in its data folder: passwords, keys, the demo city, one configuration and one
// secrets file per process. What is there already stays; a second run changes nothing but addresses.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeDemoCity } from '@tongche/simulator';
import { vaultPublicKeys } from '@tongche/vault';
import { processFiles } from './configs.ts';
import type { Addresses, CityFiles, ProcessFiles, Settings } from './configs.ts';
import type { DemoProvider } from './demo-providers.ts';
import { installationKeys } from './keys.ts';
import type { InstallationKeys } from './keys.ts';
import { CHILDREN, layoutOf, PROCESSES } from './layout.ts';
import type { Layout } from './layout.ts';
import { makePrivateFolder, writeJson } from './private-files.ts';

/** The demonstration is the same everywhere: its plates and codes follow from this. */
const demoCitySeed = 20_260_501;
export const DEMO_ZONE = 'Asia/Shanghai';

export interface ProvisionOptions {
  readonly dataDir: string;
  readonly mode: 'demo' | 'production';
  readonly addresses: Addresses;
  readonly database: Settings['database'];
  readonly zone?: string | undefined;
  /** 'demo' writes the demo city's files; 'none' leaves the platform without one. */
  readonly city?: 'demo' | 'none' | CityFiles | undefined;
  readonly proxies?: boolean | undefined;
  /** The demonstration's providers of messages, in their order; SMPP only when absent. */
  readonly providers?: readonly DemoProvider[] | undefined;
  /** Production: the public root key of a ceremony, base64url. */
  readonly rootPublicKey?: string | undefined;
}

export interface Installation {
  readonly layout: Layout;
  readonly mode: 'demo' | 'production';
  readonly zone: string;
  readonly keys: InstallationKeys;
  readonly files: ProcessFiles;
  readonly settings: Settings;
}

/** Writes the demo city once; its files may be looked at and changed. */
export async function demoCityFiles(layout: Layout): Promise<CityFiles> {
  const files = {
    gtfs: join(layout.city, 'gtfs.zip'),
    fleet: join(layout.city, 'fleet.csv'),
    vehicleRuns: join(layout.city, 'vehicle_runs.csv'),
    codes: join(layout.city, 'codes.csv'),
  };
  if (!Object.values(files).every((file) => existsSync(file))) await writeDemoCity(layout.city, { seed: demoCitySeed });
  return files;
}

async function cityFiles(layout: Layout, city: ProvisionOptions['city']): Promise<CityFiles | undefined> {
  if (city === 'none') return undefined;
  if (city === undefined || city === 'demo') return demoCityFiles(layout);
  return city;
}

/**
 * Makes what is missing and writes the files of every process. No process of the installation may run meanwhile.
 * Throws ConfigError with one line when the folder cannot be written or read.
 */
export async function provision(options: ProvisionOptions): Promise<Installation> {
  const { mode, addresses, database, zone = DEMO_ZONE, proxies = false } = options;
  const layout = layoutOf(options.dataDir);
  for (const folder of [layout.data, layout.configs, layout.secrets, layout.slots, layout.logs, layout.city]) {
    makePrivateFolder(folder);
  }
  const keys = await installationKeys(layout, {
    mode,
    ...(options.rootPublicKey === undefined ? {} : { rootPublicKey: options.rootPublicKey }),
  });
  // Before the slots themselves: slots whose unseal key was lost in a power cut could never be opened.
  if (!existsSync(layout.secret('vault'))) writeJson(layout.secret('vault'), { unsealKey: keys.unseal.vault });
  const signing = await vaultPublicKeys({
    slotsFolder: layout.slot('vault'),
    unsealKey: keys.unseal.vault,
    random: (length) => new Uint8Array(randomBytes(length)),
  });
  const city = await cityFiles(layout, options.city);
  const { providers = ['smpp'] } = options;
  const settings: Settings = { mode, layout, keys, signing, addresses, database, zone, city, proxies, providers };
  const files = processFiles(settings);
  for (const name of mode === 'demo' ? CHILDREN : PROCESSES) {
    // The demonstration's files follow its addresses; those of production are the operator's once they are written.
    const isOurs = mode === 'demo' || !existsSync(layout.config(name));
    if (isOurs) writeJson(layout.config(name), files[name].config);
    if (isOurs) writeJson(layout.secret(name), files[name].secrets);
  }
  return { layout, mode, zone, keys, files, settings };
}
