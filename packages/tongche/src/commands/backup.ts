// `tongche backup`: all databases, configuration, city files and logs of an installation, while it runs or not.
// Key slots and secrets stay out by design: a day whose keys are destroyed must not come back from a backup.
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connect, copyOut } from '@tongche/postgres';
import { ConfigError, silentLog } from '@tongche/runtime';
import { dataFolder, needed, readFlags } from '../arguments.ts';
import type { Context } from '../arguments.ts';
import { copiedFolders, manifestFile } from '../backup-layout.ts';
import { databaseOf } from '../configs.ts';
import { openEngine } from '../databases.ts';
import { layoutOf, PROCESSES } from '../layout.ts';
import { makePrivateFolder, writeJson } from '../private-files.ts';

export interface BackupReport {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Copies an installation into an empty or absent folder. The manifest comes last: without it a backup is incomplete. */
export async function makeBackup(dataDir: string, folder: string, binDir?: string): Promise<BackupReport> {
  const layout = layoutOf(dataDir);
  if (!existsSync(layout.postgres)) throw new ConfigError(`backup: there is no installation in ${layout.data}`);
  makePrivateFolder(folder);
  if (readdirSync(folder).length > 0) throw new ConfigError(`backup: ${folder} is not empty`);
  const engine = await openEngine(layout, silentLog, { binDir });
  const total = { tables: 0, rows: 0, bytes: 0 };
  try {
    for (const name of PROCESSES) {
      const db = connect({ url: engine.adminUrl(databaseOf(name)), max: 2, name: 'backup', log: silentLog });
      try {
        const copied = await copyOut(db, join(folder, 'databases', name));
        total.tables += copied.tables;
        total.rows += copied.rows;
        total.bytes += copied.bytes;
      } finally {
        await db.end();
      }
    }
  } finally {
    await engine.stop();
  }
  for (const [name, from] of copiedFolders(layout)) {
    if (existsSync(from)) cpSync(from, join(folder, name), { recursive: true, preserveTimestamps: true });
  }
  writeJson(join(folder, manifestFile), { format: 1, processes: PROCESSES, ...total });
  return total;
}

export async function backup(context: Context, args: readonly string[]): Promise<void> {
  const flags = readFlags('backup', args, { data: 'text', to: 'text' });
  const folder = resolve(context.calledFrom, needed('backup', 'to', flags.to));
  const { tables, rows, bytes } = await makeBackup(dataFolder(context, flags.data), folder, context.postgresBin);
  context.print(`${rows} rows of ${tables} tables (${bytes} bytes), configuration, city and logs are in ${folder}.`);
  context.print('Key slots and secrets are not: what they protect opens only beside the living installation.');
}
