// Takes in what a trace had set aside, knowingly: a doubtful ride of the case, or people whose every shared ride is doubtful.
// One person may: the order that two people signed allows it up to its extra windows. Reasons stay in the case; the public
// log says that it happened.
import { Refusal } from '@tongche/contract';
import type { IncludeContacts, IncludeRide, Inclusion } from '@tongche/contract';
import { toBase64Url } from '@tongche/protocol';
import type { Static } from 'typebox';
import { messagesOf } from '../messages/states.ts';
import { contactRows, lockCase, orderRow, putContacts, updateOrder } from '../store/cases.ts';
import { contactPlace, orderPlace } from './access.ts';
import type { OpenOrder } from './access.ts';
import type { Cases } from './cases.ts';
import type { Actor, Common } from './common.ts';
import type { ContactDoc, OrderDoc } from './model.ts';
import type { Traces } from './trace.ts';

export interface Inclusions {
  /** Throws Refusal: 'order-limit' beyond the order's extra windows, 'order-expired' once nothing is answered any more. */
  ride(actor: Actor, caseId: string, rideId: string, wish: Static<typeof IncludeRide>): Promise<void>;
  contacts(actor: Actor, caseId: string, wish: IncludeContacts): Promise<void>;
}

function withRide(
  { order, trace, included = {} }: OrderDoc,
  rideId: string,
  wanted: boolean,
  inclusion: Inclusion,
): NonNullable<OrderDoc['included']> {
  const ride = trace?.rides.find((one) => one.rideId === rideId);
  if (ride === undefined) throw new Refusal('not-found');
  const { [rideId]: earlier, ...others } = included;
  if (!wanted) return others;
  if ((ride.doubts ?? []).length === 0) throw new Refusal('conflict');
  if (Object.keys(others).length >= order.maxExtraWindows) throw new Refusal('order-limit');
  return { ...others, [rideId]: earlier ?? inclusion };
}

/** The contact with the wish carried out; undefined where there is nothing to change. */
function withInclusion(doc: ContactDoc, wanted: boolean, inclusion: Inclusion): ContactDoc | undefined {
  const { aside, included, ...plain } = doc;
  if (wanted) return aside === true ? { ...plain, included: inclusion } : undefined;
  if (included === undefined || doc.outcome !== null) return undefined;
  return { ...plain, ...(doc.doubtful === true ? { aside: true } : {}) };
}

export function openInclusions(parts: Common & { readonly cases: Cases; readonly traces: Traces }): Inclusions {
  const { db, clock, transparency, hub, onLog, cases, traces } = parts;
  const { access } = cases;

  function checkOpen({ row }: OpenOrder): void {
    if (row.state !== 'done') throw new Refusal('conflict');
    if (clock.now() > Math.max(row.expiresMs, row.watchUntilMs)) throw new Refusal('order-expired');
  }

  return {
    async ride(actor, caseId, rideId, { included: wanted, reason }) {
      const one = await access.open(caseId);
      const latest = await access.order(one);
      if (latest === undefined) throw new Refusal('not-found');
      const { orderHash } = latest.row;
      const atMs = clock.now();
      const entry = await access.entry(one, actor, 'include', { what: 'ride', included: wanted });
      await db.tx('include-ride', async (tx) => {
        const row = await orderRow(tx, orderHash, true);
        if (row === undefined) throw new Refusal('not-found');
        const order = access.openOrder(one.key, row);
        checkOpen(order);
        const included = withRide(order.doc, rideId, wanted, { by: actor.person, atMs, reason });
        const sealed = one.key.seal(orderPlace(orderHash), { ...order.doc, included } satisfies OrderDoc);
        await updateOrder(tx, { ...row, sealed });
        await transparency.append(tx, atMs, [
          { ...entry, detail: { ...entry.detail, orderHash: toBase64Url(orderHash) } },
        ]);
      });
      onLog();
      traces.again(orderHash);
    },
    async contacts(actor, caseId, { contactIds, included: wanted, reason }) {
      const one = await access.open(caseId);
      const atMs = clock.now();
      const wished = new Set(contactIds);
      const order = await access.order(one);
      await db.tx('include-contacts', async (tx) => {
        // Beside another of these, or the end of a trace, neither is lost.
        await lockCase(tx, caseId);
        const rows = (await contactRows(tx, caseId)).filter(({ contactId }) => wished.has(contactId));
        if (rows.length !== wished.size) throw new Refusal('not-found');
        // Whoever got a message stays on the list that it was sent to.
        const told: ReadonlyMap<string, unknown> = wanted ? new Map() : await messagesOf(tx, caseId);
        const changed = rows.flatMap((row) => {
          if (told.has(row.contactId)) return [];
          const doc = withInclusion(access.openContact(one, row).doc, wanted, { by: actor.person, atMs, reason });
          const { contactId, rank } = row;
          return doc === undefined
            ? []
            : [{ contactId, rank, sealed: one.key.seal(contactPlace(caseId, contactId), doc) }];
        });
        if (changed.length === 0) throw new Refusal('conflict');
        await putContacts(tx, caseId, changed);
        const detail = { what: 'contacts', included: wanted, contacts: changed.length };
        await transparency.append(tx, atMs, [await access.entry(one, actor, 'include', detail)]);
      });
      hub.send('contacts', { caseId });
      onLog();
      // The lists of exposed rides follow; once the order is over they stay as published.
      if (order !== undefined && clock.now() <= order.row.watchUntilMs) traces.again(order.row.orderHash);
    },
  };
}
