// From opened rides to the list of contacts: one person per proven subject, ranked by the tracing engine, explained.
import type { Inclusion, RideDoubt, TraceReply, TraceRide, TraceRun, TraceUnit } from '@tongche/contract';
import { fromBase64Url, unpackWindow, unwrap } from '@tongche/protocol';
import { rideIdSync } from '@tongche/protocol/node';
import { intervalOf, rankApart } from '@tongche/tracing/simple';
import type { Leg, Presence, RankedContact, Rider, Run } from '@tongche/tracing/simple';
import type { OpenedRide } from '../opening/open-rides.ts';
import type { CaseRideDoc, ContactDoc, LegDoc, Subject } from './model.ts';

/** Everything the operator answered for one order, without repetitions. */
export class Gathered {
  readonly rides = new Map<string, TraceRide>();
  readonly matched = new Set<string>();
  readonly runs = new Map<string, TraceRun>();
  readonly units = new Map<string, TraceUnit>();
  withheld = 0;
  /** The oldest knowledge among the answers: what was relabelled since may be missing in one of them. */
  revision = Infinity;

  add(reply: TraceReply, isMatch: boolean): void {
    for (const ride of reply.rides) {
      const id = rideIdOf(ride);
      this.rides.set(id, ride);
      if (isMatch) this.matched.add(id);
    }
    for (const run of reply.runs) this.runs.set(run.runKey, run);
    for (const unit of reply.units) this.units.set(unit.unitId, unit);
    this.withheld += reply.withheld;
    this.revision = Math.min(this.revision, reply.revision);
  }
}

export function rideIdOf(ride: TraceRide): string {
  const tag = unwrap(fromBase64Url(ride.tag));
  const code = unwrap(fromBase64Url(ride.code));
  return Buffer.from(rideIdSync({ tag, code, boardedMs: ride.boardedMs })).toString('base64url');
}

/**
 * Who a ride belongs to. Records whose tag does not fit stay apart from proven ones of the same number: somebody who
 * makes up a ride must not be able to add to another person's exposure.
 */
function personOf({ contact, tagFits }: OpenedRide): string {
  return `${tagFits ? 'proven' : 'forged'}|${contact.kind}|${contact.subject}`;
}

function presenceOf(id: string, ride: TraceRide, opened: OpenedRide | null | undefined, person: string): Presence {
  const w = unpackWindow(ride.w2);
  return {
    id,
    person,
    unit: ride.unitId ?? '',
    runKey: ride.unitId === null ? null : ride.runKey,
    boardedMs: ride.boardedMs,
    boardSeq: ride.boardSeq,
    notes: opened?.notes ?? [],
    party: w.ok ? w.value.party : 0,
  };
}

export interface Assembled {
  readonly contacts: readonly { readonly person: string; readonly doc: ContactDoc }[];
  readonly rides: readonly CaseRideDoc[];
  readonly runs: number;
  readonly records: number;
  readonly verified: number;
  readonly withheld: number;
}

export function runsOf(gathered: Gathered): readonly Run[] {
  return [...gathered.runs.values()].map(({ runKey, line, stops }) => ({ runKey, line: line?.name ?? null, stops }));
}

/** Rides of the case; before opening (for the windows) without notes. */
export function casePresences(
  gathered: Gathered,
  subjectOf: ReadonlyMap<string, Subject>,
  opened: ReadonlyMap<string, OpenedRide | null>,
): readonly Presence[] {
  return [...gathered.matched].flatMap((id) => {
    const ride = gathered.rides.get(id);
    const subject = ride === undefined ? undefined : subjectOf.get(ride.tag);
    if (ride === undefined || subject === undefined) return [];
    return [presenceOf(id, ride, opened.get(id), subjectPerson(subject))];
  });
}

function subjectPerson({ kind, value }: Subject): string {
  return `proven|${kind}|${value}`;
}

/** Rides of the case that open windows: those without doubt, and apart from them doubtful ones somebody included. */
export function openingRides(
  gathered: Gathered,
  presences: readonly Presence[],
  included: Inclusions,
): { readonly sure: readonly Presence[]; readonly included: readonly Presence[] } {
  const isDoubtful = ({ id }: Presence): boolean => doubtsOf(gathered, id).length > 0;
  return {
    sure: presences.filter((presence) => !isDoubtful(presence)),
    included: presences.filter((presence) => isDoubtful(presence) && included[presence.id] !== undefined),
  };
}

function doubtsOf(gathered: Gathered, rideId: string): readonly RideDoubt[] {
  return gathered.rides.get(rideId)?.doubts ?? [];
}

export type Inclusions = Readonly<Record<string, Inclusion>>;

interface Identity {
  readonly rides: OpenedRide[];
}

function legDoc(leg: Leg, gathered: Gathered): LegDoc {
  const run = gathered.runs.get(leg.runKey);
  const unit = gathered.units.get(leg.unit);
  return {
    ...leg,
    minutes: Math.round(leg.minutes * 10) / 10,
    ...(unit === undefined ? {} : { kind: unit.kind }),
    unitLabel: unit?.label ?? { zh: leg.unit, en: leg.unit },
    plate: unit?.plate ?? null,
    line: run?.line?.name ?? null,
    fromStop: run?.stops.find((stop) => stop.seq === leg.fromSeq)?.name ?? null,
    toStop: run?.stops.find((stop) => stop.seq === leg.toSeq)?.name ?? null,
    doubts: doubtsOf(gathered, leg.presenceId),
  };
}

interface Ranked {
  readonly contact: RankedContact;
  /** Beside those that count. */
  readonly doubtfulLegs: readonly Leg[];
  readonly doubtful: boolean;
}

