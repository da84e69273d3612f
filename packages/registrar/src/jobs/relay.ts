// The relay: blobs wait for a random time in the window, then leave together with everything else that is due, in
// random order. The platform takes repetitions, so a cut between sending and deleting does no harm.
import { randomInt } from 'node:crypto';
import { RelayOutcome, Refusal } from '@tongche/contract';
import type { InternalClient } from '@tongche/http';
import { RemoteError } from '@tongche/http';
import { QueueFull } from '@tongche/postgres';
import { toBase64Url } from '@tongche/protocol';
import type { Clock, Log, Stop } from '@tongche/runtime';
import type { Config } from '../config.ts';
import { events } from '../events.ts';
import { MAX_RELAY_BLOBS, RELAY_BATCH, RELAY_BATCHES_A_RUN, RELAY_RETRY_MS } from '../limits.ts';
import type { RelayStore } from '../store/relay.ts';

/** randomInt's widest range is 2^48; a window of hours is far below. */
export type UniformInt = (min: number, max: number) => number;

/**
 * A time uniform in the window after now, rounded up to a whole tick, so that what is stored tells the hour at most.
 */
export function releaseTime(nowMs: number, relay: Config['relay'], uniform: UniformInt = randomInt): number {
  const { minDelayMs, maxDelayMs, tickMs } = relay;
  const delayMs = minDelayMs === maxDelayMs ? minDelayMs : uniform(minDelayMs, maxDelayMs + 1);
  return Math.ceil((nowMs + delayMs) / tickMs) * tickMs;
}

/** Fisher-Yates with unbiased draws. */
export function shuffled<Item>(items: readonly Item[], uniform: UniformInt = randomInt): Item[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = uniform(0, i + 1);
    const a = out[i];
    const b = out[j];
    if (a !== undefined && b !== undefined) [out[i], out[j]] = [b, a];
  }
  return out;
}

export interface Relay {
  /** Keeps a blob for later. Throws Refusal busy when the store is full. */
  accept(blob: Uint8Array): Promise<void>;
  /** Sends what is due; false when something is left to be tried again. Never throws. */
  run(): Promise<boolean>;
  stop: Stop;
}

interface RelayOptions {
  readonly store: RelayStore;
  readonly platform: InternalClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Config['relay'];
}

export function openRelayDesk({ store, platform, clock, log, settings }: RelayOptions): Relay {
  let running: Promise<boolean> | undefined;
  /** Refreshed at each run; a cap only has to hold roughly. */
  let held = 0;

  /** 'more' when a full batch left, 'failed' when the platform did not take it. */
  async function sendBatch(): Promise<'more' | 'done' | 'failed'> {
    const blobs = await store.due(clock.now(), RELAY_BATCH);
    if (blobs.length === 0) return 'done';
    try {
      const items = shuffled(blobs).map((blob) => toBase64Url(blob));
      const outcome = await platform.post('/internal/relay', { items }, RelayOutcome);
      await store.remove(blobs);
      held = await store.count();
      log.event(events.relayed, { sent: blobs.length, ...outcome, left: held });
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      log.event(events.relayWaiting, { due: blobs.length, code: error.code });
      return 'failed';
    }
    return blobs.length === RELAY_BATCH ? 'more' : 'done';
  }

  async function send(): Promise<boolean> {
    try {
      for (let batch = 0; batch < RELAY_BATCHES_A_RUN; batch += 1) {
        const outcome = await sendBatch();
        if (outcome !== 'more') return outcome === 'done';
      }
    } catch (error) {
      log.fault('registrar.relay', error);
    }
    return false;
  }

  function run(): Promise<boolean> {
    running ??= send().finally(() => {
      running = undefined;
    });
    return running;
  }

  // Runs stand on whole ticks, where the release times are. A run in between only repeats what failed: it never
  // parts what is due together.
  let stopTimer: Stop = () => {};
  let stopped = false;
  function arm(retry: boolean): void {
    if (stopped) return;
    const toTickMs = settings.tickMs - (clock.now() % settings.tickMs);
    const delayMs = retry ? Math.min(toTickMs, RELAY_RETRY_MS) : toTickMs;
    stopTimer = clock.after('relay', delayMs, async () => arm(!(await run())));
  }
  arm(true);

  return {
    async accept(blob) {
      if (held >= MAX_RELAY_BLOBS) throw new Refusal('busy', { retryAfterS: 3_600 });
      try {
        await store.add(blob, releaseTime(clock.now(), settings));
      } catch (error) {
        if (error instanceof QueueFull) throw new Refusal('busy');
        throw error;
      }
      held += 1;
    },
    run,
    stop() {
      stopped = true;
      stopTimer();
    },
  };
}
