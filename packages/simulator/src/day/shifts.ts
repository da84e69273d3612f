// Which vehicles somebody signs in to, when drivers change, and the trips they start.
import type { CityData, Run, UnitKind } from '@tongche/network';
import { firstDepartureMs, lastArrivalMs } from '@tongche/network';
import type { Draws } from './draws.ts';
import type { Leg } from './journeys.ts';
import type { PlannedShift, PlannedTrip } from './model.ts';
import type { DayParameters } from './parameters.ts';
import { crewNumber } from './people.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A driver takes the vehicle this long before the first departure, and starts each trip this long before its own. */
const signInMs = 8 * minuteMs;
const startTripMs = 3 * minuteMs;
/** Beyond this a colleague takes over. */
const longestShiftMs = 10 * hourMs;
/** Vehicles a driver drives; trains and stations are staffed from elsewhere. */
const driven: ReadonlySet<UnitKind> = new Set(['bus', 'coach', 'ferry']);

/** Somebody's own account takes the busiest bus: whoever signs in with it finds a shift under way. */
export const LIVE_ACCOUNT = 'driver';

export function accountOf(shiftNo: number): string {
  return `driver-${String(shiftNo).padStart(3, '0')}`;
}

function tripsOf(runs: readonly Run[]): readonly PlannedTrip[] {
  return runs.map((run, index): PlannedTrip => {
    const before = runs[index - 1];
    const earliestMs = before === undefined ? -Infinity : lastArrivalMs(before) + minuteMs;
    const startMs = Math.max(firstDepartureMs(run) - startTripMs, earliestMs);
    return { dir: run.dir, runKey: run.runKey, startMs, endMs: lastArrivalMs(run) };
  });
}

/** Two drivers share a vehicle that runs for long. */
function halves(runs: readonly Run[]): readonly (readonly Run[])[] {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined) return [];
  const isLong = lastArrivalMs(last) - firstDepartureMs(first) > longestShiftMs;
  const middle = Math.ceil(runs.length / 2);
  return isLong ? [runs.slice(0, middle), runs.slice(middle)] : [runs];
}

/** The bus with most riders. */
export function busiestBus(city: CityData, legs: readonly Leg[]): string | undefined {
  const riders = new Map<string, number>();
  for (const { unitId } of legs) riders.set(unitId, (riders.get(unitId) ?? 0) + 1);
  return city.units
    .filter(({ kind }) => kind === 'bus')
    .toSorted((a, b) => (riders.get(b.unitId) ?? 0) - (riders.get(a.unitId) ?? 0))[0]?.unitId;
}

export function planShifts(
  city: CityData,
  legs: readonly Leg[],
  draws: Draws,
  parameters: DayParameters,
  { day, fromMs, toMs }: { readonly day: number; readonly fromMs: number; readonly toMs: number },
): readonly PlannedShift[] {
  const ridden = new Set(legs.map(({ unitId }) => unitId));
  const live = busiestBus(city, legs);
  const runsOf = Map.groupBy(city.runs(day), ({ vehicleId }) => vehicleId);
  const shifts: PlannedShift[] = [];
  for (const { unitId, vehicleId, kind } of city.units) {
    const runs = (runsOf.get(vehicleId) ?? [])
      .filter((run) => firstDepartureMs(run) >= fromMs + signInMs && lastArrivalMs(run) < toMs)
      .toSorted((a, b) => firstDepartureMs(a) - firstDepartureMs(b));
    const isLive = unitId === live;
    // A small day has few riders: vehicles without any are not played.
    if (!driven.has(kind) || !ridden.has(unitId) || (!isLive && !draws.happens(parameters.signedInShare))) continue;
    // Who takes over waits for the colleague to leave.
    let freeMs = -Infinity;
    for (const half of isLive ? [runs] : halves(runs)) {
      const trips = tripsOf(half);
      const [first, last] = [trips[0], trips.at(-1)];
      if (first === undefined || last === undefined) continue;
      const shiftNo = shifts.length;
      shifts.push({
        shiftNo,
        account: isLive ? LIVE_ACCOUNT : accountOf(shiftNo),
        unitId,
        fromMs: isLive ? fromMs : Math.max(first.startMs - signInMs, freeMs),
        toMs: last.endMs + minuteMs,
        trips,
        crewDigits: draws.happens(parameters.crewScanShare) ? crewNumber(shiftNo) : undefined,
      });
      freeMs = last.endMs + minuteMs;
    }
  }
  return shifts;
}
