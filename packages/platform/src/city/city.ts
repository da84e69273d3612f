// The city in memory: codes, units and names for the path of a ride, which must not wait for a look-up.
import { bindingAt } from '@tongche/network';
import type { Binding, Direction, Line, Name, Stop, Unit } from '@tongche/network';
import { readCityRows } from '../store/city.ts';
import type { CityLine, CityRows, CityUnit, CodeRow } from '../store/city.ts';
import type { Sql } from '../store/sql.ts';
import { stationsOf } from './stations.ts';
import type { Stations } from './stations.ts';

export interface Code extends CodeRow {
  readonly bindings: readonly Binding[];
}

export interface City {
  readonly codeCount: number;
  readonly unitCount: number;
  readonly codes: readonly Code[];
  readonly units: readonly CityUnit[];
  readonly lines: readonly CityLine[];
  code(code8: string): Code | undefined;
  codeByShort(shortCode: string): Code | undefined;
  codeById(codeId: number): Code | undefined;
  /** Where the code was stuck at that instant. */
  unitAt(code: Code, ms: number): CityUnit | undefined;
  unit(unitId: string): CityUnit | undefined;
  unitsOf(vehicleId: string): readonly Unit[];
  /** Codes that were ever stuck to the unit. */
  codesOf(unitId: string): readonly Code[];
  line(lineId: string): Line | undefined;
  directionsOf(lineId: string): readonly Direction[];
  stopName(stopId: string): Name;
  stop(stopId: string): Stop | undefined;
  readonly stations: Stations;
}

function group<Key, Value>(values: readonly Value[], keyOf: (value: Value) => Key): ReadonlyMap<Key, readonly Value[]> {
  return Map.groupBy(values, keyOf);
}

export function cityOfRows(rows: CityRows): City {
  const bindings = group(rows.bindings, ({ codeId }) => codeId);
  const codes = rows.codes.map((row): Code => ({ ...row, bindings: bindings.get(row.codeId) ?? [] }));
  const byText = new Map(codes.map((code) => [code.code8, code]));
  const byShort = new Map(codes.map((code) => [code.shortCode, code]));
  const byId = new Map(codes.map((code) => [code.codeId, code]));
  const units = new Map(rows.units.map((unit) => [unit.unitId, unit]));
  const unitsOfVehicle = group(rows.units, ({ vehicleId }) => vehicleId);
  const codesOfUnit = new Map<string, Code[]>();
  for (const code of codes) {
    for (const unitId of new Set(code.bindings.map((binding) => binding.unitId))) {
      const list = codesOfUnit.get(unitId);
      if (list === undefined) codesOfUnit.set(unitId, [code]);
      else list.push(code);
    }
  }
  const lines = new Map(rows.lines.map((line) => [line.id, line]));
  const directions = group(rows.directions, ({ lineId }) => lineId);
  const stops = new Map(rows.stops.map((stop) => [stop.id, stop]));
  return {
    codeCount: codes.length,
    unitCount: units.size,
    codes,
    units: rows.units,
    lines: rows.lines,
    code: (code8) => byText.get(code8),
    codeByShort: (shortCode) => byShort.get(shortCode),
    codeById: (codeId) => byId.get(codeId),
    unitAt(code, ms) {
      const binding = bindingAt(code.bindings, ms);
      return binding === undefined ? undefined : units.get(binding.unitId);
    },
    unit: (unitId) => units.get(unitId),
    unitsOf: (vehicleId) => unitsOfVehicle.get(vehicleId) ?? [],
    codesOf: (unitId) => codesOfUnit.get(unitId) ?? [],
    line: (lineId) => lines.get(lineId),
    directionsOf: (lineId) => directions.get(lineId) ?? [],
    stop: (stopId) => stops.get(stopId),
    stations: stationsOf(rows),
    stopName: (stopId) => stops.get(stopId)?.name ?? { zh: stopId, en: stopId },
  };
}

/** Holds the city in force; everybody asks for `current` anew, so that an import takes effect at once. */
export interface CityHolder {
  readonly current: City;
  reload(): Promise<void>;
}

export async function holdCity(sql: Sql): Promise<CityHolder> {
  let current = cityOfRows(await readCityRows(sql));
  let turn: Promise<void> = Promise.resolve();
  return {
    get current() {
      return current;
    },
    // One after another: what was read earlier must not replace what was read later.
    async reload() {
      turn = turn
        .catch(() => undefined)
        .then(async () => {
          current = cityOfRows(await readCityRows(sql));
        });
      return turn;
    },
  };
}
