// The cluster on disk: made once by initdb, its settings written anew before every start.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@tongche/runtime';
import type { EngineUser } from './engine-user.ts';
import { machineMemory, sharedBuffers } from './server-memory.ts';

export interface Cluster {
  /** PGDATA. */
  readonly folder: string;
  readonly superuser: string;
  readonly superuserPassword: string;
  readonly logFile: string;
}

const superuser = 'postgres';
/** The server logs little; an older log beyond this is dropped at the next start. */
const maxLogBytes = 4 * 1024 * 1024;
/** A slow disk's initdb, with syncs. */
const initdbWithinMs = 120_000;

const hba = `# Written at every start. The Unix socket is the only way in, and every role needs its password.
local all all scram-sha-256
`;

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

export interface ClusterSettings {
  readonly socketDir: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string | number>>;
}

function configuration({ socketDir, port, settings }: ClusterSettings): string {
  const all: Record<string, string | number> = {
    listen_addresses: '',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0600',
    port,
    max_connections: 120,
    shared_buffers: sharedBuffers(machineMemory()),
    password_encryption: 'scram-sha-256',
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    default_toast_compression: 'pglz',
    wal_compression: 'pglz',
    // Log files are used again and never given back: a new one holds up every commit while it is filled with zeros.
    min_wal_size: '1GB',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    logging_collector: 'off',
    // Statements and error texts may hold data: the log keeps the server's own messages only.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_statement: 'none',
    log_checkpoints: 'off',
    restart_after_crash: 'on',
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${quoted(String(value))}`);
  return `# Written at every start; changes here are lost.\n${lines.join('\n')}\n`;
}

/** Runs a program to its end; resolves with its exit code and the end of what it wrote. */
async function run(user: EngineUser, program: string, args: readonly string[]): Promise<[number, string]> {
  const [command, commandArgs] = user.command(program, args);
  const child = spawn(command, commandArgs, {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: initdbWithinMs,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
    ...user.ids,
  });
  let text = '';
  const keep = (piece: Buffer): void => void (text = (text + piece.toString()).slice(-2000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve([code ?? 1, text]));
  });
}

async function initialise(user: EngineUser, folder: string, passwordFile: string): Promise<void> {
  // Made beside and renamed when complete, so that a cut-off initdb can simply begin again.
  const unfinished = `${folder}.new`;
  const common = [
    `--pgdata=${unfinished}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--auth=scram-sha-256',
    '--data-checksums',
    '--no-instructions',
  ];
  let output = '';
  // A machine without the C.UTF-8 locale (macOS) sorts by bytes all the same.
  for (const locale of ['C.UTF-8', 'C']) {
    rmSync(unfinished, { recursive: true, force: true });
    const [code, text] = await run(user, user.binaries.initdb, [...common, `--locale=${locale}`]);
    output = text;
    if (code !== 0) continue;
    renameSync(unfinished, folder);
    return;
  }
  throw new ConfigError(`the database could not be made: ${output.trim().split('\n').slice(-3).join(' ')}`);
}

function superuserSecret(user: EngineUser): { readonly password: string; readonly file: string } {
  const file = join(user.home, 'superuser');
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, randomBytes(24).toString('base64url'), { mode: 0o600 });
    user.own(`${file}.new`);
    renameSync(`${file}.new`, file);
  }
  return { password: readFileSync(file, 'utf8').trim(), file };
}

function checkVersion(folder: string, majorVersion: number): void {
  const found = Number.parseInt(readFileSync(join(folder, 'PG_VERSION'), 'utf8'), 10);
  if (found !== majorVersion) {
    throw new ConfigError(`${folder}: made by PostgreSQL ${found}, but these programs are version ${majorVersion}`);
  }
}

async function majorVersionOf(user: EngineUser): Promise<number> {
  const [code, text] = await run(user, user.binaries.postgres, ['--version']);
  const version = /\) (\d+)/.exec(text)?.[1];
  if (code !== 0 || version === undefined) {
    throw new ConfigError(`${user.binaries.postgres} does not run here: ${text.trim().split('\n')[0] ?? ''}`);
  }
  return Number(version);
}

/** The cluster of this home, made when it is not there yet. */
export async function prepareCluster(user: EngineUser): Promise<Cluster> {
  const folder = join(user.home, 'pg');
  const { password, file } = superuserSecret(user);
  const version = await majorVersionOf(user);
  if (!existsSync(folder)) await initialise(user, folder, file);
  checkVersion(folder, version);
  const logFile = join(user.home, 'engine.log');
  return { folder, superuser, superuserPassword: password, logFile };
}

/** Writes the settings for the next start. */
export function writeSettings(user: EngineUser, cluster: Cluster, settings: ClusterSettings): void {
  const main = join(cluster.folder, 'postgresql.conf');
  const include = "include = 'tongche.conf'";
  if (!readFileSync(main, 'utf8').includes(include)) appendFileSync(main, `\n${include}\n`);
  for (const [name, text] of [
    ['tongche.conf', configuration(settings)],
    ['pg_hba.conf', hba],
  ] as const) {
    const file = join(cluster.folder, name);
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    user.own(`${file}.new`);
    renameSync(`${file}.new`, file);
  }
  mkdirSync(settings.socketDir, { recursive: true, mode: 0o700 });
  user.own(settings.socketDir);
  const size = statSync(cluster.logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) truncateSync(cluster.logFile);
}
