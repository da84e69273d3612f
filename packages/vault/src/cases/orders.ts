// Orders: what two people in two roles sign before anything is opened, and every reason not to accept a signature.
import { checkTwoPeople, verifyAssertion } from '@tongche/approval';
import { Refusal } from '@tongche/contract';
import type { Assertion, OrderView, TraceOrder } from '@tongche/contract';
import {
  caseCommitment,
  checkOrder,
  fromBase64Url,
  orderHash as hashOf,
  ORDER_LIFE_MS,
  subjectCommitment,
  toBase64Url,
  toBytes,
} from '@tongche/protocol';
import { nodeSuite } from '@tongche/protocol/node';
import { events } from '../events.ts';
import { addOrder, latestOrder, orderRow, updateOrder } from '../store/cases.ts';
import type { OrderRow } from '../store/cases.ts';
import { orderPlace } from './access.ts';
import type { CaseAccess, OpenCase, OpenOrder } from './access.ts';
import type { CaseParts } from './cases.ts';
import type { OrderDoc, SignatureDoc } from './model.ts';
import { policyOf } from './rules.ts';
import { orderView } from './views.ts';

const HOUR_MS = 3_600_000;
const ORDER_ID_BYTES = 16;

export interface Orders {
  ask(one: OpenCase): Promise<OrderView>;
  sign(orderHash: string, assertion: Assertion): Promise<OrderView>;
}

export function openOrders(parts: CaseParts, access: CaseAccess): Orders {
  const { config, db, clock, log, random, transparency, hub, onLog, rosters } = parts;

  async function formOrder({ doc, key }: OpenCase): Promise<TraceOrder> {
    const { limits, tracing } = config;
    const issuedMs = clock.now();
    const isTwoHops = policyOf(config, doc, issuedMs).secondary.follow && tracing.maxSecondary > 0;
    const commitments: string[] = [];
    for (const { kind, value } of doc.subjects) {
      const commitment = await subjectCommitment(nodeSuite, key.commitKey, { kind, subject: BigInt(value) });
      commitments.push(toBase64Url(commitment));
    }
    return {
      orderId: toBase64Url(random(ORDER_ID_BYTES)),
      iss: config.authority.iss,
      authority: config.authority.name.en,
      purpose: doc.purpose,
      status: doc.status,
      fromDay: doc.fromDay,
      toDay: doc.toDay,
      subjects: doc.subjects.length,
      maxRides: limits.maxRides + (isTwoHops ? tracing.maxSecondaryRides : 0),
      maxRecords: limits.maxRecords,
      maxExtraWindows: limits.maxExtraWindows,
      watchUntilMs: issuedMs + limits.watchHours * HOUR_MS,
      depth: isTwoHops ? 2 : 1,
      issuedMs,
      expiresMs: issuedMs + ORDER_LIFE_MS,
      caseCommitment: toBase64Url(await caseCommitment(nodeSuite, key.commitKey, doc.caseNo)),
      subjectCommitments: commitments,
    };
  }

  function checkRetention(fromDay: number): void {
    if (fromDay <= parts.today() - config.retentionDays) throw new Refusal('outside-retention');
  }

  function isOpen(row: OrderRow): boolean {
    if (row.state === 'awaiting-signatures') return row.expiresMs > clock.now();
    return row.state === 'signed' || row.state === 'running';
  }

  async function ask(one: OpenCase): Promise<OrderView> {
    const { caseId } = one.row;
    checkRetention(one.doc.fromDay);
    const earlier = await latestOrder(db, caseId);
    if (earlier !== undefined && isOpen(earlier)) throw new Refusal('conflict');
    const order = await formOrder(one);
    const checked = checkOrder(order, 2);
    if (!checked.ok) throw new Refusal(checked.code === 'bad-span' ? 'span-too-long' : 'bad-case');
    const orderHash = Buffer.from(await hashOf(nodeSuite, order));
    const doc: OrderDoc = { order, signatures: [], failure: null, trace: null };
    const row: OrderRow = {
      orderHash,
      caseId,
      state: 'awaiting-signatures',
      askedMs: order.issuedMs,
      expiresMs: order.expiresMs,
      watchUntilMs: order.watchUntilMs,
      signedMs: null,
      logIndex: null,
      sealed: one.key.seal(orderPlace(orderHash), doc),
    };
    await addOrder(db, row);
    return orderView(row, doc, clock.now());
  }

  /** The signature as a document; throws the refusal. */
  async function checked({ row }: OpenOrder, assertion: Assertion): Promise<SignatureDoc> {
    const roster = rosters.current();
    if (roster === undefined) throw new Refusal('signature-invalid');
    const hash = toBytes(row.orderHash);
    const result = await verifyAssertion({ roster, hash, assertion, mode: config.mode });
    if (!result.ok) throw new Refusal(result.code);
    // Officers watch keys and log; case work, and so an order's second pair of eyes, is not theirs.
    if (result.value.role === 'officer') throw new Refusal('forbidden');
    return { ...result.value, atMs: clock.now(), assertion };
  }

  /** With both signatures: the log entry, in the transaction that marks the order signed. */
  function orderEntry({ row, doc }: OpenOrder, signatures: readonly SignatureDoc[]) {
    const { order } = doc;
    return {
      kind: 'order' as const,
      detail: {
        orderHash: toBase64Url(row.orderHash),
        purpose: order.purpose,
        fromDay: order.fromDay,
        toDay: order.toDay,
        subjects: order.subjects,
        maxRides: order.maxRides,
        maxRecords: order.maxRecords,
        depth: order.depth,
        roles: signatures
          .map(({ role }) => role)
          .sort()
          .join('+'),
      },
    };
  }

  async function accept(orderHash: Buffer, assertion: Assertion): Promise<{ view: OrderView; caseId: string }> {
    return db.tx('sign-order', async (tx) => {
      const row = await orderRow(tx, orderHash, true);
      if (row === undefined) throw new Refusal('not-found');
      const one = await access.open(row.caseId, tx);
      const opened = access.openOrder(one.key, row);
      if (row.state !== 'awaiting-signatures')
        throw new Refusal(row.state === 'expired' ? 'order-expired' : 'conflict');
      if (row.expiresMs <= clock.now()) throw new Refusal('order-expired');
      checkRetention(opened.doc.order.fromDay);
      const signature = await checked(opened, assertion);
      const signatures = [...opened.doc.signatures, signature];
      if (signatures.length >= 2 && !checkTwoPeople(signatures).ok) throw new Refusal('same-signer');
      const isSigned = signatures.length >= 2;
      const doc: OrderDoc = { ...opened.doc, signatures };
      const logIndex = isSigned
        ? await transparency.append(tx, signature.atMs, [orderEntry(opened, signatures)])
        : null;
      const next: OrderRow = {
        ...row,
        state: isSigned ? 'signed' : row.state,
        signedMs: isSigned ? signature.atMs : null,
        logIndex,
        sealed: one.key.seal(orderPlace(orderHash), doc),
      };
      await updateOrder(tx, next);
      return { view: orderView(next, doc, clock.now()), caseId: row.caseId };
    });
  }

  return {
    ask,
    async sign(orderHash, assertion) {
      const hash = fromBase64Url(orderHash);
      if (!hash.ok || hash.value.length !== 32) throw new Refusal('not-found');
      try {
        const { view, caseId } = await accept(Buffer.from(hash.value), assertion);
        onLog();
        hub.send('case', { caseId });
        return view;
      } catch (error) {
        if (error instanceof Refusal) log.event(events.orderRefused, { code: error.code });
        throw error;
      }
    },
  };
}
