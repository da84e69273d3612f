// The run a driver's trip stands for: the timetable's where one fits, else one of its own with travel times of another
// run of the same line and direction.
import { Refusal } from '@tongche/contract';
import type { Dir, Run, Unit } from '@tongche/network';
import { firstDepartureMs, runAt } from '@tongche/network';
import { dayOf, MINUTE_MS } from '@tongche/protocol';
import type { Database } from '@tongche/postgres';
import type { City } from '../city/city.ts';
import type { VehicleDays } from '../city/vehicle-days.ts';
import { insertRuns, runsOfVehicleDays, sampleRun } from '../store/runs.ts';
import type { RunRow } from '../store/runs.ts';

/** Between two stops where no timetable says: a city bus's usual. */
const unknownLegMs = 2 * MINUTE_MS;

export interface TripContext {
  readonly db: Database;
  readonly city: City;
  readonly days: VehicleDays;
  readonly zone: string;
}

function shifted(sample: Run, byMs: number): Run['stops'] {
  return sample.stops.map((stop) => ({ ...stop, arrMs: stop.arrMs + byMs, depMs: stop.depMs + byMs }));
}

async function ownStops(context: TripContext, unit: Unit, dir: Dir, startedMs: number): Promise<Run['stops']> {
  const lineId = unit.usualLineId;
  if (lineId === undefined) throw new Refusal('conflict');
  const sample = await sampleRun(context.db, lineId, dir, dayOf(startedMs, context.zone));
  if (sample !== undefined) return shifted(sample.run, startedMs - firstDepartureMs(sample.run));
  const direction = context.city.directionsOf(lineId).find((one) => one.dir === dir);
  if (direction === undefined || direction.stops.length < 2) throw new Refusal('conflict');
  return direction.stops.map((stopId, seq) => {
    const ms = startedMs + seq * unknownLegMs;
    return { seq, stopId, arrMs: ms, depMs: ms };
  });
}

/** The vehicle's days of yesterday and today must be loaded. A run made here is added to today's. */
export async function runOfTrip(context: TripContext, unit: Unit, dir: Dir, startedMs: number): Promise<RunRow> {
  const { db, days, zone } = context;
  const { vehicleId } = unit;
  const day = dayOf(startedMs, zone);
  const rows = [day - 1, day].flatMap((one) => days.get(vehicleId, one)?.runs ?? []);
  const fitting = rows.filter(({ run }) => run.dir === dir && !run.runKey.startsWith('trip:'));
  const scheduled = runAt(
    fitting.map(({ run }) => run),
    startedMs,
  );
  const known = fitting.find(({ run }) => run === scheduled);
  if (known !== undefined) return known;
  const stops = await ownStops(context, unit, dir, startedMs);
  const runKey = `trip:${vehicleId}:${startedMs}`;
  await insertRuns(db, [{ runKey, lineId: unit.usualLineId ?? '', dir, day, vehicleId, stops }]);
  const made = (await runsOfVehicleDays(db, [{ vehicleId, day }])).find(({ run }) => run.runKey === runKey);
  if (made === undefined) throw new Error('a run just made is not there');
  days.get(vehicleId, day)?.runs.push(made);
  return made;
}
