// What is measured: the real platform in a process of its own, configured as in production, over real HTTP, with the embedded
// PostgreSQL as it is shipped (fsync and synchronous_commit on) and a city of many buses.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { internalClient } from '@tongche/http';
import { buildPlatform } from '@tongche/platform';
import { connect, removeData, startEngine } from '@tongche/postgres';
import type { Database, Engine } from '@tongche/postgres';
import { dayOf, dayStartMs, signJson, toBase64Url } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { ConfigError, silentLog, systemClock } from '@tongche/runtime';
import type { Setup } from '../load/messages.ts';
import { benchCity } from './city.ts';
import { admissionKey, database, filesOf, freePort, install, iss } from './installation.ts';
import type { Installation } from './installation.ts';
import { makeLogFiles } from './log-files.ts';

export interface StageOptions {
  readonly buses: number;
  /** Folder the data is made in; the machine's temp folder when absent. */
  readonly parent?: string | undefined;
  /** Folder of a stage that stays when this one closes, with everything in it, and is gone on with when it is there. */
  readonly kept?: string | undefined;
  /** Arguments of the platform's node, e.g. for a profile. */
  readonly nodeArgs?: readonly string[];
  /** Processes that share the platform's port. Default 1. */
  readonly processes?: number;
  /** Files of the server's log made ahead, 16 MiB each; see log-files.ts. Default 0. */
  readonly logFiles?: number;
  /** One more platform process, started by itself on a port of its own. */
  readonly beside?: boolean;
  /** The last word on the platform's configuration. */
  readonly adjust?: (config: Record<string, unknown>) => Record<string, unknown>;
}

export interface Stage {
  readonly folder: string;
  /** Its keys and its configuration. */
  readonly installation: Installation;
  readonly dataDir: string;
  readonly engine: Engine;
  readonly platformPid: number;
  /** Of the platform, and of the process beside it, which is the last one. */
  readonly platforms: readonly { readonly pid: number; readonly port: number; readonly socket: string }[];
  /** Of the city and its days. */
  readonly zone: string;
  /** Ends the platform in order and resolves when it is gone. */
  stopPlatform(): Promise<void>;
  /** Ends the platform and starts it as a new process, for what only a process without a past can tell. */
  renewPlatform(): Promise<void>;
  /** What a load process needs to make rides. */
  setup(rides: number): Setup;
  /** A superuser's connection to the platform's database; the caller ends it. */
  look(): Database;
  /** Where the platform connects, in its own role. */
  readonly databaseUrl: string;
  /** Runs before anything of the stage is closed. */
  onClose(step: () => Promise<void>): void;
  close(): Promise<void>;
}

const main = resolve(import.meta.dirname, '../../packages/tongche/src/main.ts');
/** Late rides of a week, and the days ahead. */
const [keyDaysBehind, keyDaysAhead] = [7, 2];
/** Beside the tests of a whole repository too. */
const healthyWithinMs = 180_000;
const pollMs = 25;
const interruptedCode = 130;
const serverLines = 12;

