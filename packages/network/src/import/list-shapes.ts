// Every list an operator may send, by the kind of its import: what its columns are called. Documentation is made of it.
import { SPEC as POSITIONS } from './avl-read.ts';
import { ALIASES, CODES } from './codes.ts';
import { SPEC as FLEET } from './fleet.ts';
import { SPEC as LINE_STOPS } from './line-stops.ts';
import type { ListSpec } from './lists.ts';
import { SPEC as RIDER_COUNTS } from './rider-counts.ts';
import { SPEC as ROSTER } from './roster.ts';
import { SPEC as VEHICLE_RUNS } from './vehicle-runs.ts';

export const LIST_SHAPES = {
  fleet: FLEET,
  roster: ROSTER,
  codes: CODES,
  aliases: ALIASES,
  'vehicle-runs': VEHICLE_RUNS,
  'rider-counts': RIDER_COUNTS,
  'line-stops': LINE_STOPS,
  positions: POSITIONS,
} as const satisfies Record<string, ListSpec>;
