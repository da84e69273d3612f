// What the engine works on: who was on which run, where it stopped when, and what a phone or a person said about it.

export interface Name {
  readonly zh: string;
  readonly en: string;
}

export interface RunStop {
  /** Rises along the run; gaps are allowed. */
  readonly seq: number;
  readonly name: Name;
  readonly arrMs: number;
  readonly depMs: number;
}

/** One run of one vehicle, stops in any order. */
export interface Run {
  readonly runKey: string;
  readonly line: Name | null;
  readonly stops: readonly RunStop[];
}

/** How it is known where somebody got on and off; `timeline`: only the boarding is known. */
export type Basis = 'off-tap' | 'rescan' | 'interview' | 'chained' | 'timeline';

/** Stop numbers, low and high bounds, as a stop note or an interview gives them. */
export interface StopBounds {
  readonly basis: Exclude<Basis, 'timeline'>;
  readonly boardLo: number;
  readonly boardHi: number;
  readonly alightLo: number;
  readonly alightHi: number;
}

/** Somebody's ride. `person` is whatever key the caller merges by; it is compared, never shown. */
export interface Presence {
  readonly id: string;
  readonly person: string;
  /** Vehicle, carriage, cabin: the space people share. */
  readonly unit: string;
  /** Null where the vehicle's timeline knows no run at that moment: such a ride matches nobody. */
  readonly runKey: string | null;
  readonly boardedMs: number;
  readonly boardSeq: number | null;
  readonly notes: readonly StopBounds[];
  /** Heads that travelled on this registration besides its holder. */
  readonly party: number;
}

/** Where somebody was on a run, as bounds. board < alight always. */
export interface Interval {
  readonly boardLo: number;
  readonly boardHi: number;
  readonly alightLo: number;
  readonly alightHi: number;
  readonly basis: Basis;
}

export type Tier = 'close' | 'verify' | 'general';

export interface Leg {
  /** The fellow rider's ride, and the case's ride it overlaps with. */
  readonly presenceId: string;
  readonly caseId: string;
  readonly runKey: string;
  readonly unit: string;
  readonly boardedMs: number;
  /** Stop numbers between which both can have been aboard; null where the run has no stops. */
  readonly fromSeq: number | null;
  readonly toSeq: number | null;
  /** Up to which stop they certainly were, where `certain`. */
  readonly sureToSeq: number | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** Expected minutes together. */
  readonly minutes: number;
  /** That they were aboard together between two stops at least. */
  readonly probability: number;
  readonly certain: boolean;
  readonly basis: Basis;
  readonly party: number;
}

export interface RankedContact {
  readonly person: string;
  readonly tier: Tier;
  readonly probability: number;
  readonly minutes: number;
  readonly legs: readonly Leg[];
  readonly reason: Name;
}
