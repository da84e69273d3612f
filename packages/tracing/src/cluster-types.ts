// Words of common exposure: riders of every run and rides of cases in, clusters out.
import type { Control } from './family.ts';
import type { Incubation } from './incubation.ts';
import type { DayRange, Name } from './types.ts';

/** How wide "together" is taken: one run, or whatever a vehicle, a carriage or a line did in a day. */
export type Level = 'run' | 'carriage-day' | 'vehicle-day' | 'line-day';

/** Riders registered in one unit on one run, cases among them. `hour` (0..23) is the local hour of departure. */
export interface RidersOn {
  readonly runKey: string;
  readonly unit: string;
  readonly vehicle: string;
  readonly lineId: string | null;
  readonly dir: 0 | 1 | null;
  readonly day: number;
  readonly hour: number;
  readonly heads: number;
}

/** One case with the rides that can have infected it. Two rides in one unit and run are one. */
export interface ClusterCase {
  readonly person: string;
  /** Null: unknown; such a case counts, and says nothing about the time. */
  readonly onset: DayRange | null;
  readonly rides: readonly { readonly runKey: string; readonly unit: string }[];
}

export interface ClusterInput {
  /**
   * In what riders are counted. `persons`: `population` is how many distinct people rode. `rides`: how many rides there
   * were, where nobody can tell which of them were one person's; a case then weighs as many as it made.
   */
  readonly countedIn: 'persons' | 'rides';
  readonly population: number;
  /** All runs with riders in the period, not only those with cases. */
  readonly runs: readonly RidersOn[];
  readonly cases: readonly ClusterCase[];
  /** Default: runs only. Every level adds its tests to the one family. */
  readonly levels?: readonly Level[];
  readonly incubation?: Incubation;
  /** Bound on false finds; default 0.05, by Bonferroni. */
  readonly alpha?: number;
  readonly control?: Control;
}

/**
 * `alarm`: five cases or more, beyond chance over the whole family. `watch`: three or four, or more than that but so that
 * one such run a look is expected by chance.
 */
export type ClusterStatus = 'alarm' | 'watch';

/** The same line, direction and hour on other days; of the wider levels the same vehicle, carriage or line. */
export interface MatchedControl {
  readonly groups: number;
  readonly riders: number;
  readonly cases: number;
  /** That the find has so large a part of the cases of both, were they spread by riders: small means "this one, not all". */
  readonly p: number;
}

export interface OnsetSpread {
  /** Cases whose onset is known, and those of them whom this exposure can have infected. */
  readonly known: number;
  readonly consistent: number;
  /** From the earliest possible onset to the latest; null where none is known. */
  readonly spreadDays: number | null;
}

export interface Cluster {
  readonly level: Level;
  /** The run's key, or unit, vehicle or line and the day. */
  readonly key: string;
  readonly day: number;
  /** All runs in it, in order. */
  readonly runKeys: readonly string[];
  readonly status: ClusterStatus;
  /** Keys of the cases, in order. */
  readonly persons: readonly string[];
  readonly observed: number;
  readonly expected: number;
  readonly riders: number;
  readonly p: number;
  /** Held down over the family by the chosen control. */
  readonly adjusted: number;
  /** Benjamini and Hochberg's. */
  readonly q: number;
  /** Null without an incubation period. */
  readonly onset: OnsetSpread | null;
  /** Null where nothing comparable ran. */
  readonly matched: MatchedControl | null;
  /** Keys of what the same cases made conspicuous as well, and what is not any more without them. */
  readonly explains: readonly string[];
  readonly text: Name;
}

export interface Clusters {
  /** Best first. */
  readonly found: readonly Cluster[];
  /** How many tests the family has. */
  readonly tests: number;
  /** Rides of cases on runs that were not given. */
  readonly unplaced: number;
}
