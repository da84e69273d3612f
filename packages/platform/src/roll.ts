// The daily roll at 03:00 local time: partitions ahead, the oldest day destroyed, keys past their life destroyed. It looks
// only at what is there and what should be, so it may run twice, and days it missed are made up for.
import { DAY_MS, dayOf, dayStartMs, rideIdBounds, uuidText } from '@tongche/protocol';
import { dayPartitions } from '@tongche/postgres';
import type { Database } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';
import type { Timetable } from './city/import-city.ts';
import { events } from './events.ts';
import { ADMISSION_DAYS } from './keys.ts';
import type { Keys } from './keys.ts';
import { deleteChangesBefore } from './store/codes.ts';
import { expireImports, FILE_KEEP_MS, IMPORT_KEEP_MS } from './store/imports.ts';
import { deleteTraceRows, putState, putStateOnce } from './store/maintenance.ts';
import { dayColumn } from './store/notes.ts';
import { deleteRunsBefore } from './store/runs.ts';
import { deleteRunKnowledge } from './store/segments.ts';
import { deleteRollsBefore, logRoll } from './store/operator.ts';
import { deleteExpiredSessions, deleteShiftsBefore } from './store/staff.ts';

/** Nobody rides much at this hour, and night services of the day before have mostly ended. */
const rollAfterMidnightMs = 3 * 3_600_000;
/** A failed roll is tried again soon: it destroys. */
const retryMs = 10 * 60_000;
/** Rides are taken seven days late. */
const daysBehind = 7;
/** A process that could not roll for two nights still has somewhere to write. */
const daysAhead = 3;
export const orderKeepMs = 30 * DAY_MS;
export const accessKeepMs = 400 * DAY_MS;

export interface Roller {
  /** Brings everything to where it should be now. */
  readonly roll: () => Promise<void>;
  readonly hasPartition: (day: number) => boolean;
  /** Whether positions of the day have somewhere to go. */
  readonly hasPositions: (day: number) => boolean;
  /** Begins the daily schedule; returns how to stop. */
  schedule(): () => void;
}

export interface RollerOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly zone: string;
  readonly retentionDays: number;
  readonly positionDays: number;
  readonly keys: Keys;
  readonly timetable: Timetable;
}

/** The day whose roll is the last one due: before 03:00 it is still yesterday's. */
export function rollDay(nowMs: number, zone: string): number {
  const today = dayOf(nowMs, zone);
  return nowMs >= dayStartMs(today, zone) + rollAfterMidnightMs ? today : today - 1;
}

export function nextRollMs(nowMs: number, zone: string): number {
  return dayStartMs(rollDay(nowMs, zone) + 1, zone) + rollAfterMidnightMs;
}

export function roller(options: RollerOptions): Roller {
  const { db, clock, log, zone, retentionDays, positionDays, keys, timetable } = options;
  const rides = dayPartitions(db, 'ride', {
    column: 'ride_id',
    bounds: (day) => {
      const lowest = (ms: number): string => `'${uuidText(rideIdBounds(ms, ms)[0])}'`;
      return [lowest(dayStartMs(day, zone)), lowest(dayStartMs(day + 1, zone))];
    },
  });
  const notes = dayPartitions(db, 'ride_note', {
    column: 'day',
    bounds: (day) => [`'${dayColumn(day)}'`, `'${dayColumn(day + 1)}'`],
  });
  const positions = dayPartitions(db, 'vehicle_position', {
    column: 'at_s',
    bounds: (day) => [`${dayStartMs(day, zone) / 1000}`, `${dayStartMs(day + 1, zone) / 1000}`],
  });
  let present: ReadonlySet<number> = new Set();
  let measured: ReadonlySet<number> = new Set();

  /** Positions live for some days only. */
  async function rollPositions(today: number): Promise<void> {
    const oldest = today - positionDays;
    for (const day of await positions.list()) {
      if (day <= oldest && (await positions.drop(day)))
        log.event(events.partitionDropped, { table: 'vehicle_position', day });
    }
    for (let day = oldest + 1; day <= today + daysAhead; day += 1) await positions.ensure(day);
    measured = new Set(await positions.list());
  }

  async function ensureAhead(today: number, oldest: number): Promise<void> {
    for (let day = Math.max(today - daysBehind, oldest + 1); day <= today + daysAhead; day += 1) {
      await rides.ensure(day);
      await notes.ensure(day);
    }
  }

  async function dropThrough(last: number): Promise<number> {
    let dropped = 0;
    for (const [table, partitions] of [
      ['ride', rides],
      ['ride_note', notes],
    ] as const) {
      for (const day of await partitions.list()) {
        if (day > last || !(await partitions.drop(day))) continue;
        dropped += 1;
        log.event(events.partitionDropped, { table, day });
      }
    }
    return dropped;
  }

  async function roll(): Promise<void> {
    const nowMs = clock.now();
    const day = rollDay(nowMs, zone);
    const oldest = day - retentionDays;
    // First what destroys: a fault further on must not keep what should be gone.
    const destroyed = keys.destroyThrough(day - ADMISSION_DAYS);
    for (const slot of destroyed) log.event(events.keyDestroyed, { slot });
    const partitions = await dropThrough(oldest);
    await ensureAhead(dayOf(nowMs, zone), oldest);
    present = new Set(await rides.list());
    await rollPositions(dayOf(nowMs, zone));
    const ridesMs = dayStartMs(oldest + 1, zone);
    const runs = await deleteRunsBefore(db, oldest);
    const shifts = await deleteShiftsBefore(db, ridesMs);
    await deleteRunKnowledge(db, ridesMs);
    await deleteExpiredSessions(db, nowMs);
    await deleteTraceRows(db, {
      noncesMs: nowMs - DAY_MS,
      ordersMs: nowMs - orderKeepMs,
      accessMs: nowMs - accessKeepMs,
      ridesMs,
    });
    await deleteChangesBefore(db, nowMs - accessKeepMs);
    await expireImports(db, nowMs - FILE_KEEP_MS, nowMs - IMPORT_KEEP_MS);
    await timetable.expand();
    await logRoll(db, { day, atMs: nowMs, partitions, keys: destroyed.length });
    await deleteRollsBefore(db, day - accessKeepMs / DAY_MS);
    await putStateOnce(db, 'first-roll', day);
    await putState(db, 'last-roll', day);
    log.event(events.rolled, { day, partitions, keys: destroyed.length, runs, shifts });
  }

  let running: Promise<void> = Promise.resolve();
  /** One at a time. */
  function rollOnce(): Promise<void> {
    running = running.catch(() => undefined).then(roll);
    return running;
  }

  return {
    roll: rollOnce,
    hasPartition: (day) => present.has(day),
    hasPositions: (day) => measured.has(day),
    schedule() {
      let stopped = false;
      let stopTimer = (): void => {};
      function arm(delayMs: number): void {
        if (stopped) return;
        stopTimer = clock.after('platform.roll', delayMs, async () => {
          let nextMs = retryMs;
          try {
            await rollOnce();
            nextMs = nextRollMs(clock.now(), zone) - clock.now();
          } finally {
            arm(nextMs);
          }
        });
      }
      arm(nextRollMs(clock.now(), zone) - clock.now());
      return () => {
        stopped = true;
        stopTimer();
      };
    },
  };
}
