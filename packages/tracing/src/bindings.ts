// Which unit a code was stuck to when it was scanned: a sticker that moved to another bus tells of the old one before, and of
// the new one after.
import type { CodeBinding, Presence } from './types.ts';

/** A presence by the code that was scanned. */
export type CodedPresence = Omit<Presence, 'unit'> & { readonly code: string };

/** The unit a code was stuck to at an instant; undefined where it was stuck to none. */
export type UnitOfCode = (code: string, ms: number) => string | undefined;

/** Bindings in any order. Where they overlap (nobody closed the old one) the one that began last holds. */
export function unitsByCode(bindings: readonly CodeBinding[]): UnitOfCode {
  const by = new Map<string, CodeBinding[]>();
  for (const binding of bindings.toSorted((a, b) => b.fromMs - a.fromMs || (a.unit < b.unit ? -1 : 1))) {
    const list = by.get(binding.code);
    if (list === undefined) by.set(binding.code, [binding]);
    else list.push(binding);
  }
  return (code, ms) => by.get(code)?.find(({ fromMs, toMs }) => fromMs <= ms && (toMs === null || ms < toMs))?.unit;
}

/**
 * Presences in the units their codes were stuck to at the time; those whose code was stuck to nothing are left out. `runOf`
 * says which run a unit was making (null: none is known): it is asked anew, because a moved sticker moves its rides.
 */
export function placed(
  presences: readonly CodedPresence[],
  unitOf: UnitOfCode,
  runOf: (unit: string, ms: number) => string | null,
): readonly Presence[] {
  return presences.flatMap(({ code, ...presence }) => {
    const unit = unitOf(code, presence.boardedMs);
    return unit === undefined ? [] : [{ ...presence, unit, runKey: runOf(unit, presence.boardedMs) }];
  });
}
