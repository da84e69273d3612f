// Reads service days of vehicles: their sources, and heads minute by minute of the codes that were stuck to them.
import type { Database } from '@tongche/postgres';
import { dayStartMs, MINUTE_MS } from '@tongche/protocol';
import { takeSnapshot } from '../peers/snapshot.ts';
import { unitOfCode } from '../rides/unit-of.ts';
import { headsByMinute } from '../store/rides.ts';
import type { CodeSpan, HeadCount } from '../store/rides.ts';
import type { VehicleDayKey } from '../store/runs.ts';
import type { City } from './city.ts';
import { addMinute, nightEndOf } from './kept-day.ts';
import type { Kept } from './kept-day.ts';
import { readSources } from './sources.ts';

/** Rides of a service day may have boarded in the night after it. */
function spansOf(city: City, zone: string, { vehicleId, day }: VehicleDayKey): CodeSpan[] {
  const codes = new Set(city.unitsOf(vehicleId).flatMap((unit) => city.codesOf(unit.unitId)));
  const toMs = nightEndOf(day + 1, zone) - MINUTE_MS;
  return [...codes].map(({ codeId }) => ({ codeId, fromMs: dayStartMs(day, zone), toMs }));
}

/** What the database knows of these days, all of one moment. */
export async function readDays(
  db: Database,
  city: City,
  zone: string,
  keys: readonly VehicleDayKey[],
): Promise<readonly Kept[]> {
  const spans = keys.map((key) => spansOf(city, zone, key));
  const { snapshot, sources, rows } = await db.tx(
    'vehicle-days',
    async (tx) => ({
      snapshot: await takeSnapshot(tx),
      sources: await readSources(tx, zone, keys),
      rows: await headsByMinute(tx, spans.flat()),
    }),
    { isolation: 'repeatable read' },
  );
  const fresh = keys.map((key, n): Kept => {
    const found = sources[n];
    if (found === undefined) throw new Error('a day’s sources were not read');
    return {
      ...key,
      sources: found,
      snapshot,
      nightEndMs: nightEndOf(key.day, zone),
      minutes: new Map(),
      labels: new Map(),
      ofRun: undefined,
      ofUnit: new Map(),
    };
  });
  countInto(city, fresh, spans, rows);
  return fresh;
}

function countInto(
  city: City,
  fresh: readonly Kept[],
  spans: readonly (readonly CodeSpan[])[],
  rows: readonly HeadCount[],
): void {
  const byCode = Map.groupBy(rows, ({ codeId }) => codeId);
  for (const [n, one] of fresh.entries()) {
    for (const { codeId, fromMs, toMs } of spans[n] ?? []) {
      const code = city.codeById(codeId);
      if (code === undefined) continue;
      const seen = new Set<number>();
      for (const { boardedMs, heads } of byCode.get(codeId) ?? []) {
        if (boardedMs < fromMs || boardedMs > toMs || seen.has(boardedMs)) continue;
        // Spans of two days overlap at night: the same minute may have been answered twice.
        seen.add(boardedMs);
        const { unit } = unitOfCode(city, code, boardedMs);
        if (unit.vehicleId === one.vehicleId) addMinute(one, boardedMs, unit.unitId, heads);
      }
    }
  }
}
