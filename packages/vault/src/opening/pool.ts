// The pool of opening threads, started when the first trace needs them. Unless told otherwise one less than there are cores, so
// that the vault keeps answering while it opens a hundred thousand envelopes; but two, between which a trace's are shared.
import { Worker } from 'node:worker_threads';
import { packJob, unpackResult } from './packed.ts';
import type { DayToOpen, Envelope, OpenResult, PackedResult } from './packed.ts';

/** Rides in one job: long enough that handing over costs little, short enough that all threads finish together. */
const [FEWEST_RIDES, MOST_RIDES] = [50, 500];

export interface OpenJob {
  readonly iss: number;
  readonly days: readonly DayToOpen[];
  readonly rides: readonly Envelope[];
}

export interface OpenPool {
  /** Opens all rides, in their order. Keys are copied to the threads and wiped there after each job. */
  open(job: OpenJob): Promise<OpenResult>;
  close(): Promise<void>;
}

type Answer = { readonly ok: true; readonly result: PackedResult } | { readonly ok: false; readonly name: string };

export function openPool(size: number): OpenPool {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const waiting: ((worker: Worker) => void)[] = [];

  function start(): Worker {
    const worker = new Worker(new URL('./open-worker.ts', import.meta.url), { name: 'opening' });
    worker.unref();
    all.add(worker);
    worker.once('exit', () => all.delete(worker));
    return worker;
  }

  async function take(): Promise<Worker> {
    const free = idle.pop();
    if (free !== undefined) return free;
    if (all.size < size) return start();
    return new Promise((resolve) => waiting.push(resolve));
  }

  function give(worker: Worker): void {
    const next = waiting.shift();
    // One that died is replaced by whoever waits, or by the next job.
    if (next !== undefined) next(all.has(worker) ? worker : start());
    else if (all.has(worker)) idle.push(worker);
  }

  async function run(iss: number, days: readonly DayToOpen[], rides: OpenJob['rides']): Promise<OpenResult> {
    const worker = await take();
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        const settle = (): void => {
          worker.off('message', onMessage);
          worker.off('error', onError);
          worker.off('exit', onExit);
        };
        const onMessage = (value: Answer): void => {
          settle();
          resolve(value);
        };
        const onError = (error: Error): void => {
          settle();
          all.delete(worker);
          reject(error);
        };
        const onExit = (): void => onError(new Error('an opening thread ended'));
        worker.on('message', onMessage);
        worker.on('error', onError);
        worker.on('exit', onExit);
        const job = packJob(iss, days, rides);
        // Posting copies the keys: the thread wipes its own, not ours.
        worker.postMessage(job, [job.rides.buffer]);
      });
      if (!answer.ok) throw new Error(`opening failed: ${answer.name}`);
      return unpackResult(answer.result);
    } finally {
      give(worker);
    }
  }

  return {
    async open({ iss, days, rides }) {
      const jobs: Promise<OpenResult>[] = [];
      const ofEach = Math.min(Math.max(Math.ceil(rides.length / size), FEWEST_RIDES), MOST_RIDES);
      for (let at = 0; at < rides.length; at += ofEach) {
        const part = rides.slice(at, at + ofEach);
        const needed = new Set(part.map((ride) => ride.day));
        jobs.push(
          run(
            iss,
            days.filter(({ day }) => needed.has(day)),
            part,
          ),
        );
      }
      return (await Promise.all(jobs)).flat();
    },
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}
