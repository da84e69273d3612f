// Interviews: a told ride is set against the runs there were, an investigator picks, and the trace is carried out anew.
import { Refusal } from '@tongche/contract';
import type { InterviewView, NetworkReply, PickRequest, ToldRide, TraceRun, TraceUnit } from '@tongche/contract';
import { RemoteError } from '@tongche/http';
import { dayFromText, dayStartMs, toBase64Url } from '@tongche/protocol';
import { candidatesOn, daysOf, faultsOf, legByTime, pick, weekdayOf } from '@tongche/tracing';
import type { LegGround, Name, ToldLeg, Weekday } from '@tongche/tracing';
import type { PlatformClient } from '../clients/platform.ts';
import type { Amendments } from './amend.ts';
import type { OpenCase, OpenOrder } from './access.ts';
import type { Asking } from './asking.ts';
import type { Cases } from './cases.ts';
import type { Actor, Common } from './common.ts';
import type { CaseDoc } from './model.ts';
import { subjectPerson, worldOf } from './presences.ts';
import { interviewView, toldWords } from './interview-view.ts';
import { interviewOf, ownLegs } from './told.ts';
import type { InterviewDoc, Offered, OfferedDay, PickDoc, ToldLegDoc } from './told.ts';

/** Told rides of one case; a fortnight's ways are a handful of patterns. */
const MAX_LEGS = 40;
/** Candidates kept of a day: what is less likely nobody looks at. */
const MAX_CANDIDATES = 12;
const MINUTE_MS = 60_000;
const ID_BYTES = 9;

export interface Interviews {
  view(actor: Actor, caseId: string): Promise<InterviewView>;
  add(actor: Actor, caseId: string, told: ToldRide): Promise<InterviewView>;
  pick(actor: Actor, caseId: string, legId: string, wish: PickRequest): Promise<InterviewView>;
  remove(actor: Actor, caseId: string, legId: string): Promise<InterviewView>;
  /** A suggestion becomes a told ride to pick for, or is put aside. */
  decide(actor: Actor, caseId: string, gapId: string, confirmed: boolean): Promise<InterviewView>;
  /** A registered ride that the case did not make counts for nothing, or counts again. Throws Refusal not-found. */
  strike(actor: Actor, caseId: string, rideId: string, struck: boolean): Promise<InterviewView>;
  /** The case, asked, said that nobody else uses its number, or that was wrong. */
  number(actor: Actor, caseId: string, soleUser: boolean): Promise<InterviewView>;
  network(q: string): Promise<NetworkReply>;
}

interface InterviewParts extends Common {
  readonly cases: Cases;
  readonly amendments: Amendments;
  readonly asking: Asking;
  readonly platform: PlatformClient;
}

/** Throws Refusal bad-told. */
function legOf(told: ToldRide, id: string, person: string): ToldLeg {
  const orNull = (values: readonly string[]): readonly string[] | null => (values.length === 0 ? null : values);
  const leg: ToldLeg = {
    id,
    person,
    lineIds: orNull(told.lineIds),
    dir: told.dir,
    units: orNull(told.unitIds),
    fromStops: orNull(told.fromStops),
    toStops: orNull(told.toStops),
    about: { minute: told.minute, toleranceMin: told.toleranceMin, of: told.of },
    row: told.row,
  };
  if (faultsOf(leg).length > 0) throw new Refusal('bad-told');
  return leg;
}

/** Days of a told ride within the order's; throws Refusal bad-told where none is left. */
function legDays({ days }: ToldRide, { fromDay, toDay }: { readonly fromDay: number; readonly toDay: number }) {
  const [from, to] = [dayFromText(days.from), dayFromText(days.to)];
  const except = days.except.map((text) => dayFromText(text));
  if (!from.ok || !to.ok || to.value < from.value || except.some((day) => !day.ok)) throw new Refusal('bad-told');
  const within = { from: Math.max(from.value, fromDay), to: Math.min(to.value, toDay) };
  if (within.from > within.to) throw new Refusal('bad-told');
  const found = daysOf({
    ...within,
    weekdays: days.weekdays as Weekday[],
    except: except.flatMap((day) => (day.ok ? [day.value] : [])),
    also: [],
  });
  if (found.length === 0) throw new Refusal('bad-told');
  return found;
}

/** A plate is written the same everywhere. */
function vehicleName({ plate, label }: TraceUnit): Name {
  return plate === null ? label : { zh: plate, en: plate };
}

