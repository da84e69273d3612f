// At most one notifier sends: it holds an advisory lock in its own database for as long as it lives. A second one would
// take the first one's messages in flight for interrupted ones (nothing would be sent twice, but people would have to
// decide about messages that went well). The lock goes with its connection, so a killed process frees it at once.
import type { Database } from '@tongche/postgres';
import { ConfigError } from '@tongche/runtime';
import type { Clock, Log, Stop } from '@tongche/runtime';

import { events } from './events.ts';

/** Any constant of our own; the database holds no other advisory lock. */
const LOCK = 7_204_611;
/** A killed process' connection is gone well before the last try. */
const START_TRIES = 25;
const TRY_AGAIN_MS = 200;
/** How soon a lost connection is noticed. */
const BEAT_MS = 5_000;

export interface Sole {
  held(): boolean;
  release(): Promise<void>;
}

export interface SoleOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** The lock was lost and is back. */
  readonly onRegained: () => void;
}

/** Throws ConfigError when another notifier keeps running. */
export async function becomeSole({ db, clock, log, onRegained }: SoleOptions): Promise<Sole> {
  let isHeld = false;
  let isReleased = false;
  let holding: Promise<void> = Promise.resolve();
  let stopRetry: Stop | undefined;
  let beat: () => void = () => {};
  const stopBeat = clock.every('sole-beat', BEAT_MS, () => beat());

  /** Holds the lock in an open transaction; `onAnswer` says whether it was free. */
  async function hold(onAnswer: (got: boolean) => void): Promise<void> {
    await db.tx('sole', async (tx) => {
      const row = await tx.one<{ readonly got: boolean }>('select pg_try_advisory_xact_lock($1) as got', [LOCK]);
      isHeld = row?.got ?? false;
      onAnswer(isHeld);
      if (!isHeld) return;
      for (;;) {
        await new Promise<void>((resolve) => {
          beat = resolve;
        });
        if (isReleased) return;
        await tx.query('select 1');
      }
    });
  }

  function attempt(): Promise<boolean> {
    return new Promise((resolve) => {
      holding = hold(resolve)
        .catch((error: unknown) => log.fault('notifier.sole', error))
        .then(() => {
          const wasHeld = isHeld;
          isHeld = false;
          resolve(false);
          if (wasHeld && !isReleased) {
            log.event(events.lockLost, {});
            regain();
          }
        });
    });
  }

  function regain(): void {
    stopRetry = clock.after('sole-regain', TRY_AGAIN_MS, async () => {
      if (isReleased) return;
      if (await attempt()) onRegained();
      else regain();
    });
  }

  async function release(): Promise<void> {
    isReleased = true;
    stopBeat();
    stopRetry?.();
    beat();
    await holding;
  }

  for (let tries = 1; !(await attempt()); tries += 1) {
    if (tries >= START_TRIES) {
      await release();
      throw new ConfigError('another notifier is running on this database');
    }
    await new Promise<void>((resolve) => clock.after('sole-start', TRY_AGAIN_MS, resolve));
  }
  return { held: () => isHeld, release };
}
