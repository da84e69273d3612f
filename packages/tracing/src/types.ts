// The words of the tracing engine: what goes in (presences, spaces, runs, a case, a policy, priors), what comes out (contacts
// with a tier, a probability, exposure-equivalent minutes and reasons). Plain data; times are epoch milliseconds, minutes
// are minutes, shares are 0..1. See docs/decisions/0024-the-tracing-engine.md.
import type { Policy } from './policy.ts';
import type { Sharing } from './sharing.ts';

export interface Name {
  readonly zh: string;
  readonly en: string;
}

/** What people share: a bus, one carriage, a cab, a coach, a vessel or its cabin, a station hall. */
export type SpaceKind = 'bus' | 'carriage' | 'taxi' | 'coach' | 'ferry' | 'station';

export interface Space {
  /** The unit's id: what a code is stuck to. */
  readonly unit: string;
  readonly kind: SpaceKind;
  /** What moves: all carriages of a train share it. */
  readonly vehicle: string;
  /** Position in the train; null where there is none. */
  readonly carriageNo: number | null;
  readonly label: Name;
  readonly plate: string | null;
  readonly capacity: number | null;
  /** How the air is kept; `unknown` is not taken for either. */
  readonly air: 'sealed' | 'ventilated' | 'unknown';
  /** Outside air a person and second, where it was measured. */
  readonly litresPerSecond: number | null;
  /** Of a station: the stops its riders board at. Absent: its code tells of no trains. */
  readonly stopIds?: readonly string[];
}

/** Where the times of a stop come from, the most trusted first. */
export type TimeSource = 'avl' | 'trip' | 'gtfs-rt' | 'schedule' | 'scan-burst';

export interface CallAt {
  /** Rises along the run; gaps are allowed. */
  readonly seq: number;
  /** Null where the stop is not one of the operator's list. */
  readonly stopId: string | null;
  readonly name: Name;
  /** WGS 84 degrees; null where unknown. */
  readonly lat: number | null;
  readonly lon: number | null;
  readonly arrMs: number;
  readonly depMs: number;
  readonly source: TimeSource;
}

/** One run of one vehicle. Stops in order of `seq`, times never decrease; none where the vehicle makes no stops (a cab). */
export interface RunTimes {
  readonly runKey: string;
  readonly vehicle: string;
  readonly lineId: string | null;
  readonly dir: 0 | 1 | null;
  readonly line: Name | null;
  readonly stops: readonly CallAt[];
}

