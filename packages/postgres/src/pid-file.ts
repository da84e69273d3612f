// What postmaster.pid says and whether it is still true. A server that was killed leaves the file behind, its number
// may belong to another program by now, or to a zombie nobody collects.
import { readFileSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Process number in postmaster.pid, or undefined when there is no such file. */
export function postmasterPid(cluster: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(join(cluster, 'postmaster.pid'), 'utf8');
  } catch {
    return undefined;
  }
  const pid = Number.parseInt(text, 10);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

/** Whether a process of this number runs. A zombie has ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    // The state stands after the name, which is in brackets and may itself hold any character.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return true;
  }
}

/** Numbers of the living processes that work in the cluster's folder: the server and its children do. Linux only. */
function workingIn(cluster: string): number[] {
  let names: string[];
  let folder: string;
  try {
    folder = realpathSync(cluster);
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return readlinkSync(`/proc/${name}/cwd`) === folder && isAlive(Number(name));
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Whether a server or a left-over child of one still uses the cluster. */
export function clusterInUse(cluster: string): boolean {
  const pid = postmasterPid(cluster);
  if (process.platform === 'linux') return workingIn(cluster).length > 0;
  return pid !== undefined && isAlive(pid);
}

/**
 * Removes a postmaster.pid whose server is gone: the server itself would refuse when the number is in use again, or
 * when it belongs to a zombie.
 */
export function clearStalePid(cluster: string): void {
  const pid = postmasterPid(cluster);
  if (pid === undefined || clusterInUse(cluster)) return;
  // Unless somebody has just started another.
  if (postmasterPid(cluster) === pid) rmSync(join(cluster, 'postmaster.pid'), { force: true });
}
