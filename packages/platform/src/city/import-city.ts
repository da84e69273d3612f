// Takes a city in, and keeps the runs of the days around today in the database.
import type { CityData, Run } from '@tongche/network';
import type { Database } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';
import { dayOf, MINUTE_MS } from '@tongche/protocol';
import { events } from '../events.ts';
import { applyDispatch } from '../runs/dispatch.ts';
import { writeCity } from '../store/city.ts';
import { deleteScheduledRuns, insertRuns } from '../store/runs.ts';
import type { CityHolder } from './city.ts';
import { DAYS_AHEAD, DAYS_BEHIND } from './days.ts';
import type { VehicleDays } from './vehicle-days.ts';

export interface Timetable {
  readonly importCity: (data: CityData) => Promise<void>;
  /** Expands runs of the days around today; does nothing for days that are there. */
  expand(): Promise<void>;
}

export interface TimetableOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly zone: string;
  readonly city: CityHolder;
  readonly days: VehicleDays;
}

export function timetable(options: TimetableOptions): Timetable {
  const { db, clock, log, zone, city, days } = options;
  let source: ((day: number) => readonly Run[]) | undefined;
  let expanded = new Set<number>();

  async function expand(): Promise<void> {
    if (source === undefined) return;
    const today = dayOf(clock.now(), zone);
    for (let day = today - DAYS_BEHIND; day <= today + DAYS_AHEAD; day += 1) {
      if (expanded.has(day)) continue;
      const runs = source(day);
      const { made, vehicleIds, relabelled } = await db.tx('expand-runs', async (tx) => {
        const fresh = await insertRuns(tx, runs);
        const none = { vehicleIds: [], relabelled: 0 };
        // Runs that were there keep their vehicle; a list of the day that came later is written beside them.
        const taken = fresh === runs.length ? none : await applyDispatch(tx, { zone, runs, nowMs: clock.now() });
        return { made: fresh, ...taken };
      });
      expanded.add(day);
      if (made > 0) log.event(events.runsExpanded, { day, runs: made });
      if (vehicleIds.length === 0) continue;
      await days.refresh(new Set(vehicleIds));
      log.event(events.dispatchTaken, { vehicles: vehicleIds.length, rides: relabelled });
    }
    expanded = new Set([...expanded].filter((day) => day >= today - DAYS_BEHIND));
  }

  return {
    expand,
    async importCity(data) {
      const nowMs = clock.now();
      const { moved } = await db.tx('import-city', async (tx) => {
        // Rides know their minute only: a moved code counts from the minute's beginning.
        const result = await writeCity(tx, data, Math.floor(nowMs / MINUTE_MS) * MINUTE_MS);
        // Today's runs may be named by rides already; a changed timetable counts from tomorrow.
        await deleteScheduledRuns(tx, dayOf(nowMs, zone) + 1);
        return result;
      });
      source = (day) => data.runs(day);
      expanded.clear();
      await city.reload();
      await expand();
      days.forget();
      const { lines, stops, units, codes } = data;
      log.event(events.imported, {
        lines: lines.length,
        stops: stops.length,
        units: units.length,
        codes: codes.length,
        moved,
      });
    },
  };
}
