// Who truly was with a case, and whom anybody could have found.
import { meetingsOf } from '../city/city.ts';
import type { City } from '../city/city.ts';
import { at, rowsOf } from '../kit/columns.ts';
import { noise } from '../kit/noise.ts';
import { PURPOSE } from '../observe/purposes.ts';
import type { Registrations } from '../observe/registrations.ts';

export interface TrueContact {
  readonly seconds: number;
  /** Seconds of the stays that both sides registered; 0 where there are none: nobody can find such a contact. */
  readonly foundableSeconds: number;
}

export interface TrueCase {
  readonly person: number;
  readonly key: number;
  readonly contacts: ReadonlyMap<number, TrueContact>;
}

/** People with at least one ride, drawn without returning. The same of a seed, whatever was registered. */
export function drawCases(city: City, count: number): readonly number[] {
  const { seed, stays } = city;
  const riders: number[] = [];
  for (let stay = 0; stay < stays.count; stay += 1)
    if (stay === 0 || at(stays.person, stay) !== at(stays.person, stay - 1)) riders.push(at(stays.person, stay));
  const luck = new Map(riders.map((person) => [person, noise(seed, PURPOSE.chosen, person)]));
  return riders.sort((a, b) => (luck.get(a) ?? 0) - (luck.get(b) ?? 0) || a - b).slice(0, count);
}

export function trueCase(city: City, registrations: Registrations, person: number): TrueCase {
  const { keyOf, isRegistered } = registrations;
  const key = at(keyOf, person);
  const contacts = new Map<number, { seconds: number; foundableSeconds: number }>();
  for (const stay of rowsOf(city.staysOfPerson, person)) {
    for (const { other, seconds } of meetingsOf(city, stay)) {
      const otherKey = at(keyOf, at(city.stays.person, other));
      if (otherKey === key) continue;
      const both = at(isRegistered, stay) === 1 && at(isRegistered, other) === 1;
      const known = contacts.get(otherKey) ?? { seconds: 0, foundableSeconds: 0 };
      known.seconds += seconds;
      known.foundableSeconds += both ? seconds : 0;
      contacts.set(otherKey, known);
    }
  }
  return { person, key, contacts };
}
