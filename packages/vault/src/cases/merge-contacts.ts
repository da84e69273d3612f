// A trace was carried out anew: what becomes of the list it had made. Nobody who has been told or called disappears from it.
import { deltaOf } from '@tongche/tracing';
import type { ChangeDoc, ContactDiff, ContactDoc } from './model.ts';

export interface Listed {
  readonly contactId: string;
  readonly doc: ContactDoc;
}

export interface MergeRules {
  /** Runs were corrected or rides judged otherwise: who shares none any more was never a fellow rider. */
  readonly wasCorrected: boolean;
  /** The list is made for the first time: nobody on it is news. */
  readonly isFirst: boolean;
  readonly nowMs: number;
  /** A message was approved for this contact. */
  readonly isTold: (contactId: string) => boolean;
  /** Whether records of that time can still be opened; what cannot be read is not disproved. */
  readonly isReadable: (ms: number) => boolean;
}

export interface MergedContacts {
  /** In calling order, those set aside behind the list; those not found any more last. */
  readonly list: readonly Listed[];
  /** Contacts to be deleted. */
  readonly gone: readonly string[];
  readonly diff: Required<ContactDiff>;
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

export function isListed({ droppedMs, aside }: ContactDoc): boolean {
  return droppedMs === undefined && aside !== true;
}

/** The contact as found now, with what people did before. Doubt sets aside nobody who was included, told or called. */
function carriedOver(doc: ContactDoc, last: ContactDoc | undefined, isTold: boolean): ContactDoc {
  const { outcome = null, included } = last ?? {};
  const aside = doc.doubtful === true && included === undefined && outcome === null && !isTold;
  return { ...doc, outcome, ...(included === undefined ? {} : { included }), ...(aside ? { aside } : {}) };
}

/** Who came, went, or is more or less urgent than before. */
function changesOf(
  before: ReadonlyMap<string, ContactDoc>,
  after: readonly Listed[],
  nowMs: number,
): ReadonlyMap<string, ChangeDoc> {
  const words = (contactId: string, doc: ContactDoc) => ({ person: contactId, tier: doc.tier, aside: !isListed(doc) });
  const delta = deltaOf(
    [...before].map(([contactId, doc]) => words(contactId, doc)),
    after.map(({ contactId, doc }) => words(contactId, doc)),
  );
  return new Map(
    delta.map((change) => [
      change.person,
      { kind: change.kind, atMs: nowMs, ...('before' in change ? { before: change.before } : {}) },
    ]),
  );
}

export function mergeContacts(
  before: ReadonlyMap<string, ContactDoc>,
  found: readonly Listed[],
  { wasCorrected, isFirst, nowMs, isTold, isReadable }: MergeRules,
): MergedContacts {
  let [added, removed, kept, changed, upgraded, downgraded] = [0, 0, 0, 0, 0, 0];
  const merged = found.map(({ contactId, doc }): Listed => ({
    contactId,
    doc: carriedOver(doc, before.get(contactId), isTold(contactId)),
  }));
  const changes = isFirst ? new Map<string, ChangeDoc>() : changesOf(before, merged, nowMs);
  const current = merged.map(({ contactId, doc }): Listed => {
    const last = before.get(contactId);
    const was = last !== undefined && isListed(last);
    const change = changes.get(contactId);
    if (isListed(doc) && !was) added += 1;
    else if (!isListed(doc) && was) removed += 1;
    else if (isListed(doc) && last !== undefined && gist(last) !== gist(doc)) changed += 1;
    if (change?.kind === 'upgraded') upgraded += 1;
    else if (change?.kind === 'downgraded') downgraded += 1;
    const kind = change ?? last?.change;
    return { contactId, doc: kind === undefined ? doc : { ...doc, change: kind } };
  });
  const isFound = new Set(found.map(({ contactId }) => contactId));
  const gone: string[] = [];
  const dropped: Listed[] = [];
  for (const [contactId, doc] of before) {
    if (isFound.has(contactId)) continue;
    const isUnread = !doc.legs.every(({ boardedMs }) => isReadable(boardedMs));
    if (doc.droppedMs !== undefined || isUnread) dropped.push({ contactId, doc });
    else if (doc.aside === true || (wasCorrected && doc.outcome === null && !isTold(contactId))) {
      gone.push(contactId);
      if (doc.aside !== true) removed += 1;
    } else {
      // A correction, or an erased ride: calls may have been made.
      kept += 1;
      dropped.push({ contactId, doc: { ...doc, droppedMs: nowMs, change: { kind: 'withdrawn', atMs: nowMs } } });
    }
  }
  const list = [
    ...current.filter(({ doc }) => doc.aside !== true),
    ...current.filter(({ doc }) => doc.aside === true),
    ...dropped,
  ];
  return { list, gone, diff: { added, removed, kept, changed, upgraded, downgraded } };
}
