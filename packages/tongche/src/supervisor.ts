// Child processes of `start`: kept running, their output in a log of bounded size, stopped when asked.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import type { ChildName } from './layout.ts';
import { openRotatingLog } from './rotating-log.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line it wrote for a person. */
  readonly lastLine: string;
}

export interface Supervised {
  readonly name: ChildName;
  /** Resolves when the child ended before `settled()` was called: its start failed. */
  readonly failed: Promise<Ended>;
  /** From now on it is started again when it ends. */
  settled(): void;
  /** Asks it to stop, and ends it when it does not. */
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  readonly name: ChildName;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** Where its output goes; our own where none is named. */
  readonly logFile?: string;
  readonly onRestart: (name: ChildName, ended: Ended, waitMs: number) => void;
  readonly firstBackoffMs?: number;
}

const firstBackoffMs = 500;
const longestBackoffMs = 30_000;
/** A process that lived this long was well: the backoff begins anew. */
const wellAfterMs = 60_000;
/** Longer than a process gives itself for closing. */
const stopWithinMs = 12_000;
const maxLineChars = 2_000;

/** Keeps the last line that is not a log event. */
function lineKeeper() {
  let last = '';
  let rest = '';
  return {
    add(chunk: Buffer): void {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = (lines.pop() ?? '').slice(0, maxLineChars);
      last = lines.findLast((line) => line !== '' && !line.startsWith('{')) ?? last;
    },
    get last() {
      return last;
    },
  };
}

export function supervise(options: SuperviseOptions): Supervised {
  const { name, command, onRestart } = options;
  const log = options.logFile === undefined ? undefined : openRotatingLog(options.logFile);
  const state = { stopping: false, settled: false };
  const stopSignal = new AbortController();
  const failed = Promise.withResolvers<Ended>();
  let child: ChildProcess | undefined;

  async function runOnce(): Promise<Ended> {
    const lines = lineKeeper();
    const [program, ...args] = command;
    const started = spawn(program, args, {
      stdio: ['ignore', log === undefined ? 'inherit' : 'pipe', 'pipe', 'ipc'],
    });
    child = started;
    started.stdout?.on('data', (chunk: Buffer) => log?.write(chunk));
    started.stderr?.on('data', (chunk: Buffer) => {
      if (log === undefined) process.stderr.write(chunk);
      else log.write(chunk);
      lines.add(chunk);
    });
    return new Promise((resolve) => {
      started.once('error', (error) => resolve({ code: 1, signal: null, lastLine: error.message }));
      started.once('close', (code, signal) => resolve({ code, signal, lastLine: lines.last }));
    });
  }

  async function keepRunning(): Promise<void> {
    let backoffMs = options.firstBackoffMs ?? firstBackoffMs;
    while (!state.stopping) {
      const sinceMs = performance.now();
      const ended = await runOnce();
      if (state.stopping) return;
      if (!state.settled) {
        failed.resolve(ended);
        return;
      }
      if (performance.now() - sinceMs > wellAfterMs) backoffMs = options.firstBackoffMs ?? firstBackoffMs;
      onRestart(name, ended, backoffMs);
      await wait(backoffMs, undefined, { signal: stopSignal.signal }).catch(() => {});
      backoffMs = Math.min(backoffMs * 2, longestBackoffMs);
    }
  }

  const running = keepRunning();
  return {
    name,
    failed: failed.promise,
    settled() {
      state.settled = true;
    },
    async stop() {
      state.stopping = true;
      stopSignal.abort();
      child?.kill('SIGTERM');
      const patience = setTimeout(() => child?.kill('SIGKILL'), stopWithinMs);
      await running;
      clearTimeout(patience);
      log?.close();
    },
  };
}
