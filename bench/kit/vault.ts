// The authority's vault beside a stage's platform: in a process of its own, over its own socket, with keys of past days as if
// it had rolled every night, and two people who sign with development keys.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { developmentAuthenticator, makeDevelopmentKey } from '@tongche/approval';
import { connect } from '@tongche/postgres';
import type { UnsignedBundle } from '@tongche/protocol';
import { dayStartMs, toBase64Url } from '@tongche/protocol';
import { internalClient } from '@tongche/http';
import { ConfigError, openSlots, parseConfig, settableClock, silentLog } from '@tongche/runtime';
import { buildVault, Config } from '@tongche/vault';
import { iss, logOrigin } from './installation.ts';
import type { Stage } from './stage.ts';

const main = resolve(import.meta.dirname, '../../packages/tongche/src/main.ts');
const database = 'tongche_vault';
const page = { origin: 'http://casework.localhost:8620', rpId: 'casework.localhost' };
/** Keys are made so many days ahead. */
const daysAhead = 9;
const noonMs = 12 * 3_600_000;
const healthyWithinMs = 60_000;
const pollMs = 25;
export const ROLES = ['tracer', 'approver'] as const;
export type Role = (typeof ROLES)[number];

interface Made {
  readonly unsealKey: string;
  readonly password: string;
  /** P-256 scalars of the people's development keys. */
  readonly people: Readonly<Record<Role, string>>;
}

