// What a process of node holds in memory once everything it does not need is gone. It tidies up when it is told to, and writes
// down what is left.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const script = `import{writeFileSync,renameSync}from'node:fs';process.on('SIGUSR2',()=>{gc();gc();
const file='memory-'+process.pid;writeFileSync(file+'.new',JSON.stringify(process.memoryUsage()));renameSync(file+'.new',file)})`;

/** Arguments of the node whose memory is to be looked at. */
export const tidyOnSignal = ['--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(script)}`];

/** In bytes. */
export interface HeldMemory {
  /** Resident, without the parts of the heap that wait for what comes next: how many there are changes by itself. */
  readonly held: number;
  /** Objects of JavaScript alone. */
  readonly heap: number;
}

const lookMs = 300;
/** The machine takes back slowly what was let go: so many looks in a row that find nothing more to take back. */
const [steadyLooks, steadyBytes] = [5, 128 * 1024];

/** `folder`: where the process runs. */
export async function heldMemory(folder: string, pid: number): Promise<HeldMemory> {
  const file = join(folder, `memory-${pid}`);
  let least: HeldMemory = { held: Infinity, heap: Infinity };
  for (let unchanged = 0; unchanged < steadyLooks;) {
    rmSync(file, { force: true });
    process.kill(pid, 'SIGUSR2');
    do await wait(lookMs);
    while (!existsSync(file));
    const { rss, heapTotal, heapUsed } = JSON.parse(readFileSync(file, 'utf8')) as NodeJS.MemoryUsage;
    const now = { held: rss - heapTotal + heapUsed, heap: heapUsed };
    unchanged = now.held < least.held - steadyBytes ? 0 : unchanged + 1;
    least = { held: Math.min(least.held, now.held), heap: Math.min(least.heap, now.heap) };
  }
  return least;
}

/** What one more costs, by least squares through all points. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const along = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return along / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
