// Trace orders: what two people sign before anything is opened, its hash, and the commitments that stand for case and subject.
import { concat, u64, u8, utf8 } from './bytes.ts';
import type { Bytes } from './bytes.ts';
import { canonicalJson } from './canonical-json.ts';
import { DAY_MS } from './day.ts';
import { err, ok } from './result.ts';
import type { Result } from './result.ts';
import { subjectKindByte } from './subject.ts';
import type { SubjectKind } from './subject.ts';
import type { Suite } from './suite.ts';

/** The same shape as the wire contract's; bytes in base64url. */
export interface TraceOrder {
  /** 16 random bytes. */
  readonly orderId: string;
  readonly iss: number;
  readonly authority: string;
  readonly purpose: 'trace' | 'itinerary' | 'exercise';
  readonly status: 'suspected' | 'confirmed' | 'ruled-out';
  /** Local days, both included. */
  readonly fromDay: number;
  readonly toDay: number;
  /** How many subjects, 1..3: own and helper's numbers, documents. */
  readonly subjects: number;
  readonly maxRides: number;
  readonly maxRecords: number;
  readonly maxExtraWindows: number;
  readonly watchUntilMs: number;
  readonly depth: number;
  readonly issuedMs: number;
  readonly expiresMs: number;
  readonly caseCommitment: string;
  readonly subjectCommitments: readonly string[];
}

/** An order spans at most 15 local days, 21 where a third person approves. */
export const MAX_ORDER_DAYS = 15;
export const MAX_ORDER_DAYS_THREE_APPROVERS = 21;
/** New rides may be fetched for at most this long after the order. */
export const MAX_WATCH_MS = 5 * DAY_MS;
/** Nobody signs a stale order. */
export const ORDER_LIFE_MS = DAY_MS;
export const MAX_SUBJECTS = 3;
/** Two wallets' worth of tags a day and subject, and assisted slots. */
export const MAX_TAGS_PER_DAY_AND_SUBJECT = 320;
/** Close contacts whose own rides an order of depth two may ask for besides the case's. */
export const MAX_SECONDARY = 300;

/** Different tags an order may ask for, over all its requests. */
export function maxTagsOf({ fromDay, toDay, subjects, depth }: TraceOrder): number {
  const persons = subjects + (depth === 2 ? MAX_SECONDARY : 0);
  return MAX_TAGS_PER_DAY_AND_SUBJECT * (toDay - fromDay + 1) * persons;
}

export type OrderRefusal = 'bad-span' | 'bad-watch' | 'bad-expiry' | 'bad-subjects';

/** The rules every order keeps, whoever checks: the vault that makes it, the people who sign, the operator that obeys. */
export function checkOrder(order: TraceOrder, approvals: number): Result<TraceOrder, OrderRefusal> {
  const days = order.toDay - order.fromDay + 1;
  const maxDays = approvals >= 3 ? MAX_ORDER_DAYS_THREE_APPROVERS : MAX_ORDER_DAYS;
  if (days < 1 || days > maxDays) return err('bad-span');
  if (order.watchUntilMs > order.issuedMs + MAX_WATCH_MS) return err('bad-watch');
  if (order.expiresMs <= order.issuedMs || order.expiresMs > order.issuedMs + ORDER_LIFE_MS) return err('bad-expiry');
  if (order.subjects < 1 || order.subjects > MAX_SUBJECTS || order.subjectCommitments.length !== order.subjects) {
    return err('bad-subjects');
  }
  return ok(order);
}

export function canonicalOrder(order: TraceOrder): Bytes {
  return utf8(canonicalJson(order));
}

/** SHA-256("trace-order/1" ‖ canonical order): the WebAuthn challenge, and the order's name in the log. */
export function orderHash(suite: Suite, order: TraceOrder): Promise<Bytes> {
  return suite.sha256(concat(utf8('trace-order/1'), canonicalOrder(order)));
}

/** HMAC of the case number under the case's own random key: the log can be checked by those who hold the case, by nobody else. */
export function caseCommitment(suite: Suite, commitKey: Bytes, caseNumber: string): Promise<Bytes> {
  return suite.hmac(commitKey, concat(utf8('case1'), utf8(caseNumber)));
}

export function subjectCommitment(
  suite: Suite,
  commitKey: Bytes,
  subject: { readonly kind: SubjectKind; readonly subject: bigint },
): Promise<Bytes> {
  return suite.hmac(commitKey, concat(utf8('subject1'), u8(subjectKindByte(subject.kind)), u64(subject.subject)));
}
