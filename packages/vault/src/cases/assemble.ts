// From opened rides to the list of contacts: the engine is given what is known, and what it finds is written as documents.
import { hash } from 'node:crypto';
import type { Inclusion } from '@tongche/contract';
import { defaultPriors, ENGINE, gapsOf, recorded, trace, wrongVehicles } from '@tongche/tracing';
import type { Contact, GapSuggestion, Presence, Sharing, Trace, TraceInput, WrongVehicle } from '@tongche/tracing';
import type { Config } from '../config.ts';
import type { OpenedRide } from '../opening/packed.ts';
import { attractionOf } from './attraction.ts';
import { contactDoc } from './contact-doc.ts';
import type { FactsDoc } from './facts.ts';
import { findingsOf } from './findings.ts';
import type { FindingsDoc } from './findings.ts';
import type { Gathered } from './gathered.ts';
import type { CaseRideDoc, ContactDoc, RuleDoc, Subject } from './model.ts';
import { allPresences, casePresences, personOf, sourceOf, worldOf } from './presences.ts';
import type { Known } from './presences.ts';
import { rideDoc } from './ride-doc.ts';
import type { Ruling } from './rules.ts';
import type { SubjectOf } from './tags.ts';

/** More suggestions than this nobody asks about. */
const MAX_GAPS = 40;

export type Inclusions = Readonly<Record<string, Inclusion>>;

export interface Told {
  readonly gathered: Gathered;
  readonly opened: ReadonlyMap<string, OpenedRide | null>;
  readonly included: Inclusions;
  readonly subjects: readonly Subject[];
  readonly subjectOf: SubjectOf;
}

/** What else a case brings along. */
export interface About {
  readonly config: Config;
  readonly facts: FactsDoc | undefined;
  /** Days of the order. */
  readonly days: { readonly from: number; readonly to: number };
  /** When the case was isolated, else when the order was signed: later rides are not missing. */
  readonly untilMs: number;
}

export interface Assembled {
  readonly contacts: readonly { readonly person: string; readonly doc: ContactDoc }[];
  readonly rides: readonly CaseRideDoc[];
  readonly runs: number;
  readonly records: number;
  readonly verified: number;
  readonly withheld: number;
  readonly rule: RuleDoc;
  readonly own: readonly Presence[];
  readonly gaps: readonly GapSuggestion[];
  readonly wrong: readonly WrongVehicle[];
  readonly sharing?: Sharing;
  readonly findings: FindingsDoc;
  readonly pVerify: number;
}

export function knownOf({ gathered, opened, included, subjects, subjectOf }: Told): Known {
  return { gathered, opened, subjects, subjectOf, isIncluded: (rideId) => included[rideId] !== undefined };
}

/** Everything of the engine's input but the rides. */
export function inputOf(gathered: Gathered, ruling: Ruling, zone: string): Omit<TraceInput, 'source'> {
  return {
    policy: ruling.policy,
    zone,
    facts: ruling.facts,
    world: worldOf(gathered),
    priors: defaultPriors,
    attraction: attractionOf(gathered.boardings.values()),
    untilMs: ruling.untilMs,
  };
}

/** Who was with the case, by everything that was gathered and opened; nobody where no day counts. */
export function traced(told: Told, ruling: Ruling, zone: string): Trace | undefined {
  return ruling.span === undefined ? undefined : trace(traceInput(told, ruling, zone));
}

function traceInput(told: Told, ruling: Ruling, zone: string): TraceInput {
  return { ...inputOf(told.gathered, ruling, zone), source: sourceOf(allPresences(knownOf(told))) };
}

/** The same, with a digest of everything that was looked at. */
function tracedAndDigested(told: Told, ruling: Ruling, zone: string) {
  const record = recorded(traceInput(told, ruling, zone));
  const found = ruling.span === undefined ? undefined : trace(record.input);
  return { found, digest: hash('sha256', record.text()) };
}

function short(value: unknown): string {
  return hash('sha256', JSON.stringify(value)).slice(0, 32);
}

function ruleDoc(told: Told, ruling: Ruling, digest: string): RuleDoc {
  const { policy, facts, span, byOrder } = ruling;
  const { legs, interviewed, struck, soleUser, persons: _persons, ...dates } = facts;
  return {
    policy: { id: policy.id, version: policy.version },
    engine: ENGINE,
    priors: defaultPriors.version,
    digest,
    factsDigest: short([policy.id, policy.version, dates]),
    toldDigest: short([legs, interviewed, struck, soleUser]),
    fromMs: span?.fromMs ?? null,
    toMs: span?.toMs ?? null,
    byOrder,
    isNarrowed: told.gathered.isNarrowed,
  };
}

