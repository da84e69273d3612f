// One running installation per data folder: a file with the process id of who started it.
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { ConfigError } from '@tongche/runtime';
import { explainWrite } from './private-files.ts';

export interface Lock {
  release(): void;
}

/**
 * When a process began, in the kernel's ticks: a process id may be given again after a crash, together with this it is
 * not. Empty where there is no /proc.
 */
function beganOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The living process that holds the lock. */
export function holderOf(file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const [pidText = '', began = ''] = text.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid < 2 || !isAlive(pid)) return undefined;
  return began === beganOf(pid) ? pid : undefined;
}

function create(file: string): boolean {
  try {
    const handle = openSync(file, 'wx', 0o600);
    writeSync(handle, `${process.pid} ${beganOf(process.pid)}\n`);
    fsyncSync(handle);
    closeSync(handle);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw explainWrite(file, error);
  }
}

/** Takes the lock, also over one whose holder is gone. Throws ConfigError with one line when somebody holds it. */
export function takeLock(file: string, data: string): Lock {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    if (create(file)) return { release: () => rmSync(file, { force: true }) };
    const holder = holderOf(file);
    if (holder !== undefined) {
      throw new ConfigError(`Tongche already runs on ${data} (process ${holder}); stop it, or choose another --data`);
    }
    rmSync(file, { force: true });
  }
  throw new ConfigError(`${file}: another start on this data is under way`);
}
