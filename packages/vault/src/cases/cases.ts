// Cases from entry to destruction. Whoever enters one holds nothing yet: only an order signed by two people opens rides.
import { Refusal } from '@tongche/contract';
import type { Assertion, CaseView, NewCase, OrderView } from '@tongche/contract';
import { erase } from '@tongche/outbox';
import { dayFromText, dayOf, MAX_ORDER_DAYS, parseSubject } from '@tongche/protocol';
import { messagesOf } from '../messages/states.ts';
import type { DaySlots } from '../keys/day-slots.ts';
import type { Rosters } from '../keys/roster.ts';
import { events } from '../events.ts';
import { addCase, caseRow, closeCase, openCaseRows } from '../store/cases.ts';
import { noticesOf } from '../store/notices.ts';
import { casePlace, openAccess } from './access.ts';
import type { CaseAccess, OpenCase } from './access.ts';
import type { Actor, Common } from './common.ts';
import { factsDoc } from './facts.ts';
import type { CaseDoc, Subject } from './model.ts';
import { openOrders } from './orders.ts';
import { choose } from './rules.ts';
import { openCaseKeys } from './sealing.ts';
import { caseView } from './views.ts';

/** Cases open at a time; a city's worst days had some hundreds. */
const MAX_OPEN_CASES = 2_000;
const DAY_MS = 86_400_000;

export interface Cases {
  readonly access: CaseAccess;
  create(actor: Actor, body: NewCase): Promise<CaseView>;
  list(actor: Actor): Promise<readonly CaseView[]>;
  view(actor: Actor, caseId: string): Promise<CaseView>;
  askOrder(actor: Actor, caseId: string): Promise<OrderView>;
  /** The second signature in another role makes it `signed`; whoever calls then starts the trace. */
  sign(orderHash: string, assertion: Assertion): Promise<OrderView>;
  /** Destroys the case's key, its rows and its unsent messages. */
  close(actor: Actor, caseId: string): Promise<CaseView>;
  /** Closes what is past its time, and finishes closings a crash cut off. */
  closeDue(): Promise<void>;
}

export interface CaseParts extends Common {
  readonly days: DaySlots;
  readonly rosters: Rosters;
  readonly today: () => number;
}

