// Numbered SQL files, forward only. What has landed is never edited: its digest is kept and compared.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@tongche/runtime';
import type { Log } from '@tongche/runtime';
import type { Database, Queryable } from './database.ts';
import { events } from './events.ts';
import { serverOffer } from './offer.ts';
import type { ServerOffer } from './offer.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
  /** The file begins with the line `-- breaking`: code that does not know it must not run on the schema. */
  readonly breaking: boolean;
}

export interface MigrateOptions {
  /** Names the series; several may share a database. */
  readonly app: string;
  readonly log?: Log;
}

export interface Migrated {
  /** Number of the last migration, 0 for none. */
  readonly version: number;
  /** Numbers applied just now. */
  readonly applied: readonly number[];
  /** What the server offers; one that this system cannot use was refused before anything was changed. */
  readonly offer: ServerOffer;
}

const filePattern = /^(\d{4})_([a-z0-9_-]+)\.sql$/;
/** First half of the advisory lock's key: 'tong' in ASCII. */
const lockSpace = 0x746f6e67;

const table = `
create table if not exists schema_migration (
  app text not null,
  number int not null,
  name text not null,
  sha256 text not null,
  breaking boolean not null,
  applied_ms bigint not null,
  primary key (app, number)
);
comment on table schema_migration is 'Migrations that have landed. Not personal. Never changed, never deleted.';
comment on column schema_migration.app is 'Series the migration belongs to.';
comment on column schema_migration.number is 'Number in the file name; applied in this order.';
comment on column schema_migration.name is 'Rest of the file name.';
comment on column schema_migration.sha256 is 'Digest of the file as it landed, in hex.';
comment on column schema_migration.breaking is 'Code that does not know this migration must not run.';
comment on column schema_migration.applied_ms is 'When it landed, epoch milliseconds of the database.';
`;

/** Reads the migrations of a folder, sorted. Throws for names that do not fit and for gaps or doubles. */
export function readMigrations(folder: string | URL): readonly Migration[] {
  const path = folder instanceof URL || folder.startsWith('file:') ? fileURLToPath(folder) : folder;
  const files = readdirSync(path).filter((file) => file.endsWith('.sql'));
  const migrations = files.sort().map((file): Migration => {
    const match = filePattern.exec(file);
    if (match === null) throw new Error(`${file} is not named NNNN_name.sql`);
    const sql = readFileSync(join(path, file), 'utf8');
    return {
      number: Number(match[1]),
      name: match[2] ?? '',
      sql,
      sha256: createHash('sha256').update(sql).digest('hex'),
      breaking: /^-- breaking\s*$/m.test(sql.split('\n', 5).join('\n')),
    };
  });
  migrations.forEach(({ number }, index) => {
    if (number !== index + 1) throw new Error(`migration ${number} stands where ${index + 1} was expected`);
  });
  return migrations;
}

interface Landed {
  readonly number: number;
  readonly sha256: string;
  readonly breaking: boolean;
}

function compare(app: string, known: readonly Migration[], landed: readonly Landed[]): void {
  for (const { number, sha256, breaking } of landed) {
    const ours = known[number - 1];
    if (ours === undefined && breaking) {
      throw new ConfigError(
        `the database of ${app} was changed by a newer version (migration ${number}); run that or a later version`,
      );
    }
    if (ours !== undefined && ours.sha256 !== sha256) {
      throw new ConfigError(`migration ${number} of ${app} was edited after it had landed`);
    }
  }
}

async function landedOf(tx: Queryable, app: string): Promise<readonly Landed[]> {
  return tx.query<Landed>('select number, sha256, breaking from schema_migration where app = $1 order by number', [
    app,
  ]);
}

/**
 * Brings the database to the folder's last migration, all in one transaction under a lock that other processes wait
 * for. A database with further migrations is left as it is, unless one of them is breaking: then ConfigError.
 */
export async function migrate(db: Database, folder: string | URL, options: MigrateOptions): Promise<Migrated> {
  const { app, log } = options;
  const known = readMigrations(folder);
  const offer = await serverOffer(db, app, log);
  return db.tx('migrate', async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [lockSpace, app]);
    // Announcing that the table exists already would only be noise.
    await tx.query('set local client_min_messages = warning');
    await tx.query(table);
    const landed = await landedOf(tx, app);
    compare(app, known, landed);
    const applied: number[] = [];
    for (const migration of known.slice(landed.length)) {
      await tx.query(migration.sql);
      await tx.query(
        `insert into schema_migration (app, number, name, sha256, breaking, applied_ms)
         values ($1, $2, $3, $4, $5, (extract(epoch from clock_timestamp()) * 1000)::bigint)`,
        [app, migration.number, migration.name, migration.sha256, migration.breaking],
      );
      log?.event(events.migrated, { app, number: migration.number });
      applied.push(migration.number);
    }
    return { version: Math.max(known.length, landed.length), applied, offer };
  });
}
