// Processor time and memory of processes and of what they started, from /proc (Linux).
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** Own time and that of children that have ended, in ticks. */
  readonly ticks: number;
  /** Of them, what children have left. */
  readonly left: number;
}

let ticksKnown: number | undefined;
function ticksPerSecond(): number {
  ticksKnown ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticksKnown;
}

/** Undefined when the process has ended. */
function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // Fields are counted after the name, which is in brackets and may hold anything: 3 is the state.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (n: number): number => Number(fields[n - 3]);
  const left = field(16) + field(17);
  return { pid, parent: field(4), ticks: field(14) + field(15) + left, left };
}

/** Numbers of a process's living children. */
export function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? [])
    .filter((stat) => stat.parent === parent)
    .map(({ pid }) => pid);
}

/** What a process calls itself: PostgreSQL's children say what they do. */
export function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** A child that ends between two looks would be counted twice or not at all: then all are looked at once more. */
const looks = 5;

/** Processor time of a process, its threads and its children, dead ones included, in microseconds. Throws when it has ended. */
export function cpuMicros(pid: number): number {
  for (let look = 1; ; look += 1) {
    const before = statOf(pid);
    const ofChildren = childrenOf(pid).reduce((sum, one) => sum + (statOf(one)?.ticks ?? 0), 0);
    const after = statOf(pid);
    if (before === undefined || after === undefined) throw new Error(`process ${pid} has ended`);
    if (before.left === after.left || look === looks) return ((after.ticks + ofChildren) * 1e6) / ticksPerSecond();
  }
}

function statusBytes(pid: number, field: RegExp): number {
  return Number(field.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

/** What a process has in RAM. */
export function memoryBytes(pid: number): number {
  return statusBytes(pid, /VmRSS:\s+(\d+) kB/);
}

/** The most memory a process has ever had in RAM. */
export function peakMemoryBytes(pid: number): number {
  return statusBytes(pid, /VmHWM:\s+(\d+) kB/);
}

/** kill -9 of a process, or of the process group it leads. Throws for numbers that would mean more than that. */
export function kill(pid: number, whole: 'process' | 'group' = 'process'): void {
  if (!Number.isInteger(pid) || pid <= 1) throw new RangeError(`process ${pid}`);
  try {
    process.kill(whole === 'group' ? -pid : pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile, which is what was wanted.
  }
}