async function isHealthy(port: number): Promise<boolean> {
  return new Promise((done) => {
    const asked = request({ host: '127.0.0.1', port, path: '/healthz', agent: false, timeout: 5_000 }, (reply) => {
      reply.resume();
      done(reply.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => done(false));
    asked.end();
  });
}

/** Takes the city in and makes the days' partitions, before the process that is measured starts. */
async function prepare({ config, secrets, zone, port }: Installation, buses: number): Promise<readonly string[]> {
  const { city, codes } = benchCity(buses, zone);
  const clock = systemClock((error) => {
    throw error;
  });
  const listening = { ...config, listen: { host: '127.0.0.1', port } };
  const platform = await buildPlatform({ config: listening, secrets, clock, log: silentLog, city });
  await platform.close();
  return codes;
}

/** As the registrar forwards the vault's signed keys. Returns today's. */
async function deliverKeys({
  folder,
  socket,
  sign,
  zone,
}: Installation): Promise<{ readonly day: number; readonly kAdm: Bytes }> {
  const today = dayOf(Date.now(), zone);
  const days = Array.from({ length: keyDaysBehind + keyDaysAhead + 1 }, (_, n) => today - keyDaysBehind + n);
  const keys = await Promise.all(days.map(async (day) => ({ day, kAdm: await admissionKey(folder, day) })));
  const admission = await Promise.all(
    keys.map(({ day, kAdm }) =>
      signJson(nodeSuite, sign.sk, { iss, day, kAdm: toBase64Url(kAdm), issuedMs: Date.now() }),
    ),
  );
  const client = internalClient({ socket });
  await client.post('/internal/keys', { admission });
  await client.close();
  const own = keys.find(({ day }) => day === today);
  if (own === undefined) throw new Error('today has no key');
  return own;
}

/** Node's arguments that run the stage's platform as `tongche platform` runs it. */
export function platformArgs(
  folder: string,
  nodeArgs: readonly string[] = [],
  { config, secrets } = filesOf(folder),
): readonly string[] {
  const run = ['--disable-warning=ExperimentalWarning', ...nodeArgs, main, 'platform'];
  return [...run, '--config', config, '--secrets', secrets];
}

/** Resolves when the platform on the port answers. Throws when it does not in time, or has `ended`. */
export async function healthyOn(port: number, folder: string, ended: () => boolean = () => false): Promise<void> {
  const untilMs = performance.now() + healthyWithinMs;
  while (!(await isHealthy(port))) {
    if (performance.now() > untilMs || ended()) {
      const last = readFileSync(filesOf(folder).log, 'utf8').trimEnd().split('\n').at(-1) ?? '';
      throw new Error(`the platform does not answer: ${last.slice(0, 300)}`);
    }
    await wait(pollMs);
  }
}

interface Started {
  readonly folder: string;
  readonly port: number;
  readonly socket: string;
  readonly args: readonly string[];
}

/** The platform in a process of its own, its log in a file. */
function platformProcess({ folder, port, socket, args }: Started) {
  const log = openSync(filesOf(folder).log, 'a', 0o600);
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', log, log, 'ipc'],
    cwd: folder,
  });
  closeSync(log);
  return {
    pid: child.pid ?? -1,
    port,
    socket,
    healthy: async () => healthyOn(port, folder, () => child.exitCode !== null),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((done) => child.once('exit', () => done()));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Another process of the same platform, as on a second host: its own port and socket, the same database and slots. */
async function startBeside({ folder }: Installation, nodeArgs: readonly string[]) {
  const port = await freePort();
  const first = JSON.parse(readFileSync(filesOf(folder).config, 'utf8')) as Readonly<Record<string, unknown>>;
  const socket = join(folder, 'q.sock');
  const written = { ...first, listen: { host: '127.0.0.1', port }, internal: { socket } };
  const config = join(folder, 'beside.json');
  writeFileSync(config, JSON.stringify(written), { mode: 0o600 });
  const args = platformArgs(folder, nodeArgs, { ...filesOf(folder), config });
  return platformProcess({ folder, port, socket, args });
}

/** What the server wrote last, without which nobody would know why it ended: its folder goes with the stage. */
function lastOf({ cluster }: Engine): string {
  const written = readFileSync(join(dirname(cluster), 'engine.log'), 'utf8')
    .trimEnd()
    .split('\n');
  return written.slice(-serverLines).join('\n');
}

function folderFor({ parent = tmpdir(), kept }: StageOptions): string {
  try {
    if (kept === undefined) return mkdtempSync(join(parent, 'tcb-'));
    mkdirSync(kept, { recursive: true });
    return resolve(kept);
  } catch {
    throw new ConfigError(`no folder can be made in ${kept ?? parent}`);
  }
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const folder = folderFor(options);
  const isKept = options.kept !== undefined;
  const dataDir = join(folder, 'postgres');
  const undo: (() => Promise<void> | void)[] = [];
  if (!isKept) undo.push(() => rmSync(folder, { recursive: true, force: true }));
  let closing: Promise<void> | undefined;
  // Asked for by an interruption and by the bench that fails for it: whoever ends the process has to wait for both.
  const close = (): Promise<void> => (closing ??= closeAll());
  async function closeAll(): Promise<void> {
    // The engine's child holds nobody up, so something else must keep us here until it has ended.
    const stay = setInterval(() => {}, pollMs);
    for (const step of undo.splice(0).reverse()) await step();
    clearInterval(stay);
  }
  // The engine runs detached: an interrupted bench must not leave it behind.
  const interrupted = (): void => void close().finally(() => process.exit(interruptedCode));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, interrupted);
    undo.unshift(() => void process.off(signal, interrupted));
  }
  try {
    const engine = await startEngine({ dataDir, log: silentLog });
    engine.onCrash(
      ({ pid }) => void process.stderr.write(`${lastOf(engine)}\nPostgreSQL (process ${pid}) has ended\n`),
    );
    undo.push(async () => {
      await engine.stop();
      if (!isKept) removeData(dataDir);
    });
    const made = await install(folder, engine, options.adjust);
    const codes = await prepare(made, options.buses);
    await makeLogFiles(engine, options.logFiles ?? 0);
    const { nodeArgs = [], processes = 1 } = options;
    const several = processes === 1 ? [] : ['--processes', String(processes)];
    const start = () => platformProcess({ ...made, args: [...platformArgs(folder, nodeArgs), ...several] });
    let platform = start();
    undo.push(() => platform.stop());
    await platform.healthy();
    const { day, kAdm } = await deliverKeys(made);
    const platforms = [platform];
    if (options.beside === true) {
      const other = await startBeside(made, nodeArgs);
      undo.push(() => other.stop());
      await other.healthy();
      platforms.push(other);
    }
    return {
      folder,
      installation: made,
      dataDir,
      engine,
      get platformPid() {
        return platform.pid;
      },
      platforms,
      zone: made.zone,
      stopPlatform: () => platform.stop(),
      async renewPlatform() {
        await platform.stop();
        platform = start();
        platforms[0] = platform;
        await platform.healthy();
      },
      setup: (rides) => ({
        kind: 'setup',
        host: '127.0.0.1',
        port: made.port,
        iss,
        day,
        dayStartMs: dayStartMs(day, made.zone),
        kAdm: toBase64Url(kAdm),
        codes,
        rides,
      }),
      look: () => connect({ url: engine.adminUrl(database), max: 1, name: 'bench', log: silentLog }),
      databaseUrl: made.secrets.databaseUrl,
      onClose: (step) => void undo.push(step),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
