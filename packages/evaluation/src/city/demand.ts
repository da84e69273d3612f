// A week of rides: commuters on their way and back, everybody else now and then. What comes out is the truth.
import { openDraws } from '@tongche/simulator';
import type { Draws } from '@tongche/simulator';
import { growing, item } from '../kit/columns.ts';
import type { Growing } from '../kit/columns.ts';
import type { DemandParameters, Parameters } from '../parameters.ts';
import { lineOf } from './network.ts';
import type { Network } from './network.ts';
import { arrivalS, DAY_S, departureS, nextRun, slotOf } from './runs.ts';
import type { Runs } from './runs.ts';
import { mirrored, openWays } from './ways.ts';
import type { Leg, Way, Ways } from './ways.ts';

/** Somebody in one space of one run from one stop to another. Rows are ordered by person, then by time. */
export interface Stays {
  readonly count: number;
  readonly person: Int32Array;
  readonly run: Int32Array;
  readonly carriage: Int32Array;
  readonly board: Int32Array;
  readonly alight: Int32Array;
  readonly boardS: Int32Array;
  readonly alightS: Int32Array;
}

export interface Population {
  readonly home: Int32Array;
  readonly isCommuter: Uint8Array;
}

const HOUR_S = 3_600;
const MINUTE_S = 60;
/** Doors open, people sort themselves: from arrival until somebody is on or off. */
const STEP_S = 12;
const WALK_TO_STOP_S = 240;
/** Carriages are changed on longer rides only, at a stop on the way. */
const CHANGE_FROM_STOPS = 3;
const SATURDAY = 5;

interface Making {
  readonly network: Network;
  readonly runs: Runs;
  readonly demand: DemandParameters;
  readonly draws: Draws;
  readonly ways: Ways;
  readonly columns: Readonly<Record<Exclude<keyof Stays, 'count'>, Growing>>;
}

function addStay(it: Making, row: Readonly<Record<Exclude<keyof Stays, 'count'>, number>>): void {
  for (const key of ['person', 'run', 'carriage', 'board', 'alight', 'boardS', 'alightS'] as const)
    it.columns[key].push(row[key]);
}

/** Rides one leg from `readyS` on; answers when they are off, or undefined where nothing comes. */
function ride(it: Making, person: number, day: number, leg: Leg, readyS: number): number | undefined {
  const { runs, draws, demand, network } = it;
  const longestS = demand.longestWaitMin * MINUTE_S;
  const run = nextRun(runs, slotOf(network, day, leg.line, leg.dir), leg.board, readyS, longestS);
  if (run < 0) return undefined;
  const line = lineOf(network, leg.line);
  const [opensS, leavesS] = [arrivalS(runs, run, leg.board), departureS(runs, run, leg.board)];
  const boardS = Math.min(Math.max(readyS, opensS + draws.below(STEP_S)), leavesS);
  const alightS = arrivalS(runs, run, leg.alight) + 2 + draws.below(STEP_S);
  const carriage = draws.below(line.carriages);
  const row = { person, run, carriage, board: leg.board, alight: leg.alight, boardS, alightS };
  if (line.carriages > 1 && leg.alight - leg.board >= CHANGE_FROM_STOPS && draws.happens(demand.carriageChangeShare)) {
    const middle = leg.board + 1 + draws.below(leg.alight - leg.board - 1);
    const changeS = arrivalS(runs, run, middle) + STEP_S;
    const other = (carriage + 1 + draws.below(line.carriages - 1)) % line.carriages;
    addStay(it, { ...row, alight: middle, alightS: changeS });
    addStay(it, { ...row, carriage: other, board: middle, boardS: changeS });
  } else addStay(it, row);
  return alightS;
}

/** A stop before or after the usual one, now and then, where the line has one. */
function varied(it: Making, leg: Leg): Leg {
  if (!it.draws.happens(it.demand.neighbourStopShare)) return leg;
  const board = leg.board + (it.draws.happens(0.5) ? 1 : -1);
  return board < 0 || board >= leg.alight ? leg : { ...leg, board };
}

