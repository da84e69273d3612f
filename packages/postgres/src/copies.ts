// Backups of the embedded engine: every table as one file of COPY BINARY, and a manifest that is written last. Slots
// with keys are never part of a database, so a copy of sealed rows stays noise once their day's key is destroyed.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@tongche/runtime';
import type { PoolClient } from 'pg';
import { listMigrations, listSequences, listTables, quoteName, quoteTable } from './catalog.ts';
import type { TableInfo } from './catalog.ts';
import { copyFrom, copyTo } from './copy-protocol.ts';
import type { Database, Queryable } from './database.ts';
import { readManifest, writeManifest } from './manifest.ts';
import type { Manifest, ManifestSequence, ManifestTable } from './manifest.ts';

export interface CopySummary {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
}

const readChunkBytes = 256 * 1024;

function summary(tables: readonly ManifestTable[]): CopySummary {
  return {
    tables: tables.length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

async function writeTable(client: PoolClient, folder: string, table: TableInfo, index: number): Promise<ManifestTable> {
  const file = `${String(index).padStart(5, '0')}.copy`;
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(join(folder, file), 'wx', 0o600);
  let rows: number;
  try {
    const columns = table.columns.map(quoteName).join(', ');
    rows = await copyTo(client, `copy ${quoteTable(table)} (${columns}) to stdout (format binary)`, async (chunk) => {
      hash.update(chunk);
      bytes += chunk.length;
      await handle.writeFile(chunk);
    });
    await handle.sync();
  } finally {
    await handle.close();
  }
  const { schema, name, columns, partition } = table;
  return {
    schema,
    name,
    columns: [...columns],
    ...(partition === undefined ? {} : { partition }),
    file,
    rows,
    bytes,
    sha256: hash.digest('hex'),
  };
}

async function readSequences(tx: Queryable): Promise<readonly ManifestSequence[]> {
  const sequences: ManifestSequence[] = [];
  for (const sequence of await listSequences(tx)) {
    const row = await tx.one<{ last: number; called: boolean }>(
      `select last_value as last, is_called as called from ${quoteTable(sequence)}`,
    );
    if (row !== undefined) sequences.push({ ...sequence, lastValue: row.last, isCalled: row.called });
  }
  return sequences;
}

/**
 * Copies the whole content of a database into an empty or absent folder, as of one moment, while it is in use.
 * The connection's role must be able to read every table. Throws ConfigError when the folder holds something.
 */
export async function copyOut(db: Database, folder: string): Promise<CopySummary> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  if ((await readdir(folder)).length > 0) throw new ConfigError(`${folder}: a copy needs an empty folder`);
  return db.dedicated(async (queries, client) => {
    await queries.query('begin isolation level repeatable read read only');
    try {
      const version = await queries.one<{ version: number }>(
        `select current_setting('server_version_num')::int as version`,
      );
      const tables: ManifestTable[] = [];
      for (const [index, table] of (await listTables(queries)).entries()) {
        tables.push(await writeTable(client, folder, table, index));
      }
      await writeManifest(folder, {
        format: 1,
        serverVersion: version?.version ?? 0,
        migrations: [...(await listMigrations(queries))],
        tables,
        sequences: await readSequences(queries),
      });
      return summary(tables);
    } finally {
      await queries.query('rollback').catch(() => {});
    }
  });
}

/** A file's bytes; throws at its end when they are not the ones the manifest speaks of. */
async function* checkedFile(folder: string, table: ManifestTable): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(join(folder, table.file), { highWaterMark: readChunkBytes })) {
    hash.update(chunk as Buffer);
    yield chunk as Buffer;
  }
  if (hash.digest('hex') !== table.sha256) throw new ConfigError(`${folder}: ${table.file} is damaged`);
}

async function checkSameSchema(tx: Queryable, manifest: Manifest): Promise<void> {
  const known = (await listMigrations(tx)).map(({ app, number, sha256 }) => `${app} ${number} ${sha256}`);
  const copied = manifest.migrations.map(({ app, number, sha256 }) => `${app} ${number} ${sha256}`);
  if (known.join('\n') !== copied.join('\n')) {
    throw new ConfigError('the copy was made with other migrations than this database has');
  }
}

