// The policies shipped with the engine.
import covidCn2020 from '../policies/covid-cn-2020.json' with { type: 'json' };
import { choosePolicy, parsePolicy } from './policy.ts';
import type { Policy } from './policy.ts';

function shipped(json: unknown): Policy {
  const parsed = parsePolicy(json);
  if (!parsed.ok) throw new Error(`a shipped policy is broken: ${parsed.detail ?? ''}`);
  return parsed.value;
}

/** All of them, one per id. */
export const policies: readonly Policy[] = [covidCn2020].map(shipped);

/** By id, and by version where one is asked for: a later run of a trace must not be ruled by a newer text. */
export function policyById(id: string, version?: number): Policy | undefined {
  return policies.find((one) => one.id === id && (version === undefined || one.version === version));
}

/** The shipped policy of a pathogen in force on a day ('YYYY-MM-DD'). */
export function policyFor(pathogen: string, jurisdiction: string, day: string): Policy | undefined {
  return choosePolicy(policies, { pathogen, jurisdiction, day });
}
