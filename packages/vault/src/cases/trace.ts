// Carries out a signed order: match, windows, fetch, open, rank. May be cut off anywhere and begins anew at the next
// start; while the order is watched, late rides are looked for again and added.
import { Refusal } from '@tongche/contract';
import type { FindingsView, TraceView } from '@tongche/contract';
import { RemoteError } from '@tongche/http';
import type { Queryable } from '@tongche/postgres';
import { dayOf, fromBase64Url, toBase64Url, unwrap } from '@tongche/protocol';
import { trainWindowsFor, windowsFor } from '@tongche/tracing';
import type { Window } from '@tongche/tracing';
import type { PlatformClient } from '../clients/platform.ts';
import { events } from '../events.ts';
import type { DaySlots } from '../keys/day-slots.ts';
import type { ListDesk } from '../messages/lists.ts';
import type { OpenedRide } from '../opening/packed.ts';
import type { OpenPool } from '../opening/pool.ts';
import { messagesOf } from '../messages/states.ts';
import {
  contactRows,
  deleteContacts,
  lockCase,
  orderRow,
  ordersToCarryOut,
  putContacts,
  updateOrder,
} from '../store/cases.ts';
import type { ContactRow } from '../store/cases.ts';
import { contactPlace, orderPlace } from './access.ts';
import type { OpenCase, OpenOrder } from './access.ts';
import type { Asked, Asking } from './asking.ts';
import { assemble, inputOf, knownOf, traced } from './assemble.ts';
import type { Assembled, Told } from './assemble.ts';
import type { Cases } from './cases.ts';
import type { Actor, Common } from './common.ts';
import { Gathered } from './gathered.ts';
import { listValues } from './list-values.ts';
import { mergeContacts } from './merge-contacts.ts';
import type { MergeRules } from './merge-contacts.ts';
import type { OrderDoc, RuleDoc, StepDoc, StepName, TraceDoc } from './model.ts';
import { changeOf, historyOf } from './news.ts';
import { openGathered } from './open-gathered.ts';
import { casePresences, subjectPerson } from './presences.ts';
import { rulingOf } from './rules.ts';
import type { Ruling } from './rules.ts';
import { rideView } from './ride-doc.ts';
import { interviewOf, toldOf } from './told.ts';
import { gatherSecond, throughOf } from './second-hop.ts';
import { tagsOf } from './tags.ts';
import { turns } from './turns.ts';
import { policyView } from './views.ts';

/** A trace is watched for five days at most; more entries than this are a fault of the operator's feed. */
const MAX_HISTORY = 200;

const NOTHING: Asked = { needed: [], wished: [], likely: [] };

export interface Traces {
  /** Begins in the background, at its turn; a second call for the same order joins the first. */
  start(orderHash: string): void;
  /** Carries a finished order out anew in the background, after what is under way, while it is watched. */
  again(orderHash: Buffer): void;
  view(actor: Actor, caseId: string): Promise<TraceView>;
  /** What the trace says about runs. */
  findings(actor: Actor, caseId: string): Promise<FindingsView>;
  /** Carries out what was signed and not finished. Does not wait; true when there is nothing. */
  resume(): Promise<boolean>;
  /** Looks again for late rides of watched orders. */
  watch(): Promise<void>;
  /** Carries watched orders out anew whose rides the operator gave to other runs. */
  corrections(): Promise<void>;
  idle(): Promise<void>;
}

export interface TraceParts extends Common {
  readonly cases: Cases;
  readonly days: DaySlots;
  readonly platform: PlatformClient;
  readonly pool: OpenPool;
  readonly lists: ListDesk;
  readonly asking: Asking;
}

/** A trace that was carried out, before it is written. */
interface Done {
  readonly gathered: Gathered;
  readonly opened: ReadonlyMap<string, OpenedRide | null>;
  readonly assembled: Assembled;
  readonly steps: readonly StepDoc[];
  readonly totalMs: number;
}

/** Where a trace was when something refused. */
class Steps {
  readonly done: StepDoc[] = [];
  current: StepName = 'log';

  async run<T>(step: StepName, work: () => Promise<T> | T, count: (value: T) => number): Promise<T> {
    this.current = step;
    const beganMs = performance.now();
    const value = await work();
    this.done.push({ step, ms: Math.round(performance.now() - beganMs), count: count(value) });
    return value;
  }
}

function ruleView({ policy, factsDigest: _facts, toldDigest: _told, ...rule }: RuleDoc) {
  return { ...rule, policy: policyView(policy) };
}

