// What was written down of the week: who scanned what when, late, twice, on the wrong vehicle or not at all.
import { unitOf } from '../city/city.ts';
import type { City } from '../city/city.ts';
import { DAY_S, UNITS_PER_VEHICLE } from '../city/runs.ts';
import { at, growing, grouped, rowsOf } from '../kit/columns.ts';
import type { Groups } from '../kit/columns.ts';
import { exponentialNoise, noise, normalNoise } from '../kit/noise.ts';
import { PURPOSE } from './purposes.ts';

export const VIA = { scan: 0, driver: 1, paper: 2 } as const;

/** Rows in order of unit and time: what a trace reads is one stretch. */
export interface Registrations {
  readonly count: number;
  /** The true stay; nobody but the grading looks at it. */
  readonly stay: Int32Array;
  /** The phone number: two people may share one. */
  readonly key: Int32Array;
  readonly unit: Int32Array;
  readonly second: Int32Array;
  readonly via: Int32Array;
  readonly ofKey: Groups;
  readonly ofUnit: Groups;
  /** By stay. */
  readonly isRegistered: Uint8Array;
  /** By person: the number under which they are registered. */
  readonly keyOf: Int32Array;
  readonly units: number;
}

interface Row {
  readonly stay: number;
  readonly key: number;
  readonly unit: number;
  readonly second: number;
  readonly via: number;
}

/** Numbers by person; some people live with somebody whose phone they share. */
function numbersOf(city: City): { readonly keyOf: Int32Array; readonly isPhoneless: Uint8Array } {
  const { seed, parameters, population } = city;
  const { phonelessShare, sharedPhoneShare } = parameters.observation;
  const isPhoneless = new Uint8Array(population.home.length);
  const keyOf = new Int32Array(population.home.length);
  const lastOfPlace = new Map<number, number>();
  for (let person = 0; person < keyOf.length; person += 1) {
    const place = at(population.home, person);
    const partner = lastOfPlace.get(place);
    isPhoneless[person] = noise(seed, PURPOSE.phoneless, person) < phonelessShare ? 1 : 0;
    const shares = partner !== undefined && noise(seed, PURPOSE.shared, person) < sharedPhoneShare;
    keyOf[person] = shares && at(isPhoneless, person) === 0 ? at(keyOf, partner) : person;
    if (at(isPhoneless, person) === 0) lastOfPlace.set(place, person);
  }
  return { keyOf, isPhoneless };
}

/** Codes that were moved to another vehicle while the list still said the old one, by vehicle. */
function staleVehicles(
  city: City,
): ReadonlyMap<number, { readonly as: number; readonly fromS: number; readonly toS: number }> {
  const { seed, runs } = city;
  const { reboundShare, reboundLagHours } = city.parameters.observation;
  const stale = new Map<number, { readonly as: number; readonly fromS: number; readonly toS: number }>();
  for (let vehicle = 0; vehicle < runs.vehicles; vehicle += 1) {
    if (noise(seed, PURPOSE.rebound, vehicle) >= reboundShare) continue;
    const day = Math.floor(noise(seed, PURPOSE.reboundTime, vehicle, 1) * city.parameters.demand.days);
    const fromS = day * DAY_S + (6 + 12 * noise(seed, PURPOSE.reboundTime, vehicle)) * 3_600;
    const as = Math.floor(noise(seed, PURPOSE.rebound, vehicle, 1) * runs.vehicles);
    stale.set(vehicle, { as, fromS, toS: fromS + reboundLagHours * 3_600 });
  }
  return stale;
}

interface Observing {
  readonly city: City;
  readonly compliance: number;
  readonly stale: ReturnType<typeof staleVehicles>;
}

function scanSecond({ city }: Observing, stay: number): number {
  const { seed, stays } = city;
  const rules = city.parameters.observation;
  const [boardS, alightS] = [at(stays.boardS, stay), at(stays.alightS, stay)];
  const [least, most] = rules.veryLateS;
  const lag =
    noise(seed, PURPOSE.late, stay) < rules.veryLateShare
      ? least + (most - least) * noise(seed, PURPOSE.lateTime, stay)
      : exponentialNoise(rules.scanLagMeanS, seed, PURPOSE.lag, stay);
  // The code is inside: nobody scans it after they got off.
  const second = Math.min(boardS + lag, alightS - 1);
  const skewed = noise(seed, PURPOSE.skew, stay) < rules.clockSkewShare;
  return Math.round(skewed ? second + rules.clockSkewS * normalNoise(seed, PURPOSE.skewTime, stay) : second);
}