/** Opened rides by whose they are. */
function identities({ gathered, opened }: Told): ReadonlyMap<string, readonly OpenedRide[]> {
  const people = new Map<string, OpenedRide[]>();
  for (const [id, one] of opened) {
    if (one === null || !gathered.rides.has(id)) continue;
    const person = personOf(one);
    const known = people.get(person);
    if (known === undefined) people.set(person, [one]);
    else known.push(one);
  }
  return people;
}

function ridesOf(told: Told, found: Trace | undefined, legs: readonly Presence[]): readonly CaseRideDoc[] {
  const { gathered, opened, included } = told;
  const world = worldOf(gathered);
  const counted = new Map((found?.legs ?? []).map((leg) => [leg.id, leg]));
  const through = new Map<string, number>();
  for (const contact of (found?.contacts ?? []).filter(isFirstHand)) {
    for (const id of new Set(contact.exposures.map(({ throughId }) => throughId))) {
      through.set(id, (through.get(id) ?? 0) + 1);
    }
  }
  return legs
    .map((presence) => {
      const ride = gathered.rides.get(presence.id);
      const unit = gathered.units.get(presence.unit);
      return rideDoc(counted.get(presence.id) ?? presence, {
        boardedMs: ride?.boardedMs ?? presence.boardedMs,
        unitLabel: unit?.label ?? { zh: presence.unit, en: presence.unit },
        plate: unit?.plate ?? null,
        run: presence.runKey === null ? undefined : world.run(presence.runKey),
        verified: opened.get(presence.id)?.tagFits ?? presence.via === 'investigator',
        contacts: through.get(presence.id) ?? 0,
        doubts: ride?.doubts ?? [],
        included: included[presence.id],
      });
    })
    .sort((a, b) => a.boardedMs - b.boardedMs || (a.rideId < b.rideId ? -1 : 1));
}

/** On the list because of the case itself. */
function isFirstHand({ hop, aside }: Contact): boolean {
  return hop === 1 && !aside;
}

/** Rides that are probably missing, and registrations that are probably wrong: for the investigator to ask about. */
function questions(
  { gathered }: Told,
  { facts }: Ruling,
  own: readonly Presence[],
  { zone, days, untilMs }: Pick<About, 'days' | 'untilMs'> & { readonly zone: string },
): Pick<Assembled, 'gaps' | 'wrong'> {
  const [person] = facts.persons;
  const presences = own.filter(({ doubtful }) => !doubtful);
  if (person === undefined || presences.length === 0) return { gaps: [], wrong: [] };
  const world = worldOf(gathered);
  return {
    gaps: gapsOf({ zone, person, presences, world, days, untilMs }).slice(0, MAX_GAPS),
    wrong: wrongVehicles({ zone, presences, world }),
  };
}

export function assemble(told: Told, ruling: Ruling, { config, facts, days, untilMs }: About): Assembled {
  const { zone } = config.authority;
  const { gathered, opened } = told;
  const known = knownOf(told);
  const own = [...casePresences(known), ...ruling.facts.legs];
  const { found, digest } = tracedAndDigested(told, ruling, zone);
  const people = identities(told);
  const contacts = (found?.contacts ?? []).map((contact) => {
    const rides = people.get(contact.person);
    if (rides === undefined) throw new Error('a contact was opened before');
    return { person: contact.person, doc: contactDoc(contact, rides, gathered) };
  });
  return {
    contacts,
    rides: ridesOf(told, found, own),
    runs: new Set((found?.legs ?? []).flatMap(({ runKey }) => runKey ?? [])).size,
    records: gathered.rides.size,
    verified: [...opened.values()].filter((one) => one?.tagFits === true).length,
    withheld: gathered.withheld,
    rule: ruleDoc(told, ruling, digest),
    own,
    ...questions(told, ruling, own, { zone, days, untilMs }),
    ...(found === undefined ? {} : { sharing: found.sharing }),
    findings: findingsOf({ config, gathered, trace: found, own, facts, policy: ruling.policy }),
    pVerify: ruling.policy.pVerify,
  };
}
