// A city's week with everything that truly happened.
import { at, grouped, rowsOf } from '../kit/columns.ts';
import type { Groups } from '../kit/columns.ts';
import type { Parameters } from '../parameters.ts';
import { makeDemand } from './demand.ts';
import type { Population, Stays } from './demand.ts';
import { makeNetwork } from './network.ts';
import type { Network } from './network.ts';
import { makeRuns, UNITS_PER_VEHICLE } from './runs.ts';
import type { Runs } from './runs.ts';

export interface City {
  readonly seed: number;
  readonly parameters: Parameters;
  readonly network: Network;
  readonly runs: Runs;
  readonly population: Population;
  readonly stays: Stays;
  readonly staysOfRun: Groups;
  readonly staysOfPerson: Groups;
}

/** The same seed and parameters give the same city, number for number, on every machine. */
export function makeCity(seed: number, parameters: Parameters): City {
  const network = makeNetwork(seed, parameters.network);
  const runs = makeRuns(seed, network, parameters);
  const { population, stays } = makeDemand(seed, network, runs, parameters);
  const staysOfRun = grouped(stays.run, runs.count);
  const staysOfPerson = grouped(stays.person, parameters.demand.riders);
  return { seed, parameters, network, runs, population, stays, staysOfRun, staysOfPerson };
}

/** What the code of a stay's space is stuck to. */
export function unitOf({ runs, stays }: City, stay: number): number {
  return at(runs.vehicle, at(stays.run, stay)) * UNITS_PER_VEHICLE + at(stays.carriage, stay);
}

export interface Meeting {
  readonly mine: number;
  readonly other: number;
  readonly seconds: number;
}

/** Everybody who was with a stay's rider in its space for the shortest time that counts. */
export function meetingsOf(city: City, stay: number): readonly Meeting[] {
  const { stays, staysOfRun, parameters } = city;
  const found: Meeting[] = [];
  for (const other of rowsOf(staysOfRun, at(stays.run, stay))) {
    if (at(stays.person, other) === at(stays.person, stay)) continue;
    if (at(stays.carriage, other) !== at(stays.carriage, stay)) continue;
    const seconds =
      Math.min(at(stays.alightS, stay), at(stays.alightS, other)) -
      Math.max(at(stays.boardS, stay), at(stays.boardS, other));
    if (seconds >= parameters.overlapS) found.push({ mine: stay, other, seconds });
  }
  return found;
}
