// Judges stored rides anew for a trace: with the heads, runs and positions known now, not those of their arrival.
import { MINUTE_MS } from '@tongche/protocol';
import type { Platform } from '../platform.ts';
import { plausibilityLimits } from '../config.ts';
import type { Fix } from '../rides/plausibility.ts';
import type { CityUnit } from '../store/city.ts';
import { sightings } from '../store/positions.ts';
import type { VehicleDayKey } from '../store/runs.ts';
import type { Sql } from '../store/sql.ts';

export interface Judgeable {
  readonly codeId: number;
  readonly boardedMs: number;
  readonly flags: number;
}

/** Undefined where the code was stuck to nothing: whoever scanned it was not seen on any vehicle. */
export function unitOfRide(
  { city }: Pick<Platform, 'city'>,
  ride: Pick<Judgeable, 'codeId' | 'boardedMs'>,
): CityUnit | undefined {
  const code = city.current.codeById(ride.codeId);
  return code === undefined ? undefined : city.current.unitAt(code, ride.boardedMs);
}

/** Times around the boarding minutes, joined where they meet. */
function spansOf(minutes: readonly { readonly vehicleId: string; readonly boardedMs: number }[], ageMs: number) {
  const spans: { vehicleId: string; fromMs: number; toMs: number }[] = [];
  const sorted = minutes.toSorted((a, b) => a.boardedMs - b.boardedMs);
  for (const [vehicleId, own] of Map.groupBy(sorted, (minute) => minute.vehicleId)) {
    let last: { vehicleId: string; fromMs: number; toMs: number } | undefined;
    for (const { boardedMs } of own) {
      const [fromMs, toMs] = [boardedMs - ageMs, boardedMs + MINUTE_MS + ageMs];
      if (last !== undefined && fromMs <= last.toMs) last.toMs = toMs;
      else spans.push((last = { vehicleId, fromMs, toMs }));
    }
  }
  return spans;
}

/** The vehicle's sightings around a minute; `own` are in order of time. */
function around(own: readonly Fix[], boardedMs: number, ageMs: number): readonly Fix[] {
  return own.filter(({ atMs }) => boardedMs - ageMs <= atMs && atMs <= boardedMs + MINUTE_MS + ageMs);
}

/** The rides' flags, with the doubts of now. One statement beside what loading their vehicles' days takes. */
export async function flagsNow(
  sql: Sql,
  platform: Pick<Platform, 'city' | 'days' | 'judge' | 'config'>,
  rides: readonly Judgeable[],
): Promise<readonly number[]> {
  const { days, judge, config } = platform;
  const ageMs = plausibilityLimits(config).farAgeMs;
  const placed = rides.map((ride) => ({ ride, unit: unitOfRide(platform, ride) }));
  const minutes = placed.flatMap(({ ride: { boardedMs }, unit }) =>
    unit === undefined ? [] : [{ vehicleId: unit.vehicleId, boardedMs }],
  );
  const seen = Map.groupBy(await sightings(sql, spansOf(minutes, ageMs)), ({ vehicleId }) => vehicleId);
  const near = new Map<string, readonly Fix[]>();
  function fixesOf(vehicleId: string, boardedMs: number): readonly Fix[] {
    const key = `${boardedMs}|${vehicleId}`;
    const known = near.get(key) ?? around(seen.get(vehicleId) ?? [], boardedMs, ageMs);
    near.set(key, known);
    return known;
  }
  const keys = minutes.flatMap(({ vehicleId, boardedMs }): readonly VehicleDayKey[] =>
    days.keysOf(vehicleId, boardedMs),
  );
  return days.using(keys, () =>
    placed.map(({ ride: { flags, boardedMs }, unit }) =>
      judge.now({ flags, boardedMs, unit }, unit === undefined ? [] : fixesOf(unit.vehicleId, boardedMs)),
    ),
  );
}
