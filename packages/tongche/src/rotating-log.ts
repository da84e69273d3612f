// A log file of bounded size: when it is full it becomes `<file>.1`, the one before `<file>.2`, the oldest goes.
import { closeSync, existsSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/** A few days of a demonstration; with the kept ones 40 MB a process at most. */
const maxBytes = 8 * 1024 * 1024;
const kept = 4;

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
