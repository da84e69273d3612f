// Several processes of one kind that share a port: started one after the other, kept running, stopped together.
import { join } from 'node:path';
import { ConfigError } from '@tongche/runtime';
import type { Running } from '@tongche/runtime';
import { healthyWithin } from './health.ts';
import type { HealthTarget } from './health.ts';
import type { ChildName } from './layout.ts';
import { supervise } from './supervisor.ts';
import type { Supervised } from './supervisor.ts';

export interface GroupOptions {
  readonly name: ChildName;
  readonly count: number;
  /** Where the first process tells that it is well; undefined: the others begin without waiting for it. */
  readonly health: HealthTarget | undefined;
  readonly args: (number: number) => readonly string[];
}

/** With migrations, on a slow disk. */
const firstWithinMs = 120_000;
/** Longer than the supervisor gives each of them. */
export const groupCloseMs = 15_000;

/** Throws ConfigError when the first process ends while it starts. */
export async function processGroup({ name, count, health, args }: GroupOptions): Promise<Running> {
  const main = join(import.meta.dirname, 'main.ts');
  const children: Supervised[] = [];

  function start(number: number): Supervised {
    const child = supervise({
      name,
      command: [process.execPath, ...process.execArgv, main, name, ...args(number)],
      onRestart: (_name, { code, signal }, waitMs) =>
        void process.stderr.write(
          `${name}: process ${number} ended (${signal ?? `exit code ${code}`}); it is started again in ${waitMs / 1000} s\n`,
        ),
    });
    children.push(child);
    return child;
  }
  async function close(): Promise<void> {
    await Promise.all(children.map((child) => child.stop()));
  }

  const first = start(1);
  const over = new AbortController();
  const failed = first.failed.then(({ code }): never => {
    over.abort();
    throw new ConfigError(`the first process ended while starting (exit code ${code})`);
  });
  // Without anybody waiting it is told all the same, by the supervisor.
  failed.catch(() => undefined);
  try {
    if (health !== undefined) {
      const { status, says } = await Promise.race([healthyWithin(health, firstWithinMs, over.signal), failed]);
      if (status !== 200) throw new ConfigError(`the first process does not become ready: ${says}`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  first.settled();
  for (let number = 2; number <= count; number += 1) start(number).settled();
  return { close };
}
