// How likely riders get off at a stop: who boards there the other way in the other half of the day got off there before.
import type { TraceBoardings } from '@tongche/contract';
import type { Attraction } from '@tongche/tracing';

/** Commuters go one way before this hour and back after it. */
const MIDDAY = 13;
const HOURS = 24;
/** Nobody boards the other way at a stop whose cells were too small to be told; some get off all the same. */
const LEAST = 1;

function sum(hours: readonly number[], from: number, to: number): number {
  return hours.slice(from, to).reduce((all, heads) => all + heads, 0);
}

/**
 * Stops of the two directions are the same where they have the same name or number. Undefined for lines of which the operator
 * told nothing of the other direction.
 */
export function attractionOf(boardings: Iterable<TraceBoardings>): Attraction {
  const byPlace = new Map<string, readonly number[]>();
  const known = new Set<string>();
  const nameOf = new Map<string, string>();
  for (const { lineId, dir, stopId, name, hours } of boardings) {
    known.add(`${lineId}|${dir}`);
    nameOf.set(stopId, name.zh);
    byPlace.set(`${lineId}|${dir}|${stopId}`, hours);
    byPlace.set(`${lineId}|${dir}|${name.zh}`, hours);
  }
  return (lineId, dir, stopId, hour) => {
    const other = `${lineId}|${1 - dir}`;
    if (!known.has(other)) return undefined;
    const hours = byPlace.get(`${other}|${stopId}`) ?? byPlace.get(`${other}|${nameOf.get(stopId) ?? ''}`);
    if (hours === undefined) return LEAST;
    return LEAST + (hour < MIDDAY ? sum(hours, MIDDAY, HOURS) : sum(hours, 0, MIDDAY));
  };
}
