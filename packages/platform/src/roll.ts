// The daily roll at 03:00 local time: partitions ahead, the oldest day destroyed, keys past their life destroyed. It looks
// only at what is there and what should be, so it may run twice, and days it missed are made up for.
import { DAY_MS, dayOf, dayStartMs, MINUTE_MS, rideIdBounds, uuidText } from '@tongche/protocol';
import { dayPartitions } from '@tongche/postgres';
import type { Database, DayPartitions } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';
import { nextRollMs, rollDay } from './calendar.ts';
import type { Calendar } from './calendar.ts';
import type { Timetable } from './city/import-city.ts';
import { events } from './events.ts';
import { ADMISSION_DAYS } from './keys.ts';
import type { Keys } from './keys.ts';
import type { Duties } from './peers/duties.ts';
import type { PeerNews } from './peers/news.ts';
import { LOCKS } from './store/peers.ts';
import { deleteLineBoardings } from './store/boardings.ts';
import { deleteChangesBefore } from './store/codes.ts';
import { expireImports, FILE_KEEP_MS, IMPORT_KEEP_MS } from './store/imports.ts';
import { deleteTraceRows, putStateOnce } from './store/maintenance.ts';
import { dayColumn } from './store/notes.ts';
import { deleteRunsBefore } from './store/runs.ts';
import { deleteRunKnowledge } from './store/segments.ts';
import { deleteRollsBefore, logRoll } from './store/operator.ts';
import { deleteExpiredSessions, deleteShiftsBefore } from './store/staff.ts';

/** A roll that failed, or held back for its calendar, is tried again soon: it destroys. */
const retryMs = 10 * MINUTE_MS;
/** Timers go by time that passes; this often the calendar is asked whether somebody has set it. */
const lookMs = MINUTE_MS;
/** Rides are taken seven days late. */
const daysBehind = 7;
/** A process that could not roll for two nights still has somewhere to write. */
const daysAhead = 3;
export const orderKeepMs = 30 * DAY_MS;
export const accessKeepMs = 400 * DAY_MS;

export interface Roller {
  /** Brings everything to where it should be now. */
  readonly roll: () => Promise<void>;
  /** The same where no other process does it. */
  readonly begin: () => Promise<void>;
  readonly hasPartition: (day: number) => boolean;
  /** Whether positions of the day have somewhere to go. */
  readonly hasPositions: (day: number) => boolean;
  /** Rolls in a moment, where there is a schedule. */
  readonly soon: () => void;
  /** Another process has rolled. */
  readonly follow: () => Promise<void>;
  /** Begins the daily schedule; returns how to stop. */
  schedule(): () => void;
}

export interface RollerOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly calendar: Calendar;
  readonly zone: string;
  readonly retentionDays: number;
  readonly positionDays: number;
  readonly keys: Keys;
  readonly timetable: Timetable;
  readonly peers: Pick<PeerNews, 'tx'>;
  readonly duties: Pick<Duties, 'alone' | 'isMine'>;
  /** Whether rides are spread over several servers. */
  readonly isSpread: boolean;
}

/** Days of rides. Spread over several servers they cannot be rewritten. */
export function ridePartitions(db: Database, zone: string, isSpread: boolean): DayPartitions {
  const lowest = (day: number): string => {
    const ms = dayStartMs(day, zone);
    return `'${uuidText(rideIdBounds(ms, ms)[0])}'`;
  };
  return dayPartitions(db, 'ride', {
    column: 'ride_id',
    exchangeable: !isSpread,
    bounds: (day) => [lowest(day), lowest(day + 1)],
  });
}

