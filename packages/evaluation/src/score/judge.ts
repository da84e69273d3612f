// Names beside the truth.
import type { Named } from '../ladder/naive.ts';
import type { Judged } from './scores.ts';
import type { TrueCase } from './truth.ts';

/** `foundable`: contacts of rides that both sides registered. `all`: every true one. */
export type Truth = 'foundable' | 'all';

/** Everybody who was named or should have been, for one case. */
export function judgedCase(of: TrueCase, named: Named, truth: Truth): readonly Judged[] {
  const secondsOf = (key: number) => {
    const contact = of.contacts.get(key);
    return (truth === 'all' ? contact?.seconds : contact?.foundableSeconds) ?? 0;
  };
  const judge = (key: number, probability: number): Judged => {
    const seconds = secondsOf(key);
    return { probability, isContact: seconds > 0, minutes: seconds / 60 };
  };
  const missed = [...of.contacts.keys()].filter((key) => !named.has(key) && secondsOf(key) > 0);
  return [...[...named].map(([key, probability]) => judge(key, probability)), ...missed.map((key) => judge(key, 0))];
}
