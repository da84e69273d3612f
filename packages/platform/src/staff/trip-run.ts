// The run a driver's trip stands for: the timetable's where one fits, else one of its own with travel times of another
// run of the same line and direction.
import { Refusal } from '@tongche/contract';
import type { Dir, Run, Unit } from '@tongche/network';
import { firstDepartureMs, runAt } from '@tongche/network';
import { dayOf, MINUTE_MS } from '@tongche/protocol';
import type { Database } from '@tongche/postgres';
import type { City } from '../city/city.ts';
import type { VehicleDays } from '../city/vehicle-days.ts';
import { assignRun } from '../rides/assign.ts';
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

/** What a driver said: this vehicle sets out on the line it is known to serve, this way. */
export interface TripAsked {
  readonly unit: Unit;
  readonly lineId: string | undefined;
  readonly dir: Dir;
}

async function ownStops(context: TripContext, lineId: string, dir: Dir, startedMs: number): Promise<Run['stops']> {
  const sample = await sampleRun(context.db, lineId, dir, dayOf(startedMs, context.zone));
  if (sample !== undefined) return shifted(sample.run, startedMs - firstDepartureMs(sample.run));
  const direction = context.city.directionsOf(lineId).find((one) => one.dir === dir);
  if (direction === undefined || direction.stops.length < 2) throw new Refusal('conflict');
  return direction.stops.map((stopId, seq) => {
    const ms = startedMs + seq * unknownLegMs;
    return { seq, stopId, arrMs: ms, depMs: ms };
  });
}

/** The vehicle's days of yesterday and today must be loaded. */
export async function runOfTrip(context: TripContext, asked: TripAsked, startedMs: number): Promise<RunRow> {
  const { db, days, zone } = context;
  const { unit, lineId, dir } = asked;
  const { vehicleId } = unit;
  const day = dayOf(startedMs, zone);
  const sources = days.daysOf(vehicleId, startedMs);
  // The driver's word is about the way, not the line: a run of another line that leaves now is not this trip.
  const isFitting = ({ run }: RunRow): boolean =>
    run.dir === dir && (lineId === undefined || run.lineId === lineId) && !run.runKey.startsWith('trip:');
  const current = assignRun(sources, startedMs).run;
  if (current !== undefined && isFitting(current)) return current;
  const fitting = sources.flatMap((one) => one?.runs ?? []).filter(isFitting);
  const scheduled = runAt(
    fitting.map(({ run }) => run),
    startedMs,
  );
  const known = fitting.find(({ run }) => run === scheduled);
  if (known !== undefined) return known;
  if (lineId === undefined) throw new Refusal('conflict');
  const stops = await ownStops(context, lineId, dir, startedMs);
  const runKey = `trip:${vehicleId}:${startedMs}`;
  await insertRuns(db, [{ runKey, lineId, dir, day, vehicleId, stops }]);
  const made = (await runsOfVehicleDays(db, [{ vehicleId, day }])).find(({ run }) => run.runKey === runKey);
  if (made === undefined) throw new Error('a run just made is not there');
  return made;
}
