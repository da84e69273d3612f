// A log file of bounded size: when it is full it becomes `<file>.1`, the one before `<file>.2`, the oldest goes.
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';

/** A few days of a demonstration; with the kept ones 40 MB a process at most. */
const maxBytes = 8 * 1024 * 1024;
const kept = 4;

/** Of a log's end, what is read and shown. */
const tailBytes = 64 * 1024;
const longestLineChars = 500;

/** The last lines of a log, longer ones cut; none of a file that is not there. */
export function logTail(file: string, lines: number): readonly string[] {
  if (!existsSync(file)) return [];
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, tailBytes));
    const read = readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    const written = bytes.toString('utf8', 0, read).split('\n');
    return written
      .filter((line) => line !== '')
      .slice(-lines)
      .map((line) => line.slice(0, longestLineChars));
  } finally {
    closeSync(handle);
  }
}

export interface RotatingLog {
  /** Never throws: a full disk must not stop what is being logged. */
  write(chunk: Uint8Array): void;
  close(): void;
}

export function openRotatingLog(file: string, limitBytes: number = maxBytes): RotatingLog {
  let handle = openSync(file, 'a', 0o600);
  let size = fstatSync(handle).size;

  function rotate(): void {
    closeSync(handle);
    rmSync(`${file}.${kept}`, { force: true });
    for (let n = kept - 1; n >= 1; n -= 1) {
      if (existsSync(`${file}.${n}`)) renameSync(`${file}.${n}`, `${file}.${n + 1}`);
    }
    renameSync(file, `${file}.1`);
    handle = openSync(file, 'a', 0o600);
    size = 0;
  }

  return {
    write(chunk) {
      try {
        if (size > 0 && size + chunk.length > limitBytes) rotate();
        writeSync(handle, chunk);
        size += chunk.length;
      } catch {
        // Nowhere to say it: the log is what failed.
      }
    },
    close() {
      closeSync(handle);
    },
  };
}
