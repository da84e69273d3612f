// Engine and platform in one process group, the platform started again whenever it ends: what `start` does for an
// installation, so that one kill -9 of the group takes everything at once. Started and told what to do by `hosted.ts`.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { startEngine } from '@tongche/postgres';
import type { Engine } from '@tongche/postgres';
import { silentLog } from '@tongche/runtime';
import type { HostCommand, HostReport, HostSetup } from './hosted.ts';

/** As the supervisor of `start` begins with, shortened. */
const restartAfterMs = 100;
const lookEveryMs = 20;

let engine: Engine | undefined;
let platform: ChildProcess | undefined;
let stopping = false;
let told = '';

function tell(report: HostReport): void {
  process.send?.(report);
}

function tellPids(): void {
  if (engine === undefined || platform?.pid === undefined) return;
  const report = { kind: 'pids', engine: engine.pid, platform: platform.pid } as const;
  const text = JSON.stringify(report);
  if (text === told) return;
  told = text;
  tell(report);
}

function startPlatform(setup: HostSetup): void {
  const { platformArgs, logFile, folder } = setup;
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, platformArgs, { stdio: ['ignore', log, log, 'ipc'], cwd: folder });
  closeSync(log);
  platform = child;
  child.once('exit', () => {
    if (!stopping) setTimeout(() => stopping || startPlatform(setup), restartAfterMs);
  });
}

async function openEngine(dataDir: string): Promise<void> {
  engine = await startEngine({ dataDir, log: silentLog, inOurGroup: true });
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  if (platform !== undefined && platform.exitCode === null && platform.signalCode === null) {
    const ended = new Promise((resolve) => platform?.once('exit', resolve));
    platform.kill('SIGTERM');
    await ended;
  }
  await engine?.stop();
  process.exit(0);
}

async function obey(command: HostCommand): Promise<void> {
  switch (command.kind) {
    case 'start':
      await openEngine(command.dataDir);
      startPlatform(command);
      setInterval(tellPids, lookEveryMs);
      return;
    case 'reopen-engine':
      await engine?.stop();
      await openEngine(command.dataDir);
      tell({ kind: 'reopened' });
      return;
    case 'stop':
      await stop();
      return;
    default:
      throw new Error(`unknown command ${String(command satisfies never)}`);
  }
}

process.on('message', (command) => void obey(command as HostCommand));
// Nothing outlives the bench.
process.on('disconnect', () => void stop());
