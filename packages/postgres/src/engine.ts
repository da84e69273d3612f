// The embedded PostgreSQL: found running and adopted, or started; restarted when it dies; stopped when asked.
// It runs detached, so that a terminal's Ctrl-C never reaches it before our pools are closed, and so that it
// survives us: the next start finds it again.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ConfigError } from '@tongche/runtime';
import type { Log, Stop } from '@tongche/runtime';
import { Client } from 'pg';
import { findBinaries } from './binaries.ts';
import { prepareCluster, writeSettings } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { connect } from './database.ts';
import type { Database } from './database.ts';
import { engineUser } from './engine-user.ts';
import type { AsRoot, EngineUser } from './engine-user.ts';
import { events } from './events.ts';
import { isAlive, postmasterPid } from './pid-file.ts';
import { ensureDatabase, grantConnect } from './roles.ts';
import type { DatabaseRole } from './roles.ts';
import { adoptServer, startServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';
import { port, socketFolder } from './socket-folder.ts';

export interface EngineOptions {
  /** Everything durable: the cluster, the superuser's secret, the server's log. Mode 0700. */
  readonly dataDir: string;
  /** Where the socket's folder is made. Default the temp folder. */
  readonly runtimeDir?: string;
  readonly log: Log;
  /** Folder of `postgres` and `initdb` instead of the npm package (PG_BIN). */
  readonly binDir?: string;
  readonly asRoot?: AsRoot;
  /** For asRoot 'copy'. Default /var/lib/tongche. */
  readonly systemDir?: string;
  /** Server settings above ours, e.g. `{ shared_buffers: '1GB' }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Starts the server in our process group instead of one of its own: whatever kills the group then kills it too. */
  readonly inOurGroup?: boolean;
}

export interface EngineCrash {
  readonly pid: number;
  /** Restarts in a row so far. */
  readonly restarts: number;
  /** Until the next start. */
  readonly waitMs: number;
}

export interface Engine {
  /** Connection string for connect(). */
  url(database: string, role: string, password: string): string;
  /** Creates or updates a role and a database it owns; nobody else may connect. Repeatable. */
  ensureDatabase(wanted: DatabaseRole): Promise<void>;
  /** Lets a role made by ensureDatabase connect to another role's database. Its rights there are that owner's to give. */
  grantConnect(grant: { readonly database: string; readonly role: string }): Promise<void>;
  /** Superuser connections to the database `postgres`. */
  readonly admin: Database;
  /** Superuser connection string for another database, for copyOut and copyIn. */
  adminUrl(database: string): string;
  /** Stops the server, unless another living process started it. */
  stop(): Promise<void>;
  onCrash(listener: (crash: EngineCrash) => void): Stop;
  readonly socketDir: string;
  readonly port: number;
  readonly version: number;
  readonly pid: number;
  /** Whether the server ran already. */
  readonly adopted: boolean;
  /** The cluster's folder. */
  readonly cluster: string;
}

/** Recovery after a crash replays at most some hundred megabytes of WAL. */
const answerWithinMs = 120_000;
const adoptWithinMs = 20_000;
const pollMs = 50;
const firstBackoffMs = 250;
const longestBackoffMs = 30_000;
/** A server that lived this long was healthy: the backoff begins anew. */
const healthyAfterMs = 60_000;
const watchAdoptedMs = 500;

interface Answer {
  readonly pid: number;
  readonly version: number;
}

/** Asks the server on our socket who it is. Undefined when none answers yet; ConfigError when it is another's. */
async function ask(cluster: Cluster, socketDir: string): Promise<Answer | undefined> {
  const client = new Client({
    host: socketDir,
    port,
    user: cluster.superuser,
    password: cluster.superuserPassword,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string; version: string }>(
      `select current_setting('data_directory') as folder, current_setting('server_version_num') as version`,
    );
    if (rows[0]?.folder !== cluster.folder) throw new ConfigError(`${socketDir}: another server answers here`);
    const pid = postmasterPid(cluster.folder);
    return pid === undefined ? undefined : { pid, version: Number(rows[0].version) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if ((error as { code?: string }).code === '28P01') {
      throw new ConfigError(`${cluster.folder}: the superuser's password file does not fit this database`);
    }
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}

async function answerWithin(cluster: Cluster, socketDir: string, ms: number, ended: () => boolean) {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs) {
    const answer = await ask(cluster, socketDir);
    if (answer !== undefined || ended()) return answer;
    await wait(pollMs);
  }
  return undefined;
}

/** Notes who may stop the server. */
function ownership(home: string) {
  const file = join(home, 'owner');
  return {
    /** Another process that started the server and still lives. */
    other(): number | undefined {
      let pid: number;
      try {
        pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
      } catch {
        return undefined;
      }
      return pid > 0 && pid !== process.pid && isAlive(pid) ? pid : undefined;
    },
    take: () => writeFileSync(file, `${process.pid}\n`, { mode: 0o600 }),
    leave: () => rmSync(file, { force: true }),
  };
}

interface Running extends Answer {
  readonly server: ServerProcess | undefined;
}

async function adoptOrStart(
  user: EngineUser,
  cluster: Cluster,
  socketDir: string,
  { settings = {}, inOurGroup = false }: EngineOptions,
): Promise<Running> {
  const found = await ask(cluster, socketDir);
  if (found !== undefined) return { ...found, server: undefined };
  writeSettings(user, cluster, { socketDir, port, settings });
  const untilMs = performance.now() + adoptWithinMs;
  for (;;) {
    // Another process may be starting it, or a killed server's children may still be going.
    const server = startServer(user, cluster, inOurGroup);
    const answer = await answerWithin(cluster, socketDir, answerWithinMs, () => server.hasEnded());
    if (answer !== undefined) return { ...answer, server: answer.pid === server.pid ? server : undefined };
    if (!server.hasEnded()) {
      await server.stop();
      throw new ConfigError(`${cluster.folder}: the database did not answer; see ${cluster.logFile}`);
    }
    if (performance.now() > untilMs) {
      throw new ConfigError(`${cluster.folder}: the database does not start: ${server.lastLine()}`);
    }
    await wait(pollMs * 5);
    const adopted = await ask(cluster, socketDir);
    if (adopted !== undefined) return { ...adopted, server: undefined };
  }
}

/** Starts the embedded PostgreSQL on a data folder, or adopts the one that runs there. Throws ConfigError. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const startedMs = performance.now();
  const dataDir = resolve(options.dataDir);
  const { log } = options;
  const user = engineUser({
    dataDir,
    binaries: findBinaries(options.binDir),
    asRoot: options.asRoot ?? 'auto',
    systemDir: options.systemDir ?? '/var/lib/tongche',
  });
  const cluster = await prepareCluster(user);
  const socketDir = socketFolder(dataDir, options.runtimeDir);
  const first = await adoptOrStart(user, cluster, socketDir, options);
  const owner = ownership(user.home);
  const sharedWith = owner.other();
  if (sharedWith === undefined) owner.take();

  const listeners = new Set<(crash: EngineCrash) => void>();
  let running = first;
  const state = { stopping: false };
  let restarts = 0;
  const stopWatch = new AbortController();

  async function ended(current: Running): Promise<void> {
    if (current.server !== undefined) return current.server.ended;
    while (!state.stopping && isAlive(current.pid)) await wait(watchAdoptedMs, undefined, { ref: false });
  }

  async function restart(): Promise<void> {
    while (!state.stopping) {
      const waitMs = Math.min(firstBackoffMs * 2 ** restarts, longestBackoffMs);
      restarts += 1;
      const crash: EngineCrash = { pid: running.pid, restarts, waitMs };
      log.event(events.engineCrashed, { ...crash });
      for (const listener of listeners) listener(crash);
      try {
        await wait(waitMs, undefined, { signal: stopWatch.signal });
        running = await adoptOrStart(user, cluster, socketDir, options);
        return;
      } catch (error) {
        if (!state.stopping) log.fault('postgres.restart', error);
      }
    }
  }

  async function watch(): Promise<void> {
    while (!state.stopping) {
      const sinceMs = performance.now();
      await ended(running);
      if (state.stopping) return;
      if (performance.now() - sinceMs > healthyAfterMs) restarts = 0;
      await restart();
    }
  }

  const url = (database: string, role: string, password: string): string => {
    const auth = `${encodeURIComponent(role)}:${encodeURIComponent(password)}`;
    return `postgresql://${auth}@/${encodeURIComponent(database)}?host=${encodeURIComponent(socketDir)}&port=${port}`;
  };
  const adminUrl = (database: string): string => url(database, cluster.superuser, cluster.superuserPassword);
  const admin = connect({ url: adminUrl('postgres'), max: 2, name: 'admin', log });
  const watching = sharedWith === undefined ? watch() : Promise.resolve();
  const ms = Math.round(performance.now() - startedMs);
  log.event(events.engineStarted, { pid: first.pid, adopted: first.server === undefined, ms });

  /** Also the server that a restart under way brings up after we were asked to stop. */
  async function stopAll(): Promise<void> {
    // The server's end is watched without holding the process; until it is over, something must.
    const holding = setInterval(() => {}, watchAdoptedMs);
    try {
      let stopped: Running | undefined;
      while (stopped !== running) {
        stopped = running;
        await (stopped.server ?? adoptServer(stopped.pid)).stop();
        await watching;
      }
    } finally {
      clearInterval(holding);
    }
  }

  return {
    url,
    adminUrl,
    admin,
    ensureDatabase: async (wanted) => ensureDatabase(admin, adminUrl, wanted, log),
    grantConnect: async (grant) => grantConnect(admin, grant),
    onCrash(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async stop() {
      if (state.stopping) return;
      state.stopping = true;
      stopWatch.abort();
      await admin.end();
      if (sharedWith !== undefined) return;
      await stopAll();
      rmSync(socketDir, { recursive: true, force: true });
      owner.leave();
      log.event(events.engineStopped, { pid: running.pid });
    },
    socketDir,
    port,
    version: first.version,
    get pid() {
      return running.pid;
    },
    adopted: first.server === undefined,
    cluster: cluster.folder,
  };
}