export function openTraces(parts: TraceParts): Traces {
  const { config, db, clock, log, transparency, hub, onLog, cases, days, platform, asking, pool, lists } = parts;
  const { zone } = config.authority;
  const running = new Map<string, Promise<void>>();
  const inTurn = turns(config.tracing.atOnce);

  const openAll = openGathered({ iss: config.authority.iss, db, days, pool });

  /** What the engine asks for around the rides it would count; the case's own notes come first, so that it asks for less. */
  async function windowsOf(known: Told, ruling: Ruling): Promise<Asked> {
    if (ruling.span === undefined) return NOTHING;
    const { included, gathered } = known;
    const rides = casePresences(knownOf({ ...known, opened: await openAll(gathered), included: {} }));
    const own = { rides, included: new Set(Object.keys(included)) };
    const input = inputOf(gathered, ruling, zone);
    const windows = windowsFor(input, ruling.span, own);
    return { ...byNeed(windows, known), likely: trainWindowsFor(input, ruling.span, own, windows) };
  }

  /**
   * Other carriages come last, and after them trains that the case can have taken from a station: they are what an order that
   * has become too small does without.
   */
  function byNeed(windows: readonly Window[], { gathered, subjectOf }: Told): Pick<Asked, 'needed' | 'wished'> {
    const own = new Set(
      [...gathered.matched].flatMap((id) => {
        const ride = gathered.rides.get(id);
        return ride === undefined || subjectOf(ride) === undefined ? [] : (ride.unitId ?? []);
      }),
    );
    const isNeeded = ({ unit, reason }: Window): boolean => reason !== 'ride' || own.has(unit);
    return { needed: windows.filter(isNeeded), wished: windows.filter((one) => !isNeeded(one)) };
  }

  /** Everything opened; under an order of depth two, with the rides around those of the close contacts. */
  async function openedFor(order: OpenOrder, told: Told, ruling: Ruling) {
    const { gathered } = told;
    const opened = await openAll(gathered);
    const { depth, purpose } = order.doc.order;
    if (depth < 2 || purpose === 'itinerary' || !ruling.policy.secondary.follow) return opened;
    const first = traced({ ...told, opened }, ruling, zone);
    const through = throughOf(first, config.tracing.maxSecondary);
    if (through.length === 0) return opened;
    await gatherSecond({ told, order, ruling, zone, days, asking, openAll: () => openAll(gathered) }, through);
    return openAll(gathered);
  }

  /** The operator's part and ours, without writing anything. */
  async function carryOut(one: OpenCase, order: OpenOrder, steps: Steps) {
    const tags = tagsOf(order.doc.order, one.doc.subjects, days);
    const gathered = new Gathered();
    const { subjects } = one.doc;
    const { included = {} } = order.doc;
    const told: Told = { gathered, opened: new Map(), included, subjects, subjectOf: tags.subjectOf };
    const persons = subjects.map(subjectPerson);
    const interview = interviewOf(one.doc);
    const ruling = rulingOf(config, one.doc, order.doc.order, { persons, ...toldOf(interview) }, clock.now());
    for (const { run, units } of interview.picks) gathered.know(run === null ? [] : [run], units);
    await steps.run(
      'log',
      () => transparency.checkpoint(),
      ({ size }) => size,
    );
    const matched = await steps.run(
      'match',
      () => asking.match(order, tags.byDay),
      ({ rides }) => rides.length,
    );
    gathered.add(matched, true);
    const windows = await steps.run(
      'windows',
      async () => (order.doc.order.purpose === 'itinerary' ? NOTHING : windowsOf(told, ruling)),
      ({ needed, wished, likely }) => needed.length + wished.length + likely.length,
    );
    await steps.run(
      'fetch',
      () => asking.fetch(order.row.orderHash, gathered, windows),
      (count) => count,
    );
    const opened = await steps.run(
      'open',
      () => openedFor(order, told, ruling),
      (found) => found.size,
    );
    const assembled = await steps.run(
      'rank',
      () => {
        const { fromDay, toDay } = order.doc.order;
        const { facts } = one.doc;
        const untilMs = facts?.isolatedMs ?? order.row.signedMs ?? clock.now();
        const about = { config, facts, days: { from: fromDay, to: toDay }, untilMs };
        return assemble({ ...told, opened }, ruling, about);
      },
      ({ contacts }) => contacts.length,
    );
    return { gathered, opened, assembled };
  }

  /** The list to be written, those that go, and how it differs from the one before. The case is locked. */
  async function contactRowsFor(
    tx: Queryable,
    one: OpenCase,
    assembled: Assembled,
    { wasCorrected, isFirst }: Pick<MergeRules, 'wasCorrected' | 'isFirst'>,
  ) {
    const { caseId } = one.row;
    const stored = (await contactRows(tx, caseId)).map((row) => cases.access.openContact(one, row));
    const before = new Map(stored.map((contact) => [contact.contactId, contact.doc]));
    const told = await messagesOf(tx, caseId);
    const found = assembled.contacts.map(({ person, doc }) => ({ contactId: one.key.digest('contact1', person), doc }));
    // Looked up in the folder of all keys, and needed only where somebody may go from the list.
    let living: ReadonlySet<number> | undefined;
    const merged = mergeContacts(before, found, {
      wasCorrected,
      isFirst,
      nowMs: clock.now(),
      isTold: (contactId) => told.has(contactId),
      isReadable: (ms) => (living ??= new Set(days.days())).has(dayOf(ms, zone)),
    });
    const rows = merged.list.map(({ contactId, doc }, i): ContactRow => ({
      contactId,
      rank: i + 1,
      sealed: one.key.seal(contactPlace(caseId, contactId), doc),
    }));
    return { ...merged, rows };
  }

  /** Writes what was found beside what people did meanwhile. Undefined where it is what stands there already. */
  async function write(tx: Queryable, order: OpenOrder, done: Done, moved: number | undefined) {
    const { gathered, opened, assembled, steps, totalMs } = done;
    const { caseId, orderHash, signedMs, logIndex } = order.row;
    // Whoever includes or calls somebody waits, or is waited for: neither is lost.
    await lockCase(tx, caseId);
    const one = await cases.access.open(caseId, tx);
    const row = await orderRow(tx, orderHash, true);
    const doc = row === undefined ? order.doc : cases.access.openOrder(one.key, row).doc;
    const { trace: last } = doc;
    const change = last === null ? undefined : changeOf(last, assembled, moved);
    const { rows, list, gone, diff } = await contactRowsFor(tx, one, assembled, {
      wasCorrected: change?.takesBack ?? false,
      isFirst: last === null,
    });
    const entry = last === null ? undefined : historyOf(change, diff, clock.now());
    const { contacts: _contacts, pVerify, ...found } = assembled;
    const aside = list.filter((contact) => contact.doc.aside === true).length;
    const trace: TraceDoc = { ...found, totalMs, steps, revision: gathered.revision, aside };
    const isSame = entry === undefined && last?.aside === aside && last.withheld === trace.withheld;
    if (isSame && order.row.state === 'done') return undefined;
    await deleteContacts(tx, caseId, gone);
    await putContacts(tx, caseId, rows);
    const values = listValues(gathered, opened, { contacts: list.map((contact) => contact.doc), pVerify });
    await lists.add(tx, values);
    const history = [...(doc.history ?? []), ...(entry === undefined ? [] : [entry])].slice(-MAX_HISTORY);
    const sealed = one.key.seal(orderPlace(orderHash), { ...doc, failure: null, trace, history } satisfies OrderDoc);
    await updateOrder(tx, { orderHash, state: 'done', signedMs, logIndex, sealed });
    const { rides, records, verified } = trace;
    const counts = { rides: rides.length, records, verified, contacts: rows.length };
    const detail = { ...counts, orderHash: toBase64Url(orderHash) };
    await transparency.append(tx, clock.now(), [{ kind: 'opened', detail }]);
    return { counts, diff };
  }

  /** `moved`: rides the operator gave to other runs since; undefined when nothing was heard of that. */
  async function finish(one: OpenCase, order: OpenOrder, steps: Steps, beganMs: number, moved?: number): Promise<void> {
    const found = await carryOut(one, order, steps);
    const done = { ...found, steps: steps.done, totalMs: Math.round(performance.now() - beganMs) };
    const written = await db.tx('finish-trace', (tx) => write(tx, order, done, moved));
    if (written === undefined) return;
    log.event(events.traceDone, { ...written.counts, ms: done.totalMs });
    if (moved !== undefined) log.event(events.traceCorrected, { rides: moved, ...written.diff });
  }

  async function mark(one: OpenCase, order: OpenOrder, state: 'running' | 'failed' | 'signed', failure: string | null) {
    const { orderHash, signedMs, logIndex } = order.row;
    const sealed = one.key.seal(orderPlace(orderHash), { ...order.doc, failure } satisfies OrderDoc);
    await updateOrder(db, { orderHash, state, signedMs, logIndex, sealed });
    hub.send('case', { caseId: one.row.caseId });
  }

  /** A refusal of the operator is final; its silence is not. */
  async function refused(one: OpenCase, order: OpenOrder, steps: Steps, error: unknown): Promise<void> {
    const code = error instanceof RemoteError ? error.code : 'internal';
    log.event(events.traceFailed, { step: steps.current, code });
    if (!(error instanceof RemoteError)) log.fault('vault.trace', error);
    if (order.row.state === 'done') return;
    const isSilence = code === 'unreachable' || code === 'busy';
    await mark(one, order, isSilence ? 'signed' : 'failed', isSilence ? 'busy' : code);
  }

  async function carryOutOrder(orderHash: Buffer, isWatch: boolean, moved?: number): Promise<void> {
    const row = await orderRow(db, orderHash);
    // Finished, failed or closed since it was listed.
    const isDue = isWatch ? row?.state === 'done' : row?.state === 'signed' || row?.state === 'running';
    if (row === undefined || !isDue) return;
    // Closed meanwhile: nothing is left to do.
    const one = await cases.access.open(row.caseId).catch(() => undefined);
    if (one === undefined) return;
    const order = cases.access.openOrder(one.key, row);
    const steps = new Steps();
    const beganMs = performance.now();
    try {
      if (row.state !== 'done') await mark(one, order, 'running', null);
      await finish(one, order, steps, beganMs, moved);
      onLog();
    } catch (error) {
      if (keysGone(row.caseId)) return;
      // Tried again at the next delivery, not at once: an operator that is down would be called without end.
      await refused(one, order, steps, error);
    }
    hub.send('case', { caseId: row.caseId });
    hub.send('contacts', { caseId: row.caseId });
  }

  function keysGone(caseId: string): boolean {
    return parts.slots.get(`case-${caseId}`) === undefined;
  }

  function begin(orderHash: Buffer, isWatch = false, moved?: number): Promise<void> {
    const id = toBase64Url(orderHash);
    const under = running.get(id);
    if (under !== undefined) return under;
    const work = inTurn(() => carryOutOrder(orderHash, isWatch, moved))
      .catch((error: unknown) => log.fault('vault.trace', error))
      .finally(() => running.delete(id));
    running.set(id, work);
    return work;
  }

  /** How many rides the operator gave to other runs since the trace; undefined: none, or it does not say. */
  async function movedRides(orderHash: Buffer): Promise<number | undefined> {
    const row = await orderRow(db, orderHash);
    const one = row === undefined ? undefined : await cases.access.open(row.caseId).catch(() => undefined);
    if (row === undefined || one === undefined) return undefined;
    const since = cases.access.openOrder(one.key, row).doc.trace?.revision ?? 0;
    try {
      const { revision, rides } = await platform.revision(toBase64Url(orderHash), since);
      return revision > since ? rides : undefined;
    } catch (error) {
      // Silence is waited out; an order that is over at the operator's is not corrected any more.
      if (error instanceof RemoteError) return undefined;
      throw error;
    }
  }

  return {
    start: (orderHash) => void begin(Buffer.from(unwrap(fromBase64Url(orderHash)))),
    again(orderHash) {
      const under = running.get(toBase64Url(orderHash)) ?? Promise.resolve();
      void under.then(() => begin(orderHash, true));
    },
    async resume() {
      const { unfinished } = await ordersToCarryOut(db, clock.now());
      for (const orderHash of unfinished) void begin(orderHash);
      return unfinished.length === 0;
    },
    async watch() {
      for (const orderHash of (await ordersToCarryOut(db, clock.now())).watched) await begin(orderHash, true);
    },
    async corrections() {
      for (const orderHash of (await ordersToCarryOut(db, clock.now())).watched) {
        const moved = await movedRides(orderHash);
        if (moved !== undefined) await begin(orderHash, true, moved);
      }
    },
    async idle() {
      while (running.size > 0) await Promise.all(running.values());
    },
    async findings(actor, caseId) {
      const one = await cases.access.open(caseId);
      const order = await cases.access.order(one);
      await cases.access.look(one, actor, 'findings');
      return order?.doc.trace?.findings ?? { coverage: [], backward: [] };
    },
    async view(actor, caseId) {
      const one = await cases.access.open(caseId);
      const order = await cases.access.order(one);
      if (order === undefined) throw new Refusal('not-found');
      await cases.access.look(one, actor, 'itinerary');
      const { trace } = order.doc;
      return {
        state: order.row.state,
        totalMs: trace?.totalMs ?? 0,
        steps: [...(trace?.steps ?? [])],
        rides: (trace?.rides ?? []).map((ride) => rideView(ride, one.doc.interview?.struck)),
        withheld: trace?.withheld ?? 0,
        rule: trace?.rule === undefined ? null : ruleView(trace.rule),
        history: (order.doc.history ?? []).map((entry) => ({ upgraded: 0, downgraded: 0, ...entry })),
      };
    },
  };
}
