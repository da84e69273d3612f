// The engine of an installation with one database and one role for each process.
import { startEngine } from '@tongche/postgres';
import type { Engine } from '@tongche/postgres';
import type { Log } from '@tongche/runtime';
import { databaseOf } from './configs.ts';
import type { InstallationKeys } from './keys.ts';
import { PROCESSES } from './layout.ts';
import type { Layout } from './layout.ts';

export interface EngineChoice {
  /** Server settings above ours. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Folder of another PostgreSQL's programs (PG_BIN). */
  readonly binDir?: string | undefined;
}

/** Starts the embedded PostgreSQL, or adopts the one that runs on this data. Throws ConfigError with one line. */
export async function openEngine(layout: Layout, log: Log, choice: EngineChoice = {}): Promise<Engine> {
  const { settings = {}, binDir } = choice;
  return startEngine({ dataDir: layout.postgres, log, settings, ...(binDir === undefined ? {} : { binDir }) });
}

/** Databases and roles, each role with its own password and let into its own database only. */
export async function ensureDatabases(engine: Engine, passwords: InstallationKeys['passwords']): Promise<void> {
  for (const name of PROCESSES) {
    const database = databaseOf(name);
    await engine.ensureDatabase({ database, role: database, password: passwords[name] });
  }
  // The vault itself decides what the notifier may touch there: the outbox.
  await engine.grantConnect({ database: databaseOf('vault'), role: databaseOf('notifier') });
}
