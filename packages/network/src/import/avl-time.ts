// Instants as position lists write them: with an offset, as a wall clock of the vehicle's zone, or counted from 1970.
import { instantMs } from '../service-day.ts';

/** Ten digits count seconds, thirteen milliseconds. */
const EPOCH = /^(\d{10})(\d{3})?(?:\.\d+)?$/;
const COMPACT = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/;
const WRITTEN =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/** Clocks change on quarters of an hour at most: within one the distance to UTC stays. */
const QUARTER_MS = 15 * 60_000;

/** A reader of instants; texts without an offset are wall clock of `zone`, and undefined when none is given. */
export function instantReader(zone: string | undefined): (text: string) => number | undefined {
  const offsets = new Map<number, number>();
  const ofWall = (wall: number): number | undefined => {
    if (zone === undefined) return undefined;
    const quarter = Math.floor(wall / QUARTER_MS);
    let offsetMs = offsets.get(quarter);
    if (offsetMs === undefined) {
      offsetMs = quarter * QUARTER_MS - instantMs(quarter * QUARTER_MS, zone);
      offsets.set(quarter, offsetMs);
    }
    return wall - offsetMs;
  };
  return (text) => {
    const epoch = EPOCH.exec(text);
    if (epoch !== null) return Number(epoch[1]) * 1000 + Number(epoch[2] ?? 0);
    const match = WRITTEN.exec(text) ?? COMPACT.exec(text);
    if (match === null) return undefined;
    const [year, month, date, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
    const fractionMs = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000);
    const wall = wallOf([year ?? 0, month ?? 0, date ?? 0, hour ?? 0, minute ?? 0, second ?? 0]);
    if (wall === undefined) return undefined;
    const offset = match[8];
    const ms = offset === undefined ? ofWall(wall) : wall - offsetMsOf(offset);
    return ms === undefined ? undefined : ms + fractionMs;
  };
}

type Wall = readonly [year: number, month: number, date: number, hour: number, minute: number, second: number];

/** Undefined for 31 April, 24:00 and the like. */
function wallOf([year, month, date, hour, minute, second]: Wall): number | undefined {
  const ms = Date.UTC(year, month - 1, date, hour, minute, second);
  const back = new Date(ms);
  const same = back.getUTCFullYear() === year && back.getUTCMonth() === month - 1 && back.getUTCDate() === date;
  return same && hour < 24 && minute < 60 && second < 60 ? ms : undefined;
}

function offsetMsOf(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const digits = text.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4) || 0);
  return (text.startsWith('-') ? -minutes : minutes) * 60_000;
}
