// The overview of a day: totals, heads by hour, and a row a line with what is wrong on it.
import type { LineDay, Overview, VehicleRow } from '@tongche/contract';
import { dayOf, dayText } from '@tongche/protocol';
import type { Platform } from '../platform.ts';
import { lineRefOf } from './refs.ts';
import type { DayRows } from './vehicles.ts';

function count(rows: readonly VehicleRow[], test: (row: VehicleRow) => boolean): number {
  return rows.reduce((n, row) => n + (test(row) ? 1 : 0), 0);
}

function sum(rows: readonly VehicleRow[], of: (row: VehicleRow) => number): number {
  return rows.reduce((n, row) => n + of(row), 0);
}

/** What is counted of units, for the city or one line alike, so that the sums agree. */
function unitSums(rows: readonly VehicleRow[]) {
  return {
    vehicles: rows.length,
    inService: count(rows, ({ inService }) => inService),
    signedIn: count(rows, ({ signedInMs }) => signedInMs !== null),
    noRegistration: count(rows, ({ inService, heads }) => inService && heads === 0),
    deadCodes: sum(rows, ({ deadCodes }) => deadCodes),
  };
}

const noHours: readonly number[] = Array.from({ length: 24 }, () => 0);

export function overview(
  { clock, zone }: Platform,
  { counts, city, rows, computedMs }: DayRows,
  expected: ReadonlyMap<string, number>,
): Overview {
  const nowMs = clock.now();
  const byLine = Map.groupBy(rows, ({ line }) => line?.id ?? '');
  const ids = new Set([...byLine.keys(), ...counts.lines.keys()]);
  const lines = [...ids].map((id): LineDay => {
    const ofLine = counts.lines.get(id);
    return {
      line: lineRefOf(city, id),
      ...unitSums(byLine.get(id) ?? []),
      flagged: sum(byLine.get(id) ?? [], ({ flagged }) => flagged),
      heads: ofLine?.heads ?? 0,
      expected: expected.get(id) ?? null,
      hours: [...(ofLine?.hours ?? noHours)],
    };
  });
  const { rides, heads, assisted, late, doubts, hours, day } = counts;
  return {
    date: dayText(day),
    today: dayText(dayOf(nowMs, zone)),
    zone,
    nowMs,
    computedMs,
    totals: {
      heads,
      rides,
      assisted,
      late,
      flagged: doubts.rides,
      doubts: [...doubts.doubts],
      expected: expected.size === 0 ? null : [...expected.values()].reduce((total, n) => total + n, 0),
      ...unitSums(rows),
      noCode: count(rows, ({ codes }) => codes === 0),
      codes: sum(rows, ({ codes }) => codes),
    },
    hours: [...hours],
    lines: lines.sort((a, b) => b.heads - a.heads),
  };
}
