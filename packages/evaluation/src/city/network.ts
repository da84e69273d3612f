// Lines over a street grid: places where people live and work, and the stops that lines make there.
import { openDraws } from '@tongche/simulator';
import type { Draws } from '@tongche/simulator';
import { at, item } from '../kit/columns.ts';
import type { NetworkParameters } from '../parameters.ts';

export interface CityLine {
  readonly index: number;
  readonly isMetro: boolean;
  readonly carriages: number;
  /** Places in the order of direction 0; direction 1 makes them backwards. */
  readonly places: readonly number[];
}

/** A line's visit of a place; `position` counts in direction 0. */
export interface Visit {
  readonly line: number;
  readonly position: number;
}

export interface Network {
  /** Metres from the centre, by place. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** How many live, and work, around a place: relative. */
  readonly homes: Float64Array;
  readonly works: Float64Array;
  readonly lines: readonly CityLine[];
  /** By place. */
  readonly visits: readonly (readonly Visit[])[];
}

function placeWeights(draws: Draws, x: Float64Array, y: Float64Array, radiusM: number): Float64Array {
  return x.map((_, place) => Math.exp(-Math.hypot(at(x, place), at(y, place)) / radiusM + 0.7 * draws.normal()));
}

/** A way over the grid from a corner of its box to the opposite one, in stretches, never back. */
function walk(draws: Draws, side: number, stops: number): readonly number[] {
  const share = 0.3 + 0.4 * draws.unit();
  const across = Math.max(2, Math.round(stops * share));
  const along = Math.max(2, stops - 1 - across);
  const margin = (length: number) => Math.max(0, side - 1 - length);
  // Lines keep to the middle of the city: the mean of two draws.
  const startX = Math.floor((margin(across) * (draws.unit() + draws.unit())) / 2);
  const startY = Math.floor((margin(along) * (draws.unit() + draws.unit())) / 2);
  const down = draws.happens(0.5);
  let [left, up] = [across, along];
  let [column, row] = [startX, down ? startY + along : startY];
  let isAcross = draws.happens(0.5);
  const places = [row * side + column];
  while (left + up > 0) {
    if (left === 0) isAcross = false;
    else if (up === 0) isAcross = true;
    else if (draws.happens(0.2)) isAcross = !isAcross;
    if (isAcross) [column, left] = [column + 1, left - 1];
    else [row, up] = [row + (down ? -1 : 1), up - 1];
    places.push(row * side + column);
  }
  return places;
}

export function makeNetwork(seed: number, parameters: NetworkParameters): Network {
  const { gridSide: side, spacingM, jitterM, busLines, metroLines, lineStops } = parameters;
  const draws = openDraws(seed, 'network');
  const middle = (side - 1) / 2;
  const x = new Float64Array(side * side).map((_, p) => ((p % side) - middle) * spacingM + jitterM * draws.normal());
  const y = x.map((_, p) => (Math.floor(p / side) - middle) * spacingM + jitterM * draws.normal());
  const homes = placeWeights(draws, x, y, parameters.homeRadiusM);
  const works = placeWeights(draws, x, y, parameters.workRadiusM);
  const lines = Array.from({ length: busLines + metroLines }, (_, index): CityLine => {
    const isMetro = index >= busLines;
    const stops = lineStops[0] + draws.below(lineStops[1] - lineStops[0] + 1);
    return { index, isMetro, carriages: isMetro ? parameters.carriages : 1, places: walk(draws, side, stops) };
  });
  const visits: Visit[][] = Array.from({ length: side * side }, () => []);
  for (const { index, places } of lines)
    for (const [position, place] of places.entries()) item(visits, place).push({ line: index, position });
  return { x, y, homes, works, lines, visits };
}

export function lineOf(network: Network, line: number): CityLine {
  return item(network.lines, line);
}

/** The place of stop number `seq` of a direction. */
export function placeAt(line: CityLine, dir: number, seq: number): number {
  return item(line.places, dir === 0 ? seq : line.places.length - 1 - seq);
}
