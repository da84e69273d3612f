// A week of vehicles: they go out and back, slower in the peak, and the next run leaves no sooner than its vehicle is there.
import { openDraws } from '@tongche/simulator';
import type { Draws } from '@tongche/simulator';
import { at, growing, item } from '../kit/columns.ts';
import type { Parameters, ServiceParameters } from '../parameters.ts';
import { placeAt } from './network.ts';
import type { CityLine, Network } from './network.ts';

export const DAY_S = 86_400;
const HOUR_S = 3_600;

/** Runs in order of day, line, direction and departure. Times are seconds since the week's first midnight. */
export interface Runs {
  readonly count: number;
  readonly line: Int32Array;
  readonly dir: Int32Array;
  readonly day: Int32Array;
  /** A vehicle has eight units' room: unit = 8 × vehicle + carriage. */
  readonly vehicle: Int32Array;
  readonly vehicles: number;
  /** Departure from the first stop as planned. */
  readonly plannedS: Int32Array;
  /** Times of run r at stop s are at times[r] + s; `times` has one more entry than runs. */
  readonly times: Int32Array;
  readonly arrS: Int32Array;
  readonly depS: Int32Array;
  /** First run of (day, line, dir), with one more entry at the end. */
  readonly first: Int32Array;
}

export const UNITS_PER_VEHICLE = 8;

export function slotOf(network: Network, day: number, line: number, dir: number): number {
  return (day * network.lines.length + line) * 2 + dir;
}

export function byHour(values: readonly number[], second: number): number {
  return item(values, Math.floor((second % DAY_S) / HOUR_S));
}

/** Seconds from stop to stop in free flow. */
export function freeFlow(network: Network, line: CityLine, dir: number, service: ServiceParameters): Float64Array {
  const speed = line.isMetro ? service.metroSpeedMs : service.busSpeedMs;
  return new Float64Array(line.places.length - 1).map((_, seq) => {
    const [a, b] = [placeAt(line, dir, seq), placeAt(line, dir, seq + 1)];
    return Math.hypot(at(network.x, a) - at(network.x, b), at(network.y, a) - at(network.y, b)) / speed;
  });
}

export function slowdown(line: CityLine, service: ServiceParameters, second: number): number {
  return line.isMetro ? 1 : byHour(service.congestion, second);
}

interface Made {
  readonly dir: number;
  readonly vehicle: number;
  readonly plannedS: number;
  readonly arr: readonly number[];
  readonly dep: readonly number[];
}

interface LineDay {
  readonly line: CityLine;
  readonly flow: readonly [Float64Array, Float64Array];
  readonly draws: Draws;
  readonly service: ServiceParameters;
}

function drive(it: LineDay, dir: 0 | 1, plannedS: number, leavesS: number, opensS: number, vehicle: number): Made {
  const { line, draws, service } = it;
  const pace = Math.exp(service.runSpread * draws.normal());
  const [arr, dep] = [[opensS], [leavesS]];
  let nowS = leavesS;
  for (const free of it.flow[dir]) {
    nowS += Math.round(
      free * pace * slowdown(line, service, nowS) * Math.exp(service.sectionSpread * draws.normal()) + 1,
    );
    arr.push(nowS);
    nowS += Math.max(5, Math.round(service.dwellMeanS * Math.exp(service.dwellSpread * draws.normal())));
    dep.push(nowS);
  }
  return { dir, vehicle, plannedS, arr, dep };
}

/** Departures planned at one end on one day. */
function departures(service: ServiceParameters, line: CityLine, dayS: number, offset: number): readonly number[] {
  const planned: number[] = [];
  const factor = line.isMetro ? 0.6 : 1;
  let nextS = dayS + service.firstHour * HOUR_S + offset;
  while (nextS < dayS + service.lastHour * HOUR_S) {
    planned.push(Math.round(nextS / 60) * 60);
    nextS += byHour(service.headwayMin, nextS) * 60 * factor;
  }
  return planned;
}