/**
 * Makes partitions that are missing. Returns where rows go that belong elsewhere here: a day may have its rows in a leaf of
 * another name, since the copy was made or before.
 */
async function makePartitions(
  tx: Queryable,
  manifest: Manifest,
  existing: readonly TableInfo[],
): Promise<ReadonlyMap<ManifestTable, string>> {
  const there = new Set(existing.map(quoteTable));
  const elsewhere = new Map<ManifestTable, string>();
  for (const table of manifest.tables) {
    const { partition } = table;
    if (there.has(quoteTable(table))) continue;
    if (partition === undefined)
      throw new ConfigError(`the copy has a table ${table.name} this database does not know`);
    const { parent, under } = partition;
    if (under !== undefined) {
      if (existing.some((other) => other.partition?.parent === parent)) {
        elsewhere.set(table, parent);
        continue;
      }
      await tx.query(`create table ${parent} partition of ${under.parent} ${under.bound} partition by ${under.key}`);
    }
    const options = partition.options === '' ? '' : ` with (${partition.options})`;
    await tx.query(`create table ${quoteTable(table)} partition of ${parent} ${partition.bound}${options}`);
  }
  return elsewhere;
}

async function emptyTables(tx: Queryable, tables: readonly TableInfo[], replace: boolean): Promise<void> {
  if (replace && tables.length > 0) {
    await tx.query(`truncate ${tables.map(quoteTable).join(', ')}`);
    return;
  }
  for (const table of tables) {
    const row = await tx.one(`select 1 as found from ${quoteTable(table)} limit 1`);
    if (row !== undefined) throw new ConfigError(`the table ${table.name} is not empty; nothing was changed`);
  }
}

/** Triggers would repeat what the copied rows already are the result of. */
async function withoutTriggers(tx: Queryable, load: () => Promise<void>): Promise<void> {
  const tables = await tx.query<{ name: string }>(
    `select distinct tgrelid::regclass::text as name from pg_trigger
     where not tgisinternal and tgenabled <> 'D' and tgparentid = 0`,
  );
  for (const { name } of tables) await tx.query(`alter table ${name} disable trigger user`);
  await load();
  for (const { name } of tables) await tx.query(`alter table ${name} enable trigger user`);
}

export interface CopyInOptions {
  /** Removes what the tables hold first (rows put there by migrations). Without it they must be empty. */
  readonly replace?: boolean;
}

/**
 * Loads a copy into a database with the same migrations, all of it or nothing; missing partitions are made. The
 * connection's role must own the tables. Throws ConfigError when the copy is incomplete, damaged or does not fit.
 */
export async function copyIn(db: Database, folder: string, options: CopyInOptions = {}): Promise<CopySummary> {
  const manifest = await readManifest(folder);
  return db.dedicated(async (queries, client) => {
    await queries.query('begin');
    try {
      await checkSameSchema(queries, manifest);
      const existing = await listTables(queries);
      await withoutTriggers(queries, async () => {
        await emptyTables(queries, existing, options.replace === true);
        const elsewhere = await makePartitions(queries, manifest, existing);
        for (const table of manifest.tables) {
          const columns = table.columns.map(quoteName).join(', ');
          const text = `copy ${elsewhere.get(table) ?? quoteTable(table)} (${columns}) from stdin (format binary)`;
          const rows = await copyFrom(client, text, checkedFile(folder, table));
          if (rows !== table.rows)
            throw new ConfigError(`${folder}: ${table.file} has ${rows} rows, not ${table.rows}`);
        }
      });
      for (const sequence of manifest.sequences) {
        await queries.query('select setval($1::regclass, $2, $3)', [
          quoteTable(sequence),
          sequence.lastValue,
          sequence.isCalled,
        ]);
      }
      await queries.query('commit');
      return summary(manifest.tables);
    } catch (error) {
      await queries.query('rollback').catch(() => {});
      throw error;
    }
  });
}
