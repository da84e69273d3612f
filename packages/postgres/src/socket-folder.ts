// Where the server's socket lies: a short path made from the data folder's, since a socket's path has a limit that
// data folders do not keep to.
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@tongche/runtime';

/** Only names the socket file; nothing listens on TCP. */
export const port = 5432;
/** The kernel's limit for a socket path, and what PostgreSQL appends to the folder. */
const maxSocketPathBytes = 107;
const socketName = `/.s.PGSQL.${port}`;

/** The folder for a data folder's socket: below `runtimeDir` or the temp folder, or in /tmp where those are too deep. */
export function socketFolder(dataDir: string, runtimeDir?: string): string {
  const name = `tongche-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  const candidates = [join(runtimeDir ?? tmpdir(), name), join('/tmp', name)];
  const fitting = candidates.find((folder) => Buffer.byteLength(folder + socketName) <= maxSocketPathBytes);
  if (fitting === undefined) throw new ConfigError(`${runtimeDir}: too long a path for a socket`);
  return fitting;
}
