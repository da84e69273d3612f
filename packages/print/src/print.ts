// Printing from the side of those who ask for it: starts the worker, passes on its progress, ends it when told to.
import { rename, rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { Work } from './document.ts';
import type { FromWorker, ToWorker } from './worker.ts';

export interface PrintOptions extends Work {
  /** The finished PDF; until then it grows beside it as `<file>.part`. An older file of that name is replaced. */
  readonly file: string;
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Ends the worker at once and removes what it wrote; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface Printed {
  readonly pages: number;
  readonly bytes: number;
}

/** Pages of one PDF: three stickers of 6,000 buses; a larger file is no pleasure for any printer. */
export const MAX_STICKERS = 20_000;
/** The largest batch measured takes a third of it; without a limit one print could take the machine's memory. */
const maxHeapMb = 768;

async function watch(worker: Worker, onProgress: (done: number) => void, signal?: AbortSignal): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'progress') onProgress(message.done);
      else resolve({ pages: message.pages, bytes: message.bytes });
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      signal?.removeEventListener('abort', stop);
      reject(new Error(`the printing thread ended with ${code}`));
    });
  });
}

/** One page a sticker. Throws RangeError for an empty or too large batch, a colour, a code or a plate that cannot be printed. */
export async function printStickers(options: PrintOptions): Promise<Printed> {
  const { file, onProgress = () => {}, signal, ...work } = options;
  const { length } = work.stickers;
  if (length === 0 || length > MAX_STICKERS) throw new RangeError(`a print has 1 to ${MAX_STICKERS} stickers`);
  signal?.throwIfAborted();
  const part = `${file}.part`;
  const workerData: ToWorker = { work, file: part };
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData,
    name: 'print',
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
  });
  try {
    const printed = await watch(worker, onProgress, signal);
    await worker.terminate();
    await rename(part, file);
    return printed;
  } catch (error) {
    await worker.terminate();
    await rm(part, { force: true });
    throw error;
  }
}
