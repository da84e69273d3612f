// Local calendar days: the day number every key, tag and record of a day carries. Zone rules come from Intl alone.
import { err, ok } from './result.ts';
import type { Result } from './result.ts';

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;
const MAX_DAY = 0xffff;
/** No zone is further than this from UTC, daylight saving included. */
const MAX_OFFSET_MS = 16 * 3_600_000;
/** One authority has one zone; a test or a simulator may use several. Beyond this the caches start anew. */
const MAX_CACHED = 512;

const formatters = new Map<string, Intl.DateTimeFormat>();
const dayStarts = new Map<string, Map<number, number>>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    });
    if (formatters.size >= MAX_CACHED) formatters.clear();
    formatters.set(zone, formatter);
  }
  return formatter;
}

function dayByIntl(ms: number, zone: string): number {
  let year = 0;
  let month = 0;
  let day = 0;
  for (const part of formatterOf(zone).formatToParts(ms)) {
    if (part.type === 'year') year = Number(part.value);
    else if (part.type === 'month') month = Number(part.value);
    else if (part.type === 'day') day = Number(part.value);
  }
  return Date.UTC(year, month - 1, day) / DAY_MS;
}

/** Intl takes microseconds; the same few moments are asked for over and over. */
const SPAN_MS = 15 * MINUTE_MS;
const spans = new Map<string, Map<number, number>>();
/** Traces go back over weeks of quarters of an hour: three months of them. */
const MAX_SPANS = 8_640;

/** The local calendar day of an instant, as days since 1970-01-01. Throws RangeError for an unknown zone. */
export function dayOf(ms: number, zone: string): number {
  let days = spans.get(zone);
  if (days === undefined) {
    if (spans.size >= MAX_CACHED) spans.clear();
    spans.set(zone, (days = new Map()));
  }
  const span = Math.floor(ms / SPAN_MS);
  const kept = days.get(span);
  if (kept !== undefined) return kept;
  const day = dayByIntl(ms, zone);
  // A span that begins and ends on one day lies on it wholly: no zone's clock moves twice, or leaves a day and comes back
  // to it, within a quarter of an hour.
  const first = dayByIntl(span * SPAN_MS, zone);
  const last = dayByIntl((span + 1) * SPAN_MS - 1, zone);
  if (first === last) {
    if (days.size >= MAX_SPANS) days.clear();
    days.set(span, first);
  }
  return day;
}

/** The first instant of a local day. Right where clocks jump at midnight: days last 23, 24 or 25 hours. */
export function dayStartMs(day: number, zone: string): number {
  let starts = dayStarts.get(zone);
  const cached = starts?.get(day);
  if (cached !== undefined) return cached;
  if (starts === undefined || starts.size >= MAX_CACHED) {
    if (dayStarts.size >= MAX_CACHED) dayStarts.clear();
    dayStarts.set(zone, (starts = new Map()));
  }
  let before = day * DAY_MS - MAX_OFFSET_MS;
  let after = day * DAY_MS + MAX_OFFSET_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayByIntl(middle, zone) >= day) after = middle;
    else before = middle;
  }
  starts.set(day, after);
  return after;
}

/** 'YYYY-MM-DD'. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** A day number from 'YYYY-MM-DD'; dates that do not exist, and days outside 0..65535, are refused. */
export function dayFromText(text: string): Result<number, 'bad-day'> {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return err('bad-day');
  const day = Date.parse(`${text}T00:00:00Z`) / DAY_MS;
  // Date.parse lets 30 February roll over into March: only what is written back the same way exists.
  if (!Number.isInteger(day) || day < 0 || day > MAX_DAY || dayText(day) !== text) return err('bad-day');
  return ok(day);
}
