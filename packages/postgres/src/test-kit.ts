// For tests of other packages: one engine per test process, a template database per migrations folder, a clone of it
// per test file. Real PostgreSQL, real fsync.
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { silentLog } from '@tongche/runtime';
import type { Log } from '@tongche/runtime';
import { connect } from './database.ts';
import type { Database } from './database.ts';
import { startEngine } from './engine.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { removeData } from './engine-user.ts';
import { migrate } from './migrate.ts';

let shared: Promise<Engine> | undefined;

/** Small enough to start quickly beside other test processes; durable like the real one. */
const testSettings = { shared_buffers: '16MB', max_connections: 60, max_wal_size: '128MB' };

async function startForTests(options: Partial<EngineOptions>): Promise<Engine> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tongche-pg-'));
  const engine = await startEngine({ dataDir, log: silentLog, ...options, settings: testSettings });
  after(async () => {
    await engine.stop();
    removeData(dataDir);
  });
  return engine;
}

/** The engine of this test process, started at the first call and removed after the last test. */
export async function testEngine(options: Partial<EngineOptions> = {}): Promise<Engine> {
  shared ??= startForTests(options);
  return shared;
}

export interface TestDatabase {
  readonly db: Database;
  readonly url: string;
  readonly database: string;
  readonly role: string;
  readonly password: string;
  /** Ends the connections and drops the database. Also done after the last test. */
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
  if (migrationsFolder !== undefined) {
    const key = String(migrationsFolder);
    let template = templates.get(key);
    if (template === undefined) {
      template = makeTemplate(engine, key, log);
      templates.set(key, template);
    }
    const name = await template;
    await engine.admin.query(`create role "${access.role}"`);
    await engine.admin.query(`create database "${access.database}" template "${name}" owner "${access.role}"`);
  }
  await engine.ensureDatabase(access);
  const url = engine.url(access.database, access.role, access.password);
  const own = connect({ url, max, name: 'test', log });
  if (migrationsFolder !== undefined) await takeOver(engine, await templates.get(String(migrationsFolder)), access);
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    closed ??= (async () => {
      await own.end();
      await engine.admin.query(`drop database if exists "${access.database}" with (force)`);
      await engine.admin.query(`drop role if exists "${access.role}"`);
    })();
    return closed;
  }
  after(close);
  return { db: own, url, ...access, close };
}

/** A clone's tables still belong to the template's role. */
async function takeOver(
  engine: Engine,
  templateRole: string | undefined,
  access: { readonly database: string; readonly role: string },
): Promise<void> {
  const admin = connect({ url: engine.adminUrl(access.database), max: 1, name: 'template', log: silentLog });
  await admin.query(`reassign owned by "${templateRole}" to "${access.role}"`);
  await admin.end();
}
