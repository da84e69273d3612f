// One run of the postgres program.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { EngineUser } from './engine-user.ts';
import { clearStalePid, isAlive } from './pid-file.ts';

export interface ServerProcess {
  readonly pid: number;
  hasEnded(): boolean;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Closes connections, writes a checkpoint, ends. Cut short when that takes too long. */
  stop(): Promise<void>;
  /** The last thing it said, for a terminal. */
  lastLine(): string;
}

/** A checkpoint of all buffers on a slow disk. */
const fastStopMs = 20_000;
const immediateStopMs = 5_000;
const pollMs = 20;

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

async function goneWithin(pid: number, ms: number): Promise<boolean> {
  const untilMs = performance.now() + ms;
  while (isAlive(pid)) {
    if (performance.now() > untilMs) return false;
    await wait(pollMs);
  }
  return true;
}

async function stopPid(pid: number): Promise<void> {
  signal(pid, 'SIGINT');
  if (await goneWithin(pid, fastStopMs)) return;
  signal(pid, 'SIGQUIT');
  if (await goneWithin(pid, immediateStopMs)) return;
  signal(pid, 'SIGKILL');
  await goneWithin(pid, immediateStopMs);
}

function lastLineOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)?.slice(0, 300) ?? '';
  } catch {
    return '';
  }
}

/** A server somebody else started. */
export function adoptServer(pid: number): Pick<ServerProcess, 'stop'> {
  return { stop: async () => stopPid(pid) };
}

/** Starts the server detached from us and from our terminal, unless it is to stay in our process group. */
export function startServer(user: EngineUser, cluster: Cluster, inOurGroup = false): ServerProcess {
  clearStalePid(cluster.folder);
  const [command, args] = user.command(user.binaries.postgres, ['-D', cluster.folder]);
  const logHandle = openSync(cluster.logFile, 'a', 0o600);
  const child = spawn(command, args, {
    cwd: '/',
    detached: !inOurGroup,
    stdio: ['ignore', logHandle, logHandle],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
    ...user.ids,
  });
  closeSync(logHandle);
  child.unref();
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  // A program that could not be run at all has no number.
  const pid = child.pid ?? -1;
  return {
    pid,
    hasEnded: () => over,
    ended,
    stop: async () => (pid > 0 && !over ? stopPid(pid) : undefined),
    lastLine: () => lastLineOf(cluster.logFile),
  };
}
