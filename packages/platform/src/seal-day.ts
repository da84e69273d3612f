// Sealing days (封日): at night, after the roll, each day that is over is rewritten once in code order with packed indexes. When
// and by whom is decided here; how it is done is in store/seal.ts. See docs/decisions/0021-sealing-a-day.md.
import { statfs } from 'node:fs/promises';
import { dayStartMs, MINUTE_MS } from '@tongche/protocol';
import type { Database } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';
import { rollDay } from './calendar.ts';
import type { Calendar } from './calendar.ts';
import { events } from './events.ts';
import type { Duties } from './peers/duties.ts';
import { LOCKS } from './store/peers.ts';
import { rewriteDay, sweepCopies, unsealedDays } from './store/seal.ts';

const lookMs = 20 * MINUTE_MS;
/** From the roll at 03:00 until the first riders of the morning. */
const untilHourMs = 6 * 60 * MINUTE_MS;
/** Below this a day gains nothing that anybody would notice. */
export const SEAL_MIN_BYTES = 16 * 1024 * 1024;
/** The copy, the files it is sorted in, and as much again for its write-ahead log. */
const roomFactor = 3;

export interface DaySealerOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly zone: string;
  readonly calendar: Pick<Calendar, 'isBelieved' | 'lastRoll'>;
  readonly duties: Pick<Duties, 'isMine'>;
  /** Off: only what was begun earlier is cleared away. */
  readonly isOn: boolean;
  /** Of the disk the rides lie on; undefined where nobody can say. */
  readonly freeBytes: () => Promise<number | undefined>;
  readonly minBytes?: number;
}

export interface DaySealer {
  /** Looks every 20 minutes of the small hours; returns how to stop, also in the middle. */
  schedule(): () => Promise<void>;
}

/** Free bytes beside `folder` when the database is on this machine, whose disk it then most likely shares. */
export function diskBeside(databaseUrl: string, folder: string): () => Promise<number | undefined> {
  // Without a host between `@` and `/`, as such strings are written, no URL can be made of it.
  const [, query = ''] = databaseUrl.split('?');
  const isHere = new URLSearchParams(query).get('host')?.startsWith('/') === true;
  return async () => {
    if (!isHere) return undefined;
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  };
}

export function daySealer(options: DaySealerOptions): DaySealer {
  const { db, clock, log, zone, calendar, duties, isOn, freeBytes, minBytes = SEAL_MIN_BYTES } = options;

  async function seal(day: number, bytes: number, signal: AbortSignal): Promise<void> {
    const free = await freeBytes();
    if (free !== undefined && free < bytes * roomFactor) {
      log.event(events.dayNotSealed, { day, reason: 'disk' });
      return;
    }
    const beganMs = clock.steadyMs();
    try {
      const done = await rewriteDay(db, day, { signal });
      if (done !== undefined) log.event(events.daySealed, { day, ...done, ms: Math.round(clock.steadyMs() - beganMs) });
    } catch (error) {
      const { code } = error as { readonly code?: string };
      log.event(events.dayNotSealed, { day, reason: signal.aborted ? 'closing' : (code ?? 'failed') });
    }
  }

  function isNight(nowMs: number, today: number): boolean {
    return nowMs < dayStartMs(today, zone) + untilHourMs;
  }

  async function look(signal: AbortSignal): Promise<void> {
    const today = rollDay(clock.now(), zone);
    // After the roll, by whoever rolls: a day that is due to be destroyed has gone by then.
    if (!isNight(clock.now(), today) || !calendar.isBelieved() || calendar.lastRoll() !== today) return;
    if (!(await duties.isMine(LOCKS.roller))) return;
    await sweepCopies(db);
    if (!isOn) return;
    for (const { day, bytes } of await unsealedDays(db)) {
      if (signal.aborted || !isNight(clock.now(), today)) return;
      // Late rides of a sealed day lie at its end: in four hours more than 99 of 100 have come.
      if (day < today && bytes >= minBytes) await seal(day, bytes, signal);
    }
  }

  return {
    schedule() {
      const stop = new AbortController();
      let running = Promise.resolve();
      const stopTimer = clock.every('platform.seal', lookMs, async () => {
        const one = look(stop.signal);
        running = one.catch(() => undefined);
        await one;
      });
      return async () => {
        stopTimer();
        stop.abort();
        await running;
      };
    },
  };
}
