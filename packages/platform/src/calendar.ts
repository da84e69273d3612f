// Which day the roll may go by. The wall clock says; but a day far beyond the last roll and beyond what the authority has
// signed for is believed only after a while: what a roll destroys by a wrong calendar does not come back. See
// docs/decisions/0019-clocks-that-jump.md.
import { dayOf, dayStartMs } from '@tongche/protocol';
import type { Database } from '@tongche/postgres';
import { believe } from '@tongche/runtime';
import type { Clock, Leap, LeapRules, Log } from '@tongche/runtime';
import { events } from './events.ts';
import { putState, raiseState, stateValue } from './store/maintenance.ts';
import type { Sql } from './store/sql.ts';

/** Nobody rides much at this hour, and night services of the day before have mostly ended. */
const rollAfterMidnightMs = 3 * 3_600_000;

/** The day whose roll is the last one due: before 03:00 it is still yesterday's. */
export function rollDay(nowMs: number, zone: string): number {
  const today = dayOf(nowMs, zone);
  return nowMs >= dayStartMs(today, zone) + rollAfterMidnightMs ? today : today - 1;
}

export function nextRollMs(nowMs: number, zone: string): number {
  return dayStartMs(rollDay(nowMs, zone) + 1, zone) + rollAfterMidnightMs;
}

export interface Calendar {
  /**
   * Looks at the clock: the instant the roll is to go by. Not now, but that of the last roll, while a leap is not believed.
   * `counts`: whether the time since this process looked last is time waited for a leap; of several, one counts.
   */
  look(counts?: boolean): Promise<number>;
  /** The roll of this day is done, with the transaction. */
  rolled(day: number, tx: Sql): Promise<void>;
  /** As of the last look. */
  lastRoll(): number | undefined;
  /** Somebody with a clock of their own, known by signature, says that it is this day at least. */
  vouch(day: number): Promise<void>;
  /** As of the last look, and unless the clock stands before what was rolled already. */
  readonly isBelieved: () => boolean;
  /** Days that may be the true one: from the day the roll goes by to the furthest that clock, rolls and signatures name. */
  span(): { readonly oldest: number; readonly newest: number };
}

export interface CalendarOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly zone: string;
  readonly rules: LeapRules;
}

export function rollCalendar({ db, clock, log, zone, rules }: CalendarOptions): Calendar {
  let leap: Leap | undefined;
  /** As of the last look. */
  let known: { readonly lastRoll: number | undefined; readonly newest: number | undefined } = {
    lastRoll: undefined,
    newest: undefined,
  };
  let lookedMs: number | undefined;

  async function readLeap(): Promise<Leap | undefined> {
    const day = await stateValue(db, 'leap-day');
    const waitedMs = await stateValue(db, 'leap-waited-ms');
    return day === undefined || waitedMs === undefined || day < 0 ? undefined : { day, waitedMs };
  }

  async function keepLeap({ day, waitedMs }: Leap): Promise<void> {
    await putState(db, 'leap-day', day);
    await putState(db, 'leap-waited-ms', Math.floor(waitedMs));
  }

  async function readKnown(sql: Sql): Promise<void> {
    const lastRoll = await stateValue(sql, 'last-roll');
    const signed = await stateValue(sql, 'authority-day');
    known = { lastRoll, newest: lastRoll === undefined ? undefined : Math.max(lastRoll, signed ?? lastRoll) };
  }

  return {
    async look(counts = true) {
      const nowMs = clock.now();
      const today = rollDay(nowMs, zone);
      const steadyMs = clock.steadyMs();
      const passedMs = counts ? steadyMs - (lookedMs ?? steadyMs) : 0;
      lookedMs = steadyMs;
      await readKnown(db);
      const kept = await readLeap();
      const belief = believe({ today, knownDay: known.newest, leap: kept, passedMs }, rules);
      if (belief.isBelieved || known.lastRoll === undefined) {
        if (kept !== undefined && counts) await keepLeap({ day: -1, waitedMs: 0 });
        leap = undefined;
        return nowMs;
      }
      if (leap === undefined) log.event(events.calendarLeapt, { shown: today, known: known.newest ?? today });
      leap = belief.leap;
      if (counts) await keepLeap(leap);
      return dayStartMs(known.lastRoll, zone) + rollAfterMidnightMs;
    },
    async rolled(day, tx) {
      // A clock that went back does not make rolls undone.
      await raiseState(tx, 'last-roll', day);
      await readKnown(tx);
    },
    lastRoll: () => known.lastRoll,
    async vouch(day) {
      // A signature from the future proves no more than that one of two clocks is wrong.
      if (day <= dayOf(clock.now(), zone) + 1) await raiseState(db, 'authority-day', day);
    },
    isBelieved: () =>
      leap === undefined && (known.lastRoll === undefined || rollDay(clock.now(), zone) >= known.lastRoll),
    span() {
      const today = rollDay(clock.now(), zone);
      const oldest = leap === undefined ? today : (known.lastRoll ?? today);
      return { oldest, newest: Math.max(today, known.newest ?? today) };
    },
  };
}
