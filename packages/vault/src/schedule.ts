// When things happen: the roll each night and at every start, deliveries soon after a change and again until taken.
import { RemoteError } from '@tongche/http';
import { DAY_MS, dayOf, dayStartMs } from '@tongche/protocol';
import type { Clock, Log, Stop } from '@tongche/runtime';
import type { Config } from './config.ts';
import { events } from './events.ts';
import type { RollOutcome } from './keys/roll.ts';

/** A surge of cases brings news many times a second; each delivery tells all there is. */
const SOON_MS = 250;
/** The same while somebody does not take what is offered. */
const UNTAKEN_MS = 2_000;
/** The other side may have been set up anew: what it must hold is offered again after this long. */
const RENEW_MS = 3_600_000;

export interface Schedule {
  /** Rolls and delivers once, then keeps the times. */
  start(): Promise<void>;
  roll(): Promise<RollOutcome | undefined>;
  deliver(): Promise<void>;
  /** Something new is to be delivered: at once, or a moment after the last delivery. Does not wait. */
  soon(): void;
  /** Whether the last roll was completed. */
  rolled(): boolean;
  stop(): void;
  /** Resolves when nothing of this is under way. */
  settled(): Promise<void>;
}

interface ScheduleParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly roll: () => Promise<RollOutcome>;
  /** Timers go by time that passes; somebody may have set the clock meanwhile. */
  readonly isRollDue: () => boolean;
  /** Whether everything was taken and nothing is awaited from anybody. */
  readonly deliver: () => Promise<boolean>;
  readonly watch: () => Promise<void>;
  readonly corrections: () => Promise<void>;
}

export function openSchedule(parts: ScheduleParts): Schedule {
  const { config, clock, log } = parts;
  const stops: Stop[] = [];
  let stopped = false;
  let complete = false;
  let delivering: Promise<void> = Promise.resolve();
  let isWaiting = false;
  /** When nothing was left to do; undefined while something is. */
  let quietSinceMs: number | undefined;
  /** Of the machine's clock, which nobody sets. */
  let deliveredMs = -Infinity;
  let soonTimer: NodeJS.Timeout | undefined;
  let isTaken = true;

  function soon(): void {
    quietSinceMs = undefined;
    if (soonTimer !== undefined || isWaiting || stopped) return;
    const gapMs = isTaken ? SOON_MS : UNTAKEN_MS;
    const waitMs = deliveredMs + gapMs - performance.now();
    if (waitMs <= 0) void deliver();
    else soonTimer = setTimeout(() => void deliver(), waitMs);
  }

  function nextRollMs(): number {
    const { zone } = config.authority;
    const today = dayOf(clock.now(), zone);
    const atMs = (day: number): number => dayStartMs(day, zone) + config.rollMinute * 60_000;
    return clock.now() < atMs(today) ? atMs(today) : atMs(today + 1);
  }

  async function deliver(): Promise<void> {
    // One after another; whoever asks while one waits is served by that one.
    if (isWaiting) return delivering;
    isWaiting = true;
    clearTimeout(soonTimer);
    soonTimer = undefined;
    delivering = delivering.then(async () => {
      isWaiting = false;
      if (stopped) return;
      try {
        isTaken = await parts.deliver();
        quietSinceMs = isTaken ? clock.now() : undefined;
      } catch (error) {
        isTaken = false;
        quietSinceMs = undefined;
        log.fault('vault.deliver', error);
      }
      deliveredMs = performance.now();
    });
    return delivering;
  }

  async function roll(): Promise<RollOutcome | undefined> {
    try {
      const outcome = await parts.roll();
      complete = true;
      await deliver();
      return outcome;
    } catch (error) {
      complete = false;
      if (!(error instanceof RemoteError)) throw error;
      log.event(events.rollWaiting, { reason: error.code });
      return undefined;
    }
  }

  function keepRolling(): void {
    if (stopped) return;
    const inMs = Math.min(nextRollMs() - clock.now(), DAY_MS + 3 * 3_600_000);
    stops[0] = clock.after('vault.roll', inMs, async () => {
      try {
        await roll();
      } finally {
        keepRolling();
      }
    });
  }

  return {
    roll,
    deliver,
    soon,
    rolled: () => complete,
    async start() {
      await roll();
      keepRolling();
      stops.push(
        clock.every('vault.deliver', config.retryMs, async () => {
          const isQuiet = quietSinceMs !== undefined && clock.now() - quietSinceMs < RENEW_MS;
          if (!complete || parts.isRollDue()) await roll();
          else if (!isQuiet) await deliver();
        }),
        clock.every('vault.watch', config.limits.watchEveryMs, () => parts.watch()),
        clock.every('vault.corrections', config.limits.correctionsEveryMs, () => parts.corrections()),
      );
    },
    stop() {
      stopped = true;
      clearTimeout(soonTimer);
      for (const stop of stops) stop();
    },
    settled: () => delivering,
  };
}

/** Runs a delivery when its version is not the one delivered last, or that was an hour ago. */
export function renewals(
  clock: Clock,
): (what: string, version: string, work: () => Promise<boolean>) => Promise<boolean> {
  const done = new Map<string, { readonly version: string; readonly atMs: number }>();
  return async (what, version, work) => {
    const last = done.get(what);
    if (last?.version === version && clock.now() - last.atMs < RENEW_MS) return true;
    const isTaken = await work();
    if (isTaken) done.set(what, { version, atMs: clock.now() });
    return isTaken;
  };
}
