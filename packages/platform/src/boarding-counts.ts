// Counts at night, after the roll, where people boarded on days that are over: what traces weigh alighting stops by, and what
// coverage of a run is estimated from.
import { dayStartMs, MINUTE_MS } from '@tongche/protocol';
import type { Database } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';
import { rollDay } from './calendar.ts';
import type { Calendar } from './calendar.ts';
import { events } from './events.ts';
import type { Duties } from './peers/duties.ts';
import { addStopBoardings, cellsOfDay, countedDays, HOURS, putLineBoardings } from './store/boardings.ts';
import type { HourCell, StopBoardings } from './store/boardings.ts';
import { LOCKS } from './store/peers.ts';

const lookMs = 20 * MINUTE_MS;
/** From the roll at 03:00 until the first riders of the morning. */
const untilHourMs = 6 * 60 * MINUTE_MS;
/** Nights in which nobody counted are made up for; rides come up to seven days late anyhow. */
const daysBehind = 7;

export interface BoardingCountsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly zone: string;
  readonly calendar: Pick<Calendar, 'isBelieved' | 'lastRoll'>;
  readonly duties: Pick<Duties, 'isMine'>;
}

function empty(): number[] {
  return Array.from({ length: HOURS }, () => 0);
}

/** Sums by line, with all of them under the empty name. */
function byLine(cells: readonly HourCell[]): ReadonlyMap<string, readonly number[]> {
  const lines = new Map<string, number[]>([['', empty()]]);
  for (const { lineId, hour, heads } of cells) {
    for (const key of ['', lineId]) {
      const hours = lines.get(key) ?? empty();
      hours[hour] = (hours[hour] ?? 0) + heads;
      lines.set(key, hours);
    }
  }
  return lines;
}

function byStop(cells: readonly HourCell[]): readonly StopBoardings[] {
  return [...Map.groupBy(cells, ({ lineId, dir, stopId }) => `${lineId}\n${dir}\n${stopId}`).values()].flatMap(
    (own) => {
      const [first] = own;
      const hours = empty();
      for (const { hour, heads } of own) hours[hour] = heads;
      return first === undefined ? [] : [{ lineId: first.lineId, dir: first.dir, stopId: first.stopId, hours }];
    },
  );
}

/** Resolves with the heads counted; undefined where the day was counted before. */
export async function countBoardings(db: Database, zone: string, day: number): Promise<number | undefined> {
  return db.tx('count-boardings', async (tx) => {
    const cells = await cellsOfDay(tx, dayStartMs(day, zone), dayStartMs(day + 1, zone) - MINUTE_MS);
    const lines = byLine(cells);
    if (!(await putLineBoardings(tx, day, lines))) return undefined;
    await addStopBoardings(tx, byStop(cells));
    return (lines.get('') ?? []).reduce((sum, heads) => sum + heads, 0);
  });
}

/** Looks every 20 minutes of the small hours; returns how to stop, also in the middle. */
export function scheduleBoardingCounts(options: BoardingCountsOptions): () => Promise<void> {
  const { db, clock, log, zone, calendar, duties } = options;

  async function look(signal: AbortSignal): Promise<void> {
    const today = rollDay(clock.now(), zone);
    const isNight = clock.now() < dayStartMs(today, zone) + untilHourMs;
    if (!isNight || !calendar.isBelieved() || calendar.lastRoll() !== today) return;
    if (!(await duties.isMine(LOCKS.roller))) return;
    const days = Array.from({ length: daysBehind }, (_, n) => today - daysBehind + n);
    const counted = await countedDays(db, days);
    for (const day of days) {
      if (signal.aborted) return;
      const heads = counted.has(day) ? undefined : await countBoardings(db, zone, day);
      if (heads !== undefined) log.event(events.boardingsCounted, { day, heads });
    }
  }

  const stop = new AbortController();
  let running = Promise.resolve();
  const stopTimer = clock.every('platform.boardings', lookMs, async () => {
    const one = look(stop.signal);
    running = one.catch(() => undefined);
    await one;
  });
  return async () => {
    stopTimer();
    stop.abort();
    await running;
  };
}
