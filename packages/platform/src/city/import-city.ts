// Takes a city in, and keeps the runs of the days around today in the database.
import type { CityData, Run } from '@tongche/network';
import type { Database } from '@tongche/postgres';
import type { Clock, Log } from '@tongche/runtime';
import { dayOf, MINUTE_MS } from '@tongche/protocol';
import { events } from '../events.ts';
import type { PeerNews } from '../peers/news.ts';
import { applyDispatch } from '../runs/dispatch.ts';
import { writeCity } from '../store/city.ts';
import { citySources } from '../store/imports.ts';
import { daysWithRuns, deleteScheduledRuns, insertRuns } from '../store/runs.ts';
import type { CityHolder } from './city.ts';
import { DAYS_AHEAD, DAYS_BEHIND, daysAround } from './days.ts';
import type { VehicleDays } from './vehicle-days.ts';

export interface Timetable {
  /** Takes a city in. Known codes move to its units, unless they are to `stay`: where staff moved them since counts more. */
  readonly importCity: (data: CityData, codes?: 'move' | 'stay') => Promise<void>;
  /** Expands runs of the days around today; does nothing for days that are there. */
  expand(): Promise<void>;
  /** Runs come from this city, which is in the database already. */
  adopt(data: CityData): void;
  /** Runs come from the timetable in the database, where there is one. */
  useStored(): Promise<void>;
}

export interface TimetableOptions {
  readonly db: Database;
  readonly peers: Pick<PeerNews, 'tx'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly zone: string;
  readonly city: CityHolder;
  readonly days: VehicleDays;
  /** Expands days of the timetable in the database, in a thread of its own; resolves with how many runs were made. */
  expandStored(days: readonly number[]): Promise<number>;
}

export function timetable(options: TimetableOptions): Timetable {
  const { db, peers, clock, log, zone, city, days } = options;
  let source: ((day: number) => readonly Run[]) | 'stored' | undefined;
  let expanded = new Set<number>();

  async function expand(): Promise<void> {
    if (source === undefined) return;
    if (source === 'stored') return expandStored();
    const today = dayOf(clock.now(), zone);
    for (let day = today - DAYS_BEHIND; day <= today + DAYS_AHEAD; day += 1) {
      if (expanded.has(day)) continue;
      const runs = source(day);
      const { made, vehicleIds, relabelled } = await peers.tx('expand-runs', async (tx, tell) => {
        const fresh = await insertRuns(tx, runs);
        const none = { vehicleIds: [], relabelled: 0 };
        // Runs that were there keep their vehicle; a list of the day that came later is written beside them.
        const taken = fresh === runs.length ? none : await applyDispatch(tx, { zone, runs, nowMs: clock.now() });
        if (fresh > 0) await tell({ kind: 'timetable' });
        if (taken.vehicleIds.length > 0) await tell({ kind: 'runs', vehicleIds: taken.vehicleIds });
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

  async function expandStored(): Promise<void> {
    const around = daysAround(clock.now(), zone);
    const present = await daysWithRuns(db, around);
    const missing = around.filter((day) => !present.has(day));
    if (missing.length === 0) return;
    const runs = await options.expandStored(missing);
    days.forget();
    if (runs > 0) log.event(events.runsExpanded, { day: missing[0] ?? 0, runs });
  }

  return {
    expand,
    adopt(data) {
      source = (day) => data.runs(day);
    },
    async useStored() {
      if ((await citySources(db)).some(({ role }) => role === 'network')) source = 'stored';
    },
    async importCity(data, codes = 'move') {
      const nowMs = clock.now();
      const moved = await peers.tx('import-city', async (tx, tell) => {
        // Rides know their minute only: a moved code counts from the minute's beginning.
        const movedMs = codes === 'stay' ? undefined : Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
        const result = await writeCity(tx, data, movedMs);
        // Today's runs may be named by rides already; a changed timetable counts from tomorrow.
        await deleteScheduledRuns(tx, dayOf(nowMs, zone) + 1);
        await tell({ kind: 'city' });
        return result;
      });
      source = (day) => data.runs(day);
      expanded.clear();
      await city.reload();
      await expand();
      days.forget();
      log.event(events.imported, {
        lines: data.lines.length,
        stops: data.stops.length,
        units: data.units.length,
        codes: data.codes.length,
        moved,
      });
    },
  };
}
