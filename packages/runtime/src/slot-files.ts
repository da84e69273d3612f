// The few file operations key slots are made of. Each is durable when it returns, so that a power cut leaves the
// state before or after it, never between. Tests replace them to cut the power after each one.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface SlotFiles {
  /** File names in the folder. */
  readonly list: (folder: string) => string[];
  readonly read: (path: string) => Uint8Array;
  /** Creates the file with mode 0600, or replaces its whole content, and syncs it. */
  readonly write: (path: string, bytes: Uint8Array) => void;
  /** Renames within a folder and syncs the folder. A file that stood under `to` is overwritten with random bytes. */
  readonly rename: (from: string, to: string) => void;
  /** Replaces the content in place with random bytes of the same length and syncs it. */
  readonly overwrite: (path: string) => void;
  /** Removes the name and syncs the folder. */
  readonly unlink: (path: string) => void;
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeAll(handle: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(handle, bytes, written, bytes.length - written, written);
  }
  fsyncSync(handle);
}

function withFile(path: string, flags: string, use: (handle: number) => void): void {
  const handle = openSync(path, flags, 0o600);
  try {
    use(handle);
  } finally {
    closeSync(handle);
  }
}

function overwriteAll(handle: number): void {
  writeAll(handle, randomBytes(fstatSync(handle).size));
}

function renameSynced(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

export const diskFiles: SlotFiles = {
  list: (folder) => readdirSync(folder),
  read: (path) => new Uint8Array(readFileSync(path)),
  write: (path, bytes) => withFile(path, 'w', (handle) => writeAll(handle, bytes)),
  rename(from, to) {
    if (!existsSync(to)) return renameSynced(from, to);
    // Opened before its name goes to the new file: the old blocks can then still be reached and overwritten.
    withFile(to, 'r+', (replaced) => {
      renameSynced(from, to);
      overwriteAll(replaced);
    });
  },
  overwrite: (path) => withFile(path, 'r+', overwriteAll),
  unlink(path) {
    unlinkSync(path);
    syncFolder(dirname(path));
  },
};
