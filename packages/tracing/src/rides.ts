// Which rides of the case count, each once, with everything that is known of where it ended.
import type { Span } from './infectious.ts';
import { byTime, ownRides } from './own-rides.ts';
import type { Scene } from './scene.ts';
import type { Presence } from './types.ts';

/** Rides so long before the span tell of those within: where somebody usually gets off, and whether two use a number. */
export const LOOK_BACK_MS = 21 * 24 * 3_600_000;

export interface CaseRidesOf {
  /** All that are known, in order of time. */
  readonly own: readonly Presence[];
  /** Those boarded within the span. */
  readonly counted: readonly Presence[];
}

/**
 * Told by an investigator, or registered, neither doubtful nor struck. `registered` are those of the case's persons until the
 * end of the span, from `LOOK_BACK_MS` before it on.
 */
export function ridesOfCase(scene: Scene, { fromMs, toMs }: Span, registered: Iterable<Presence>): CaseRidesOf {
  const { facts, world } = scene.input;
  const told = facts.legs.filter(({ boardedMs }) => boardedMs >= fromMs - LOOK_BACK_MS && boardedMs < toMs);
  const isTold = new Set(told.map(({ id }) => id));
  const rides = [...told];
  const isOut = new Set([...isTold, ...(facts.struck ?? [])]);
  for (const ride of registered) if (!ride.doubtful && !isOut.has(ride.id)) rides.push(ride);
  const said = rides.map((ride) => {
    const evidence = facts.interviewed[ride.id];
    return evidence === undefined ? ride : { ...ride, evidence: [...ride.evidence, evidence] };
  });
  const own = ownRides(said, world, scene.days).toSorted(byTime);
  return { own, counted: own.filter(({ boardedMs }) => boardedMs >= fromMs && boardedMs < toMs) };
}
