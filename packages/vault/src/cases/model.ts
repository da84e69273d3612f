// What stands sealed in a case: written by this process only, so that it is trusted when it opens.
import type { Role } from '@tongche/approval';
import type { CaseStatus, Inclusion, Name, RideDoubt, TraceOrder, UnitKind } from '@tongche/contract';
import type { SubjectKind } from '@tongche/protocol';
import type { Band, GapSuggestion, Presence, Reason, Sharing, Tier, WrongVehicle, Zone } from '@tongche/tracing';
import type { Static } from 'typebox';
import type { FactsDoc } from './facts.ts';
import type { FindingsDoc } from './findings.ts';
import type { PolicyDoc } from './rules.ts';
import type { InterviewDoc } from './told.ts';

/** A packed subject; the number as decimal text, since JSON has no 64-bit integers. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly value: string;
}

export interface CaseDoc {
  readonly caseNo: string;
  readonly status: Static<typeof CaseStatus>;
  readonly purpose: 'trace' | 'itinerary' | 'exercise';
  readonly subjects: readonly Subject[];
  readonly fromDay: number;
  readonly toDay: number;
  readonly enteredBy: string;
  readonly note: string;
  /** Absent in cases of before they were asked for, as is `policy`. */
  readonly facts?: FactsDoc;
  readonly interview?: InterviewDoc;
  readonly policy?: PolicyDoc;
}

export interface SignatureDoc {
  readonly person: string;
  readonly role: Role;
  readonly keyId: string;
  readonly atMs: number;
  readonly demo: boolean;
  readonly assertion: {
    readonly keyId: string;
    readonly authenticatorData: string;
    readonly clientDataJson: string;
    readonly signature: string;
  };
}

export type StepName = 'log' | 'match' | 'windows' | 'fetch' | 'open' | 'rank';
export interface StepDoc {
  readonly step: StepName;
  readonly ms: number;
  readonly count: number;
}

/** One ride of the case's subjects. */
export interface CaseRideDoc {
  readonly rideId: string;
  readonly boardedMs: number;
  readonly alightMs: number | null;
  readonly unitLabel: Name;
  readonly plate: string | null;
  readonly line: Name | null;
  readonly runKey: string | null;
  readonly boardStop: Name | null;
  readonly alightStop: Name | null;
  /** How it is known where the ride ended: a word of the engine, or of the one before it. */
  readonly basis: string;
  /** Stops between which it ended, where it is known to so much; absent where it is exact or not known at all. */
  readonly alightBetween?: readonly [Name, Name];
  readonly verified: boolean;
  readonly contacts: number;
  /** Nobody registered it: the case told of it. */
  readonly told?: boolean;
  /** Absent in traces of before doubts were told, as is `included`. */
  readonly doubts?: readonly RideDoubt[];
  readonly included?: Inclusion;
}

/** What a trace was made by and from: the same again gives the same list. */
export interface RuleDoc {
  readonly policy: PolicyDoc;
  readonly engine: string;
  readonly priors: string;
  /** SHA-256 of rides, runs and facts, hex. */
  readonly digest: string;
  /** Of the facts of the case alone, and of what interviews told: so that a later trace knows what changed. */
  readonly factsDigest: string;
  readonly toldDigest: string;
  /** The days that counted; null: none did. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** No date of the illness was known: the days of the order counted. */
  readonly byOrder: boolean;
  /** Windows were left out for the order's limit: of other carriages, or of contacts' contacts. */
  readonly isNarrowed: boolean;
}

export interface TraceDoc {
  readonly totalMs: number;
  readonly steps: readonly StepDoc[];
  readonly rides: readonly CaseRideDoc[];
  readonly runs: number;
  readonly records: number;
  readonly verified: number;
  /** Everything the operator relabelled up to this number is in it; absent in traces of before it was told. */
  readonly revision?: number;
  /** Doubtful rides that the operator did not hand over, and contacts set aside; absent where there are none. */
  readonly withheld?: number;
  readonly aside?: number;
  /** Absent in traces of before policies were data. */
  readonly rule?: RuleDoc;
  /** The case's own rides as the engine took them, rides that are probably missing, and registrations probably wrong. */
  readonly own?: readonly Presence[];
  readonly gaps?: readonly GapSuggestion[];
  readonly wrong?: readonly WrongVehicle[];
  /** Whether two people seem to use the number of the case. */
  readonly sharing?: Sharing;
  readonly findings?: FindingsDoc;
}

