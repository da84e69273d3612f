// The days of a case that count: from the policy's anchor, back so many days, until isolation.
import type { Result } from '@tongche/protocol/formats';
import { dayOf, dayStartMs, err, ok } from '@tongche/protocol/formats';
import type { Policy } from './policy.ts';
import type { CaseFacts, DayRange } from './types.ts';

export interface Span {
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

function anchorOf(policy: Policy, facts: CaseFacts): DayRange | undefined {
  for (const anchor of policy.window.anchors) {
    const range = facts[anchor];
    if (range !== null) return range;
  }
  return undefined;
}

/**
 * From local midnight before the earliest day the anchor allows to isolation, the end of the policy's window, or `untilMs`,
 * whichever is first. Refused where the case has no date the policy counts from, or where nothing is left.
 */
export function windowOf(
  policy: Policy,
  facts: CaseFacts,
  zone: string,
  untilMs: number,
): Result<Span, 'no-anchor' | 'empty-window'> {
  const anchor = anchorOf(policy, facts);
  if (anchor === undefined) return err('no-anchor', policy.window.anchors.join(' | '));
  const { beforeDays, afterDays } = policy.window;
  const fromMs = dayStartMs(anchor.lo - beforeDays, zone);
  const endMs = afterDays === null ? Infinity : dayStartMs(anchor.hi + afterDays + 1, zone);
  const toMs = Math.min(endMs, facts.isolatedMs ?? Infinity, untilMs);
  return fromMs < toMs ? ok({ fromMs, toMs }) : err('empty-window');
}

/** Weight of the day of an instant; the highest that the range of onset allows; 1 where onset is not known. */
export function infectiousnessAt(policy: Policy, onset: DayRange | null, ms: number, zone: string): number {
  const { infectiousness } = policy;
  if (infectiousness === null || onset === null) return 1;
  const day = dayOf(ms, zone);
  let most = 0;
  for (let from = onset.lo; from <= onset.hi; from += 1) most = Math.max(most, weightOf(infectiousness, day - from));
  return most;
}

function weightOf(days: NonNullable<Policy['infectiousness']>, day: number): number {
  let weight = days[0]?.weight ?? 1;
  for (const one of days) if (one.day <= day) weight = one.weight;
  return weight;
}
