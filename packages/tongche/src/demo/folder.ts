// The temporary folder of a demonstration: gone when it ends, and when the next one begins if it was killed.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeData } from '@tongche/postgres';
import { layoutOf, runtimeFolder } from '../layout.ts';
import { holderOf, takeLock } from '../lock.ts';

const prefix = 'tongche-demo-';

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** A database whose owner was killed runs on by itself. Only one that names this very folder's data is ended. */
function endEngine(folder: string): void {
  const { postgres } = layoutOf(folder);
  // As root the data may lie elsewhere; a note says where.
  const home = readText(join(postgres, 'location')).trim() || postgres;
  const pid = Number.parseInt(readText(join(home, 'pg', 'postmaster.pid')), 10);
  if (!(pid > 1) || !readText(`/proc/${pid}/cmdline`).includes(home)) return;
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // It ended by itself meanwhile.
  }
}

export function removeFolder(folder: string): void {
  rmSync(runtimeFolder(folder), { recursive: true, force: true });
  removeData(layoutOf(folder).postgres);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** Removes what killed demonstrations left. Folders of living ones, and of other people, stay. */
export function removeOrphans(): number {
  let removed = 0;
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
    const { lock } = layoutOf(folder);
    if (readText(lock) === '' || holderOf(lock) !== undefined) continue;
    endEngine(folder);
    try {
      removeFolder(folder);
      removed += 1;
    } catch {
      // The database is still ending; the next demonstration removes it.
    }
  }
  return removed;
}

/** A new folder that names this process as its owner. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  takeLock(layoutOf(folder).lock, folder);
  return folder;
}
