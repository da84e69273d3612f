// The rule of the evaluation: everybody in the same space for a minute, in the whole week, with no lower bound of probability.
import { policyById } from '@tongche/tracing';
import type { Policy } from '@tongche/tracing';
import { DAY_S } from '../city/runs.ts';
import { msOf } from '../observe/timelines.ts';

/** Days since 1970 of the simulated week's first local day. */
const FIRST_DAY = Math.floor((msOf(0) + 8 * 3_600_000) / 86_400_000);
/** Whoever is less likely than this is on no list at any threshold. */
const LEAST = 0.002;

export interface WeekRule {
  readonly policy: Policy;
  readonly lastDay: number;
  readonly endMs: number;
}

/** `days` from a first local day on, both the simulated week's and a recording's. */
export function ruleFor(days: number, overlapS: number, firstDay = FIRST_DAY, endMs = msOf(days * DAY_S)): WeekRule {
  const shipped = policyById('covid-cn-2020');
  if (shipped === undefined) throw new Error('the policy that the evaluation derives its own from is not shipped');
  const policy: Policy = {
    ...shipped,
    id: 'evaluation',
    window: { anchors: ['onset'], beforeDays: days, afterDays: null },
    minOverlapMin: overlapS / 60,
    pVerify: LEAST,
    persistence: { ...shipped.persistence, minutes: 0, air: [] },
    secondary: { ...shipped.secondary, follow: false },
  };
  return { policy, lastDay: firstDay + days - 1, endMs };
}
