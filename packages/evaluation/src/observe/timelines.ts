// What the operator knows of the runs: measured times, the timetable's where positions failed, or nothing at all.
import type { CallAt, RunTimes, Space, World } from '@tongche/tracing';
import type { City } from '../city/city.ts';
import { lineOf, placeAt } from '../city/network.ts';
import { arrivalS, departureS, stopsOf, UNITS_PER_VEHICLE } from '../city/runs.ts';
import { at, grouped, item, rowsOf } from '../kit/columns.ts';
import { noise, normalNoise } from '../kit/noise.ts';
import { PURPOSE } from './purposes.ts';
import { timetableOf } from './timetable.ts';
import type { Timetable } from './timetable.ts';

/** Midnight of the simulated week's Monday in the simulated zone, UTC+8. */
export const WEEK_STARTS_MS = Date.UTC(2026, 2, 1, 16);
export const ZONE = 'Asia/Shanghai';

const [LAT, LON] = [29.5, 106.5];
const METRES_A_DEGREE = 111_320;

export function msOf(second: number): number {
  return WEEK_STARTS_MS + second * 1_000;
}

export interface Timelines extends World {
  readonly timetable: Timetable;
  /** The run that a registration at `second` belongs to, as the operator sees it; -1 where none is known. */
  runOf(unit: number, second: number): number;
  /** Whether anything is known of when the run was where. */
  knows(run: number): boolean;
  /** Where stop `seq` of a run is. */
  stop(run: number, seq: number): KnownStop;
  /** Number of the last stop that the run had reached by `second`; 0 before the first. */
  reached(run: number, second: number): number;
}

export function runKeyOf(run: number): string {
  return `r${run}`;
}

export function unitIdOf(unit: number): string {
  return `u${unit}`;
}

export function lineIdOf(line: number): string {
  return `l${line}`;
}

/** A place as stops of one direction see it. */
export interface KnownStop {
  readonly stopId: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly lat: number;
  readonly lon: number;
}

/** WGS 84 of a stop; the two sides of a street are thirty metres apart. */
function positionOf(city: City, place: number, side: number): { readonly lat: number; readonly lon: number } {
  const [x, y] = [at(city.network.x, place), at(city.network.y, place) + (side === 0 ? 15 : -15)];
  return { lat: LAT + y / METRES_A_DEGREE, lon: LON + x / (METRES_A_DEGREE * Math.cos((LAT * Math.PI) / 180)) };
}

/**
 * `known` is the share of runs with a timeline. Measured times are right but for the error of a position; runs whose
 * positions failed have the timetable's.
 */
