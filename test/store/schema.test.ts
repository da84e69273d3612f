// The schemas of all processes on the PostgreSQL these tests run on.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';
import { askOffer, readMigrations } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';

const root = resolve(import.meta.dirname, '../..');
const engine = await testEngine();
const { version, major } = await askOffer(engine.admin);

class Undone extends Error {}

/** In a transaction that is undone: the outbox has a schema of its own name, which a lent server must not keep. */
async function lands(db: Database, folder: URL): Promise<void> {
  const migrations = readMigrations(folder);
  assert.ok(migrations.length > 0, folder.pathname);
  const landing = db.tx('land', async (tx) => {
    for (const { sql } of migrations) await tx.query(sql);
    throw new Undone();
  });
  await assert.rejects(landing, Undone, folder.pathname);
}

test(`PostgreSQL ${version}: every process's migrations land`, async () => {
  assert.ok(major >= 15 && major <= 18);
  const folders = globSync('packages/*/migrations', { cwd: root });
  assert.ok(folders.length >= 6, folders.join(', '));
  const database = await testDatabase(engine);
  for (const folder of folders) {
    await lands(database.db, pathToFileURL(join(root, folder)));
  }
  await database.close();
});
