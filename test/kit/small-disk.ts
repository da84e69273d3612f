// A disk that is soon full: a memory file system of so many megabytes for one program. Mount and program live in name spaces of
// their own, so that neither they nor anything the program has started outlive it, however it ends.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ended {
  /** Exit code; null when it was killed for taking too long. */
  readonly code: number | null;
  /** What it wrote, the last part of it. */
  readonly output: string;
}

const isRoot = process.getuid?.() === 0;
const spaces = [
  ...(isRoot ? [] : ['--user', '--map-root-user']),
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
];
/** `$0` megabytes on the folder `$1`, then the program and its arguments in this very process. */
const mounted = 'mount -t tmpfs -o size=$0m,mode=0755 tmpfs "$1" && shift && exec "$@"';
/** A database server runs as another user; inside, that is one more name space. */
const asNobody = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--', 'true'];
const outputChars = 8_000;

function argsOf(megabytes: number, folder: string, command: readonly string[]): readonly string[] {
  return [...spaces, 'sh', '-c', mounted, String(megabytes), folder, ...command];
}

function folderIn<T>(work: (folder: string) => T): T {
  return work(mkdtempSync(join(tmpdir(), 'tcf-')));
}

/** Why there can be no such disk here; false when there can. */
export function noSmallDisk(): string | false {
  return folderIn((folder) => {
    const { status } = spawnSync('unshare', argsOf(1, folder, asNobody), { stdio: 'ignore' });
    rmSync(folder, { recursive: true });
    return status !== 0 && 'neither mounting nor name spaces are allowed here';
  });
}

/** Runs a node program whose only argument is the disk's folder. */
export async function onSmallDisk(program: string, megabytes: number, withinMs: number): Promise<Ended> {
  return folderIn(async (folder) => {
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', program, folder];
    const child = spawn('unshare', argsOf(megabytes, folder, node), { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString('utf8')).slice(-outputChars);
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearTimeout(timer);
    rmSync(folder, { recursive: true });
    return { code, output };
  });
}
