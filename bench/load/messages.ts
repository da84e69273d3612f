// What a bench and its load processes say to each other.
import type { PackedHistogram } from '../kit/histogram.ts';

export interface Setup {
  readonly kind: 'setup';
  readonly host: string;
  readonly port: number;
  readonly iss: number;
  readonly day: number;
  /** Where minutes of the day are counted from. */
  readonly dayStartMs: number;
  /** base64url. */
  readonly kAdm: string;
  /** Passenger codes, base64url. */
  readonly codes: readonly string[];
  /** Rides made beforehand; more are made while sending, which costs the load process time. */
  readonly rides: number;
}

/** Each connection sends its next ride when it has the answer to the last one. */
export interface ClosedPlan {
  readonly kind: 'closed';
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}
/** Rides are due at a fixed rate, whatever the server does; times count from when each was due. */
export interface OpenPlan {
  readonly kind: 'open';
  readonly connections: number;
  readonly ratePerSecond: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** A ride that found no free connection for this long is given up. */
  readonly patienceMs: number;
  /** Where it is written when each ride was acknowledged; see sightings.ts. */
  readonly sightings?: string;
  /** What follows the measured time without a pause: is the server well again? */
  readonly afterwards?: { readonly ratePerSecond: number; readonly ms: number };
}
/** Phones that keep a ride until it is acknowledged, through whatever happens to the server. */
export interface PhonesPlan {
  readonly kind: 'phones';
  readonly phones: number;
  /** Share of rides whose phone loses the connection right after sending. */
  readonly cutShare: number;
}

export type Command =
  | Setup
  | ClosedPlan
  | OpenPlan
  | PhonesPlan
  /** Asks for `progress`. */
  | { readonly kind: 'count' }
  /** No new rides; `drained` follows when every one is acknowledged. */
  | { readonly kind: 'drain' };

/** A slice of the time since the plan began, by when its rides were due. */
export interface Slice {
  registered: number;
  failed: number;
  worstMs: number;
}
export const sliceMs = 100;

export interface LoadResult {
  readonly kind: 'result';
  /** Rides whose receipt came within the measured time. */
  readonly registered: number;
  readonly measuredMs: number;
  /** Of rides due within the measured time. */
  readonly times: PackedHistogram;
  /** Answers and failures other than a registration of rides due within the measured time, by code. */
  readonly errors: Readonly<Record<string, number>>;
  /** From the first to the last ride of the plan, warm-up included: what became of them, by code. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly registeredInAll: number;
  /** Sent without an answer: whether they are stored is not known. */
  readonly unansweredInAll: number;
  readonly slices: readonly Slice[];
  readonly offered: number;
  /** Processor time of the load process within the measured time. */
  readonly cpuMicros: number;
}

export interface Drained {
  readonly kind: 'drained';
  /** 16 bytes each. */
  readonly tags: Uint8Array;
  readonly made: number;
  readonly retries: number;
  /** Answers and failures by code. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Rides that were answered with something no retry can mend. */
  readonly refused: number;
}

export type Report =
  | { readonly kind: 'ready'; readonly madeInMs: number }
  | { readonly kind: 'measuring' }
  | { readonly kind: 'measured' }
  | { readonly kind: 'progress'; readonly acknowledged: number }
  | LoadResult
  | Drained;

/** A driver's screen: of the n-th vehicle, with a session that is there already. */
export interface ScreenOf {
  readonly bus: number;
  readonly shiftId: number;
  readonly token: string;
}
export type ScreensCommand =
  | {
      readonly kind: 'open';
      readonly where: { readonly host: string; readonly port: number };
      readonly screens: readonly ScreenOf[];
    }
  /** Every so many screens, from the `from`-th on, lose their connection and come back after a while. */
  | { readonly kind: 'leave'; readonly every: number; readonly from: number; readonly awayMs: number }
  | { readonly kind: 'finish'; readonly path: string };
export type ScreensReport =
  | { readonly kind: 'opened'; readonly open: number }
  | {
      readonly kind: 'finished';
      /** What each screen shows, in the order in which they were opened. */
      readonly heads: readonly number[];
      readonly doubled: number;
      /** How often a screen was sent a whole state. */
      readonly states: number;
      readonly cpuMicros: number;
    };
