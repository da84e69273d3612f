// For tests of other packages: one engine per test process, a template database per migrations folder, a clone of it
// per test file. Real PostgreSQL, real fsync. With TEST_DATABASE_URL: schemas on that server instead.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@tongche/runtime';
import type { Log } from '@tongche/runtime';
import { borrowedUrl, borrowSchema, borrowServer } from './borrowed-server.ts';
import { connect } from './database.ts';
import type { Database } from './database.ts';
import { startEngine } from './engine.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { removeData } from './engine-user.ts';
import { migrate } from './migrate.ts';
export { standInForCitus } from './citus-stand-in.ts';
import { clusterInUse, isAlive, postmasterPid } from './pid-file.ts';

let shared: Promise<Engine> | undefined;

/** Small enough to start quickly beside other test processes; durable like the real one. */
const testSettings = { shared_buffers: '16MB', max_connections: 60, max_wal_size: '128MB' };

const prefix = 'tongche-pg-';

/** Servers whose test process was killed before it could stop them. */
function removeOrphans(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const dataDir = join(tmpdir(), name);
    let owner: number;
    try {
      owner = Number.parseInt(readFileSync(join(dataDir, 'owner'), 'utf8'), 10);
    } catch {
      // Just being made, or run by another user.
      continue;
    }
    if (isAlive(owner)) continue;
    const cluster = join(dataDir, 'pg');
    const pid = postmasterPid(cluster);
    if (pid !== undefined && clusterInUse(cluster)) process.kill(pid, 'SIGQUIT');
    removeData(dataDir);
  }
}

/** PG_BIN: the tests run on the programs of another PostgreSQL. */
export function testPrograms(): { readonly binDir?: string } {
  const binDir = process.env['PG_BIN'];
  return binDir === undefined || binDir === '' ? {} : { binDir };
}

async function startForTests(options: Partial<EngineOptions>): Promise<Engine> {
  removeOrphans();
  const dataDir = mkdtempSync(join(tmpdir(), prefix));
  const engine = await startEngine({ dataDir, log: silentLog, ...testPrograms(), ...options, settings: testSettings });
  // Not a hook of the test runner: those would run before the file's own hooks, which still need the database.
  process.once('beforeExit', () => {
    void (async () => {
      await engine.stop();
      removeData(dataDir);
    })();
  });
  return engine;
}

/**
 * The engine of this test process, started at the first call and removed when the process has nothing left to do; with
 * TEST_DATABASE_URL that server, for testDatabase() only.
 */
export async function testEngine(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const lent = borrowedUrl();
  shared ??= lent === undefined ? startForTests(options) : borrowServer(lent);
  return shared;
}

export interface TestDatabase {
  readonly db: Database;
  readonly url: string;
  readonly database: string;
  readonly role: string;
  readonly password: string;
  /** Ends the connections and drops the database. Without it both go with the engine. */
  close(): Promise<void>;
}

const templates = new Map<string, Promise<string>>();
let counter = 0;

function fresh(): { database: string; role: string; password: string } {
  counter += 1;
  const name = `t_${process.pid}_${counter}_${randomBytes(4).toString('hex')}`;
  return { database: name, role: name, password: randomBytes(24).toString('base64url') };
}

async function makeTemplate(engine: Engine, folder: string, log: Log): Promise<string> {
  const access = fresh();
  await engine.ensureDatabase(access);
  const db = connect({ url: engine.url(access.database, access.role, access.password), max: 1, name: 'template', log });
  await migrate(db, folder, { app: 'test' });
  await db.end();
  return access.database;
}

/**
 * A database with the folder's migrations (or an empty one), owned by its own role. Migrations run once per folder;
 * further databases are clones.
 */
export async function testDatabase(
  engine: Engine,
  migrationsFolder?: string | URL,
  options: { readonly log?: Log; readonly max?: number } = {},
): Promise<TestDatabase> {
  const { log = silentLog, max = 8 } = options;
  const access = fresh();
  const lent = borrowedUrl();
  if (lent !== undefined) {
    return { ...access, ...(await borrowSchema(engine, migrationsFolder, { url: lent, log, max })) };
  }
  if (migrationsFolder !== undefined) {
    const key = String(migrationsFolder);
    let template = templates.get(key);
    if (template === undefined) {
      template = makeTemplate(engine, key, log);
      templates.set(key, template);
    }
    const name = await template;
    const cloned = cloning.then(async () => clone(engine, name, access));
    cloning = cloned.catch(() => {});
    await cloned;
  }
  await engine.ensureDatabase(access);
  const url = engine.url(access.database, access.role, access.password);
  const own = connect({ url, max, name: 'test', log });
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    closed ??= (async () => {
      await own.end();
      await engine.admin.query(`drop database if exists "${access.database}" with (force)`);
      await engine.admin.query(`drop role if exists "${access.role}"`);
    })();
    return closed;
  }
  return { db: own, url, ...access, close };
}

/** One at a time: a template must have no connections, and two changes of ownership collide. */
let cloning: Promise<unknown> = Promise.resolve();

async function clone(
  engine: Engine,
  template: string,
  access: { readonly database: string; readonly role: string },
): Promise<void> {
  await engine.admin.query(`create role "${access.role}"`);
  await engine.admin.query(`create database "${access.database}" template "${template}" owner "${access.role}"`);
  // What is in the clone still belongs to the template's role, which has the template's name.
  const inside = connect({ url: engine.adminUrl(access.database), max: 1, name: 'template', log: silentLog });
  await inside.query(`reassign owned by "${template}" to "${access.role}"`);
  await inside.query(`alter database "${template}" owner to "${template}"`);
  await inside.end();
}
