// A whole day of a city, decided before it begins: pure, the same for the same city, day and parameters.
import type { CityData, UnitId } from '@tongche/network';
import { serviceStartMs } from '@tongche/network';
import { openDraws } from './draws.ts';
import { drawLegs } from './journeys.ts';
import type { DayPlan, PlannedUnit } from './model.ts';
import { DEFAULT_DAY } from './parameters.ts';
import type { DayParameters } from './parameters.ts';
import { makeRiders, MAX_RIDERS } from './people.ts';
import { registerLeg } from './registrations.ts';
import type { Scene } from './registrations.ts';
import { planShifts } from './shifts.ts';
import { planCase } from './the-case.ts';
import { timetableOf } from './ways.ts';

const hourMs = 3_600_000;
/** The first drivers sign in at half past four; the last riders are home at half past twelve. */
const firstHour = 4.5;
const lastHour = 24.5;
/** The rider who turns out to be the case. */
const caseRider = 0;

function plannedUnits(city: CityData, isDead: (unitId: UnitId) => boolean): ReadonlyMap<UnitId, PlannedUnit> {
  const codes = Map.groupBy(city.codes, ({ unitId }) => unitId);
  return new Map(
    city.units.flatMap(({ unitId, kind }): readonly (readonly [UnitId, PlannedUnit])[] => {
      const of = codes.get(unitId) ?? [];
      const riders = of.find(({ purpose }) => purpose === 'passenger');
      const crewCode8 = of.find(({ purpose }) => purpose === 'crew')?.code8;
      if (riders === undefined) return [];
      const { code8, shortCode } = riders;
      return [[unitId, { unitId, kind, code8, shortCode, crewCode8, isDead: isDead(unitId) }]];
    }),
  );
}

function neighboursIn(city: CityData): Scene['neighbours'] {
  const byVehicle = new Map(city.units.map((unit) => [unit.unitId, unit]));
  const byLine = Map.groupBy(city.units, ({ usualLineId, kind }) => `${kind}|${usualLineId ?? ''}`);
  return (unitId) => {
    const unit = byVehicle.get(unitId);
    const near = unit === undefined ? [] : (byLine.get(`${unit.kind}|${unit.usualLineId ?? ''}`) ?? []);
    return near.map((one) => one.unitId).filter((other) => other !== unitId);
  };
}

/** `city` needs codes for its units; `day` is the local day. Throws RangeError for more riders than there are numbers. */
export function planDay(city: CityData, day: number, given: Partial<DayParameters> = {}): DayPlan {
  const parameters: DayParameters = { ...DEFAULT_DAY, ...given };
  const { seed, riders: count } = parameters;
  if (!Number.isInteger(count) || count < 1 || count > MAX_RIDERS)
    throw new RangeError(`a day has 1 to ${MAX_RIDERS} riders, not ${count}`);
  const startMs = serviceStartMs(day, city.zone);
  const fromMs = startMs + firstHour * hourMs;
  const toMs = startMs + lastHour * hourMs;
  const timetable = timetableOf(city, day);
  const riders = makeRiders(openDraws(seed, 'people'), parameters);
  const legs = drawLegs(timetable, openDraws(seed, 'journeys'), parameters, day, city.zone).filter(
    ({ riderId, run, alightSeq }) => riderId !== caseRider && (run.stops[alightSeq]?.arrMs ?? Infinity) < toMs,
  );
  const dead = openDraws(seed, 'stickers');
  const itinerary = planCase(timetable, legs, caseRider, {
    startMs,
    untilMs: startMs + parameters.caseUntilHour * hourMs,
    rides: parameters.caseRides,
  });
  const spared = new Set(itinerary.map(({ unitId }) => unitId));
  const units = plannedUnits(city, (unitId) => dead.happens(parameters.deadUnitShare) && !spared.has(unitId));
  const shifts = planShifts(city, legs, openDraws(seed, 'shifts'), parameters, { day, fromMs, toMs });
  const scene: Scene = {
    riders,
    units,
    shifts,
    draws: openDraws(seed, 'registrations'),
    parameters,
    neighbours: neighboursIn(city),
    untilMs: toMs,
    withPhone: riders
      .filter((rider) => rider.kind === 'phone' && rider.riderId !== caseRider)
      .map((one) => one.riderId),
  };
  const rides = [...legs.map((leg) => registerLeg(scene, leg)), ...itinerary].toSorted(
    (a, b) => a.scanMs - b.scanMs || a.riderId - b.riderId,
  );
  return { day, zone: city.zone, riders, units, rides, shifts, caseRider, fromMs, toMs };
}
