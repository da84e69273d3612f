// What a figure was measured on: machine, versions, and how fast the disk makes one write durable.
import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly postgres: string;
  /** Whether the data lies in memory, which makes every durable figure worthless. */
  readonly dataInMemory: boolean;
}

const tmpfsType = 0x01021994;
/** A WAL page, and a file that does not grow while it is measured. */
const pageBytes = 8_192;
const filePages = 2_048;
const commitsForMs = 2_000;

/** `serverVersion` as server_version_num: 180004. */
export function machine(dataDir: string, serverVersion: number): Machine {
  return {
    cores: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    postgres: `${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`,
    dataInMemory: statfsSync(dataDir).type === tmpfsType,
  };
}

/** Pages written and made durable one after another by one thread, per second. */
export function commitsPerSecond(folder: string): number {
  const path = join(folder, 'commits');
  const file = openSync(path, 'w', 0o600);
  try {
    const page = Buffer.alloc(pageBytes, 1);
    for (let n = 0; n < filePages; n += 1) writeSync(file, page, 0, pageBytes, n * pageBytes);
    fdatasyncSync(file);
    const beganMs = performance.now();
    let commits = 0;
    while (performance.now() - beganMs < commitsForMs) {
      writeSync(file, page, 0, pageBytes, (commits % filePages) * pageBytes);
      fdatasyncSync(file);
      commits += 1;
    }
    return Math.round((commits * 1000) / (performance.now() - beganMs));
  } finally {
    closeSync(file);
    rmSync(path);
  }
}