/** UUID version 4 from 16 random bytes. */
export function uuidFrom(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20)}`;
}

function subjectsOf(body: NewCase): readonly Subject[] {
  const subjects = body.subjects.map(({ kind, value }) => {
    const parsed = parseSubject(kind, value);
    if (!parsed.ok) throw new Refusal(kind === 'phone' ? 'bad-phone' : 'bad-document');
    return { kind, value: parsed.value.toString() };
  });
  const distinct = new Set(subjects.map(({ kind, value }) => `${kind}|${value}`));
  if (distinct.size !== subjects.length) throw new Refusal('bad-case');
  return subjects;
}

export function openCases(parts: CaseParts): Cases {
  const { config, db, clock, log, random, slots, transparency, hub, onLog } = parts;
  const keys = openCaseKeys(slots, random);
  const access = openAccess(parts, keys);
  const orders = openOrders(parts, access);

  /** Days of a case: at most 15, not in the future, their keys alive. */
  function daysOf(body: NewCase): { readonly fromDay: number; readonly toDay: number } {
    const from = dayFromText(body.from);
    const to = dayFromText(body.to);
    if (!from.ok || !to.ok || to.value < from.value) throw new Refusal('bad-case');
    if (to.value > dayOf(clock.now(), config.authority.zone)) throw new Refusal('bad-case');
    if (to.value - from.value + 1 > MAX_ORDER_DAYS) throw new Refusal('span-too-long');
    if (from.value <= parts.today() - config.retentionDays) throw new Refusal('outside-retention');
    return { fromDay: from.value, toDay: to.value };
  }

  async function viewOf(one: OpenCase): Promise<CaseView> {
    const order = await access.order(one);
    const contacts = (await access.contacts(one)).map(({ doc }) => doc);
    const messages = await messagesOf(db, one.row.caseId);
    return caseView(one.row, one.doc, { order, contacts, messages }, clock.now());
  }

  async function destroy(caseId: string, actor: Actor | undefined): Promise<boolean> {
    const row = await caseRow(db, caseId);
    if (row === undefined) return false;
    // While the key lives: afterwards nothing can say which case it was.
    const one = row.closedMs === null ? await access.open(caseId).catch(() => undefined) : undefined;
    const made =
      one === undefined
        ? { kind: 'case-close' as const, detail: { due: actor === undefined } }
        : await access.entry(one, actor, 'case-close', { due: actor === undefined });
    keys.destroy([caseId]);
    const atMs = clock.now();
    const messageIds = (await noticesOf(db, caseId)).map(({ messageId }) => messageId);
    const closed = await db.tx('close-case', async (tx) => {
      await erase(tx, messageIds, atMs);
      if (!(await closeCase(tx, caseId, atMs))) return false;
      await transparency.append(tx, atMs, [made]);
      return true;
    });
    if (closed) log.event(events.caseClosed, { due: actor === undefined });
    onLog();
    hub.send('case', { caseId });
    return closed;
  }

  return {
    access,
    async create(actor, body) {
      const subjects = subjectsOf(body);
      const { fromDay, toDay } = daysOf(body);
      if ((await openCaseRows(db, MAX_OPEN_CASES)).length >= MAX_OPEN_CASES) throw new Refusal('busy');
      const caseId = uuidFrom(random(16));
      const enteredMs = clock.now();
      const { caseNo, status, purpose, note = '' } = body;
      const { id, version } = choose(config, body.policy, enteredMs);
      const facts = body.facts === undefined ? {} : { facts: factsDoc(body.facts, enteredMs, config.authority.zone) };
      const policy = { policy: { id, version } };
      const days = { fromDay, toDay };
      const doc: CaseDoc = {
        caseNo,
        status,
        purpose,
        subjects,
        ...days,
        enteredBy: actor.person,
        note,
        ...facts,
        ...policy,
      };
      const key = keys.make(caseId);
      const destroyByMs = enteredMs + config.limits.caseDays * DAY_MS;
      const row = { caseId, enteredMs, destroyByMs, closedMs: null, sealed: key.seal(casePlace(caseId), doc) };
      await addCase(db, row);
      hub.send('case', { caseId });
      return viewOf({ row, key, doc });
    },
    async list(actor) {
      const views: CaseView[] = [];
      for (const row of await openCaseRows(db, MAX_OPEN_CASES)) {
        const key = keys.get(row.caseId);
        if (key === undefined || row.sealed === null) continue;
        const one = { row, key, doc: key.open(casePlace(row.caseId), row.sealed) as CaseDoc };
        await access.look(one, actor, 'list');
        views.push(await viewOf(one));
      }
      return views;
    },
    async view(actor, caseId) {
      const one = await access.open(caseId);
      await access.look(one, actor, 'case');
      return viewOf(one);
    },
    async askOrder(_actor, caseId) {
      const view = await orders.ask(await access.open(caseId));
      hub.send('case', { caseId });
      return view;
    },
    sign: (orderHash, assertion) => orders.sign(orderHash, assertion),
    async close(actor, caseId) {
      const one = await access.open(caseId);
      const last = await viewOf(one);
      await destroy(caseId, actor);
      return { ...last, closedMs: clock.now() };
    },
    async closeDue() {
      const rows = await openCaseRows(db, MAX_OPEN_CASES);
      for (const { caseId, destroyByMs } of rows) {
        if (destroyByMs <= clock.now() || keys.get(caseId) === undefined) await destroy(caseId, undefined);
      }
      // Keys whose case never reached the database, or was closed there.
      const open = new Set(rows.map(({ caseId }) => caseId));
      const orphans = keys.living().filter((caseId) => !open.has(caseId));
      const gone: string[] = [];
      for (const caseId of orphans) {
        const row = await caseRow(db, caseId);
        if (row === undefined || row.closedMs !== null) gone.push(caseId);
      }
      keys.destroy(gone);
    },
  };
}
