// For tests: a server that somebody else runs (TEST_DATABASE_URL). Every test database is a schema of its own there,
// which any role may make that may create in the database, and which is removed at the end.
import { randomBytes } from 'node:crypto';
import { silentLog } from '@tongche/runtime';
import type { Log } from '@tongche/runtime';
import { connect } from './database.ts';
import type { Database } from './database.ts';
import type { Engine } from './engine.ts';
import { migrate } from './migrate.ts';
import { askOffer } from './offer.ts';

/** Where the tests are to run instead of on the embedded engine. */
export function borrowedUrl(): string | undefined {
  const url = process.env['TEST_DATABASE_URL'];
  return url === '' ? undefined : url;
}

function missing(what: string): never {
  throw new Error(`${what} is not there on a server that was lent for tests`);
}

/** Stands for the engine in testDatabase(); what only an engine of our own can do throws. */
export async function borrowServer(url: string): Promise<Engine> {
  const admin = connect({ url, max: 1, name: 'test', log: silentLog });
  const { major } = await askOffer(admin);
  return {
    admin,
    version: major * 10_000,
    url: () => missing('a database per role'),
    adminUrl: () => missing('a superuser'),
    ensureDatabase: async () => missing('a database per role'),
    grantConnect: async () => missing('a database per role'),
    stop: async () => admin.end(),
    onCrash: () => () => {},
    socketDir: '',
    port: 0,
    pid: 0,
    adopted: true,
    cluster: '',
  };
}

/** The same connection string for one schema. */
export function urlOfSchema(url: string, schema: string): string {
  const mark = url.includes('?') ? '&' : '?';
  return `${url}${mark}options=${encodeURIComponent(`-c search_path=${schema}`)}`;
}

export interface BorrowedSchema {
  readonly db: Database;
  readonly url: string;
  readonly schema: string;
  close(): Promise<void>;
}

const open = new Set<() => Promise<void>>();
process.once('beforeExit', () => {
  for (const close of open) void close();
});

/** A schema with the folder's migrations, or an empty one. */
export async function borrowSchema(
  engine: Engine,
  migrationsFolder: string | URL | undefined,
  options: { readonly url: string; readonly log: Log; readonly max: number },
): Promise<BorrowedSchema> {
  const schema = `tongche_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await engine.admin.query(`create schema ${schema}`);
  const url = urlOfSchema(options.url, schema);
  const db = connect({ url, max: options.max, name: 'test', log: options.log });
  async function close(): Promise<void> {
    open.delete(close);
    await db.end();
    await engine.admin.query(`set client_min_messages = warning; drop schema if exists ${schema} cascade`);
  }
  open.add(close);
  if (migrationsFolder !== undefined) await migrate(db, migrationsFolder, { app: 'test' });
  return { db, url, schema, close };
}