export function timelinesOf(city: City, known: number): Timelines {
  const { runs, network, seed } = city;
  const { dropoutShare, positionErrorS } = city.parameters.observation;
  const timetable = timetableOf(city);
  const runsOfVehicle = grouped(runs.vehicle, runs.vehicles);
  for (let vehicle = 0; vehicle < runs.vehicles; vehicle += 1)
    rowsOf(runsOfVehicle, vehicle).sort((a, b) => departureS(runs, a, 0) - departureS(runs, b, 0));
  const made = new Map<number, RunTimes>();
  const isMetro = new Uint8Array(runs.vehicles);
  for (let run = 0; run < runs.count; run += 1)
    if (lineOf(network, at(runs.line, run)).isMetro) isMetro[at(runs.vehicle, run)] = 1;
  const hasTimeline = (run: number) => noise(seed, PURPOSE.timeline, run) < known;
  const hasPositions = (run: number) => noise(seed, PURPOSE.dropout, run) >= dropoutShare;

  const stops = new Map<number, KnownStop>();

  function stop(run: number, seq: number): KnownStop {
    const dir = at(runs.dir, run);
    const place = placeAt(lineOf(network, at(runs.line, run)), dir, seq);
    let known = stops.get(2 * place + dir);
    if (known === undefined) {
      const name = { zh: `第${place}站`, en: `Stop ${place}` };
      known = { stopId: `s${place}.${dir}`, name, ...positionOf(city, place, dir) };
      stops.set(2 * place + dir, known);
    }
    return known;
  }

  function stopsFor(run: number): readonly CallAt[] {
    const measured = hasPositions(run);
    const planned = timetable(run);
    let last = 0;
    return Array.from({ length: stopsOf(runs, run) }, (_, seq): CallAt => {
      const error = (edge: number) => positionErrorS * normalNoise(seed, PURPOSE.position, run, 2 * seq + edge);
      const arrS = measured ? arrivalS(runs, run, seq) + error(0) : item(planned.arrS, seq);
      const depS = measured ? departureS(runs, run, seq) + error(1) : item(planned.depS, seq);
      const arrMs = Math.max(last, msOf(Math.round(arrS)));
      const depMs = Math.max(arrMs, msOf(Math.round(depS)));
      last = depMs;
      return { seq, ...stop(run, seq), arrMs, depMs, source: measured ? 'avl' : 'schedule' };
    });
  }

  function timesOf(run: number): RunTimes {
    let times = made.get(run);
    if (times !== undefined) return times;
    const line = at(runs.line, run);
    times = {
      runKey: runKeyOf(run),
      vehicle: `v${at(runs.vehicle, run)}`,
      lineId: lineIdOf(line),
      dir: at(runs.dir, run) === 0 ? 0 : 1,
      line: { zh: `${line}路`, en: `Line ${line}` },
      stops: stopsFor(run),
    };
    made.set(run, times);
    return times;
  }

  /** The vehicle's run under way at the moment, or the one that is about to leave, by the operator's times. */
  function runOf(unit: number, second: number): number {
    const vehicle = Math.floor(unit / UNITS_PER_VEHICLE);
    let found = -1;
    if (vehicle >= runs.vehicles) return -1;
    for (const run of rowsOf(runsOfVehicle, vehicle)) {
      const opensS = hasPositions(run) ? arrivalS(runs, run, 0) : item(timetable(run).arrS, 0);
      if (opensS - BEFORE_S <= second) found = run;
      else break;
    }
    if (found < 0) return -1;
    const endsS = hasPositions(found)
      ? arrivalS(runs, found, stopsOf(runs, found) - 1)
      : item(timetable(found).arrS, stopsOf(runs, found) - 1);
    return second <= endsS + AFTER_S ? found : -1;
  }

  function reached(run: number, second: number): number {
    const isMeasured = hasPositions(run);
    const planned = isMeasured ? undefined : timetable(run).arrS;
    let seq = 0;
    for (let next = 1; next < stopsOf(runs, run); next += 1) {
      if ((planned === undefined ? arrivalS(runs, run, next) : item(planned, next)) > second) break;
      seq = next;
    }
    return seq;
  }

  return {
    timetable,
    runOf,
    stop,
    reached,
    knows: hasTimeline,
    run: (runKey) => {
      const run = Number(runKey.slice(1));
      return hasTimeline(run) ? timesOf(run) : undefined;
    },
    space: (unit) => spaceOf(Number(unit.slice(1)), isMetro),
    unitsOf: (vehicle) => {
      const first = Number(vehicle.slice(1)) * UNITS_PER_VEHICLE;
      const carriages = at(isMetro, first / UNITS_PER_VEHICLE) === 1 ? city.parameters.network.carriages : 1;
      return Array.from({ length: carriages }, (_, carriage) => unitIdOf(first + carriage));
    },
  };
}

/** Before its doors open and after its last stop, that far a registration still belongs to a run. */
const BEFORE_S = 120;
const AFTER_S = 300;

function spaceOf(unit: number, isMetro: Uint8Array): Space {
  const vehicle = Math.floor(unit / UNITS_PER_VEHICLE);
  const isTrain = isMetro[vehicle] === 1;
  return {
    unit: unitIdOf(unit),
    kind: isTrain ? 'carriage' : 'bus',
    vehicle: `v${vehicle}`,
    carriageNo: isTrain ? (unit % UNITS_PER_VEHICLE) + 1 : null,
    label: { zh: `${vehicle}号`, en: `Vehicle ${vehicle}` },
    plate: null,
    capacity: null,
    air: 'sealed',
    litresPerSecond: null,
  };
}
