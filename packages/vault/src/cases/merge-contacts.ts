// A trace was carried out anew: what becomes of the list it had made. Nobody who has been told or called disappears from it.
import type { ContactDiff, ContactDoc } from './model.ts';

export interface Listed {
  readonly contactId: string;
  readonly doc: ContactDoc;
}

export interface MergeRules {
  /** The operator corrected runs: who shares none any more was never a fellow rider. */
  readonly wasCorrected: boolean;
  readonly nowMs: number;
  /** A message was approved for this contact. */
  readonly isTold: (contactId: string) => boolean;
  /** Whether records of that time can still be opened; what cannot be read is not disproved. */
  readonly isReadable: (ms: number) => boolean;
}

export interface MergedContacts {
  /** In calling order; those not found any more last. */
  readonly list: readonly Listed[];
  /** Contacts to be deleted. */
  readonly gone: readonly string[];
  readonly diff: ContactDiff;
}

/** What a tracer would act on: who, how sure, how long, on which runs between which stops. */
function gist({ tier, probability, minutes, legs }: ContactDoc): string {
  return JSON.stringify([
    tier,
    probability,
    minutes,
    legs.map((leg) => [leg.runKey, leg.unit, leg.fromSeq, leg.toSeq]),
  ]);
}

export function mergeContacts(
  before: ReadonlyMap<string, ContactDoc>,
  found: readonly Listed[],
  { wasCorrected, nowMs, isTold, isReadable }: MergeRules,
): MergedContacts {
  let [added, kept, changed] = [0, 0, 0];
  const list: Listed[] = found.map(({ contactId, doc }) => {
    const last = before.get(contactId);
    if (last === undefined || last.droppedMs !== undefined) added += 1;
    else if (gist(last) !== gist(doc)) changed += 1;
    return { contactId, doc: { ...doc, outcome: last?.outcome ?? null } };
  });
  const isFound = new Set(found.map(({ contactId }) => contactId));
  const gone: string[] = [];
  for (const [contactId, doc] of before) {
    if (isFound.has(contactId)) continue;
    const isUnread = !doc.legs.every(({ boardedMs }) => isReadable(boardedMs));
    if (doc.droppedMs !== undefined || isUnread) list.push({ contactId, doc });
    else if (wasCorrected && doc.outcome === null && !isTold(contactId)) gone.push(contactId);
    else {
      // A correction, or an erased ride: calls may have been made.
      kept += 1;
      list.push({ contactId, doc: { ...doc, droppedMs: nowMs } });
    }
  }
  return { list, gone, diff: { added, removed: gone.length, kept, changed } };
}
