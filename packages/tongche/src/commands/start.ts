// `tongche start`: the whole installation on this machine, one process per trust domain, until Ctrl-C.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fromBase64Url, unwrap } from '@tongche/protocol';
import { ConfigError, createLog } from '@tongche/runtime';
import { dataFolder, readFlags, wholeNumber } from '../arguments.ts';
import type { Context } from '../arguments.ts';
import { ensureDatabases, openEngine } from '../databases.ts';
import { demoBus } from '../demo-bus.ts';
import { demoProviders } from '../demo-providers.ts';
import { healthyWithin } from '../health.ts';
import type { HealthTarget } from '../health.ts';
import { CHILDREN, FIRST_PORT, layoutOf, runtimeFolder, socketsIn } from '../layout.ts';
import type { ChildName, Layout, Ports, Sockets } from '../layout.ts';
import { takeLock } from '../lock.ts';
import { encodeLogKey } from '../log-check.ts';
import { checkPorts, freePorts, lanAddress, portsFrom } from '../ports.ts';
import { makePrivateFolder } from '../private-files.ts';
import { provision } from '../provision.ts';
import type { Installation } from '../provision.ts';
import { logTail, openRotatingLog } from '../rotating-log.ts';
import { supervise } from '../supervisor.ts';
import type { Supervised } from '../supervisor.ts';
import { readyLine, welcomeLines } from '../terminal.ts';
import type { Welcome } from '../terminal.ts';

/** A first start with migrations, on a slow disk beside other work; whoever ends is noticed at once. */
const healthyWithinMs = 300_000;
const keysWithinMs = 180_000;
const keysPollMs = 150;
/** Yesterday to +7. */
const walletDays = 9;
const lastFirstPort = 65_000;
const logLinesShown = 5;

/** Who needs whom at the start: each group is up before the next begins. */
const groups: readonly (readonly ChildName[])[] = [
  ['sink', 'platform', 'registrar'],
  ['vault', 'casework'],
  ['notifier'],
];

/** Somebody asked to stop while we were still starting. */
class Interrupted extends Error {}

type Undo = (() => Promise<void> | void)[];

interface Stage {
  readonly context: Context;
  readonly layout: Layout;
  readonly signal: AbortSignal;
  readonly undo: Undo;
  readonly showFaults: boolean;
}

interface Where {
  readonly ports: Ports;
  readonly bind: string;
  readonly host: string;
}

function healthTargets(ports: Ports, sockets: Sockets): Readonly<Record<ChildName, HealthTarget>> {
  const at = (port: number, path = '/healthz') => ({ host: '127.0.0.1', port, path });
  return {
    platform: at(ports.platform),
    registrar: at(ports.registrar),
    casework: { ...at(ports.casework), hostHeader: `casework.localhost:${ports.casework}` },
    sink: at(ports.outbox, '/dev/outbox.json'),
    vault: { socket: sockets.vault, path: '/healthz' },
    notifier: { socket: sockets.notifier, path: '/healthz' },
  };
}

async function whereToListen(portText: string | undefined, isLocal: boolean): Promise<Where> {
  const first = portText === undefined ? FIRST_PORT : wholeNumber('start', 'port', portText, [0, lastFirstPort]);
  const lan = isLocal ? undefined : lanAddress();
  const bind = lan === undefined ? '127.0.0.1' : '0.0.0.0';
  const ports = first === 0 ? await freePorts('127.0.0.1') : portsFrom(first);
  await checkPorts(ports, (name) => (name === 'registrar' || name === 'platform' ? bind : '127.0.0.1'));
  return { ports, bind, host: lan ?? '127.0.0.1' };
}

async function openDatabase({ context, layout, undo }: Stage) {
  const file = openRotatingLog(layout.log('engine'));
  undo.push(() => file.close());
  const log = createLog({
    process: 'engine',
    clock: { now: () => Date.now() },
    write: (line) => file.write(Buffer.from(line)),
  });
  const engine = await openEngine(layout, log, { binDir: context.postgresBin });
  undo.push(() => engine.stop());
  engine.onCrash(({ waitMs }) => context.print(`The database ended; it is started again in ${waitMs / 1000} s.`));
  return engine;
}

