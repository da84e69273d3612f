// The manifest of a copy: what is in it, in the order it is loaded. Written last, so that a copy without one is not
// complete.
import { existsSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@tongche/runtime';
import type { Partition } from './catalog.ts';

export interface ManifestTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  /** SQL texts: the table it is a partition of, its bound, its storage options; and the same of a parent that is one. */
  readonly partition?: Partition;
  /** File of COPY BINARY in the same folder. */
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of the file, in hex. */
  readonly sha256: string;
}

export interface ManifestSequence {
  readonly schema: string;
  readonly name: string;
  readonly lastValue: number;
  readonly isCalled: boolean;
}

export interface Manifest {
  readonly format: 1;
  /** As PostgreSQL numbers them: 180004. */
  readonly serverVersion: number;
  readonly migrations: readonly { readonly app: string; readonly number: number; readonly sha256: string }[];
  readonly tables: readonly ManifestTable[];
  readonly sequences: readonly ManifestSequence[];
}

const manifestName = 'manifest.json';
const filePattern = /^\d{5}\.copy$/;

type Kinds = Readonly<Record<string, 'string' | 'number' | 'boolean' | 'strings' | 'object'>>;

function has(value: unknown, kinds: Kinds): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.entries(kinds).every(([name, kind]) => {
    const field = fields[name];
    if (kind === 'strings') return Array.isArray(field) && field.every((item) => typeof item === 'string');
    return kind === 'object' ? typeof field === 'object' && field !== null : typeof field === kind;
  });
}

function isTable(value: unknown): boolean {
  const kinds: Kinds = {
    schema: 'string',
    name: 'string',
    columns: 'strings',
    file: 'string',
    rows: 'number',
    bytes: 'number',
    sha256: 'string',
  };
  if (!has(value, kinds) || !filePattern.test(String(value['file']))) return false;
  const partition = value['partition'];
  if (partition === undefined) return true;
  if (!has(partition, { parent: 'string', bound: 'string', options: 'string' })) return false;
  const under = partition['under'];
  return under === undefined || has(under, { parent: 'string', bound: 'string', key: 'string' });
}

function isManifest(value: unknown): value is Manifest {
  if (!has(value, { format: 'number', serverVersion: 'number' }) || value['format'] !== 1) return false;
  const { tables, sequences, migrations } = value;
  return (
    Array.isArray(tables) &&
    tables.every(isTable) &&
    Array.isArray(sequences) &&
    sequences.every((one) =>
      has(one, { schema: 'string', name: 'string', lastValue: 'number', isCalled: 'boolean' }),
    ) &&
    Array.isArray(migrations) &&
    migrations.every((one) => has(one, { app: 'string', number: 'number', sha256: 'string' }))
  );
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const path = join(folder, manifestName);
  const handle = await open(`${path}.new`, 'w', 0o600);
  await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
  await handle.sync();
  await handle.close();
  await rename(`${path}.new`, path);
  const directory = await open(folder, 'r');
  await directory.sync();
  await directory.close();
}

/** Reads and checks a copy's manifest. A copy is trusted like the database itself: its SQL texts are run. Throws ConfigError. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestName);
  if (!existsSync(path)) throw new ConfigError(`${folder}: there is no complete copy here`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new ConfigError(`${path}: cannot be read`);
  }
  if (!isManifest(value)) throw new ConfigError(`${path}: not a manifest of this version`);
  return value;
}
