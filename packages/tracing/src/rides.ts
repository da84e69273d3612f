// Which rides of the case count, each once, with everything that is known of where it ended.
import type { Span } from './infectious.ts';
import { byTime, ownRides } from './own-rides.ts';
import type { Scene } from './scene.ts';
import type { Presence } from './types.ts';

/**
 * Told by an investigator, or registered, not doubtful and not struck, boarded within the span; in order of time. `registered`
 * are those of the case's persons.
 */
export function countedRides(
  scene: Scene,
  { fromMs, toMs }: Span,
  registered: Iterable<Presence>,
): readonly Presence[] {
  const { facts, world } = scene.input;
  const told = facts.legs.filter(({ boardedMs }) => boardedMs >= fromMs && boardedMs < toMs);
  const isTold = new Set(told.map(({ id }) => id));
  const rides = [...told];
  const isOut = new Set([...isTold, ...(facts.struck ?? [])]);
  for (const ride of registered) if (!ride.doubtful && !isOut.has(ride.id)) rides.push(ride);
  const said = rides.map((ride) => {
    const evidence = facts.interviewed[ride.id];
    return evidence === undefined ? ride : { ...ride, evidence: [...ride.evidence, evidence] };
  });
  return ownRides(said, world, scene.days).toSorted(byTime);
}
