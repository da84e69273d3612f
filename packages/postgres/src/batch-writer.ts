// Many small writes become few large ones: rows wait a moment for company, go out together, and each caller gets the
// result of its own row. A batch the database refuses is halved until the bad row stands alone.
import type { Log } from '@tongche/runtime';
import { events } from './events.ts';

/** More rows wait than the process is willing to hold, or for too long: the caller answers "busy". */
export class QueueFull extends Error {
  /** How long the row would have waited, as far as can be told. */
  readonly waitMs: number;

  constructor(name: string, waitMs: number) {
    super(`${name}: the queue is full`);
    this.name = 'QueueFull';
    this.waitMs = waitMs;
  }
}

export interface BatchWriterOptions<Row, Result> {
  readonly name?: string;
  readonly log?: Log;
  /** Rows of one batch. Default 512. */
  readonly maxRows?: number;
  /** Longest wait of a row for company, in milliseconds of the machine. Default 2. */
  readonly maxDelayMs?: number;
  /** Batches under way at once. Default 2. */
  readonly maxInFlight?: number;
  /**
   * While a batch is under way the next one goes out beside it only when it is full or has waited this long: a commit
   * saved is processor time saved on both sides, and a batch that hangs does not hold up the others. Default 15.
   */
  readonly overlapMs?: number;
  /** Rows waiting, beside those under way. Default 20 batches. */
  readonly maxQueue?: number;
  /** A row that would wait longer than this, by the time recent batches took, is refused at once. Default: none is. */
  readonly maxWaitMs?: number;
  /** Milliseconds of a steady clock. Default: the machine's. */
  readonly steadyMs?: () => number;
  /** Writes all rows or none, durably, and returns one result per row in order. */
  readonly write: (rows: readonly Row[]) => Promise<readonly Result[]>;
  /** Whether a failure may be the fault of a single row, so that halving helps. Default: SQLSTATE class 22 or 23. */
  readonly isRowFault?: (error: unknown) => boolean;
}

export interface BatchWriter<Row, Result> {
  /** Resolves when the row is durable. Rejects with QueueFull, or with what `write` threw for this row alone. */
  add(row: Row): Promise<Result>;
  /** Rows waiting. */
  readonly waiting: number;
  /** How long a row added now would wait, by the time recent batches took; 0 with less than a batch before it. */
  readonly waitMs: number;
  /** Writes what waits and resolves when nothing is under way; rows added later are refused. */
  close(): Promise<void>;
}

interface Waiting<Row, Result> {
  readonly row: Row;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const defaultMaxRows = 512;
const defaultMaxDelayMs = 2;
const defaultMaxInFlight = 2;
/** Several times what a commit takes on a good disk. */
const defaultOverlapMs = 15;
const defaultQueueBatches = 20;
/** Weight of the last batch in the time a batch takes: a stall of one batch is not yet a slow database. */
const lastBatchWeight = 0.2;

/** 22: data that does not fit its type; 23: a constraint, also "no partition for this row". */
function isRowFaultByDefault(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^2[23][0-9A-Z]{3}$/.test(code);
}

export function batchWriter<Row, Result>(options: BatchWriterOptions<Row, Result>): BatchWriter<Row, Result> {
  const { name = 'writer', write, maxRows = defaultMaxRows, maxDelayMs = defaultMaxDelayMs } = options;
  const { maxInFlight = defaultMaxInFlight, maxQueue = maxRows * defaultQueueBatches } = options;
  const { overlapMs = defaultOverlapMs } = options;
  const { maxWaitMs = Infinity, steadyMs = () => performance.now() } = options;
  const isRowFault = options.isRowFault ?? isRowFaultByDefault;
  /** How long a batch takes from its start to its commit. */
  let batchMs = 0;
  let queue: Waiting<Row, Result>[] = [];
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let whenIdle: (() => void) | undefined;

  async function writeAll(batch: readonly Waiting<Row, Result>[]): Promise<void> {
    let results: readonly Result[];
    try {
      results = await write(batch.map(({ row }) => row));
      if (results.length !== batch.length) throw new Error(`${name}: ${results.length} results for ${batch.length}`);
    } catch (error) {
      if (batch.length > 1 && isRowFault(error)) {
        options.log?.event(events.batchSplit, { writer: name, rows: batch.length });
        const half = batch.length >> 1;
        await writeAll(batch.slice(0, half));
        await writeAll(batch.slice(half));
        return;
      }
      for (const { reject } of batch) reject(error);
      return;
    }
    results.forEach((result, index) => batch[index]?.resolve(result));
  }

  async function run(batch: readonly Waiting<Row, Result>[]): Promise<void> {
    inFlight += 1;
    const startedMs = steadyMs();
    await writeAll(batch);
    batchMs += (steadyMs() - startedMs - batchMs) * lastBatchWeight;
    inFlight -= 1;
    // While this batch was under way the next rows have waited long enough.
    if (queue.length > 0) flush();
    else if (inFlight === 0) whenIdle?.();
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    while (queue.length > 0 && inFlight < maxInFlight) {
      const batch = queue.slice(0, maxRows);
      queue = queue.slice(maxRows);
      void run(batch);
    }
  }

  /** Until a row added now is written: the batches before its own, and its own. */
  function expectedMs(): number {
    if (queue.length < maxRows) return 0;
    const before = Math.floor(queue.length / maxRows);
    return batchMs * (before / maxInFlight + 1);
  }

  // Not async: every ride passes here, and a promise of its own for nothing is what that would add.
  function add(row: Row): Promise<Result> {
    if (closed) return Promise.reject(new Error(`${name}: closed`));
    // With less than a batch waiting there is nothing to shed: a row that is let in is how a recovery is noticed.
    const waitMs = expectedMs();
    if (queue.length >= maxQueue || waitMs > maxWaitMs) return Promise.reject(new QueueFull(name, waitMs));
    return new Promise((resolve, reject) => {
      queue.push({ row, resolve, reject });
      if (queue.length >= maxRows) flush();
      else timer ??= setTimeout(flush, inFlight === 0 ? maxDelayMs : overlapMs);
    });
  }

  return {
    add,
    get waiting() {
      return queue.length;
    },
    get waitMs() {
      return expectedMs();
    },
    async close() {
      closed = true;
      flush();
      if (inFlight > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
    },
  };
}
