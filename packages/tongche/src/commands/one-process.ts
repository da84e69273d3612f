// Runs one process of one trust domain until it is told to stop: what `start` does for its children, and what
// production runs on each machine.
import { createLog, readConfig, readSecrets, runProcess, systemClock } from '@tongche/runtime';
import type { Clock, Log, Running } from '@tongche/runtime';
import { needed, readFlags } from '../arguments.ts';
import type { ChildName } from '../layout.ts';

interface Parts {
  readonly configFile: string;
  readonly secretsFile: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Each loads its own package only. Demonstration accounts are put right at every start. */
const builders: Readonly<Record<ChildName, (parts: Parts) => Promise<Running>>> = {
  async platform({ configFile, secretsFile, clock, log }) {
    const { buildPlatform, Config, Secrets } = await import('@tongche/platform');
    const config = readConfig(Config, configFile);
    const running = await buildPlatform({ config, secrets: readSecrets(Secrets, secretsFile), clock, log });
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

export async function runOne(name: ChildName, args: readonly string[]): Promise<void> {
  const flags = readFlags(name, args, { config: 'text', secrets: 'text', 'show-faults': 'flag' });
  const configFile = needed(name, 'config', flags.config);
  const secretsFile = needed(name, 'secrets', flags.secrets);
  const log: Log = createLog({
    process: name,
    clock: { now: () => Date.now() },
    write: (line) => void process.stdout.write(line),
    showFaults: flags['show-faults'] === true,
  });
  const clock = systemClock((error, job) => log.fault(job, error));
  const start = () => builders[name]({ configFile, secretsFile, clock, log });
  await runProcess(start, { name, log, stopOnInterrupt: !hasParent });
}
