// `tongche restore`: a backup into a data folder without a database. Secrets and key slots that the operator has put
// there before are used; without them the next start makes new ones, and records sealed before stay closed.
import { cpSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outboxMigrations } from '@tongche/outbox';
import { connect, copyIn, migrate, removeData } from '@tongche/postgres';
import type { Engine } from '@tongche/postgres';
import { ConfigError, silentLog } from '@tongche/runtime';
import { dataFolder, needed, readFlags } from '../arguments.ts';
import type { Context } from '../arguments.ts';
import { copiedFolders, manifestFile } from '../backup-layout.ts';
import { databaseOf } from '../configs.ts';
import { ensureDatabases, openEngine } from '../databases.ts';
import { databaseRoles } from '../keys.ts';
import type { InstallationKeys } from '../keys.ts';
import { layoutOf, PROCESSES } from '../layout.ts';
import type { ProcessName } from '../layout.ts';
import { takeLock } from '../lock.ts';
import { makePrivateFolder, readJson } from '../private-files.ts';
import type { BackupReport } from './backup.ts';

/** The schema a process would make itself at its start; the copy then must fit it. */
function migrationsOf(name: ProcessName): readonly (readonly [string, string])[] {
  const folder = fileURLToPath(new URL('../migrations', import.meta.resolve(`@tongche/${name}`)));
  const own = [name, folder] as const;
  return name === 'vault' ? [own, ['outbox', outboxMigrations]] : [own];
}

async function loadDatabases(engine: Engine, passwords: InstallationKeys['passwords'], folder: string) {
  const total = { tables: 0, rows: 0, bytes: 0 };
  for (const name of PROCESSES) {
    const database = databaseOf(name);
    const url = engine.url(database, database, passwords[name]);
    const db = connect({ url, max: 2, name: 'restore', log: silentLog });
    try {
      for (const [app, migrations] of migrationsOf(name)) await migrate(db, migrations, { app, log: silentLog });
      const copied = await copyIn(db, join(folder, 'databases', name), { replace: true });
      total.tables += copied.tables;
      total.rows += copied.rows;
      total.bytes += copied.bytes;
    } finally {
      await db.end();
    }
  }
  return total;
}

/** Throws ConfigError when the backup is incomplete or the folder has a database already; nothing is changed then. */
export async function restoreBackup(folder: string, dataDir: string, binDir?: string): Promise<BackupReport> {
  if (readJson(join(folder, manifestFile)) === undefined) {
    throw new ConfigError(`restore: there is no complete backup in ${folder}`);
  }
  const layout = layoutOf(dataDir);
  if (existsSync(layout.postgres)) {
    throw new ConfigError(`restore: ${layout.data} has a database already; nothing is restored over living data`);
  }
  makePrivateFolder(layout.data);
  const lock = takeLock(layout.lock, layout.data);
  let isComplete = false;
  try {
    const { passwords } = databaseRoles(layout);
    const engine = await openEngine(layout, silentLog, { binDir });
    try {
      await ensureDatabases(engine, passwords);
      const total = await loadDatabases(engine, passwords, folder);
      for (const [name, to] of copiedFolders(layout)) {
        if (existsSync(join(folder, name)))
          cpSync(join(folder, name), to, { recursive: true, preserveTimestamps: true });
      }
      isComplete = true;
      return total;
    } finally {
      await engine.stop();
    }
  } finally {
    // Half a restore must not look like an installation.
    if (!isComplete) removeData(layout.postgres);
    lock.release();
  }
}

export async function restore(context: Context, args: readonly string[]): Promise<void> {
  const flags = readFlags('restore', args, { from: 'text', data: 'text' });
  const folder = resolve(context.calledFrom, needed('restore', 'from', flags.from));
  const dataDir = dataFolder(context, needed('restore', 'data', flags.data));
  const { tables, rows } = await restoreBackup(folder, dataDir, context.postgresBin);
  context.print(`${rows} rows of ${tables} tables are restored in ${dataDir}.`);
}
