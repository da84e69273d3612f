// Times and dates as GTFS writes them.

const DAY_MS = 86_400_000;

/** Seconds since the start of the service day from H:MM:SS; hours may pass 24. Undefined when it is not a time. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d{1,3}):([0-5]\d):([0-5]\d)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
}

/** HH:MM:SS; hours run past 24. */
export function formatTime(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Day number (days since 1970-01-01) from YYYYMMDD or YYYY-MM-DD. Undefined when no such day exists. */
export function parseDate(text: string): number | undefined {
  const match = /^(\d{4})(-?)(\d{2})\2(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, date] = [Number(match[1]), Number(match[3]), Number(match[4])];
  const ms = Date.UTC(year, month - 1, date);
  const back = new Date(ms);
  // Date.UTC reads years below 100 as 19xx and rolls 31 April over into May; neither is the day that was written.
  const same = back.getUTCFullYear() === year && back.getUTCMonth() === month - 1 && back.getUTCDate() === date;
  return same ? ms / DAY_MS : undefined;
}

/** YYYYMMDD of a day number. */
export function formatDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
}