export function openInterviews(parts: InterviewParts): Interviews {
  const { config, clock, random, cases, amendments, asking, platform } = parts;
  const { access } = cases;
  const { zone } = config.authority;

  /** Told rides are looked for under an order that has traced and is still answered. */
  async function underOrder(one: OpenCase): Promise<OpenOrder> {
    const order = await access.order(one);
    if (order?.doc.trace === undefined || order.doc.trace === null) throw new Refusal('conflict');
    if (clock.now() > Math.max(order.row.expiresMs, order.row.watchUntilMs)) throw new Refusal('order-expired');
    return order;
  }

  async function groundOf(
    order: OpenOrder,
    leg: ToldLeg,
    day: number,
  ): Promise<{ readonly ground: LegGround; readonly runs: readonly TraceRun[]; readonly units: readonly TraceUnit[] }> {
    const aboutMs = dayStartMs(day, zone) + leg.about.minute * MINUTE_MS;
    const reachMs = 2 * leg.about.toleranceMin * MINUTE_MS + 60 * MINUTE_MS;
    const { runs, units } = await asking.runs(order.row.orderHash, {
      lineIds: [...(leg.lineIds ?? [])],
      unitIds: [...(leg.units ?? [])],
      fromMs: aboutMs - Math.min(reachMs, 15 * 60 * MINUTE_MS),
      toMs: aboutMs + Math.min(reachMs, 15 * 60 * MINUTE_MS),
    });
    const known = {
      runs: new Map(runs.map((run) => [run.runKey, run])),
      units: new Map(units.map((unit) => [unit.unitId, unit])),
    };
    const world = worldOf(known);
    const recorded = order.doc.trace?.own ?? [];
    const ground: LegGround = {
      zone,
      runs: runs.flatMap(({ runKey }) => world.run(runKey) ?? []),
      unitsOf: (vehicle) => world.unitsOf(vehicle),
      recorded,
    };
    return { ground, runs, units };
  }

  /** Runs it can have been, by likelihood; a vehicle without a timeline is offered by the told time alone. */
  async function candidates(order: OpenOrder, leg: ToldLeg, day: number): Promise<OfferedDay> {
    const { ground, units } = await groundOf(order, leg, day);
    const found = candidatesOn(leg, day, ground);
    const vehicles = new Map(units.map((unit) => [unit.unitId, vehicleName(unit)]));
    const offered = found.candidates
      .slice(0, MAX_CANDIDATES)
      .map((one): Offered => ({ ...one, vehicle: vehicles.get(one.unit) ?? { zh: one.unit, en: one.unit } }));
    return { ...found, candidates: offered };
  }

  function refusalOf(error: unknown): unknown {
    if (!(error instanceof RemoteError)) return error;
    return new Refusal(error.code === 'unreachable' ? 'busy' : error.code);
  }

  async function make(one: OpenCase, leg: ToldLeg, days: readonly number[]): Promise<readonly OfferedDay[]> {
    const order = await underOrder(one);
    const found: OfferedDay[] = [];
    try {
      for (const day of days) found.push(await candidates(order, leg, day));
    } catch (error) {
      throw refusalOf(error);
    }
    return found;
  }

  function withLeg(doc: CaseDoc, leg: ToldLegDoc): CaseDoc {
    const interview = interviewOf(doc);
    if (interview.legs.length >= MAX_LEGS) throw new Refusal('conflict');
    return { ...doc, interview: { ...interview, legs: [...interview.legs, leg] } };
  }

  async function viewOf(caseId: string): Promise<InterviewView> {
    const one = await access.open(caseId);
    const order = await access.order(one);
    return interviewView(one.doc, order);
  }

  async function add(
    actor: Actor,
    caseId: string,
    leg: ToldLeg,
    days: readonly number[],
    words: Pick<ToldLegDoc, 'text' | 'note'>,
    dismiss?: string,
  ): Promise<InterviewView> {
    const found = await make(await access.open(caseId), leg, days);
    const doc = { leg, ...words, by: actor.person, atMs: clock.now(), days: found };
    await amendments.change(actor, caseId, 'interview', (before) => {
      const next = withLeg(before, doc);
      return dismiss === undefined ? next : withDismissed(next, dismiss);
    });
    return viewOf(caseId);
  }

  function withDismissed(doc: CaseDoc, gapId: string): CaseDoc {
    const interview = interviewOf(doc);
    return { ...doc, interview: { ...interview, dismissed: [...new Set([...interview.dismissed, gapId])] } };
  }

  /** Throws Refusal order-limit where the order has no extra window left for a ride of its own. */
  function checkRoom(doc: InterviewDoc, order: OpenOrder): void {
    const included = Object.keys(order.doc.included ?? {}).length;
    if (ownLegs(doc) + included > order.doc.order.maxExtraWindows) throw new Refusal('order-limit');
  }

  async function pickOf(
    order: OpenOrder,
    { leg, days }: ToldLegDoc,
    wish: PickRequest,
  ): Promise<Pick<PickDoc, 'picked' | 'run' | 'units'>> {
    const day = dayFromText(wish.day);
    const asked = days.find((one) => day.ok && one.day === day.value);
    if (asked === undefined) throw new Refusal('not-found');
    if (wish.unitId === null) return { picked: null, run: null, units: [] };
    const { unitId, runKey } = wish;
    if (runKey === null) {
      // A vehicle of which no timeline knows a run: by the told time alone.
      if (leg.units?.includes(unitId) !== true || leg.about.of !== 'boarding') throw new Refusal('bad-told');
      const presence = legByTime(leg, asked.day, unitId, zone);
      const { units } = await groundOf(order, leg, asked.day);
      return { picked: { kind: 'leg', presence }, run: null, units };
    }
    const candidate = asked.candidates.find((one) => one.runKey === runKey && one.unit === unitId);
    if (candidate === undefined) throw new Refusal('not-found');
    const { runs, units } = await groundOf(order, leg, asked.day);
    const run = runs.find((one) => one.runKey === runKey);
    if (run === undefined) throw new Refusal('conflict');
    return {
      picked: pick(leg, asked.day, candidate),
      run,
      units: units.filter(({ vehicleId }) => vehicleId === run.vehicleId),
    };
  }

  return {
    network: async (q) => {
      try {
        return await platform.network(q);
      } catch (error) {
        throw refusalOf(error);
      }
    },
    async view(actor, caseId) {
      const one = await access.open(caseId);
      await access.look(one, actor, 'interview');
      return viewOf(caseId);
    },
    async add(actor, caseId, told) {
      const one = await access.open(caseId);
      const [subject] = one.doc.subjects;
      if (subject === undefined) throw new Refusal('bad-case');
      const { order } = (await underOrder(one)).doc;
      const leg = legOf(told, toBase64Url(random(ID_BYTES)), subjectPerson(subject));
      const text = toldWords(told.days.weekdays as Weekday[], told.minute, told.line ?? told.vehicle, told);
      return add(actor, caseId, leg, legDays(told, order), { text, note: told.note });
    },
    async pick(actor, caseId, legId, wish) {
      const one = await access.open(caseId);
      const order = await underOrder(one);
      const told = interviewOf(one.doc).legs.find(({ leg }) => leg.id === legId);
      if (told === undefined) throw new Refusal('not-found');
      const day = dayFromText(wish.day);
      if (!day.ok) throw new Refusal('bad-told');
      let made: Pick<PickDoc, 'picked' | 'run' | 'units'>;
      try {
        made = await pickOf(order, told, wish);
      } catch (error) {
        throw refusalOf(error);
      }
      const doc: PickDoc = {
        ...made,
        legId,
        day: day.value,
        runKey: wish.runKey,
        unit: wish.unitId,
        by: actor.person,
        atMs: clock.now(),
      };
      await amendments.change(actor, caseId, 'interview', (before) => {
        const interview = interviewOf(before);
        const others = interview.picks.filter((other) => other.legId !== legId || other.day !== day.value);
        const next = { ...interview, picks: [...others, doc] };
        checkRoom(next, order);
        return { ...before, interview: next };
      });
      return viewOf(caseId);
    },
    async remove(actor, caseId, legId) {
      await amendments.change(actor, caseId, 'interview', (before) => {
        const interview = interviewOf(before);
        const legs = interview.legs.filter(({ leg }) => leg.id !== legId);
        if (legs.length === interview.legs.length) throw new Refusal('not-found');
        return {
          ...before,
          interview: { ...interview, legs, picks: interview.picks.filter((one) => one.legId !== legId) },
        };
      });
      return viewOf(caseId);
    },
    async strike(actor, caseId, rideId, struck) {
      const one = await access.open(caseId);
      const order = await underOrder(one);
      if (order.doc.trace?.rides.some((ride) => ride.rideId === rideId) !== true) throw new Refusal('not-found');
      await amendments.change(actor, caseId, 'interview', (before) => {
        const interview = interviewOf(before);
        const others = (interview.struck ?? []).filter((other) => other !== rideId);
        return { ...before, interview: { ...interview, struck: struck ? [...others, rideId] : others } };
      });
      return viewOf(caseId);
    },
    async number(actor, caseId, soleUser) {
      await underOrder(await access.open(caseId));
      await amendments.change(actor, caseId, 'interview', (before) => ({
        ...before,
        interview: { ...interviewOf(before), soleUser },
      }));
      return viewOf(caseId);
    },
    async decide(actor, caseId, gapId, confirmed) {
      const one = await access.open(caseId);
      const order = await underOrder(one);
      const gap = order.doc.trace?.gaps?.find(({ id }) => id === gapId);
      if (gap === undefined) throw new Refusal('not-found');
      if (!confirmed) {
        await amendments.change(actor, caseId, 'interview', (before) => withDismissed(before, gapId));
        return viewOf(caseId);
      }
      if (gap.told === null) throw new Refusal('bad-told');
      const leg = { ...gap.told, id: toBase64Url(random(ID_BYTES)) };
      const places = { from: gap.from?.name ?? null, to: gap.to?.name ?? null };
      const text = toldWords([weekdayOf(gap.day)], leg.about.minute, gap.line, places);
      return add(actor, caseId, leg, [gap.day], { text, note: '' }, gapId);
    },
  };
}
