// For tests only: a primary and its standby with real streaming replication over Unix sockets, each of which can be
// killed, promoted and started again.
import { appendFileSync, cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { silentLog } from '@tongche/runtime';
import { startEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { removeData } from './engine-user.ts';
import { testPrograms } from './test-kit.ts';

export interface Pair {
  /** The server that began as the primary; another object after startPrimary(). */
  readonly primary: Engine;
  readonly standby: Engine;
  /** A role and a database of its own on both. */
  readonly role: { readonly database: string; readonly role: string; readonly password: string };
  /** Connection string with both hosts, the first primary first. */
  readonly url: string;
  /** kill -9 of the primary; it stays down. */
  killPrimary(): Promise<void>;
  /** Starts the killed primary on its own data, as an operator must not. */
  startPrimary(): Promise<void>;
  close(): Promise<void>;
}

/** Data placed below /var/lib for another user could not be copied beside itself. */
const asRoot = 'unshare';
const settings = { shared_buffers: '16MB', max_connections: 40, max_wal_size: '128MB' };
const role = { database: 'pair', role: 'pair', password: 'a-password-of-enough-characters' };
const pollMs = 20;
const withinMs = 30_000;

/** Asks again until the answer is yes; fails loudly rather than hang. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await wait(pollMs);
  }
}

/** The embedded programs have no pg_basebackup: a standby begins as a copy of the stopped primary. */
async function makeStandby(home: string, primary: Engine): Promise<Engine> {
  const dataDir = join(home, 'two');
  cpSync(join(home, 'one'), dataDir, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  writeFileSync(join(dataDir, 'pg', 'standby.signal'), '');
  const password = new URL(primary.adminUrl('postgres').replace('@/', '@socket/')).password;
  const source = `host=${primary.socketDir} port=${primary.port} user=postgres password=${password} application_name=two`;
  return startEngine({
    dataDir,
    log: silentLog,
    asRoot,
    ...testPrograms(),
    settings: { ...settings, primary_conninfo: source },
  });
}

/** Commits wait for the standby from here on. */
async function makeSynchronous(primary: Engine): Promise<void> {
  await primary.admin.query(`alter system set synchronous_standby_names = 'two'`);
  await primary.admin.query('select pg_reload_conf()');
  await until('the standby is synchronous', async () => {
    const row = await primary.admin.one<{ n: number }>(
      `select count(*) as n from pg_stat_replication where sync_state = 'sync'`,
    );
    return row?.n === 1;
  });
}

export async function startPair(): Promise<Pair> {
  const home = mkdtempSync(join(tmpdir(), 'tongche-pair-'));
  const one = { dataDir: join(home, 'one'), log: silentLog, asRoot, settings, ...testPrograms() } as const;
  const empty = await startEngine(one);
  await empty.ensureDatabase(role);
  await empty.stop();
  let primary = await startEngine(one);
  const standby = await makeStandby(home, empty);
  appendFileSync(join(primary.cluster, 'pg_hba.conf'), 'local replication all scram-sha-256\n');
  await primary.admin.query('select pg_reload_conf()');
  await makeSynchronous(primary);
  const sockets = [primary, standby].map(({ socketDir }) => encodeURIComponent(socketDir)).join(',');
  return {
    get primary() {
      return primary;
    },
    standby,
    role,
    url: `postgresql://${role.role}:${role.password}@/${role.database}?host=${sockets}&port=${primary.port}`,
    async killPrimary() {
      process.kill(primary.pid, 'SIGKILL');
      // The launcher would start it again after a moment: that is what this call is quick enough to prevent.
      await primary.stop();
    },
    async startPrimary() {
      primary = await startEngine(one);
    },
    async close() {
      await primary.stop();
      await standby.stop();
      removeData(join(home, 'one'));
      removeData(home);
    },
  };
}