/** What became of a finished trace. `rides`: moved by the operator, found late, judged otherwise, or included; none
 * where the case's own facts or what it told were corrected. */
export interface HistoryDoc extends ContactDiff {
  readonly kind: 'corrected' | 'late-rides' | 'doubts' | 'included' | 'facts' | 'interview';
  readonly atMs: number;
  readonly rides: number;
}

/** How a list of contacts differs from the one before. */
export interface ContactDiff {
  readonly added: number;
  readonly removed: number;
  /** Not found any more, but somebody has been told or called already. */
  readonly kept: number;
  readonly changed: number;
  /** Of those changed, who moved to a tier of more or less urgency; absent in histories of before that was told. */
  readonly upgraded?: number;
  readonly downgraded?: number;
}

export interface OrderDoc {
  readonly order: TraceOrder;
  readonly signatures: readonly SignatureDoc[];
  readonly failure: string | null;
  readonly trace: TraceDoc | null;
  readonly history?: readonly HistoryDoc[];
  /** Doubtful rides of the case that open windows all the same, by ride. */
  readonly included?: Readonly<Record<string, Inclusion>>;
}

/** One shared stay. Fields without which older traces did are optional. */
export interface LegDoc {
  /** What was shared. */
  readonly kind?: Static<typeof UnitKind>;
  readonly presenceId: string;
  /** Ride of the case, or of the contact through whom. */
  readonly throughId?: string;
  readonly unit: string;
  readonly runKey: string | null;
  readonly boardedMs: number;
  readonly fromSeq: number | null;
  readonly toSeq: number | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly minutes: number;
  readonly probability: number;
  readonly eem?: number;
  readonly zone?: Zone;
  readonly basis: string;
  readonly caseBasis?: string;
  /** False: by nothing but scans and how long rides last. */
  readonly timeline?: boolean;
  readonly party: number;
  readonly unitLabel: Name;
  readonly plate: string | null;
  readonly line: Name | null;
  readonly fromStop: Name | null;
  readonly toStop: Name | null;
  readonly doubts?: readonly RideDoubt[];
}

/** How a contact stands otherwise than in the trace before. */
export interface ChangeDoc {
  readonly kind: 'added' | 'upgraded' | 'downgraded' | 'withdrawn';
  readonly atMs: number;
  readonly before?: Tier;
}

export interface ContactDoc {
  readonly kind: SubjectKind;
  readonly value: string;
  /** Phone to call, E.164 digits; '' where there is none. */
  readonly reach: string;
  /** Recipient of WeChat messages; absent outside the mini-program. */
  readonly openid?: string;
  readonly name: string;
  /** The tag proves the phone. */
  readonly verified: boolean;
  /** Staff entered it; a tag of the assisted kind fits. */
  readonly assisted: boolean;
  /** The record's tag does not fit its content: somebody may have made it up. */
  readonly forged: boolean;
  /** Phone of the person on whose registration this companion travelled; '' otherwise. */
  readonly holder: string;
  readonly tier: Tier;
  readonly probability: number;
  readonly minutes: number;
  /** Exposure-equivalent minutes and their band, distance from the case, last day of observation, single reasons: absent in older traces. */
  readonly eem?: number;
  readonly band?: Band;
  readonly hop?: 1 | 2;
  readonly followUpUntilDay?: number;
  readonly reasons?: readonly Reason[];
  /** Works on board. */
  readonly staff?: boolean;
  readonly change?: ChangeDoc;
  readonly legs: readonly LegDoc[];
  /** Shared rides that are doubtful, beside those that count; absent where there are none. */
  readonly doubtfulLegs?: readonly LegDoc[];
  /** The single reasons as one text, in contacts of before there were single ones. */
  readonly reason?: Name;
  readonly outcome: {
    readonly outcome: string;
    readonly detail: string;
    readonly by: string;
    readonly atMs: number;
  } | null;
  /** Since when this contact is not found any more. */
  readonly droppedMs?: number;
  /** Every shared ride is doubtful. */
  readonly doubtful?: boolean;
  /** Doubtful, and nobody has included, told or called this contact: not on the list. */
  readonly aside?: boolean;
  readonly included?: Inclusion;
}
