// Service days in a time zone. Timetables count seconds from "noon minus 12 h" of a day, which is midnight except on the
// two days a year when clocks change (GTFS reference, stop_times.txt, field type Time).

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Wall-clock time of `zone` at `ms`, as if it were UTC. Throws a RangeError for an unknown zone. */
function wallMs(ms: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** The instant from which the times of service day `day` (local days since 1970-01-01) are counted. */
export function serviceStartMs(day: number, zone: string): number {
  const noonWallMs = day * DAY_MS + DAY_MS / 2;
  // Two steps settle: the offset at the guess, then the offset at the corrected instant. Zones never change at noon.
  let ms = noonWallMs - (wallMs(noonWallMs, zone) - noonWallMs);
  ms -= wallMs(ms, zone) - noonWallMs;
  return ms - DAY_MS / 2;
}

/**
 * The instant at which clocks of `zone` show `wall` (a wall-clock time as if it were UTC, in milliseconds). Of an hour
 * that clocks show twice the first is meant; one that they skip counts on from before the change.
 */
export function instantMs(wall: number, zone: string): number {
  const before = wall - (wallMs(wall - DAY_MS, zone) - (wall - DAY_MS));
  if (wallMs(before, zone) === wall) return before;
  const after = wall - (wallMs(wall + DAY_MS, zone) - (wall + DAY_MS));
  return wallMs(after, zone) === wall ? after : before;
}

/** Day of the week of a day number: 0 Monday ... 6 Sunday. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}
