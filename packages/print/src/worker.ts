// The printing thread: writes one PDF and ends. Where the system has priorities for threads it takes the lowest ones.
import { createWriteStream } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { writeStickers } from './document.ts';
import type { Work } from './document.ts';

export interface ToWorker {
  readonly work: Work;
  /** Written from its beginning; only its owner may read it. */
  readonly file: string;
}

export type FromWorker =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'done'; readonly pages: number; readonly bytes: number };

function tell(message: FromWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- between threads there are no origins
  parentPort?.postMessage(message);
}

const { work, file } = workerData as ToWorker;
// Elsewhere this would slow the whole process down, not this thread.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);
const out = createWriteStream(file, { mode: 0o600 });
await writeStickers(work, out, (done) => tell({ kind: 'progress', done }));
tell({ kind: 'done', pages: work.stickers.length, bytes: out.bytesWritten });