/** One line's day. Whichever vehicle has stood longest at the end leaves next; a new one comes out where none stands. */
function lineDay(it: LineDay, dayS: number, firstVehicle: number): { readonly made: Made[]; readonly used: number } {
  const { line, service, draws } = it;
  const plans = ([0, 1] as const).flatMap((dir) =>
    departures(service, line, dayS, draws.unit() * 600).map((plannedS) => ({ dir, plannedS })),
  );
  plans.sort((a, b) => a.plannedS - b.plannedS || a.dir - b.dir);
  const waiting: { readonly vehicle: number; readonly sinceS: number }[][] = [[], []];
  let used = 0;
  const made: Made[] = [];
  for (const { dir, plannedS } of plans) {
    const here = item(waiting, dir);
    const ready = here.findIndex((one) => one.sinceS + service.layoverMinS <= plannedS + 180);
    const one = ready < 0 ? undefined : here.splice(ready, 1)[0];
    if (one === undefined) used += 1;
    const vehicle = one?.vehicle ?? firstVehicle + used - 1;
    const leavesS = Math.max(plannedS, (one?.sinceS ?? 0) + service.layoverMinS) + Math.floor(draws.exponential(20));
    const opensS = Math.max(leavesS - service.openBeforeS, (one?.sinceS ?? 0) + 60);
    const run = drive(it, dir, plannedS, leavesS, opensS, vehicle);
    made.push(run);
    const away = item(waiting, 1 - dir);
    away.push({ vehicle, sinceS: item(run.dep, run.dep.length - 1) });
    away.sort((a, b) => a.sinceS - b.sinceS);
  }
  return { made, used };
}

export function makeRuns(seed: number, network: Network, { service, demand }: Parameters): Runs {
  const columns = {
    line: growing(),
    dir: growing(),
    day: growing(),
    vehicle: growing(),
    plannedS: growing(),
    times: growing(),
    arrS: growing(),
    depS: growing(),
    first: growing(),
  };
  const fleet = new Map<number, { readonly from: number; readonly size: number }>();
  const draws = openDraws(seed, 'runs');
  const days = Array.from({ length: demand.days }, (_, day) => day);
  const flows = network.lines.map(
    (line) => [freeFlow(network, line, 0, service), freeFlow(network, line, 1, service)] as const,
  );
  // Fleets are numbered line by line; a line's day may need a vehicle more than its days before.
  const lineDays = days.map((day) =>
    network.lines.map((line, index) => lineDay({ line, flow: item(flows, index), draws, service }, day * DAY_S, 0)),
  );
  let vehicles = 0;
  for (const { index } of network.lines) {
    const size = Math.max(...lineDays.map((lines) => item(lines, index).used));
    fleet.set(index, { from: vehicles, size });
    vehicles += size;
  }
  for (const day of days) {
    for (const { index } of network.lines) {
      const { from, size } = fleet.get(index) ?? { from: 0, size: 1 };
      // Vehicles come out in another order every day.
      const turn = draws.below(size);
      for (const dir of [0, 1]) {
        columns.first.push(columns.line.length);
        const runs = item(item(lineDays, day), index).made.filter((run) => run.dir === dir);
        runs.sort((a, b) => item(a.dep, 0) - item(b.dep, 0));
        for (const run of runs) {
          columns.line.push(index);
          columns.dir.push(dir);
          columns.day.push(day);
          columns.vehicle.push(from + ((run.vehicle + turn) % size));
          columns.plannedS.push(run.plannedS);
          columns.times.push(columns.arrS.length);
          for (const second of run.arr) columns.arrS.push(second);
          for (const second of run.dep) columns.depS.push(second);
        }
      }
    }
  }
  columns.first.push(columns.line.length);
  columns.times.push(columns.arrS.length);
  return {
    count: columns.line.length,
    vehicles,
    line: columns.line.done(),
    dir: columns.dir.done(),
    day: columns.day.done(),
    vehicle: columns.vehicle.done(),
    plannedS: columns.plannedS.done(),
    times: columns.times.done(),
    arrS: columns.arrS.done(),
    depS: columns.depS.done(),
    first: columns.first.done(),
  };
}

export function stopsOf(runs: Runs, run: number): number {
  return at(runs.times, run + 1) - at(runs.times, run);
}

export function arrivalS(runs: Runs, run: number, seq: number): number {
  return at(runs.arrS, at(runs.times, run) + seq);
}

export function departureS(runs: Runs, run: number, seq: number): number {
  return at(runs.depS, at(runs.times, run) + seq);
}

/** The run of one slot that leaves stop `seq` soonest, not before `second`; -1 where none does within `longestS`. */
export function nextRun(runs: Runs, slot: number, seq: number, second: number, longestS: number): number {
  const [from, to] = [at(runs.first, slot), at(runs.first, slot + 1)];
  if (from === to) return -1;
  let best = -1;
  let bestS = second + longestS;
  // No run takes longer than three hours from its first stop to any other; runs are in order of their first departure.
  const departs = (run: number) => departureS(runs, run, 0);
  let run = firstFrom(departs, second - 3 * HOUR_S, from, to);
  for (; run < to && departs(run) < bestS; run += 1) {
    const leaves = departureS(runs, run, seq);
    if (leaves >= second && leaves < bestS) [best, bestS] = [run, leaves];
  }
  return best;
}

function firstFrom(valueOf: (index: number) => number, value: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueOf(middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
