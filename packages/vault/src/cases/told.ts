// What interviews add to a case: told rides with the runs they can have been, an investigator's picks among them, and
// suggestions somebody put aside. Nothing is sought for a ride that nobody picked.
import type { TraceRun, TraceUnit } from '@tongche/contract';
import type { LegCandidate, LegCandidates, Name, Picked, Presence, StopEvidence, ToldLeg } from '@tongche/tracing';
import type { ToldDoc } from './rules.ts';

/** A run a told ride can have been, and what its vehicle is called. */
export interface Offered extends LegCandidate {
  readonly vehicle: Name;
}
export interface OfferedDay extends LegCandidates {
  readonly candidates: readonly Offered[];
}

export interface ToldLegDoc {
  readonly leg: ToldLeg;
  /** "Weekdays about 07:35, line 4, from the market". */
  readonly text: Name;
  readonly note: string;
  readonly by: string;
  readonly atMs: number;
  readonly days: readonly OfferedDay[];
}

export interface PickDoc {
  readonly legId: string;
  readonly day: number;
  /** Null: it was none of them, or the case did not ride that day. */
  readonly picked: Picked | null;
  readonly runKey: string | null;
  readonly unit: string | null;
  /** What the engine must know of it before anything is fetched. */
  readonly run: TraceRun | null;
  readonly units: readonly TraceUnit[];
  readonly by: string;
  readonly atMs: number;
}

export interface InterviewDoc {
  readonly legs: readonly ToldLegDoc[];
  readonly picks: readonly PickDoc[];
  /** Suggestions that the case, asked, did not confirm; by their ids. */
  readonly dismissed: readonly string[];
  /** Registered rides that the case did not make; absent in cases of before that could be said. */
  readonly struck?: readonly string[];
  /** The case, asked, said that nobody else uses its number. */
  readonly soleUser?: boolean;
}

export const noInterview: InterviewDoc = { legs: [], picks: [], dismissed: [] };

export function interviewOf({ interview }: { readonly interview?: InterviewDoc }): InterviewDoc {
  return interview ?? noInterview;
}

/** Picks as the engine takes them: rides of their own, and what was said about registered ones. */
export function toldOf({ picks, struck = [], soleUser = false }: InterviewDoc): ToldDoc {
  const legs: Presence[] = [];
  const interviewed: Record<string, StopEvidence> = {};
  for (const { picked } of picks) {
    if (picked?.kind === 'leg') legs.push(picked.presence);
    else if (picked?.kind === 'recorded') interviewed[picked.presenceId] = picked.evidence;
  }
  return { legs, interviewed, struck, soleUser };
}

/** Rides of their own: each opens a window that counts against the order's extra ones. */
export function ownLegs({ picks }: InterviewDoc): number {
  return picks.filter(({ picked }) => picked?.kind === 'leg').length;
}
