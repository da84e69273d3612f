// Opening what is sealed in a case, and the log entry every look at it leaves.
import { Refusal } from '@tongche/contract';
import { caseCommitment, toBase64Url } from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import type { Queryable } from '@tongche/postgres';
import type { NewEntry } from '../log/transparency.ts';
import { caseRow, contactRows, latestOrder } from '../store/cases.ts';
import type { CaseRow, OrderRow } from '../store/cases.ts';
import type { Actor, Common } from './common.ts';
import type { CaseDoc, ContactDoc, OrderDoc } from './model.ts';
import type { CaseKey, CaseKeys } from './sealing.ts';

/** One entry a minute for the same look by the same person: a console that refreshes is one look. */
const SAME_LOOK_MS = 60_000;
const MAX_LOOKS = 10_000;
const CASE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface OpenCase {
  readonly row: CaseRow;
  readonly key: CaseKey;
  readonly doc: CaseDoc;
}

export interface OpenOrder {
  readonly row: OrderRow;
  readonly doc: OrderDoc;
}

export interface OpenContact {
  readonly contactId: string;
  readonly rank: number;
  readonly doc: ContactDoc;
}

export function casePlace(caseId: string): string {
  return `case_file|${caseId}|sealed`;
}
export function orderPlace(orderHash: Uint8Array): string {
  return `trace_order|${toBase64Url(orderHash)}|sealed`;
}
export function contactPlace(caseId: string, contactId: string): string {
  return `contact|${caseId}|${contactId}|sealed`;
}

export interface CaseAccess {
  /** Throws Refusal not-found or case-closed. */
  open(caseId: string, db?: Queryable): Promise<OpenCase>;
  order(one: OpenCase): Promise<OpenOrder | undefined>;
  openOrder(key: CaseKey, row: OrderRow): OpenOrder;
  contacts(one: OpenCase): Promise<readonly OpenContact[]>;
  openContact(
    one: OpenCase,
    row: { readonly contactId: string; readonly rank: number; readonly sealed: Buffer },
  ): OpenContact;
  /** A log entry about this case: the case and the person as digests under the case's own key. */
  entry(one: OpenCase, actor: Actor | undefined, kind: NewEntry['kind'], detail: NewEntry['detail']): Promise<NewEntry>;
  /** Logs a look before anything is handed out. */
  look(one: OpenCase, actor: Actor, what: string): Promise<void>;
}

export function openAccess(common: Common, keys: CaseKeys): CaseAccess {
  const { db, clock, transparency, onLog } = common;
  const looks = new Map<string, number>();

  async function open(caseId: string, tx: Queryable = db): Promise<OpenCase> {
    const row = CASE_ID.test(caseId) ? await caseRow(tx, caseId) : undefined;
    if (row === undefined) throw new Refusal('not-found');
    const key = row.closedMs === null ? keys.get(caseId) : undefined;
    if (key === undefined || row.sealed === null) throw new Refusal('case-closed');
    return { row, key, doc: key.open(casePlace(caseId), row.sealed) as CaseDoc };
  }

  function openOrder(key: CaseKey, row: OrderRow): OpenOrder {
    if (row.sealed === null) throw new Refusal('case-closed');
    return { row, doc: key.open(orderPlace(row.orderHash), row.sealed) as OrderDoc };
  }

  function openContact(
    { row, key }: OpenCase,
    contact: { readonly contactId: string; readonly rank: number; readonly sealed: Buffer },
  ): OpenContact {
    const { contactId, rank, sealed } = contact;
    return { contactId, rank, doc: key.open(contactPlace(row.caseId, contactId), sealed) as ContactDoc };
  }

  async function entry(
    { key, doc }: OpenCase,
    actor: Actor | undefined,
    kind: NewEntry['kind'],
    detail: NewEntry['detail'],
  ): Promise<NewEntry> {
    const commitment = toBase64Url(await caseCommitment(nodeSuite, key.commitKey, doc.caseNo));
    const by = actor === undefined ? {} : { by: key.digest('actor1', actor.person), role: actor.role };
    return { kind, detail: { ...detail, ...by, case: commitment } };
  }

  return {
    open,
    openOrder,
    openContact,
    entry,
    async order(one) {
      const row = await latestOrder(db, one.row.caseId);
      return row === undefined ? undefined : openOrder(one.key, row);
    },
    contacts: async (one) => (await contactRows(db, one.row.caseId)).map((row) => openContact(one, row)),
    async look(one, actor, what) {
      const nowMs = clock.now();
      const look = `${one.row.caseId}|${actor.person}|${what}`;
      const lastMs = looks.get(look);
      if (lastMs !== undefined && nowMs - lastMs < SAME_LOOK_MS) return;
      const made = await entry(one, actor, 'read', { what });
      await db.tx('log-look', (tx) => transparency.append(tx, nowMs, [made]));
      if (looks.size >= MAX_LOOKS) looks.clear();
      looks.set(look, nowMs);
      onLog();
    },
  };
}
