// What is known of a case's illness: checked when it is entered or corrected, told to consoles as it was told to us, and given
// to the tracing engine as days and instants.
import { Refusal } from '@tongche/contract';
import type { CaseFacts, DateRange } from '@tongche/contract';
import { dayFromText, dayOf, dayText } from '@tongche/protocol';
import type { DayRange } from '@tongche/tracing';

/** As it stands sealed in a case: days as numbers. */
export interface FactsDoc {
  readonly onset: DayRange | null;
  readonly sample: DayRange | null;
  readonly rash: DayRange | null;
  readonly infectious: DayRange | null;
  readonly isolatedMs: number | null;
  readonly severe: boolean;
  readonly masked: boolean | null;
}

/** Nobody's illness began so long ago that a record of it could still be opened. */
const OLDEST_DAYS = 400;

function rangeOf(text: DateRange | null, today: number): DayRange | null {
  if (text === null) return null;
  const lo = dayFromText(text.from);
  const hi = dayFromText(text.to);
  if (!lo.ok || !hi.ok || hi.value < lo.value || lo.value < today - OLDEST_DAYS) throw new Refusal('bad-case');
  return { lo: lo.value, hi: hi.value };
}

/** Throws Refusal bad-case: dates that are none, lie in the future, or an isolation before the illness. */
export function factsDoc(facts: CaseFacts, nowMs: number, zone: string): FactsDoc {
  const today = dayOf(nowMs, zone);
  const doc: FactsDoc = {
    onset: rangeOf(facts.onset, today),
    sample: rangeOf(facts.sample, today),
    rash: rangeOf(facts.rash, today),
    infectious: rangeOf(facts.infectious, today),
    isolatedMs: facts.isolatedMs,
    severe: facts.severe,
    masked: facts.masked,
  };
  // Onset and rash have been seen; an infectious period may reach ahead.
  for (const seen of [doc.onset, doc.sample, doc.rash])
    if (seen !== null && seen.lo > today) throw new Refusal('bad-case');
  if (doc.isolatedMs !== null && (doc.isolatedMs > nowMs || dayOf(doc.isolatedMs, zone) < today - OLDEST_DAYS)) {
    throw new Refusal('bad-case');
  }
  return doc;
}

export function factsView(doc: FactsDoc): CaseFacts {
  const view = (range: DayRange | null): DateRange | null =>
    range === null ? null : { from: dayText(range.lo), to: dayText(range.hi) };
  const { isolatedMs, severe, masked } = doc;
  return {
    onset: view(doc.onset),
    sample: view(doc.sample),
    rash: view(doc.rash),
    infectious: view(doc.infectious),
    isolatedMs,
    severe,
    masked,
  };
}
