// Time as an argument: the system's clock for production, a settable one for tests, demo and replay.
// Nothing else in the repository reads the time or sets a timer.

/** Takes a scheduled job off again. Calling it twice is harmless; a run already begun goes on. */
export type Stop = () => void;
export type Job = () => Promise<void> | void;

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs `job` every `ms`, the first time after `ms`. A run never overlaps the one before it. */
  every(name: string, ms: number, job: Job): Stop;
  /** Runs `job` once after `ms`. */
  after(name: string, ms: number, job: Job): Stop;
}

/** Timers of the platform overflow at 2^31 ms and would fire at once; longer waits are cut into pieces. */
const longestTimerMs = 2 ** 31 - 1;

function checkDelay(name: string, ms: number, least: number): void {
  if (!Number.isFinite(ms) || ms < least) throw new RangeError(`job ${name}: delay ${ms} ms is below ${least} ms`);
}

/**
 * The system's clock. A fault of a job goes to `onError` with the job's name and the schedule goes on.
 * Timers never keep a process alive.
 */
export function systemClock(onError: (error: unknown, job: string) => void): Clock {
  function startTimer(dueMs: number, fire: () => void): Stop {
    let timer: NodeJS.Timeout;
    function arm(): void {
      const leftMs = dueMs - Date.now();
      timer = setTimeout(leftMs > longestTimerMs ? arm : fire, Math.min(Math.max(leftMs, 0), longestTimerMs));
      timer.unref();
    }
    arm();
    return () => clearTimeout(timer);
  }

  async function run(name: string, job: Job): Promise<void> {
    try {
      await job();
    } catch (error) {
      onError(error, name);
    }
  }

  return {
    now: () => Date.now(),
    after(name, ms, job) {
      checkDelay(name, ms, 0);
      return startTimer(Date.now() + ms, () => void run(name, job));
    },
    every(name, ms, job) {
      checkDelay(name, ms, 1);
      let stopped = false;
      let stopTimer: Stop = () => {};
      async function turn(dueMs: number): Promise<void> {
        await run(name, job);
        // Missed turns (a slow job, a machine that slept) are left out, not made up for.
        if (!stopped) next(Math.max(dueMs + ms, Date.now()));
      }
      function next(dueMs: number): void {
        stopTimer = startTimer(dueMs, () => void turn(dueMs));
      }
      next(Date.now() + ms);
      return () => {
        stopped = true;
        stopTimer();
      };
    },
  };
}

export interface SettableClock extends Clock {
  /**
   * Moves time to `ms`, running every job that falls due on the way, one after another in time order (first
   * scheduled first at equal times), awaiting each; `now()` shows a job's due time while it runs. The first fault of
   * a job stops the way there and is thrown; the clock then stands at that job's due time.
   */
  advanceTo(ms: number): Promise<void>;
  advance(ms: number): Promise<void>;
  /** Jobs still scheduled, in the order they will run. */
  pending(): readonly { readonly name: string; readonly dueMs: number }[];
}

interface Entry {
  readonly name: string;
  readonly order: number;
  readonly everyMs: number | undefined;
  readonly job: Job;
  dueMs: number;
}

/** A clock that stands still until it is moved. */
export function settableClock(startMs: number): SettableClock {
  let nowMs = startMs;
  let order = 0;
  let advancing = false;
  const entries = new Set<Entry>();

  function schedule(name: string, ms: number, everyMs: number | undefined, job: Job): Stop {
    const entry: Entry = { name, order: order++, everyMs, job, dueMs: nowMs + ms };
    entries.add(entry);
    return () => void entries.delete(entry);
  }

  function inOrder(): Entry[] {
    return [...entries].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
  }

  async function runDue(untilMs: number): Promise<void> {
    for (;;) {
      const [entry] = inOrder();
      if (entry === undefined || entry.dueMs > untilMs) break;
      nowMs = Math.max(nowMs, entry.dueMs);
      if (entry.everyMs === undefined) entries.delete(entry);
      else entry.dueMs += entry.everyMs;
      await entry.job();
    }
    nowMs = untilMs;
  }

  async function advanceTo(ms: number): Promise<void> {
    if (advancing) throw new Error('the clock is already being moved');
    if (!(ms >= nowMs)) throw new RangeError(`the clock stands at ${nowMs} and cannot go back to ${ms}`);
    advancing = true;
    try {
      await runDue(ms);
    } finally {
      advancing = false;
    }
  }

  return {
    now: () => nowMs,
    after(name, ms, job) {
      checkDelay(name, ms, 0);
      return schedule(name, ms, undefined, job);
    },
    every(name, ms, job) {
      checkDelay(name, ms, 1);
      return schedule(name, ms, ms, job);
    },
    advanceTo,
    advance: (ms) => advanceTo(nowMs + ms),
    pending: () => inOrder().map(({ name, dueMs }) => ({ name, dueMs })),
  };
}

/**
 * The same clock with repeated jobs at most every `leastEveryMs`: what polls every few seconds in life then polls seldom, so
 * that simulated weeks pass in seconds. Daily and hourly jobs run when they would.
 */
export function coarseClock(clock: SettableClock, leastEveryMs: number): SettableClock {
  return { ...clock, every: (name, ms, job) => clock.every(name, Math.max(ms, leastEveryMs), job) };
}