function contactDoc(
  { contact: ranked, doubtfulLegs, doubtful }: Ranked,
  identity: Identity,
  gathered: Gathered,
): ContactDoc {
  const { rides } = identity;
  const first = rides[0];
  if (first === undefined) throw new Error('a contact has a ride');
  const { kind, subject } = first.contact;
  const own = rides.filter(({ contact }) => kind === 'phone' && !contact.flags.assisted && !contact.flags.companion);
  const assisted = rides.filter(({ contact }) => contact.flags.assisted || contact.kind !== 'phone');
  const companion = rides.find(({ contact }) => contact.flags.companion);
  const isForged = !first.tagFits;
  const openid = own.find(({ contact }) => contact.openid !== '')?.contact.openid;
  return {
    kind,
    value: subject.toString(),
    reach: rides.find(({ contact }) => contact.reach > 0n)?.contact.reach.toString() ?? '',
    ...(openid === undefined ? {} : { openid }),
    name: rides.find(({ contact }) => contact.name !== '')?.contact.name ?? '',
    verified: !isForged && own.length > 0,
    assisted: !isForged && own.length === 0 && assisted.length > 0,
    forged: isForged,
    holder: own.length === 0 && companion !== undefined ? (companion.contact.holder?.toString() ?? '') : '',
    tier: ranked.tier,
    probability: ranked.probability,
    minutes: Math.round(ranked.minutes * 10) / 10,
    legs: ranked.legs.map((leg) => legDoc(leg, gathered)),
    ...(doubtfulLegs.length === 0 ? {} : { doubtfulLegs: doubtfulLegs.map((leg) => legDoc(leg, gathered)) }),
    ...(doubtful ? { doubtful } : {}),
    reason: ranked.reason,
    outcome: null,
  };
}

interface Told {
  readonly gathered: Gathered;
  readonly opened: ReadonlyMap<string, OpenedRide | null>;
  readonly included: Inclusions;
}

function caseRide(presence: Presence, { gathered, opened, included }: Told, contacts: number): CaseRideDoc {
  const run = presence.runKey === null ? undefined : gathered.runs.get(presence.runKey);
  const unit = gathered.units.get(presence.unit);
  const interval =
    run === undefined
      ? undefined
      : intervalOf(presence, { runKey: run.runKey, line: run.line?.name ?? null, stops: run.stops });
  const isKnown = interval !== undefined && interval.alightLo === interval.alightHi;
  const alight = isKnown ? run?.stops.find((stop) => stop.seq === interval.alightLo) : undefined;
  const doubts = doubtsOf(gathered, presence.id);
  const inclusion = included[presence.id];
  return {
    rideId: presence.id,
    boardedMs: presence.boardedMs,
    alightMs: alight?.arrMs ?? null,
    unitLabel: unit?.label ?? { zh: presence.unit, en: presence.unit },
    plate: unit?.plate ?? null,
    line: run?.line?.name ?? null,
    runKey: presence.runKey,
    boardStop: run?.stops.find((stop) => stop.seq === interval?.boardLo)?.name ?? null,
    alightStop: alight?.name ?? null,
    basis: interval?.basis ?? 'timeline',
    verified: opened.get(presence.id)?.tagFits ?? false,
    contacts,
    doubts,
    ...(doubts.length === 0 || inclusion === undefined ? {} : { included: inclusion }),
  };
}

/** Everybody's opened rides, and who they are; the subjects of the case are not their own fellow riders. */
function ridersOf({ gathered, opened }: Told, subjects: ReadonlySet<string>) {
  const people = new Map<string, Identity>();
  const riders: Rider[] = [];
  for (const [id, one] of opened) {
    const ride = gathered.rides.get(id);
    if (ride === undefined || one === null) continue;
    const person = personOf(one);
    if (subjects.has(person)) continue;
    const known = people.get(person);
    if (known === undefined) people.set(person, { rides: [one] });
    else known.rides.push(one);
    riders.push({ ...presenceOf(id, ride, one, person), doubtful: ride.doubts.length > 0 });
  }
  return { people, riders };
}

/** `opened` holds every gathered ride by id; null where it did not open. */
export function assemble(told: Told, subjectOf: ReadonlyMap<string, Subject>): Assembled {
  const { gathered, opened, included } = told;
  const presences = casePresences(gathered, subjectOf, opened);
  const opening = openingRides(gathered, presences, included);
  const cases = [...opening.sure, ...opening.included];
  const { people, riders } = ridersOf(told, new Set([...subjectOf.values()].map(subjectPerson)));
  const sorted = rankApart({ cases, riders, runs: runsOf(gathered) });
  const ranked: readonly Ranked[] = [
    ...sorted.listed.map(({ doubtfulLegs, ...contact }) => ({ contact, doubtfulLegs, doubtful: false })),
    ...sorted.aside.map((contact) => ({ contact, doubtfulLegs: [], doubtful: true })),
  ];
  const contacts = ranked.map((one) => {
    const { person } = one.contact;
    const identity = people.get(person);
    if (identity === undefined) throw new Error('a ranked contact was opened before');
    return { person, doc: contactDoc(one, identity, gathered) };
  });
  function contactsOn(presence: Presence): number {
    if (!cases.includes(presence)) return 0;
    return sorted.listed.filter(({ legs }) =>
      legs.some((leg) => leg.runKey === presence.runKey && leg.unit === presence.unit),
    ).length;
  }
  return {
    contacts,
    rides: presences
      .map((presence) => caseRide(presence, told, contactsOn(presence)))
      .sort((a, b) => a.boardedMs - b.boardedMs || (a.rideId < b.rideId ? -1 : 1)),
    runs: new Set(cases.flatMap(({ runKey }) => runKey ?? [])).size,
    records: gathered.rides.size,
    verified: [...opened.values()].filter((one) => one?.tagFits === true).length,
    withheld: gathered.withheld,
  };
}
