// The list with what can hardly have happened kept apart: riders whose every shared ride is doubtful are ranked on their own,
// so that junk neither enters the list nor pushes anybody down in it, and a tracer can still look through it.
import type { Leg, Presence, RankedContact, Run } from './model.ts';
import { rank } from './rank.ts';

export interface Rider extends Presence {
  /** Something speaks against this ride having been made as it says. */
  readonly doubtful: boolean;
}

export interface ListedContact extends RankedContact {
  /** Doubtful rides in other spaces they share with the case: told, not counted. */
  readonly doubtfulLegs: readonly Leg[];
}

export interface SortedContacts {
  readonly listed: readonly ListedContact[];
  readonly aside: readonly RankedContact[];
}

function spaceOf({ unit, runKey }: Leg): string {
  return `${unit}\n${runKey}`;
}

/** `cases`: rides of the case that count. Nobody is in both lists; without doubtful riders `listed` is what `rank` says. */
export function rankApart(input: {
  readonly cases: readonly Presence[];
  readonly riders: readonly Rider[];
  readonly runs: readonly Run[];
}): SortedContacts {
  const { cases, riders, runs } = input;
  const sure = rank({ cases, runs, riders: riders.filter(({ doubtful }) => !doubtful) });
  const unsure = rank({ cases, runs, riders: riders.filter(({ doubtful }) => doubtful) });
  const doubtfulOf = new Map(unsure.map(({ person, legs }) => [person, legs]));
  const isListed = new Set(sure.map(({ person }) => person));
  return {
    listed: sure.map((contact) => {
      const known = new Set(contact.legs.map(spaceOf));
      const legs = doubtfulOf.get(contact.person) ?? [];
      return { ...contact, doubtfulLegs: legs.filter((leg) => !known.has(spaceOf(leg))) };
    }),
    aside: unsure.filter(({ person }) => !isListed.has(person)),
  };
}
