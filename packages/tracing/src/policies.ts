// The policies shipped with the engine.
import covidCn2020 from '../policies/covid-cn-2020.json' with { type: 'json' };
import covidCn202211 from '../policies/covid-cn-2022-11.json' with { type: 'json' };
import covidCnV8 from '../policies/covid-cn-v8.json' with { type: 'json' };
import covidCnV9 from '../policies/covid-cn-v9.json' with { type: 'json' };
import measles from '../policies/measles.json' with { type: 'json' };
import meningococcal from '../policies/meningococcal.json' with { type: 'json' };
import mers from '../policies/mers.json' with { type: 'json' };
import mpox from '../policies/mpox.json' with { type: 'json' };
import pandemicInfluenza from '../policies/pandemic-influenza.json' with { type: 'json' };
import pneumonicPlague from '../policies/pneumonic-plague.json' with { type: 'json' };
import sars2003 from '../policies/sars-2003.json' with { type: 'json' };
import tb from '../policies/tb.json' with { type: 'json' };
import { choosePolicy, parsePolicy } from './policy.ts';
import type { Policy } from './policy.ts';

function shipped(json: unknown): Policy {
  const parsed = parsePolicy(json);
  if (!parsed.ok) throw new Error(`a shipped policy is broken: ${parsed.detail ?? ''}`);
  return parsed.value;
}

/** All of them, one per id. */
export const policies: readonly Policy[] = [
  covidCn2020,
  covidCn202211,
  covidCnV8,
  covidCnV9,
  measles,
  meningococcal,
  mers,
  mpox,
  pandemicInfluenza,
  pneumonicPlague,
  sars2003,
  tb,
].map(shipped);

/** By id, and by version where one is asked for: a later run of a trace must not be ruled by a newer text. */
export function policyById(id: string, version?: number): Policy | undefined {
  return policies.find((one) => one.id === id && (version === undefined || one.version === version));
}

/** The shipped policy of a pathogen in force on a day ('YYYY-MM-DD'), of the jurisdiction or else international. */
export function policyFor(pathogen: string, jurisdiction: string, day: string): Policy | undefined {
  return choosePolicy(policies, { pathogen, jurisdiction, day });
}
