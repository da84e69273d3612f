// How long rides are, learned from rides whose end is known: in minutes, and in stops, given how much each stop draws.
import type { Attraction, SpaceKind } from '@tongche/tracing';
import type { City } from '../city/city.ts';
import { lineOf, placeAt } from '../city/network.ts';
import { arrivalS, stopsOf } from '../city/runs.ts';
import { at } from '../kit/columns.ts';
import { lineIdOf } from '../observe/timelines.ts';

/** A ride with a known end, and what the stops ahead of its boarding drew. */
export interface KnownRide {
  readonly kind: SpaceKind;
  readonly minutes: number;
  /** Stops ridden, from one. */
  readonly stops: number;
  /** Draw of each stop ahead, the next one first. */
  readonly draw: readonly number[];
}

const MINUTE_S = 60;
const HOUR_S = 3_600;
const LONGEST_MIN = 150;
const ROUNDS = 12;

/** Draws of the stops ahead of `board` on a run. */
export function drawAhead(city: City, attraction: Attraction, run: number, board: number): readonly number[] {
  const { runs, network } = city;
  const line = lineOf(network, at(runs.line, run));
  const dir = at(runs.dir, run) === 0 ? 0 : 1;
  return Array.from({ length: stopsOf(runs, run) - 1 - board }, (_, i) => {
    const seq = board + 1 + i;
    const hour = Math.floor(arrivalS(runs, run, seq) / HOUR_S) % 24;
    return attraction(lineIdOf(line.index), dir, `s${placeAt(line, dir, seq)}.${dir}`, hour) ?? 1;
  });
}

/** Every `step`-th ride of a city. */
export function knownRides(city: City, attraction: Attraction, step: number): readonly KnownRide[] {
  const { stays, runs, network } = city;
  const rides: KnownRide[] = [];
  for (let stay = 0; stay < stays.count; stay += step) {
    const [run, board] = [at(stays.run, stay), at(stays.board, stay)];
    rides.push({
      kind: lineOf(network, at(runs.line, run)).isMetro ? 'carriage' : 'bus',
      minutes: (at(stays.alightS, stay) - at(stays.boardS, stay)) / MINUTE_S,
      stops: at(stays.alight, stay) - board,
      draw: drawAhead(city, attraction, run, board),
    });
  }
  return rides;
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** Share of rides that last so many minutes at least, by minute from 0, until none does. */
export function lastingShares(rides: readonly KnownRide[]): readonly number[] {
  const minutes = rides.map((ride) => ride.minutes).sort((a, b) => a - b);
  const shares: number[] = [];
  let done = 0;
  for (let minute = 0; minute <= LONGEST_MIN; minute += 1) {
    while (done < minutes.length && (minutes[done] ?? 0) < minute) done += 1;
    shares.push(rounded(1 - done / minutes.length));
    if (done === minutes.length) break;
  }
  return shares;
}

/**
 * Weights of getting off after so many stops, so that weight × draw, over the stops ahead, expects as many rides of each
 * length as there were: iterative proportional fitting. Scaled so that the largest is 1.
 */
export function stopWeights(rides: readonly KnownRide[]): readonly number[] {
  const longest = rides.reduce((most, ride) => Math.max(most, ride.draw.length), 0);
  const seen = new Float64Array(longest);
  for (const { stops } of rides) seen[stops - 1] = at(seen, stops - 1) + 1;
  let weights = new Float64Array(longest).fill(1);
  for (let round = 0; round < ROUNDS; round += 1) {
    const expected = new Float64Array(longest);
    for (const { draw } of rides) {
      const sum = draw.reduce((total, each, i) => total + each * at(weights, i), 0);
      for (const [i, each] of draw.entries()) expected[i] = at(expected, i) + (each * at(weights, i)) / sum;
    }
    weights = weights.map((weight, i) =>
      at(expected, i) > 0 ? (weight * (at(seen, i) + 0.5)) / (at(expected, i) + 0.5) : weight,
    );
  }
  const most = Math.max(...weights);
  return Array.from(weights, (weight) => rounded(weight / most));
}
