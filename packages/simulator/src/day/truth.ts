// Who was truly aboard with the case, and what a list may be expected to know of them. Overlap as in life: at least one stretch
// between two stops in the same unit of the same run.
import type { DayPlan, Gap, PlannedRide, RiderId } from './model.ts';

/** Why somebody aboard cannot be on a list made at a moment. */
export type Unknown = Gap | 'not-sent-yet';
/** Why somebody who was not aboard may be on it. */
export type Extra = 'stops-not-told' | 'wrong-vehicle' | 'unexplained';

export interface Grade {
  /** Truly aboard with the case at some time, registered or not. */
  readonly aboard: number;
  /** Of these, known to the system by then. */
  readonly expected: number;
  readonly found: number;
  readonly foundAssisted: number;
  /** Known to the system and yet not listed: nobody, if all is well. */
  readonly missing: number;
  readonly unknown: Readonly<Record<Unknown, number>>;
  readonly extra: Readonly<Record<Extra, number>>;
  readonly extras: number;
  readonly precision: number;
  readonly recall: number;
}

export interface Listed {
  readonly riderId: RiderId | undefined;
}

function sameRun(a: PlannedRide, b: PlannedRide): boolean {
  return a.unitId === b.unitId && a.runKey === b.runKey;
}

export function wereTogether(a: PlannedRide, b: PlannedRide): boolean {
  return sameRun(a, b) && Math.max(a.boardSeq, b.boardSeq) < Math.min(a.alightSeq, b.alightSeq);
}

/** Undefined where a ride is known to the system at `atMs`. */
function unknownAt({ registration }: PlannedRide, atMs: number): Unknown | undefined {
  if (registration.kind === 'none') return registration.gap;
  const isWaiting = registration.kind === 'scan' && (registration.sentMs ?? 0) > atMs;
  return isWaiting ? 'not-sent-yet' : undefined;
}

/** The people of a ride with a record of their own. */
function peopleOf({ riderId, registration }: PlannedRide): readonly RiderId[] {
  const companion = registration.kind === 'scan' ? registration.companion : undefined;
  return companion === undefined ? [riderId] : [riderId, companion];
}

/** Everybody who shared a stretch with the case before `atMs`: undefined for those the system knows of. */
export function aboardWithCase(plan: DayPlan, atMs: number): ReadonlyMap<RiderId, Unknown | undefined> {
  const own = plan.rides.filter(({ riderId, scanMs }) => riderId === plan.caseRider && scanMs <= atMs);
  const aboard = new Map<RiderId, Unknown | undefined>();
  for (const ride of plan.rides) {
    if (ride.riderId === plan.caseRider || ride.scanMs > atMs || !own.some((one) => wereTogether(ride, one))) continue;
    const unknown = unknownAt(ride, atMs);
    for (const riderId of peopleOf(ride)) {
      if (!aboard.has(riderId) || unknown === undefined) aboard.set(riderId, unknown);
    }
  }
  return aboard;
}

function extraOf(plan: DayPlan, riderId: RiderId | undefined): Extra {
  const own = plan.rides.filter((ride) => ride.riderId === plan.caseRider);
  const theirs = plan.rides.filter((ride) => riderId !== undefined && peopleOf(ride).includes(riderId));
  if (theirs.some((ride) => own.some((one) => sameRun(ride, one)))) return 'stops-not-told';
  const isWrong = theirs.some(
    ({ registration }) =>
      registration.kind === 'scan' && own.some(({ unitId }) => unitId === registration.wrong?.unitId),
  );
  return isWrong ? 'wrong-vehicle' : 'unexplained';
}

/** A list made at `atMs` against the truth of the plan. */
export function gradeList(plan: DayPlan, listed: readonly Listed[], atMs: number): Grade {
  const aboard = aboardWithCase(plan, atMs);
  const unknown = { 'no-scan': 0, 'dead-sticker': 0, 'nobody-signed-in': 0, 'driver-busy': 0, 'not-sent-yet': 0 };
  for (const why of aboard.values()) if (why !== undefined) unknown[why] += 1;
  const expected = [...aboard].filter(([, why]) => why === undefined).map(([riderId]) => riderId);
  const ids = new Set(listed.map(({ riderId }) => riderId));
  const found = expected.filter((riderId) => ids.has(riderId));
  const extra = { 'stops-not-told': 0, 'wrong-vehicle': 0, unexplained: 0 };
  for (const { riderId } of listed) {
    if (riderId === undefined || !expected.includes(riderId)) extra[extraOf(plan, riderId)] += 1;
  }
  const extras = extra['stops-not-told'] + extra['wrong-vehicle'] + extra.unexplained;
  return {
    aboard: aboard.size,
    expected: expected.length,
    found: found.length,
    foundAssisted: found.filter((riderId) => plan.riders[riderId]?.kind === 'assisted').length,
    missing: expected.length - found.length,
    unknown,
    extra,
    extras,
    precision: listed.length === 0 ? 1 : (listed.length - extras) / listed.length,
    recall: expected.length === 0 ? 1 : found.length / expected.length,
  };
}
