// A case as consoles see it: subjects masked, counts, the state of its order.
import type { CaseView, OrderView, PolicyRef } from '@tongche/contract';
import { dayText, maskSubject, toBase64Url } from '@tongche/protocol';
import { policyById } from '@tongche/tracing';
import type { ContactMessage } from '../messages/states.ts';
import type { CaseRow, OrderRow } from '../store/cases.ts';
import { isListed } from './merge-contacts.ts';
import { factsView } from './facts.ts';
import type { CaseDoc, CaseRideDoc, ContactDoc, OrderDoc } from './model.ts';
import { policyRef } from './rules.ts';
import type { PolicyDoc } from './rules.ts';

export function orderView(row: OrderRow, doc: OrderDoc, nowMs: number): OrderView {
  const { order } = doc;
  const isExpired = row.state === 'awaiting-signatures' && row.expiresMs <= nowMs;
  return {
    orderHash: toBase64Url(row.orderHash),
    orderId: order.orderId,
    state: isExpired ? 'expired' : row.state,
    askedMs: row.askedMs,
    expiresMs: row.expiresMs,
    signedMs: row.signedMs,
    fromDay: dayText(order.fromDay),
    toDay: dayText(order.toDay),
    maxRides: order.maxRides,
    maxRecords: order.maxRecords,
    depth: order.depth,
    signatures: doc.signatures.map(({ person, role, keyId, atMs, demo }) => ({ person, role, keyId, atMs, demo })),
    failure: doc.failure,
  };
}

/** A doubtful ride of the case that nobody included. */
export function isAside({ doubts = [], included }: CaseRideDoc): boolean {
  return doubts.length > 0 && included === undefined;
}

/** A rule as it is named; one that this release does not know any more, by its id alone. */
export function policyView(doc: PolicyDoc): PolicyRef {
  const known = policyById(doc.id, doc.version) ?? policyById(doc.id);
  if (known === undefined) return { ...doc, pathogen: doc.id, jurisdiction: '', name: { zh: doc.id, en: doc.id } };
  return { ...policyRef(known), version: doc.version };
}

export function caseView(
  row: CaseRow,
  doc: CaseDoc,
  found: {
    readonly order: { readonly row: OrderRow; readonly doc: OrderDoc } | undefined;
    readonly contacts: readonly ContactDoc[];
    readonly messages: ReadonlyMap<string, ContactMessage>;
  },
  nowMs: number,
): CaseView {
  const { order, messages } = found;
  const contacts = found.contacts.filter(isListed);
  const trace = order?.doc.trace;
  const states = [...messages.values()].map(({ state }) => state);
  return {
    caseId: row.caseId,
    caseNo: doc.caseNo,
    status: doc.status,
    purpose: doc.purpose,
    subjects: doc.subjects.map(({ kind, value }) => ({ kind, masked: maskSubject(kind, BigInt(value)) })),
    from: dayText(doc.fromDay),
    to: dayText(doc.toDay),
    facts: doc.facts === undefined ? null : factsView(doc.facts),
    policy: doc.policy === undefined ? null : policyView(doc.policy),
    enteredBy: doc.enteredBy,
    enteredMs: row.enteredMs,
    closedMs: row.closedMs,
    destroyByMs: row.destroyByMs,
    order: order === undefined ? null : orderView(order.row, order.doc, nowMs),
    counts: {
      rides: trace?.rides.length ?? 0,
      runs: trace?.runs ?? 0,
      records: trace?.records ?? 0,
      verified: trace?.verified ?? 0,
      contacts: contacts.length,
      close: contacts.filter(({ tier }) => tier === 'close').length,
      ridesAside: trace?.rides.filter(isAside).length ?? 0,
      contactsAside: found.contacts.filter(({ aside }) => aside === true).length,
      messages: states.length,
      delivered: states.filter((state) => state === 'delivered').length,
      failed: states.filter((state) => state === 'failed').length,
    },
  };
}
