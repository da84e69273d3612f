// A city small enough for tests, and what stands on it.
import { makeCity } from './city/city.ts';
import type { City } from './city/city.ts';
import { PARAMETERS } from './parameters.ts';
import type { Parameters } from './parameters.ts';

export const SMALL: Parameters = {
  ...PARAMETERS,
  network: { ...PARAMETERS.network, gridSide: 16, busLines: 9, metroLines: 1, lineStops: [10, 14] },
  demand: { ...PARAMETERS.demand, riders: 3_000 },
  epidemic: { ...PARAMETERS.epidemic, cases: 25, trials: 2, background: 10, infected: [8], ridersAtLeast: 10 },
};

let made: City | undefined;

export function smallCity(): City {
  made ??= makeCity(7, SMALL);
  return made;
}
