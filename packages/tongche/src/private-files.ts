// Files only their owner can read, written whole or not at all.
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '@tongche/runtime';

const why: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file is in the way',
};

/** The operator's one line for a failed write; other faults as they are. */
export function explainWrite(path: string, error: unknown): unknown {
  const reason = why[(error as NodeJS.ErrnoException).code ?? ''];
  return reason === undefined ? error : new ConfigError(`${path} cannot be written: ${reason}`);
}

/** Makes a folder with mode 0700. Throws ConfigError with one line. */
export function makePrivateFolder(path: string): void {
  try {
    if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(path, 0o700);
  } catch (error) {
    throw explainWrite(path, error);
  }
}

/** Replaces a file; afterwards it is durable and has mode 0600. Throws ConfigError with one line. */
export function writePrivate(path: string, content: string | Uint8Array): void {
  makePrivateFolder(dirname(path));
  const temporary = `${path}.new`;
  try {
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, typeof content === 'string' ? Buffer.from(content) : content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    throw explainWrite(path, error);
  }
}

export function writeJson(path: string, value: unknown): void {
  writePrivate(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The file's JSON, or undefined when there is none. Throws ConfigError when it cannot be read. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ConfigError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ConfigError(`${path}: not valid JSON`);
  }
}