async function madeIn(folder: string): Promise<Made> {
  const file = join(folder, 'vault-made.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Made;
  const [tracer, approver] = [await makeDevelopmentKey(), await makeDevelopmentKey()];
  const made = {
    unsealKey: randomBytes(32).toString('base64url'),
    password: randomBytes(24).toString('base64url'),
    people: { tracer: tracer.privateKey, approver: approver.privateKey },
  };
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

/** A day's keys, as riders' phones and the vault have them. */
export interface SealedDay {
  readonly day: number;
  readonly bundle: UnsignedBundle;
  readonly kTag: Uint8Array;
}

export interface InstalledVault {
  readonly config: string;
  readonly secrets: string;
  readonly socket: string;
  readonly folder: string;
  readonly signers: Readonly<Record<Role, ReturnType<typeof developmentAuthenticator>>>;
  readonly sealedDays: readonly SealedDay[];
}

/** What a vault of this stage is given. Development keys sign: a browser's passkeys do the same, by hand. */
async function filesFor(stage: Stage) {
  const { folder, engine, installation } = stage;
  const made = await madeIn(folder);
  await engine.ensureDatabase({ database, role: database, password: made.password });
  const slotsFolder = join(folder, 'vault-slots');
  const unsealKey = new Uint8Array(Buffer.from(made.unsealKey, 'base64url'));
  const slots = openSlots(slotsFolder, unsealKey);
  const { sign, root, zone } = installation;
  // The platform pins this key, so the vault has to have it before it makes one.
  if (slots.get('sign-ed25519') === undefined) slots.put('sign-ed25519', Buffer.concat([sign.sk, sign.pk]));
  const signers = {
    tracer: developmentAuthenticator(made.people.tracer, page),
    approver: developmentAuthenticator(made.people.approver, page),
  };
  const socket = join(folder, 'v.sock');
  const config = {
    mode: 'demo',
    authority: { iss, name: { zh: '量测', en: 'bench' }, zone },
    listen: { socket },
    // The process beside, where there is one.
    platformInternal: { socket: stage.platforms.at(-1)?.socket ?? installation.socket },
    // Nobody there: the log and the day keys wait.
    registrarInternal: { socket: join(folder, 'r.sock') },
    registrarUrl: 'https://rides.example',
    slotsFolder,
    rootPublicKey: toBase64Url(root.pk),
    console: page,
    logOrigin,
    demoKeys: ROLES.map((role) => {
      const { keyId, publicKey } = signers[role];
      return { keyId, role, person: role, publicKey };
    }),
    leap: { days: 2, holdMs: 0 },
    limits: { watchHours: 0 },
  };
  const secrets = {
    unsealKey: made.unsealKey,
    databaseUrl: engine.url(database, database, made.password),
    demoRootKey: toBase64Url(root.sk),
  };
  return { config, secrets, signers, socket, openSlots: () => openSlots(slotsFolder, unsealKey) };
}

/** The bundles there are, by day. */
async function bundlesOf(stage: Stage): Promise<ReadonlyMap<number, UnsignedBundle>> {
  const db = connect({ url: stage.engine.adminUrl(database), max: 1, name: 'bench', log: silentLog });
  try {
    const isThere = await db.one<{ is: boolean }>(`select to_regclass('day_key') is not null as is`);
    if (isThere?.is !== true) return new Map();
    const rows = await db.query<{ day: number; bundle: string }>('select day, bundle from day_key');
    return new Map(rows.map(({ day, bundle }) => [day, JSON.parse(bundle) as UnsignedBundle]));
  } finally {
    await db.end();
  }
}

/** Installs a vault whose keys reach back to `fromDay`. The platform has to be there. */
export async function installVault(stage: Stage, fromDay: number): Promise<InstalledVault> {
  const { config, secrets, signers, socket, openSlots: slotsOf } = await filesFor(stage);
  const { zone } = stage;
  const today = stage.setup(0).day;
  const known = await bundlesOf(stage);
  if (Array.from({ length: today - fromDay + 1 }, (_, n) => fromDay + n).some((day) => !known.has(day))) {
    const parsed = parseConfig(Config, config, 'bench');
    const clock = settableClock(dayStartMs(fromDay, zone) + noonMs);
    const vault = await buildVault({ config: parsed, secrets, clock, log: silentLog });
    for (let day = fromDay; day <= today; day = Math.min(day + daysAhead, today) + Number(day === today)) {
      clock.setTo(dayStartMs(day, zone) + noonMs);
      await vault.roll();
    }
    await vault.close();
  }
  const files = { config: join(stage.folder, 'vault.json'), secrets: join(stage.folder, 'vault-secrets.json') };
  writeFileSync(files.config, JSON.stringify(config), { mode: 0o600 });
  writeFileSync(files.secrets, JSON.stringify(secrets), { mode: 0o600 });
  const slots = slotsOf();
  const sealedDays = [...(await bundlesOf(stage))].flatMap(([day, bundle]): readonly SealedDay[] => {
    const kTag = slots.get(`tag-${day}`);
    return kTag === undefined ? [] : [{ day, bundle, kTag }];
  });
  return { ...files, socket, folder: stage.folder, signers, sealedDays };
}

export interface VaultProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

/** The vault as `tongche vault` runs it; on one core of the machine where one is named and `taskset` is there. */
export async function startVault(installed: InstalledVault, core?: number): Promise<VaultProcess> {
  const file = join(installed.folder, 'vault.log');
  const log = openSync(file, 'a', 0o600);
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', main, 'vault'];
  const run = [...node, '--config', installed.config, '--secrets', installed.secrets];
  const [program = '', ...args] = core === undefined ? run : ['taskset', '-c', String(core), ...run];
  const child = spawn(program, args, { stdio: ['ignore', log, log, 'ipc'], cwd: installed.folder });
  closeSync(log);
  const client = internalClient({ socket: installed.socket });
  const untilMs = performance.now() + healthyWithinMs;
  for (let isThere = false; !isThere;) {
    isThere = await client.get('/healthz').then(
      () => true,
      () => false,
    );
    if (isThere) break;
    if (child.exitCode !== null || performance.now() > untilMs) {
      const last = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
      throw new ConfigError(`the vault does not answer: ${last.slice(0, 300)}`);
    }
    await wait(pollMs);
  }
  await client.close();
  return {
    pid: child.pid ?? -1,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((done) => child.once('exit', () => done()));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
