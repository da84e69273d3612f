// What stands sealed in a case: written by this process only, so that it is trusted when it opens.
import type { Role } from '@tongche/approval';
import type { CaseStatus, Inclusion, Name, RideDoubt, TraceOrder, UnitKind } from '@tongche/contract';
import type { SubjectKind } from '@tongche/protocol';
import type { Basis, Leg, Tier } from '@tongche/tracing/simple';
import type { Static } from 'typebox';

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
  readonly basis: Basis;
  readonly verified: boolean;
  readonly contacts: number;
  /** Absent in traces of before doubts were told, as is `included`. */
  readonly doubts?: readonly RideDoubt[];
  readonly included?: Inclusion;
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
}

/** What became of a finished trace. `rides`: moved by the operator, found late, judged otherwise, or included. */
export interface HistoryDoc extends ContactDiff {
  readonly kind: 'corrected' | 'late-rides' | 'doubts' | 'included';
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

export interface LegDoc extends Leg {
  /** What was shared; absent in traces of before it was kept. */
  readonly kind?: Static<typeof UnitKind>;
  readonly unitLabel: Name;
  readonly plate: string | null;
  readonly line: Name | null;
  readonly fromStop: Name | null;
  readonly toStop: Name | null;
  readonly doubts?: readonly RideDoubt[];
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
  readonly legs: readonly LegDoc[];
  /** Shared rides that are doubtful, beside those that count; absent where there are none. */
  readonly doubtfulLegs?: readonly LegDoc[];
  readonly reason: Name;
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
