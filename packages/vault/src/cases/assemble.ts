// From opened rides to the list of contacts: one person per proven subject, ranked by the tracing engine, explained.
import type { TraceReply, TraceRide, TraceRun, TraceUnit } from '@tongche/contract';
import { fromBase64Url, unpackWindow, unwrap } from '@tongche/protocol';
import { rideIdSync } from '@tongche/protocol/node';
import { intervalOf, rank } from '@tongche/tracing';
import type { Presence, RankedContact, Run } from '@tongche/tracing';
import type { OpenedRide } from '../opening/open-rides.ts';
import type { CaseRideDoc, ContactDoc, LegDoc, Subject } from './model.ts';

/** Everything the operator answered for one order, without repetitions. */
export class Gathered {
  readonly rides = new Map<string, TraceRide>();
  readonly matched = new Set<string>();
  readonly runs = new Map<string, TraceRun>();
  readonly units = new Map<string, TraceUnit>();
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
  /** Ids of rides the list is made of, with their likelihood. */
  readonly exposed: readonly { readonly rideId: string; readonly probability: number }[];
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
    return [presenceOf(id, ride, opened.get(id), `proven|${subject.kind}|${subject.value}`)];
  });
}

interface Identity {
  readonly rides: OpenedRide[];
}

function contactDoc(ranked: RankedContact, { rides }: Identity, gathered: Gathered): ContactDoc {
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
    legs: ranked.legs.map((leg): LegDoc => {
      const run = gathered.runs.get(leg.runKey);
      const unit = gathered.units.get(leg.unit);
      return {
        ...leg,
        minutes: Math.round(leg.minutes * 10) / 10,
        unitLabel: unit?.label ?? { zh: leg.unit, en: leg.unit },
        plate: unit?.plate ?? null,
        line: run?.line?.name ?? null,
        fromStop: run?.stops.find((stop) => stop.seq === leg.fromSeq)?.name ?? null,
        toStop: run?.stops.find((stop) => stop.seq === leg.toSeq)?.name ?? null,
      };
    }),
    reason: ranked.reason,
    outcome: null,
  };
}

function caseRide(
  presence: Presence,
  gathered: Gathered,
  opened: ReadonlyMap<string, OpenedRide | null>,
  contacts: number,
): CaseRideDoc {
  const run = presence.runKey === null ? undefined : gathered.runs.get(presence.runKey);
  const unit = gathered.units.get(presence.unit);
  const interval =
    run === undefined
      ? undefined
      : intervalOf(presence, { runKey: run.runKey, line: run.line?.name ?? null, stops: run.stops });
  const isKnown = interval !== undefined && interval.alightLo === interval.alightHi;
  const alight = isKnown ? run?.stops.find((stop) => stop.seq === interval.alightLo) : undefined;
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
  };
}

/** `opened` holds every gathered ride by id; null where it did not open. */
export function assemble(
  gathered: Gathered,
  subjectOf: ReadonlyMap<string, Subject>,
  opened: ReadonlyMap<string, OpenedRide | null>,
): Assembled {
  const cases = casePresences(gathered, subjectOf, opened);
  const people = new Map<string, Identity>();
  const riders: Presence[] = [];
  for (const [id, one] of opened) {
    const ride = gathered.rides.get(id);
    if (ride === undefined || one === null) continue;
    const person = personOf(one);
    const known = people.get(person);
    if (known === undefined) people.set(person, { rides: [one] });
    else known.rides.push(one);
    riders.push(presenceOf(id, ride, one, person));
  }
  const ranked = rank({ cases, riders, runs: runsOf(gathered) });
  const contacts = ranked.map((contact) => {
    const identity = people.get(contact.person);
    if (identity === undefined) throw new Error('a ranked contact was opened before');
    return { person: contact.person, doc: contactDoc(contact, identity, gathered) };
  });
  function contactsOn(presence: Presence): number {
    return ranked.filter(({ legs }) => legs.some((leg) => leg.runKey === presence.runKey && leg.unit === presence.unit))
      .length;
  }
  return {
    contacts,
    rides: cases
      .map((presence) => caseRide(presence, gathered, opened, contactsOn(presence)))
      .sort((a, b) => a.boardedMs - b.boardedMs || (a.rideId < b.rideId ? -1 : 1)),
    runs: new Set(cases.flatMap(({ runKey }) => runKey ?? [])).size,
    records: gathered.rides.size,
    verified: [...opened.values()].filter((one) => one?.tagFits === true).length,
    exposed: ranked.flatMap(({ legs }) =>
      legs.map(({ presenceId, probability }) => ({ rideId: presenceId, probability })),
    ),
  };
}