function startChild(name: ChildName, { context, layout, undo, showFaults }: Stage): Supervised {
  const main = join(import.meta.dirname, '../main.ts');
  const files = ['--config', layout.config(name), '--secrets', layout.secret(name)];
  const faults = showFaults ? ['--show-faults'] : [];
  const child = supervise({
    name,
    command: [process.execPath, '--disable-warning=ExperimentalWarning', main, name, ...files, ...faults],
    logFile: layout.log(name),
    onRestart: (_name, { code, signal, lastLine }, waitMs) =>
      context.print(
        `${name} ended (${signal ?? `exit code ${code}`})${lastLine === '' ? '' : `: ${lastLine}`}; it is started again in ${waitMs / 1000} s.`,
      ),
  });
  undo.push(() => child.stop());
  return child;
}

/** The end of a process' log, before the one line that says what is wrong. */
function showLog({ context, layout }: Stage, name: ChildName): void {
  for (const line of logTail(layout.log(name), logLinesShown)) context.print(`  ${line}`);
}

/** Rejects with a ConfigError when the process ends while the installation starts: until then nobody starts it again. */
async function untilEnded(child: Supervised, stage: Stage): Promise<never> {
  const { code, signal, lastLine } = await child.failed;
  if (lastLine.startsWith(`${child.name}: `)) throw new ConfigError(lastLine);
  showLog(stage, child.name);
  const how = signal ?? `exit code ${code}`;
  throw new ConfigError(`${child.name} ended while starting (${how}); its log is ${stage.layout.log(child.name)}`);
}

/** Throws ConfigError when a process does not become healthy. */
async function untilHealthy(child: Supervised, target: HealthTarget, stage: Stage): Promise<void> {
  const { status, says } = await healthyWithin(target, healthyWithinMs, stage.signal);
  if (stage.signal.aborted) throw new Interrupted();
  if (status === 200) return;
  showLog(stage, child.name);
  throw new ConfigError(`${child.name} does not become ready: ${says}; its log is ${stage.layout.log(child.name)}`);
}

/** Throws ConfigError when one of the processes ends before `work` is done, whichever that waits for. */
async function whileAlive<T>(ended: readonly Promise<never>[], work: Promise<T>): Promise<T> {
  return Promise.race([...ended, work]);
}

interface Started {
  readonly children: readonly Supervised[];
  readonly ended: readonly Promise<never>[];
}

async function startChildren(stage: Stage, ports: Ports, sockets: Sockets): Promise<Started> {
  const children: Supervised[] = [];
  const ended: Promise<never>[] = [];
  const targets = healthTargets(ports, sockets);
  for (const group of groups) {
    const started = group.map((name) => startChild(name, stage));
    children.push(...started);
    ended.push(...started.map((child) => untilEnded(child, stage)));
    const healthy = Promise.all(started.map((child) => untilHealthy(child, targets[child.name], stage)));
    await whileAlive(ended, healthy);
  }
  return { children, ended };
}

interface Bundles {
  readonly bundles?: readonly { readonly platformUrl: string }[];
}

/** Phones need the day bundles before the first scan, with the platform's address of today: a laptop changes networks. */
async function untilKeys(port: number, platformUrl: string, stage: Stage): Promise<void> {
  const giveUpMs = performance.now() + keysWithinMs;
  while (performance.now() < giveUpMs) {
    if (stage.signal.aborted) throw new Interrupted();
    const reply = await fetch(`http://127.0.0.1:${port}/bundles`).catch(() => undefined);
    const { bundles = [] } = reply?.ok === true ? ((await reply.json()) as Bundles) : {};
    if (bundles.filter((bundle) => bundle.platformUrl === platformUrl).length >= walletDays) return;
    await wait(keysPollMs);
  }
  throw new ConfigError(`the day keys did not reach the registrar; the vault's log is ${stage.layout.log('vault')}`);
}