/** Answers when the last leg ended; undefined where the way was given up. */
function travel(it: Making, person: number, day: number, way: Way, startS: number): number | undefined {
  const [least, most] = it.demand.transferWalkS;
  let nowS: number | undefined = startS;
  for (const [index, leg] of way.entries()) {
    if (index > 0) nowS += least + it.draws.below(most - least);
    nowS = ride(it, person, day, index === 0 ? varied(it, leg) : leg, nowS);
    if (nowS === undefined) return undefined;
  }
  return nowS;
}

/** Back the same way, from somewhere else, or not at all. */
function goBack(it: Making, person: number, day: number, home: number, way: Way, startS: number): void {
  const { draws, demand, network, ways } = it;
  if (draws.happens(demand.mirroredReturnShare)) travel(it, person, day, mirrored(network, way), startS);
  else if (draws.happens(demand.otherReturnShare)) {
    const other = ways.to(home);
    if (other !== undefined) travel(it, person, day, other, startS + draws.exponential(HOUR_S));
  }
}

/** Some hours out, at any time of the day. */
function outing(it: Making, person: number, day: number, home: number): void {
  const { draws, ways } = it;
  const startS = day * DAY_S + Math.round((6.5 + 12.5 * ((draws.unit() + draws.unit()) / 2)) * HOUR_S);
  const way = ways.from(home);
  const thereS = travel(it, person, day, way, startS);
  if (thereS === undefined) return;
  const backS = thereS + Math.round((0.5 + draws.exponential(2)) * HOUR_S);
  if (backS < (day + 1) * DAY_S) goBack(it, person, day, home, way, backS);
}

interface Commuter {
  readonly way: Way;
  readonly morningS: number;
  readonly eveningS: number;
}

function makeCommuter({ ways, draws, demand }: Making, home: number): Commuter {
  return {
    way: ways.from(home),
    morningS: demand.morningHour * HOUR_S + draws.normal() * demand.morningSpreadMin * MINUTE_S,
    eveningS: demand.eveningHour * HOUR_S + draws.normal() * demand.eveningSpreadMin * MINUTE_S,
  };
}

function workday(it: Making, person: number, day: number, home: number, commuter: Commuter): void {
  const { draws, demand } = it;
  const jitter = (minutes: number) => draws.normal() * minutes * MINUTE_S;
  const startS = day * DAY_S + Math.round(commuter.morningS + jitter(demand.morningJitterMin) + WALK_TO_STOP_S);
  const thereS = travel(it, person, day, commuter.way, startS);
  if (thereS === undefined) return;
  const backS = Math.round(day * DAY_S + commuter.eveningS + jitter(demand.eveningJitterMin));
  goBack(it, person, day, home, commuter.way, Math.max(backS, thereS + HOUR_S));
}

export function makeDemand(
  seed: number,
  network: Network,
  runs: Runs,
  parameters: Parameters,
): { readonly population: Population; readonly stays: Stays } {
  const { demand } = parameters;
  const draws = openDraws(seed, 'demand');
  const names = ['person', 'run', 'carriage', 'board', 'alight', 'boardS', 'alightS'] as const;
  const columns = Object.fromEntries(names.map((name) => [name, growing()])) as Making['columns'];
  const ways = openWays(network, draws, demand, parameters.network);
  const it: Making = { network, runs, demand, draws, ways, columns };
  const home = new Int32Array(demand.riders);
  const isCommuter = new Uint8Array(demand.riders);
  for (let person = 0; person < demand.riders; person += 1) {
    const place = ways.home();
    home[person] = place;
    const commuter = draws.happens(demand.commuterShare) ? makeCommuter(it, place) : undefined;
    if (commuter !== undefined) isCommuter[person] = 1;
    for (let day = 0; day < demand.days; day += 1) {
      const isWeekend = day % 7 >= SATURDAY;
      if (commuter !== undefined && !isWeekend) {
        if (draws.happens(demand.weekdayTravelShare)) workday(it, person, day, place, commuter);
      } else if (draws.happens(commuter === undefined ? demand.otherTripShare : demand.weekendTripShare)) {
        outing(it, person, day, place);
      }
    }
  }
  const made = names.map((name) => [name, item([columns[name]], 0).done()] as const);
  const stays = { count: columns.person.length, ...Object.fromEntries(made) } as Stays;
  return { population: { home, isCommuter }, stays };
}
