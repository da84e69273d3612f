// The installation of a stage run by a process of its own (`host.ts`) that leads a process group: what crashes are tried on.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { childrenOf, kill } from './processes.ts';
import { platformArgs } from './stage.ts';
import type { Stage } from './stage.ts';

export interface HostSetup {
  readonly dataDir: string;
  readonly folder: string;
  readonly platformArgs: readonly string[];
  readonly logFile: string;
}
export type HostCommand =
  | (HostSetup & { readonly kind: 'start' })
  | { readonly kind: 'reopen-engine'; readonly dataDir: string }
  | { readonly kind: 'stop' };
export type HostReport =
  | { readonly kind: 'pids'; readonly engine: number; readonly platform: number }
  | { readonly kind: 'reopened' };

export interface Hosted {
  /** Of the postmaster and the platform now running, as far as heard. */
  readonly pids: { readonly engine: number; readonly platform: number };
  /** kill -9 of the whole process group at once, and of the server's processes, each of which leads a group of its own. */
  killGroup(): void;
  /** What the next start of the installation does after everything was killed. */
  startAgain(): Promise<void>;
  /** Stops the engine in order and starts it again: its own restarts pause longer after each crash. */
  reopenEngine(): Promise<void>;
  close(): Promise<void>;
}

const program = join(import.meta.dirname, 'host.ts');

/** Takes the stage's engine and platform over: they end, and the same data and files are run by the host. */
export async function hosted(stage: Stage): Promise<Hosted> {
  await stage.stopPlatform();
  await stage.engine.stop();
  const { folder, dataDir } = stage;
  const setup = { dataDir, folder, platformArgs: platformArgs(folder), logFile: join(folder, 'platform.log') };
  let pids = { engine: 0, platform: 0 };
  let host: ChildProcess;

  async function start(): Promise<void> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // A new group, led by it.
      detached: true,
    });
    host = child;
    const running = new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the host has ended')));
      child.on('message', (message) => {
        const report = message as HostReport;
        if (report.kind !== 'pids') return;
        pids = report;
        resolve();
      });
    });
    child.send({ kind: 'start', ...setup } satisfies HostCommand);
    await running;
  }

  async function close(): Promise<void> {
    if (host.exitCode !== null || host.signalCode !== null) return;
    const ended = once(host, 'exit');
    host.send({ kind: 'stop' } satisfies HostCommand);
    await ended;
  }
  await start();
  stage.onClose(close);
  return {
    get pids() {
      return pids;
    },
    killGroup() {
      const servers = childrenOf(pids.engine);
      kill(host.pid ?? 0, 'group');
      for (const pid of servers) kill(pid);
    },
    async startAgain() {
      if (host.exitCode === null && host.signalCode === null) await once(host, 'exit');
      await start();
    },
    async reopenEngine() {
      const reopened = new Promise<void>((resolve) => {
        const listen = (message: unknown): void => {
          if ((message as HostReport).kind !== 'reopened') return;
          host.off('message', listen);
          resolve();
        };
        host.on('message', listen);
      });
      host.send({ kind: 'reopen-engine', dataDir } satisfies HostCommand);
      await reopened;
    },
    close,
  };
}
