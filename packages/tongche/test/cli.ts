// The command line as a person meets it: started as a child process, its lines read as they come.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { removeData } from '@tongche/postgres';
import { logTail } from '../src/rotating-log.ts';

const main = join(import.meta.dirname, '../src/main.ts');
/** A first start on a machine that does other things too. */
const patienceMs = 400_000;

export interface Cli {
  readonly child: ChildProcess;
  /** Everything written so far. */
  readonly output: () => string;
  /** Resolves with the first line that begins so; rejects when the process ends before. */
  line(beginning: string): Promise<string>;
  readonly exit: Promise<number | null>;
}

/** What a failed test left running is ended with its whole group. */
const started = new Set<ChildProcess>();
after(() => {
  for (const { pid, exitCode, signalCode } of started) {
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
  }
});

export interface CliOptions {
  /** Another user than ours; for tests as root. */
  readonly uid?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const logLinesShown = 12;

/** How the logs of the installation a command was for end; nothing of a command without one. */
function logsOf(args: readonly string[]): string {
  const data = args[args.indexOf('--data') + 1];
  const folder = join(data ?? '', 'logs');
  if (!args.includes('--data') || !existsSync(folder)) return '';
  return readdirSync(folder)
    .map((file) => `\n--- ${file}\n${logTail(join(folder, file), logLinesShown).join('\n')}`)
    .join('');
}

export function cli(args: readonly string[], options: CliOptions = {}): Cli {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Of its own group, as a terminal would make it.
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    env: {
      ...process.env,
      ...options.env,
      ...(options.cwd === undefined ? {} : { TONGCHE_CALLED_FROM: options.cwd }),
    },
  });
  started.add(child);
  let text = '';
  const waiting = new Set<() => void>();
  const add = (chunk: Buffer): void => {
    text += chunk.toString('utf8');
    for (const check of waiting) check();
  };
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    child,
    output: () => text,
    exit,
    async line(beginning) {
      const found = Promise.withResolvers<string>();
      const check = (): void => {
        const line = text.split('\n').find((one) => one.startsWith(beginning));
        if (line !== undefined) found.resolve(line);
      };
      waiting.add(check);
      const fail = (how: string): void => found.reject(new Error(`${how}:\n${text}${logsOf(args)}`));
      const timer = setTimeout(() => fail(`no line "${beginning}" in time`), patienceMs);
      void exit.then(() => fail(`ended without "${beginning}"`));
      check();
      try {
        return await found.promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(check);
      }
    },
  };
}

export interface Folder {
  readonly path: string;
  /** `dataDir`: an installation in it, when it is not `data`. */
  remove(dataDir?: string): void;
}

/** A folder for installations; removing it also removes what the database keeps elsewhere. */
export function temporaryFolder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `tongche-${name}-`));
  return {
    path,
    remove(dataDir = join(path, 'data')) {
      removeData(join(dataDir, 'postgres'));
      rmSync(path, { recursive: true, force: true });
    },
  };
}
