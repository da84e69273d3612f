// PostgreSQL refuses to run as root. As root it runs in a user namespace that shows it another user, or, where such
// namespaces are not allowed, as user 65534 with its own copy of the binaries and data below /var/lib.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { ConfigError } from '@tongche/runtime';
import { sharedCopy } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { socketFolder } from './socket-folder.ts';

/** How to run as root: 'unshare', 'copy', or 'auto' for the first of them that works. */
export type AsRoot = 'auto' | 'unshare' | 'copy';

/** Everything that depends on the user the server runs as. */
export interface EngineUser {
  readonly binaries: Binaries;
  /** Folder that holds the cluster and its secrets. */
  readonly home: string;
  /** Program and arguments with which `program` runs as the right user. */
  command(program: string, args: readonly string[]): readonly [string, readonly string[]];
  /** For child_process: set when the child changes its user itself. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  /** Gives a file or folder made by us to the server's user. */
  own(path: string): void;
}

/** nobody: exists everywhere, owns nothing. */
const nobody = 65534;
const namespaceArgs = ['--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--'];

function namespacesWork(): boolean {
  return spawnSync('unshare', [...namespaceArgs, 'true'], { stdio: 'ignore' }).status === 0;
}

function privateFolder(path: string): void {
  const made = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (made !== undefined) chmodSync(path, 0o700);
}

/**
 * The data's place below /var/lib, written down in the data folder. Its name is random: a data folder that was removed
 * and begun anew never meets the data of before.
 */
function placeBelow(dataDir: string, systemDir: string): string {
  const note = join(dataDir, 'location');
  if (existsSync(note)) {
    const place = readFileSync(note, 'utf8').trim();
    if (!existsSync(place)) throw new ConfigError(`${note}: the data it names, ${place}, is not there`);
    return place;
  }
  const place = join(systemDir, `data-${randomBytes(8).toString('hex')}`);
  mkdirSync(systemDir, { recursive: true, mode: 0o755 });
  chmodSync(systemDir, 0o755);
  mkdirSync(place, { mode: 0o700 });
  chownSync(place, nobody, nobody);
  writeFileSync(`${note}.new`, `${place}\n`, { mode: 0o600 });
  renameSync(`${note}.new`, note);
  return place;
}

/** Chooses how the server runs. `systemDir` is a folder below which other users may enter, default /var/lib/tongche. */
export function engineUser(options: {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly asRoot: AsRoot;
  readonly systemDir: string;
}): EngineUser {
  const { dataDir, binaries, asRoot, systemDir } = options;
  privateFolder(dataDir);
  if (process.getuid?.() !== 0) {
    return { binaries, home: dataDir, command: (program, args) => [program, args], ids: undefined, own() {} };
  }
  // Data once placed below /var/lib stays there: the other way would not find it.
  const placed = existsSync(join(dataDir, 'location'));
  if (asRoot === 'unshare' || (asRoot === 'auto' && !placed && namespacesWork())) {
    return {
      binaries,
      home: dataDir,
      command: (program, args) => ['unshare', [...namespaceArgs, program, ...args]],
      ids: undefined,
      own() {},
    };
  }
  if (existsSync(join(dataDir, 'pg'))) {
    throw new ConfigError(`${dataDir}: this data was begun in a user namespace, which is not allowed here any more`);
  }
  return {
    binaries: sharedCopy(binaries, systemDir),
    home: placeBelow(dataDir, systemDir),
    command: (program, args) => [program, args],
    ids: { uid: nobody, gid: nobody },
    own: (path) => chownSync(path, nobody, nobody),
  };
}

/** Removes a data folder with what it keeps elsewhere. Its server must have ended. */
export function removeData(dataDir: string): void {
  const note = join(dataDir, 'location');
  if (existsSync(note)) rmSync(readFileSync(note, 'utf8').trim(), { recursive: true, force: true });
  rmSync(socketFolder(resolve(dataDir)), { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
}