function welcomeOf(installation: Installation, where: Where, bus: Welcome['bus'], context: Context): Welcome {
  const { addresses, signing } = installation.settings;
  const outbox = `http://localhost:${where.ports.outbox}/dev/outbox`;
  const { origin } = logIdentity(installation);
  return {
    layout: installation.layout,
    urls: { registrar: addresses.registrar, platform: addresses.platform, casework: addresses.casework, outbox },
    bus,
    isOnNetwork: where.host !== '127.0.0.1',
    logKey: encodeLogKey({ name: origin, pk: unwrap(fromBase64Url(signing.ed25519)) }),
    isTerminal: context.isTerminal,
  };
}

function logIdentity({ files }: Installation): { readonly origin: string } {
  const { log } = files.platform.config.authority as { readonly log: { readonly origin: string } };
  return log;
}

interface StartFlags {
  readonly port?: string;
  readonly local?: boolean;
  readonly providers?: string;
}

async function open(stage: Stage, flags: StartFlags): Promise<void> {
  const { context, layout, signal, undo } = stage;
  const beganMs = performance.now();
  const providers = demoProviders(flags.providers ?? 'smpp');
  makePrivateFolder(layout.data);
  const lock = takeLock(layout.lock, layout.data);
  undo.push(() => lock.release());
  makePrivateFolder(layout.logs);
  const where = await whereToListen(flags.port, flags.local === true);
  context.print('Starting the database …');
  const engine = await openDatabase(stage);
  const folder = runtimeFolder(layout.data);
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const sockets = socketsIn(folder);
  const { host, bind, ports } = where;
  const installation = await provision({
    dataDir: layout.data,
    mode: 'demo',
    addresses: {
      ports,
      sockets,
      bind,
      registrar: `http://${host}:${ports.registrar}`,
      platform: `http://${host}:${ports.platform}`,
      casework: `http://casework.localhost:${ports.casework}`,
    },
    database: { host: engine.socketDir, port: engine.port },
    providers,
  });
  await ensureDatabases(engine, installation.keys.passwords);
  if (signal.aborted) throw new Interrupted();
  context.print(`Starting ${CHILDREN.join(', ')} …`);
  const { children, ended } = await startChildren(stage, ports, sockets);
  await whileAlive(ended, untilKeys(ports.registrar, installation.settings.addresses.platform, stage));
  for (const child of children) child.settled();
  const welcome = welcomeOf(installation, where, await demoBus(installation.settings.city, Date.now()), context);
  for (const line of welcomeLines(welcome)) context.print(line);
  context.print(`Started in ${((performance.now() - beganMs) / 1000).toFixed(1)} s.`);
  context.print(readyLine(welcome));
}

export async function start(context: Context, args: readonly string[]): Promise<void> {
  const flags = readFlags('start', args, {
    data: 'text',
    port: 'text',
    local: 'flag',
    providers: 'text',
    'show-faults': 'flag',
  });
  const layout = layoutOf(dataFolder(context, flags.data));
  const interruption = new AbortController();
  // The terminal sends Ctrl-C to the whole group; children leave it to us, so that they stop in order.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort());
  const stopped = new Promise<void>((resolve) => {
    interruption.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const undo: Undo = [];
  const stage = { context, layout, signal: interruption.signal, undo, showFaults: flags['show-faults'] === true };
  // Without a child alive nothing else would keep this process up while it waits.
  const alive = setInterval(() => {}, 60_000);
  try {
    await open(stage, flags);
    await stopped;
    context.print('Stopping …');
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    // Also ends the waiting for those that would have come up beside one that failed.
    interruption.abort();
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
    clearInterval(alive);
  }
  context.print('Stopped.');
}
