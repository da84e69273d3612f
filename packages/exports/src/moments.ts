// Dates and times as the other systems read them, on the authority's calendar.
import { dayOf, dayText } from '@tongche/protocol';

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    clocks.set(zone, clock);
  }
  return clock;
}

/** '2026-11-18' of that zone. */
export function localDay(ms: number, zone: string): string {
  return dayText(dayOf(ms, zone));
}

/** '2026-11-18 08:12' of that zone. */
export function localMoment(ms: number, zone: string): string {
  return `${localDay(ms, zone)} ${clockOf(zone).format(ms)}`;
}

/** Full years between two days 'YYYY-MM-DD'. */
export function yearsBetween(birth: string, day: string): number {
  const had = day.slice(5) >= birth.slice(5);
  return Number(day.slice(0, 4)) - Number(birth.slice(0, 4)) - (had ? 0 : 1);
}
