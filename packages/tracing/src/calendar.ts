// What people remember ("Tuesday, about half past seven") against instants.
import { DAY_MS, dayOf, dayStartMs, MINUTE_MS } from '@tongche/protocol/formats';
import type { Name } from './types.ts';

export const DAY_MINUTES = 1440;
/** Clocks change before this minute of a day, where they change at all: behind it minutes count from the day's end. */
const CHANGED_BY_MINUTE = 180;

/** 0 Monday ... 6 Sunday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export function weekdayOf(day: number): Weekday {
  return ((((day + 3) % 7) + 7) % 7) as Weekday;
}

/** Calendar day (days since 1970-01-01) of `zone` at `ms`, and the minute that its clocks show. */
export function localTime(ms: number, zone: string): { readonly day: number; readonly minute: number } {
  const day = dayOf(ms, zone);
  const minute = DAY_MINUTES - Math.ceil((dayStartMs(day + 1, zone) - ms) / MINUTE_MS);
  if (minute >= CHANGED_BY_MINUTE) return { day, minute };
  return { day, minute: Math.floor((ms - dayStartMs(day, zone)) / MINUTE_MS) };
}

/** The instant at which clocks of `zone` show a minute of a local day; minutes from 1440 on are the next morning. */
export function instantAt(day: number, minute: number, zone: string): number {
  if (minute >= DAY_MINUTES) return instantAt(day + 1, minute - DAY_MINUTES, zone);
  if (minute < CHANGED_BY_MINUTE) return dayStartMs(day, zone) + minute * MINUTE_MS;
  return dayStartMs(day + 1, zone) - DAY_MS + minute * MINUTE_MS;
}

let months: Intl.DateTimeFormat | undefined;

/** "2月18日", "18 February". */
export function dateWords(day: number): Name {
  const date = new Date(day * DAY_MS);
  // Made once: making one takes a hundred times as long as using it.
  months ??= new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'long' });
  const month = months.format(date);
  return { zh: `${date.getUTCMonth() + 1}月${date.getUTCDate()}日`, en: `${date.getUTCDate()} ${month}` };
}

/** "07:35", of a minute of the day; 1,445 is "00:05". */
export function clockWords(minute: number): string {
  const within = ((Math.round(minute) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(within / 60))}:${two(within % 60)}`;
}