function unitScanned({ city, stale }: Observing, stay: number, second: number): number {
  const { seed, runs, stays } = city;
  const own = unitOf(city, stay);
  if (noise(seed, PURPOSE.wrong, stay) < city.parameters.observation.wrongVehicleShare) {
    // Somewhere on the same line: a vehicle beside one's own, a photograph from another day.
    const line = at(runs.line, at(stays.run, stay));
    const slot = (at(runs.day, at(stays.run, stay)) * city.network.lines.length + line) * 2;
    const [from, to] = [at(runs.first, slot), at(runs.first, slot + 2)];
    const other = from + Math.floor(noise(seed, PURPOSE.wrongUnit, stay) * (to - from));
    return at(runs.vehicle, other) * UNITS_PER_VEHICLE + at(stays.carriage, stay);
  }
  const moved = stale.get(Math.floor(own / UNITS_PER_VEHICLE));
  if (moved === undefined || second < moved.fromS || second >= moved.toS) return own;
  return moved.as * UNITS_PER_VEHICLE + (own % UNITS_PER_VEHICLE);
}

/** Rows of one stay: none, one, or two. */
function rowsFor(it: Observing, stay: number, key: number, isPhoneless: boolean): readonly Row[] {
  const { seed, stays } = it.city;
  const rules = it.city.parameters.observation;
  if (noise(seed, PURPOSE.registers, stay) >= (isPhoneless ? rules.driverRegistersShare : it.compliance)) return [];
  if (isPhoneless) {
    const onPaper = noise(seed, PURPOSE.paper, stay) < rules.paperShare;
    const written = at(stays.boardS, stay) + rules.paperSpreadS * normalNoise(seed, PURPOSE.paperTime, stay);
    const second = onPaper ? Math.round(written / 60) * 60 : scanSecond(it, stay);
    return [{ stay, key, unit: unitScanned(it, stay, second), second, via: onPaper ? VIA.paper : VIA.driver }];
  }
  const second = scanSecond(it, stay);
  const row = { stay, key, unit: unitScanned(it, stay, second), second, via: VIA.scan };
  if (noise(seed, PURPOSE.duplicate, stay) >= rules.duplicateShare) return [row];
  const left = Math.max(0, at(stays.alightS, stay) - second);
  const again = second + Math.floor(left * noise(seed, PURPOSE.duplicateTime, stay));
  return [row, { ...row, unit: unitOf(it.city, stay), second: again }];
}

export function observe(city: City, compliance: number): Registrations {
  const { stays, runs } = city;
  const { keyOf, isPhoneless } = numbersOf(city);
  const it: Observing = { city, compliance, stale: staleVehicles(city) };
  const made = { stay: growing(), key: growing(), unit: growing(), second: growing(), via: growing() };
  const isRegistered = new Uint8Array(stays.count);
  for (let stay = 0; stay < stays.count; stay += 1) {
    const person = at(stays.person, stay);
    for (const row of rowsFor(it, stay, at(keyOf, person), at(isPhoneless, person) === 1)) {
      for (const name of ['stay', 'key', 'unit', 'second', 'via'] as const) made[name].push(row[name]);
      isRegistered[stay] = 1;
    }
  }
  const units = runs.vehicles * UNITS_PER_VEHICLE;
  return { ...inOrder(made, units, keyOf.length), isRegistered, keyOf, units };
}

type Columns = Readonly<Record<'stay' | 'key' | 'unit' | 'second' | 'via', ReturnType<typeof growing>>>;

function inOrder(
  made: Columns,
  units: number,
  people: number,
): Omit<Registrations, 'isRegistered' | 'keyOf' | 'units'> {
  const [unit, second] = [made.unit.done(), made.second.done()];
  const order = new Float64Array(unit.length).map((_, row) => at(unit, row) * 2 ** 21 + Math.max(0, at(second, row)));
  const rows = Int32Array.from(order, (_, row) => row).sort((a, b) => at(order, a) - at(order, b) || a - b);
  const sorted = (column: Int32Array) => rows.map((row) => at(column, row));
  const [unitSorted, key] = [sorted(unit), sorted(made.key.done())];
  const secondSorted = sorted(second);
  return {
    count: rows.length,
    stay: sorted(made.stay.done()),
    key,
    unit: unitSorted,
    second: secondSorted,
    via: sorted(made.via.done()),
    ofKey: byTime(grouped(key, people), secondSorted),
    ofUnit: grouped(unitSorted, units),
  };
}

function byTime(groups: Groups, second: Int32Array): Groups {
  for (let group = 0; group + 1 < groups.starts.length; group += 1)
    rowsOf(groups, group).sort((a, b) => at(second, a) - at(second, b) || a - b);
  return groups;
}