export function roller(options: RollerOptions): Roller {
  const { db, clock, log, calendar, zone, retentionDays, positionDays, keys, timetable, peers, duties, isSpread } =
    options;
  const rides = ridePartitions(db, zone, isSpread);
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
  }

  /** `isWanted`: whether a ride of the day could be taken at all. */
  async function ensureAround(today: number, oldest: number, isWanted = (_day: number) => true): Promise<void> {
    for (let day = Math.max(today - daysBehind, oldest + 1); day <= today + daysAhead; day += 1) {
      if (!isWanted(day)) continue;
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

  async function refresh(): Promise<void> {
    present = new Set(await rides.list());
    measured = new Set(await positions.list());
  }

  function destroyKeysThrough(day: number): readonly string[] {
    const destroyed = keys.destroyThrough(day - ADMISSION_DAYS);
    for (const slot of destroyed) log.event(events.keyDestroyed, { slot });
    return destroyed;
  }

  let shownDay: number | undefined;

  /** By one process at a time. */
  async function roll(): Promise<void> {
    shownDay = rollDay(clock.now(), zone);
    const nowMs = await calendar.look();
    const day = rollDay(nowMs, zone);
    const oldest = day - retentionDays;
    // First what destroys: a fault further on must not keep what should be gone.
    const destroyed = destroyKeysThrough(day);
    await keys.renewFolder();
    const partitions = await dropThrough(oldest);
    await ensureAround(dayOf(nowMs, zone), oldest);
    // A calendar that is not believed may be right all the same: riders with keys for its days find somewhere to write.
    await ensureAround(dayOf(clock.now(), zone), oldest, (near) => keys.admission(near) !== undefined);
    await rollPositions(dayOf(nowMs, zone));
    await refresh();
    const ridesMs = dayStartMs(oldest + 1, zone);
    const runs = await deleteRunsBefore(db, oldest);
    const shifts = await deleteShiftsBefore(db, ridesMs);
    await deleteRunKnowledge(db, ridesMs);
    await deleteLineBoardings(db, oldest);
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
    await peers.tx('rolled', async (tx, tell) => {
      await calendar.rolled(day, tx);
      await tell({ kind: 'rolled' });
    });
    log.event(events.rolled, { day, partitions, keys: destroyed.length, runs, shifts });
  }

  /** What another process has rolled: its partitions, and the keys of this machine whose time was over by then. */
  async function follow(): Promise<void> {
    shownDay = rollDay(clock.now(), zone);
    await calendar.look(false);
    const day = calendar.lastRoll();
    if (day !== undefined) destroyKeysThrough(day);
    await keys.renewFolder();
    await refresh();
  }

  /** The database's calendar is one: whoever has the duty keeps it, until it ends. */
  async function rollOrFollow(): Promise<void> {
    if (await duties.isMine(LOCKS.roller)) await duties.alone(LOCKS.roll, roll);
    else await follow();
  }

  let running: Promise<void> = Promise.resolve();
  /** One at a time. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    running = running.catch(() => undefined).then(work);
    return running;
  }

  let armNow = (): void => {};

  return {
    roll: () => inTurn(() => duties.alone(LOCKS.roll, roll)),
    begin: () => inTurn(rollOrFollow),
    follow: () => inTurn(follow),
    soon: () => armNow(),
    hasPartition: (day) => present.has(day),
    hasPositions: (day) => measured.has(day),
    schedule() {
      let stopped = false;
      let stopTimer = (): void => {};
      function untilNextMs(): number {
        const regularMs = nextRollMs(clock.now(), zone) - clock.now();
        return calendar.isBelieved() ? regularMs : Math.min(retryMs, regularMs);
      }
      function arm(delayMs: number): void {
        stopTimer();
        if (stopped) return;
        stopTimer = clock.after('platform.roll', delayMs, async () => {
          let nextMs = retryMs;
          try {
            await inTurn(rollOrFollow);
            nextMs = untilNextMs();
          } finally {
            arm(nextMs);
          }
        });
      }
      arm(untilNextMs());
      armNow = () => arm(0);
      const stopLooking = clock.every('platform.calendar', lookMs, () => {
        const due = rollDay(clock.now(), zone);
        // The one who had the duty may have ended in the middle of it.
        const isUndone = calendar.isBelieved() && (calendar.lastRoll() ?? due) < due;
        if (due !== shownDay || isUndone) armNow();
      });
      return () => {
        stopped = true;
        stopTimer();
        stopLooking();
      };
    },
  };
}
