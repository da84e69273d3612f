// The schemas of all processes on the PostgreSQL these tests run on.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';
import { askOffer, readMigrations } from '@tongche/postgres';
import { testDatabase, testEngine } from '@tongche/postgres/test-kit';

const root = resolve(import.meta.dirname, '../..');
const engine = await testEngine();
const { version, major } = await askOffer(engine.admin);

test(`PostgreSQL ${version}: every process's migrations land`, async () => {
  assert.ok(major >= 15 && major <= 18);
  const folders = globSync('packages/*/migrations', { cwd: root });
  assert.ok(folders.length >= 6, folders.join(', '));
  for (const folder of folders) {
    const url = pathToFileURL(join(root, folder));
    const database = await testDatabase(engine, url);
    const landed = await database.db.one<{ n: number }>('select count(*) as n from schema_migration');
    assert.equal(landed?.n, readMigrations(url).length, folder);
    await database.close();
  }
});
