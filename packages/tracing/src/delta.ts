// What changed between two traces of one case, when late records arrived or a date was corrected.
import { compare } from './contacts.ts';
import type { Contact, Tier } from './types.ts';

export type Change =
  | { readonly kind: 'added'; readonly person: string; readonly tier: Tier }
  | { readonly kind: 'withdrawn'; readonly person: string; readonly before: Tier }
  | { readonly kind: 'upgraded' | 'downgraded'; readonly person: string; readonly before: Tier; readonly tier: Tier };

/** The more is asked of somebody, the higher. Staff are called like close contacts. */
const WEIGHT: Readonly<Record<Tier, number>> = { close: 4, staff: 4, verify: 3, general: 2, secondary: 1 };

/** What of a contact decides whether it changed. */
export type Standing = Pick<Contact, 'person' | 'tier' | 'aside'>;

function listed(contacts: readonly Standing[]): ReadonlyMap<string, Tier> {
  return new Map(contacts.filter(({ aside }) => !aside).map(({ person, tier }) => [person, tier]));
}

/** In order of persons' keys. Who is kept apart (`aside`) counts as not listed; a change between equals is none. */
export function deltaOf(before: readonly Standing[], after: readonly Standing[]): readonly Change[] {
  const [old, now] = [listed(before), listed(after)];
  const changes: Change[] = [];
  for (const [person, tier] of now) {
    const was = old.get(person);
    if (was === undefined) changes.push({ kind: 'added', person, tier });
    else if (WEIGHT[tier] > WEIGHT[was]) changes.push({ kind: 'upgraded', person, before: was, tier });
    else if (WEIGHT[tier] < WEIGHT[was]) changes.push({ kind: 'downgraded', person, before: was, tier });
  }
  for (const [person, was] of old) if (!now.has(person)) changes.push({ kind: 'withdrawn', person, before: was });
  return changes.toSorted((a, b) => compare(a.person, b.person));
}
