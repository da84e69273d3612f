// Runs one process of one trust domain until it is told to stop: what `start` does for its children, and what
// production runs on each machine.
import { createLog, readConfig, readSecrets, runProcess, systemClock } from '@tongche/runtime';
import type { Clock, Log, Running } from '@tongche/runtime';
import { needed, readFlags, wholeNumber } from '../arguments.ts';
import type { Flags } from '../arguments.ts';
import type { ChildName } from '../layout.ts';
import { groupCloseMs, processGroup } from '../process-group.ts';

/** What a process is started with on the command line. */
interface Given {
  readonly configFile: string;
  readonly secretsFile: string;
  readonly showFaults: boolean;
}

interface Parts {
  /** Of several processes on this machine, this one; undefined: the only one. */
  readonly processNumber: number | undefined;
  readonly configFile: string;
  readonly secretsFile: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Each loads its own package only. Demonstration accounts are put right at every start. */
const builders: Readonly<Record<ChildName, (parts: Parts) => Promise<Running>>> = {
  async platform({ configFile, secretsFile, clock, log, processNumber }) {
    const { buildPlatform, Config, Secrets } = await import('@tongche/platform');
    const config = readConfig(Config, configFile);
    const numbered = processNumber === undefined ? {} : { processNumber };
    const running = await buildPlatform({
      config,
      secrets: readSecrets(Secrets, secretsFile),
      clock,
      log,
      ...numbered,
    });
    if (config.mode === 'demo') await (await import('../demo-people.ts')).addPlatformStaff(running);
    return running;
  },
  async registrar({ configFile, secretsFile, clock, log }) {
    const { buildRegistrar, Config, Secrets } = await import('@tongche/registrar');
    const config = readConfig(Config, configFile);
    return buildRegistrar({ config, secrets: readSecrets(Secrets, secretsFile), clock, log });
  },
  async vault({ configFile, secretsFile, clock, log }) {
    const { buildVault, Config, Secrets } = await import('@tongche/vault');
    const config = readConfig(Config, configFile);
    return buildVault({ config, secrets: readSecrets(Secrets, secretsFile), clock, log });
  },
  async notifier({ configFile, secretsFile, clock, log }) {
    const { buildNotifier, Config, Secrets } = await import('@tongche/notifier');
    const config = readConfig(Config, configFile);
    return buildNotifier({ config, secrets: readSecrets(Secrets, secretsFile), clock, log });
  },
  async casework({ configFile, secretsFile, clock, log }) {
    const { buildCasework, Config, Secrets } = await import('@tongche/casework');
    const config = readConfig(Config, configFile);
    const running = await buildCasework({ config, secrets: readSecrets(Secrets, secretsFile), clock, log });
    if (config.mode === 'demo') await (await import('../demo-people.ts')).addCaseworkPeople(running);
    return running;
  },
  async sink({ configFile, secretsFile, clock, log }) {
    const { buildSink } = await import('../sink.ts');
    const { readSinkConfig, readSinkSecrets } = await import('../sink-config.ts');
    return buildSink({ config: readSinkConfig(configFile), secrets: readSinkSecrets(secretsFile), clock, log });
  },
};

/** A second Ctrl-C on a process run by hand must not be needed: it stops at the first, unless a parent sees to it. */
const hasParent = process.send !== undefined;

const maxProcesses = 64;

/** Of processes that share a port. The first begins, the others follow when it is well; each is started again when it ends. */
async function startGroup(count: number, { configFile, secretsFile, showFaults }: Given): Promise<Running> {
  const { Config } = await import('@tongche/platform');
  const { internal } = readConfig(Config, configFile);
  const faults = showFaults ? ['--show-faults'] : [];
  return processGroup({
    name: 'platform',
    count,
    health: 'socket' in internal ? { socket: internal.socket, path: '/healthz' } : undefined,
    args: (number) => ['--config', configFile, '--secrets', secretsFile, ...faults, '--process', `${number}`],
  });
}

async function countOf(text: string | undefined, configFile: string): Promise<number> {
  if (text !== undefined) return wholeNumber('platform', 'processes', text, [1, maxProcesses]);
  const { Config } = await import('@tongche/platform');
  return readConfig(Config, configFile).processes;
}

/** Of the platform, and of the others, which are one process each. */
const flagsOf = {
  platform: { config: 'text', secrets: 'text', 'show-faults': 'flag', processes: 'text', process: 'text' },
  others: { config: 'text', secrets: 'text', 'show-faults': 'flag' },
} as const;

export async function runOne(name: ChildName, args: readonly string[]): Promise<void> {
  const isPlatform = name === 'platform';
  const flags: Flags<typeof flagsOf.platform> = readFlags(name, args, isPlatform ? flagsOf.platform : flagsOf.others);
  const given: Given = {
    configFile: needed(name, 'config', flags.config),
    secretsFile: needed(name, 'secrets', flags.secrets),
    showFaults: flags['show-faults'] === true,
  };
  const processNumber =
    flags.process === undefined ? undefined : wholeNumber(name, 'process', flags.process, [1, maxProcesses]);
  const log: Log = createLog({
    process: processNumber === undefined ? name : `${name}.${processNumber}`,
    clock: { now: () => Date.now() },
    write: (line) => void process.stdout.write(line),
    showFaults: given.showFaults,
  });
  const stopOnInterrupt = !hasParent;
  const count = isPlatform && processNumber === undefined ? await countOf(flags.processes, given.configFile) : 1;
  if (count > 1) {
    await runProcess(() => startGroup(count, given), { name, log, stopOnInterrupt, closeWithinMs: groupCloseMs });
    return;
  }
  const clock = systemClock((error, job) => log.fault(job, error));
  const start = () => builders[name]({ ...given, clock, log, processNumber });
  await runProcess(start, { name, log, stopOnInterrupt });
}
