// What the platform keeps in memory of a vehicle's service day: its runs, its drivers' trips, heads registered so far.
// Loaded from the database when the first ride of that vehicle and day arrives, then kept up to date by this process;
// so counters survive a restart, and a late ride of last week costs one more query.
import { bindingAt } from '@tongche/network';
import { dayOf, dayStartMs, MINUTE_MS } from '@tongche/protocol';
import { countHeads } from '../store/rides.ts';
import type { CodeSpan } from '../store/rides.ts';
import { runsById, runsOfVehicleDays, tripsOfVehicles } from '../store/runs.ts';
import type { RunRow, TripRow, VehicleDayKey } from '../store/runs.ts';
import type { Sql } from '../store/sql.ts';
import type { CityHolder } from './city.ts';

/** A city of 10,000 vehicles and some late days; about 20 KB each. */
const maxKept = 30_000;

export interface VehicleDay extends VehicleDayKey {
  readonly runs: RunRow[];
  readonly trips: TripRow[];
  readonly headsOfRun: Map<number, number>;
  /** Heads without a run, by unit. */
  readonly headsOfUnit: Map<string, number>;
  /** Heads by unit and boarding minute of late: how many claim to have boarded at once. */
  readonly headsOfMinute: Map<string, number>;
}

export interface VehicleDays {
  /** Loads what is missing in two or three statements. */
  load(keys: readonly VehicleDayKey[]): Promise<void>;
  readonly get: (vehicleId: string, day: number) => VehicleDay | undefined;
  /** The run of an id, also of days that are not kept. */
  runOf(runId: number): Promise<RunRow | undefined>;
  /** Forgets everything that is not being counted: after an import or a roll. */
  forget(): void;
}

function keyText({ vehicleId, day }: VehicleDayKey): string {
  return `${day}|${vehicleId}`;
}

export function vehicleDays(sql: Sql, city: CityHolder, zone: string): VehicleDays {
  const kept = new Map<string, VehicleDay>();
  const loading = new Map<string, Promise<void>>();

  /** Rides of a service day may have boarded on the local day after it. */
  function spansOf({ vehicleId, day }: VehicleDayKey): CodeSpan[] {
    const { current } = city;
    const codes = new Set(current.unitsOf(vehicleId).flatMap((unit) => current.codesOf(unit.unitId)));
    return [...codes].flatMap(({ codeId }) =>
      [day, day + 1].map((local) => ({
        codeId,
        fromMs: dayStartMs(local, zone),
        toMs: dayStartMs(local + 1, zone) - MINUTE_MS,
      })),
    );
  }

  async function fetch(keys: readonly VehicleDayKey[]): Promise<void> {
    const fresh = new Map<string, VehicleDay>();
    for (const key of keys) {
      fresh.set(keyText(key), {
        ...key,
        runs: [],
        trips: [],
        headsOfRun: new Map(),
        headsOfUnit: new Map(),
        headsOfMinute: new Map(),
      });
    }
    for (const row of await runsOfVehicleDays(sql, keys)) fresh.get(keyText(row.run))?.runs.push(row);
    const spans = keys.map(({ vehicleId, day }) => ({
      vehicleId,
      fromMs: dayStartMs(day, zone),
      toMs: dayStartMs(day + 1, zone),
    }));
    for (const trip of await tripsOfVehicles(sql, spans)) {
      fresh.get(keyText({ vehicleId: trip.vehicleId, day: dayOf(trip.startedMs, zone) }))?.trips.push(trip);
    }
    await countInto(fresh);
    for (const [key, value] of fresh) kept.set(key, value);
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break;
      kept.delete(oldest);
    }
  }

  async function countInto(fresh: ReadonlyMap<string, VehicleDay>): Promise<void> {
    for (const vehicleDay of fresh.values()) {
      const runs = new Set(vehicleDay.runs.map(({ runId }) => runId));
      const todayMs = dayStartMs(vehicleDay.day, zone);
      for (const { codeId, run, heads, fromMs } of await countHeads(sql, spansOf(vehicleDay))) {
        if (run !== null && runs.has(run)) add(vehicleDay.headsOfRun, run, heads);
        if (run !== null || fromMs !== todayMs) continue;
        const bindings = city.current.codeById(codeId)?.bindings ?? [];
        const unitId = bindingAt(bindings, todayMs + 12 * 60 * MINUTE_MS)?.unitId;
        if (unitId !== undefined) add(vehicleDay.headsOfUnit, unitId, heads);
      }
    }
  }

  return {
    async load(keys) {
      const missing = new Map<string, VehicleDayKey>();
      const waiting = new Set<Promise<void>>();
      for (const key of keys) {
        const text = keyText(key);
        const under = loading.get(text);
        if (under !== undefined) waiting.add(under);
        else if (!kept.has(text)) missing.set(text, key);
      }
      if (missing.size > 0) {
        const work = fetch([...missing.values()]).finally(() => {
          for (const text of missing.keys()) loading.delete(text);
        });
        for (const text of missing.keys()) loading.set(text, work);
        waiting.add(work);
      }
      await Promise.all(waiting);
    },
    get: (vehicleId, day) => kept.get(keyText({ vehicleId, day })),
    async runOf(runId) {
      return (await runsById(sql, [runId]))[0];
    },
    forget: () => kept.clear(),
  };
}

export function add<Key>(counts: Map<Key, number>, key: Key, n: number): number {
  const sum = (counts.get(key) ?? 0) + n;
  counts.set(key, sum);
  return sum;
}

export function runWithId(days: readonly (VehicleDay | undefined)[], runId: number): RunRow | undefined {
  for (const day of days) {
    const found = day?.runs.find((row) => row.runId === runId);
    if (found !== undefined) return found;
  }
  return undefined;
}
