// Keeps processes on one core of the machine, where `taskset` is there to do it (Linux).
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { childrenOf } from './processes.ts';

export const lastCore = (): number => cpus().length - 1;

export function canPin(): boolean {
  return (
    process.platform === 'linux' && cpus().length > 1 && spawnSync('taskset', ['-p', String(process.pid)]).status === 0
  );
}

const everyCore = (): string => `0-${lastCore()}`;

/** A process with all its threads, and the processes it has started; on all cores again where none is named. False where one could not be moved. */
export function pin(pid: number, core?: number): boolean {
  const cores = core === undefined ? everyCore() : String(core);
  const moved = [pid, ...childrenOf(pid)].map(
    (one) => spawnSync('taskset', ['-a', '-c', '-p', cores, String(one)]).status === 0,
  );
  return moved[0] ?? false;
}
