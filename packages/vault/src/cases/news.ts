// What is new about a finished trace that was carried out again. Pure.
import type { Assembled } from './assemble.ts';
import type { CaseRideDoc, ContactDiff, HistoryDoc, TraceDoc } from './model.ts';

export interface Change {
  readonly kind: HistoryDoc['kind'];
  readonly rides: number;
  /** Whoever is not found any more was never a fellow rider; otherwise a record may merely be gone. */
  readonly takesBack: boolean;
}

function countOf(
  before: readonly CaseRideDoc[],
  now: readonly CaseRideDoc[],
  facet: (ride: CaseRideDoc | undefined) => string,
): number {
  const last = new Map(before.map((ride) => [ride.rideId, ride]));
  return now.filter((ride) => facet(ride) !== facet(last.get(ride.rideId))).length;
}

/** Undefined where nothing about the rides has changed. `moved`: rides the operator says it gave to other runs. */
export function changeOf(last: TraceDoc, now: Assembled, moved: number | undefined): Change | undefined {
  if (moved !== undefined) return { kind: 'corrected', rides: moved, takesBack: true };
  const { rule: before } = last;
  if (before !== undefined && before.factsDigest !== now.rule.factsDigest)
    return { kind: 'facts', rides: 0, takesBack: true };
  if (before !== undefined && before.toldDigest !== now.rule.toldDigest) {
    return { kind: 'interview', rides: Math.abs(now.rides.length - last.rides.length), takesBack: true };
  }
  const included = countOf(last.rides, now.rides, (ride) => `${ride?.included?.atMs}`);
  if (included > 0) return { kind: 'included', rides: included, takesBack: true };
  const doubts = countOf(last.rides, now.rides, (ride) => (ride?.doubts ?? []).join());
  if (doubts > 0) return { kind: 'doubts', rides: doubts, takesBack: true };
  if (last.records === now.records) return undefined;
  return { kind: 'late-rides', rides: now.records - last.records, takesBack: false };
}

/** What stands in the case's history; undefined where a reader would learn nothing. */
export function historyOf(change: Change | undefined, diff: ContactDiff, atMs: number): HistoryDoc | undefined {
  if (change !== undefined) return { kind: change.kind, rides: change.rides, atMs, ...diff };
  const isSame = diff.added === 0 && diff.removed === 0 && diff.kept === 0;
  return isSame ? undefined : { kind: 'doubts', rides: 0, atMs, ...diff };
}
