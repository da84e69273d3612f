// How much each stop draws riders who get off, from what an operator can count without knowing anybody: who boards there in
// the opposite direction on another part of the day goes back from where they got off.
import type { Attraction } from '@tongche/tracing';
import type { City } from '../city/city.ts';
import { lineOf, placeAt } from '../city/network.ts';
import { at } from '../kit/columns.ts';
import type { Registrations } from './registrations.ts';
import { lineIdOf } from './timelines.ts';
import type { Timelines } from './timelines.ts';

/** A stop nobody was seen to board at still draws somebody. */
const SMOOTHING = 1;
const HALVES = 2;
const HOURS = 12;

/** Riders of the morning go back in the afternoon, and the other way round. */
function half(hour: number): number {
  return hour < HOURS ? 0 : 1;
}

export function attractionOf(city: City, registrations: Registrations, timelines: Timelines): Attraction {
  const { runs, network } = city;
  const boardings = new Map<string, number>();
  const keyOf = (line: string, dir: number, stop: string, part: number) => `${line}/${dir}/${stop}/${part}`;
  for (let row = 0; row < registrations.count; row += 1) {
    const second = at(registrations.second, row);
    const run = timelines.runOf(at(registrations.unit, row), second);
    if (run < 0 || !timelines.knows(run)) continue;
    const place = placeAt(lineOf(network, at(runs.line, run)), at(runs.dir, run), timelines.reached(run, second));
    const hour = Math.floor((second % 86_400) / 3_600);
    // Written down for the stop across the street.
    const dir = 1 - at(runs.dir, run);
    const key = keyOf(lineIdOf(at(runs.line, run)), dir, `s${place}.${dir}`, HALVES - 1 - half(hour));
    boardings.set(key, (boardings.get(key) ?? 0) + 1);
  }
  return (lineId, dir, stopId, hour) => (boardings.get(keyOf(lineId, dir, stopId, half(hour))) ?? 0) + SMOOTHING;
}
