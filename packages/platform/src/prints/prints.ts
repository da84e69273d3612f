// Prints wait in a folder to be fetched, for a day. Nothing of them is in the database: they can be made again.
import { createReadStream } from 'node:fs';
import type { ReadStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@tongche/contract';
import type { PrintJob, PrintTemplate } from '@tongche/contract';
import { printStickers } from '@tongche/print';
import type { Branding, Sticker } from '@tongche/print';
import { toBase64Url } from '@tongche/protocol';
import type { Clock, Log, Random } from '@tongche/runtime';
import { events } from '../events.ts';

/** As long as somebody may need to fetch a file and take it to a printer. */
export const PRINT_KEPT_MS = 24 * 3_600_000;
/** Prints waiting for their turn; each takes seconds. */
const maxWaiting = 8;
/** Finished prints; at 10 MB for a fleet this is 640 MB at most. */
const maxKept = 64;
const idBytes = 9;
const ours = /^print-[\w-]+\.pdf(\.part)?$/;

export interface Wish {
  readonly template: PrintTemplate;
  readonly stickers: readonly Sticker[];
  readonly branding: Branding;
}

export interface Prints {
  /** Queues a print. Throws Refusal 'busy' when too many wait. */
  start(wish: Wish): PrintJob;
  /** Throws Refusal 'not-found'. */
  job(printId: string): PrintJob;
  /** The PDF. Throws Refusal 'not-found', or 'conflict' while it is not ready. */
  file(printId: string): { readonly stream: ReadStream; readonly job: PrintJob };
  /** Ends the print under way and forgets the others. */
  close(): Promise<void>;
}

export interface PrintsOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
}

interface Held {
  job: PrintJob;
  readonly path: string;
}

/** Opens the folder and removes what an earlier process left there. */
export async function openPrints({ folder, clock, log, random }: PrintsOptions): Promise<Prints> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) if (ours.test(name)) await rm(join(folder, name), { force: true });
  const held = new Map<string, Held>();
  const stops = new Set<() => void>();
  const closing = new AbortController();
  let turn: Promise<void> = Promise.resolve();

  async function forget(printId: string): Promise<void> {
    const one = held.get(printId);
    held.delete(printId);
    if (one !== undefined) await rm(one.path, { force: true });
  }

  async function forgetLater(printId: string): Promise<void> {
    const stop = clock.after('platform.print', PRINT_KEPT_MS, async () => {
      stops.delete(stop);
      await forget(printId);
    });
    stops.add(stop);
    const finished = [...held.keys()].filter((id) => held.get(id)?.job.state !== 'working');
    for (const id of finished.slice(0, -maxKept)) await forget(id);
  }

  async function make(one: Held, wish: Wish): Promise<void> {
    const began = performance.now();
    try {
      closing.signal.throwIfAborted();
      const { pages, bytes } = await printStickers({
        ...wish,
        nowMs: one.job.madeMs,
        file: one.path,
        signal: closing.signal,
        onProgress: (done) => void (one.job = { ...one.job, done }),
      });
      one.job = { ...one.job, state: 'ready', done: pages, bytes };
      log.event(events.printed, { pages, bytes, ms: Math.round(performance.now() - began) });
    } catch (error) {
      one.job = { ...one.job, state: 'failed' };
      if (closing.signal.aborted) return;
      // A plate or a name that cannot be printed: the text would name the vehicle, its kind is enough.
      log.event(events.printFailed, { reason: error instanceof Error ? error.name : 'unknown' });
    } finally {
      if (!closing.signal.aborted) await forgetLater(one.job.printId);
    }
  }

  function find(printId: string): Held {
    const one = held.get(printId);
    if (one === undefined) throw new Refusal('not-found');
    return one;
  }

  return {
    start(wish) {
      const working = [...held.values()].filter(({ job }) => job.state === 'working').length;
      if (working >= maxWaiting || closing.signal.aborted) throw new Refusal('busy');
      const printId = toBase64Url(random(idBytes));
      const { template, stickers } = wish;
      const job: PrintJob = {
        printId,
        template,
        state: 'working',
        done: 0,
        total: stickers.length,
        bytes: null,
        madeMs: clock.now(),
      };
      const one: Held = { job, path: join(folder, `print-${printId}.pdf`) };
      held.set(printId, one);
      turn = turn.then(() => make(one, wish));
      return job;
    },
    job: (printId) => find(printId).job,
    file(printId) {
      const { job, path } = find(printId);
      if (job.state !== 'ready') throw new Refusal('conflict');
      return { stream: createReadStream(path), job };
    },
    async close() {
      closing.abort();
      for (const stop of stops) stop();
      await turn;
      for (const printId of held.keys()) await forget(printId);
    },
  };
}