/** What a code was stuck to, from `fromMs` (inclusive) until `toMs` (exclusive; null: still). */
export interface CodeBinding {
  readonly code: string;
  readonly unit: string;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** Who told of a presence. */
export type Via =
  | 'scan'
  | 'driver'
  | 'helper'
  | 'paper'
  | 'ride-code'
  | 'card'
  | 'ticket'
  | 'gate'
  | 'staff-shift'
  | 'investigator';

/** How it is known where somebody got off, the strongest first; `prior`: from nothing but where they got on. */
export type Basis = 'observed' | 'interviewed' | 'chained' | 'habitual' | 'prior';

/** Stop numbers with bounds, as a stop note or an interview gives them. `best` where one stop of the range is likeliest. */
export interface StopEvidence {
  readonly basis: Exclude<Basis, 'prior'>;
  readonly boardLo: number;
  readonly boardHi: number;
  readonly alightLo: number;
  readonly alightHi: number;
  readonly best?: number;
  /** Metres from there to where the next ride began, of chained evidence. */
  readonly walkM?: number;
  /** Of chained evidence: the next ride of the day (unless said), the day's first (for its last), or another day's. */
  readonly link?: 'next' | 'wrap' | 'next-day';
  /** Of chained and habitual evidence: on two other days at least they got off at `best`. */
  readonly settled?: boolean;
}

/** Somebody's stay in a space. */
export interface Presence {
  readonly id: string;
  /** Whatever key the caller merges people by; compared, never shown. */
  readonly person: string;
  readonly unit: string;
  /** Null where no timeline knows the run: presence is then told by the scan and how long rides last. */
  readonly runKey: string | null;
  readonly via: Via;
  /** When they were registered, on the server's clock as far as it is known. */
  readonly boardedMs: number;
  /** Known otherwise than by the clock (a driver's screen, an interview). */
  readonly boardSeq: number | null;
  /** Instant they were certainly gone: a shift's end, a meter turned off, a gate passed, a next scan. */
  readonly goneMs: number | null;
  /** Instant they were certainly still there: a second scan of the same ride. */
  readonly seenMs?: number;
  readonly evidence: readonly StopEvidence[];
  readonly row: number | null;
  /** Heads that travelled on this registration besides its holder. */
  readonly party: number;
  /** Works on board: a contact of the served area by the policy's rule. */
  readonly staff: boolean;
  /** Something speaks against this ride having been made as it says: it opens no window and stands aside. */
  readonly doubtful: boolean;
}

/** Presences by space and time. `on` answers everything boarded in [fromMs, toMs), in any order. */
export interface PresenceSource {
  on(unit: string, fromMs: number, toMs: number): Iterable<Presence>;
  /** All presences of one person in [fromMs, toMs): for the case itself and for contacts of contacts. */
  of(person: string, fromMs: number, toMs: number): Iterable<Presence>;
  /** Shifts on a unit that reach into [fromMs, toMs), whenever they began; staff that registers by scanning is in `on`. */
  staff?(unit: string, fromMs: number, toMs: number): Iterable<Presence>;
}

/** Runs and spaces, from memory. */
export interface World {
  run(runKey: string): RunTimes | undefined;
  space(unit: string): Space | undefined;
  /** All units of a vehicle. */
  unitsOf(vehicle: string): readonly string[];
  /** Runs that leave one of the stops in [fromMs, toMs), in any order, each once. Absent: codes of stations tell no train. */
  runsAt?(stopIds: readonly string[], fromMs: number, toMs: number): Iterable<RunTimes>;
  /** Stations whose riders board at a stop. */
  stationsAt?(stopId: string): readonly string[];
}

/** A date known to a day (or between two): local calendar days, 1970-01-01 is 0. */
export interface DayRange {
  readonly lo: number;
  readonly hi: number;
}

export interface CaseFacts {
  /** Keys of the case's person: numbers, documents, cards. */
  readonly persons: readonly string[];
  readonly onset: DayRange | null;
  readonly sample: DayRange | null;
  readonly rash: DayRange | null;
  /** Set by a clinician where the policy asks for it. */
  readonly infectious: DayRange | null;
  /** End of the window; null: not isolated yet. */
  readonly isolatedMs: number | null;
  readonly severe: boolean;
  /** Both wore masks throughout, as far as anybody asked; null: nobody did. */
  readonly masked: boolean | null;
  /** Rides that an investigator told or confirmed, also of vehicles nobody scanned. */
  readonly legs: readonly Presence[];
  /** Where they certainly or possibly got off, said in the interview, by presence. */
  readonly interviewed: Readonly<Record<string, StopEvidence>>;
  /** Ids of registered rides that the case did not make (another's on the same phone, a wrong vehicle): they count for nothing. */
  readonly struck?: readonly string[];
  /** The case said that nobody else uses its number, whatever the rides look like. */
  readonly soleUser?: boolean;
}

/** `close` (rule met), `verify` (could be met), `general` (same conveyance, or after them), `secondary`, `staff`. */
export type Tier = 'close' | 'verify' | 'general' | 'secondary' | 'staff';
export type Band = 'A' | 'B' | 'C';
/** How the two stood to each other. `same-train`: by a station's code, so that the carriage is not known. */
export type Zone =
  | 'same-space'
  | 'adjacent'
  | 'near-rows'
  | 'same-vehicle'
  | 'same-train'
  | 'served-area'
  | 'after-leaving'
  | 'unknown';

/** One shared stay. */
export interface Exposure {
  readonly presenceId: string;
  /** Presence of the case (or, of `secondary`, of the contact through whom). */
  readonly throughId: string;
  readonly unit: string;
  readonly runKey: string | null;
  readonly boardedMs: number;
  readonly zone: Zone;
  /** That they were together for the policy's shortest overlap at least. */
  readonly probability: number;
  /** Expected minutes together; of `after-leaving` residual minutes. */
  readonly minutes: number;
  readonly eem: number;
  /** The widest extent the bounds allow; stops null where the run has none. */
  readonly fromSeq: number | null;
  readonly toSeq: number | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly basis: Basis;
  readonly caseBasis: Basis;
  /** That the case's ride was its own, as far as its number may be used by two; `probability` counts it in. */
  readonly ownShare: number;
  /** False: by nothing but scans and how long rides last. */
  readonly timeline: boolean;
  /** Who told of their ride. */
  readonly via: Via;
  readonly party: number;
  /** Either ride is doubtful: told, not counted, unless the contact has no other. */
  readonly doubtful: boolean;
}

export interface Reason {
  /** Stable, for machines: docs/glossary.md lists them. */
  readonly code: string;
  readonly text: Name;
}

export interface Contact {
  readonly person: string;
  readonly tier: Tier;
  readonly probability: number;
  readonly minutes: number;
  readonly eem: number;
  readonly band: Band;
  /** 1: of the case; 2: of a contact. */
  readonly hop: 1 | 2;
  readonly exposures: readonly Exposure[];
  readonly firstMs: number;
  readonly lastMs: number;
  /** Local day on which observation ends. */
  readonly followUpUntilDay: number;
  readonly reasons: readonly Reason[];
  /** Every exposure is doubtful: kept apart, ranked apart. */
  readonly aside: boolean;
}

/** What may be known of an exposed run. */
export interface RunCounts {
  readonly runKey: string;
  readonly unit: string;
  /** Heads registered in the run. */
  readonly registered: number;
  /** Estimated aboard by counting, fares or a driver, and by which of them; null: nobody knows. */
  readonly estimated: { readonly heads: number; readonly by: 'apc' | 'fares' | 'driver' | 'taps' } | null;
}

/** What rides are like here, learned or surveyed; versioned, made by the evaluation's calibration. */
export interface Priors {
  readonly version: string;
  /** Share of rides that last so many minutes at least, by minute from 0, by mode. */
  readonly stayMinutes: Readonly<Record<SpaceKind, readonly number[]>>;
  /** Weight of getting off after so many stops (index 0: one stop), by mode. */
  readonly rideStops: Readonly<Record<SpaceKind, readonly number[]>>;
  /** How far chained evidence is believed: of the day's next ride, of the day's first, of another day's; less after a far walk. */
  readonly chained: {
    readonly sure: number;
    readonly wrap: number;
    readonly nextDay: number;
    readonly farWalkM: number;
    readonly farFactor: number;
    /** Of what is believed, the share of the very stop named; the rest is beside it. */
    readonly exact: number;
  };
  /** How far somebody's own habit is believed. */
  readonly habitual: number;
  /** Where two other days say the same: how far a chain, and a habit, is then believed, and of that the share of the very stop. */
  readonly settled: { readonly chained: number; readonly habitual: number; readonly exact: number };
  /** Scans trail boarding: usual lag, share of very late ones and their lag, share of scans on a wrong vehicle. */
  readonly scan: {
    readonly lagS: number;
    readonly lateShare: number;
    readonly lateS: number;
    readonly wrongShare: number;
  };
  /**
   * That two people use a number, by how many breaks its days lose when they are taken as the days of two: from one on, the
   * last holds for more. Where none is lost nothing speaks for it; what is so all the same is in the tables below.
   */
  readonly shared: readonly number[];
  /** How far off the times of a stop may be (one deviation), by where they come from. */
  readonly clockS: Readonly<Record<TimeSource, number>>;
  /**
   * Raw to observed probability, rising: [raw, observed] points, by the bases of both sides (`chained+prior`, the stronger
   * first), else by the weaker (`prior`); `no-timeline` where there is none. Without a table raw is taken as it is.
   */
  readonly calibration: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** How likely riders get off at a stop, learned from boardings of the opposite direction: line, direction, stop, hour. */
export type Attraction = (lineId: string, dir: 0 | 1, stopId: string, hour: number) => number | undefined;

export interface TraceInput {
  readonly policy: Policy;
  /** IANA zone: days of the policy are this zone's. */
  readonly zone: string;
  readonly facts: CaseFacts;
  readonly source: PresenceSource;
  readonly world: World;
  readonly priors: Priors;
  readonly attraction?: Attraction;
  /** Until when the trace looks, if the case is not isolated: the caller's clock. */
  readonly untilMs: number;
}

export interface Trace {
  readonly engine: string;
  readonly policy: { readonly id: string; readonly version: number };
  readonly priors: string;
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly contacts: readonly Contact[];
  /** Whether two people use the number of the case. */
  readonly sharing: Sharing;
  /** The case's stays that counted, in order of time. */
  readonly legs: readonly Presence[];
}
