// Time as an argument: the system's clock for production, a settable one for tests, demo and replay.
// Nothing else in the repository reads the time or sets a timer. Wall clocks are set, by people and by NTP, also backwards:
// what waits goes by a clock that nobody sets.
import { uptime } from 'node:os';

/** Takes a scheduled job off again. Calling it twice is harmless; a run already begun goes on. */
export type Stop = () => void;
export type Job = () => Promise<void> | void;

export interface Clock {
  /** Epoch milliseconds, as the machine's wall clock says: it may jump either way. */
  now(): number;
  /** Milliseconds of a clock that only goes forward, also while the machine sleeps; its beginning means nothing. */
  steadyMs(): number;
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
  /** As timers count. */
  const timeMs = (): number => performance.now();

  function startTimer(dueMs: number, fire: () => void): Stop {
    let timer: NodeJS.Timeout;
    function arm(): void {
      const leftMs = dueMs - timeMs();
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
    steadyMs: () => uptime() * 1_000,
    after(name, ms, job) {
      checkDelay(name, ms, 0);
      return startTimer(timeMs() + ms, () => void run(name, job));
    },
    every(name, ms, job) {
      checkDelay(name, ms, 1);
      let stopped = false;
      let stopTimer: Stop = () => {};
      async function turn(dueMs: number): Promise<void> {
        await run(name, job);
        // Missed turns (a slow job, a machine that slept) are left out, not made up for.
        if (!stopped) next(Math.max(dueMs + ms, timeMs()));
      }
      function next(dueMs: number): void {
        stopTimer = startTimer(dueMs, () => void turn(dueMs));
      }
      next(timeMs() + ms);
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
  /** Somebody sets the wall clock: `now()` is `ms` from here on. No time passes, no job runs or waits longer for it. */
  setTo(ms: number): void;
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
  /** Time that has passed; jobs wait for it. */
  let steadyMs = 0;
  /** The wall clock is so far ahead of it. */
  let aheadMs = startMs;
  let order = 0;
  let advancing = false;
  const entries = new Set<Entry>();
  const now = (): number => steadyMs + aheadMs;

  function schedule(name: string, ms: number, everyMs: number | undefined, job: Job): Stop {
    const entry: Entry = { name, order: order++, everyMs, job, dueMs: steadyMs + ms };
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
      steadyMs = Math.max(steadyMs, entry.dueMs);
      if (entry.everyMs === undefined) entries.delete(entry);
      else entry.dueMs += entry.everyMs;
      await entry.job();
    }
    steadyMs = untilMs;
  }

  async function advance(ms: number): Promise<void> {
    if (advancing) throw new Error('the clock is already being moved');
    if (!(ms >= 0)) throw new RangeError(`the clock stands at ${now()} and cannot go back by ${-ms} ms`);
    advancing = true;
    try {
      await runDue(steadyMs + ms);
    } finally {
      advancing = false;
    }
  }

  return {
    now,
    steadyMs: () => steadyMs,
    after(name, ms, job) {
      checkDelay(name, ms, 0);
      return schedule(name, ms, undefined, job);
    },
    every(name, ms, job) {
      checkDelay(name, ms, 1);
      return schedule(name, ms, ms, job);
    },
    advanceTo: (ms) => advance(ms - now()),
    advance,
    setTo(ms) {
      aheadMs = ms - steadyMs;
    },
    pending: () => inOrder().map(({ name, dueMs }) => ({ name, dueMs: dueMs + aheadMs })),
  };
}

/**
 * The same clock with repeated jobs at most every `leastEveryMs`: what polls every few seconds in life then polls seldom, so
 * that simulated weeks pass in seconds. Daily and hourly jobs run when they would.
 */
export function coarseClock(clock: SettableClock, leastEveryMs: number): SettableClock {
  return { ...clock, every: (name, ms, job) => clock.every(name, Math.max(ms, leastEveryMs), job) };
}
