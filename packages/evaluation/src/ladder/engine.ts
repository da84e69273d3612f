// The engine, asked about one case of the simulated city, with whatever the method lets it know.
import { trace } from '@tongche/tracing';
import type { Attraction, CaseFacts, Exposure, Presence, Priors, StopEvidence, Trace } from '@tongche/tracing';
import { unitOf } from '../city/city.ts';
import type { City } from '../city/city.ts';
import { lineOf, placeAt } from '../city/network.ts';
import { stopsOf } from '../city/runs.ts';
import { at, rowsOf } from '../kit/columns.ts';
import { noise } from '../kit/noise.ts';
import { personIdOf, rowOf } from '../observe/presences.ts';
import type { Presences } from '../observe/presences.ts';
import { PURPOSE } from '../observe/purposes.ts';
import type { Registrations } from '../observe/registrations.ts';
import { msOf, runKeyOf, unitIdOf, ZONE } from '../observe/timelines.ts';
import type { Timelines } from '../observe/timelines.ts';
import type { TrueCase } from '../score/truth.ts';
import type { Named } from './naive.ts';
import { ruleFor } from './policy.ts';

export interface Asking {
  readonly city: City;
  readonly registrations: Registrations;
  readonly timelines: Timelines;
  readonly presences: Presences;
  readonly priors: Priors;
  readonly attraction: Attraction;
}

/** What an investigator adds: where registered rides ended and which were not the case's, and the rides that nobody registered. */
export interface Interview {
  readonly rides: boolean;
  readonly missing: boolean;
}

export const NO_INTERVIEW: Interview = { rides: false, missing: false };
const TOLD = 'told-';

/** What the case says of a stay; now and then a stop off. */
function told({ city }: Asking, stay: number): StopEvidence {
  const { seed, stays, runs } = city;
  const [board, alight] = [at(stays.board, stay), at(stays.alight, stay)];
  const isOff = noise(seed, PURPOSE.interviewOff, stay) < city.parameters.observation.interviewOffShare;
  const shift = isOff ? (noise(seed, PURPOSE.interviewOff, stay, 1) < 0.5 ? -1 : 1) : 0;
  const end = Math.min(Math.max(alight + shift, board + 1), stopsOf(runs, at(stays.run, stay)) - 1);
  return { basis: 'interviewed', boardLo: board, boardHi: board, alightLo: end, alightHi: end };
}

function isTrue({ city, registrations, timelines }: Asking, row: number): boolean {
  const stay = at(registrations.stay, row);
  const unit = at(registrations.unit, row);
  return (
    unit === unitOf(city, stay) && timelines.runOf(unit, at(registrations.second, row)) === at(city.stays.run, stay)
  );
}

/** Nobody takes a stop this far away for the one where they boarded. */
const ELSEWHERE_M = 1_000;

/**
 * Registrations of the case's number of which the case, asked ride by ride, says that it was not there: somebody else's of the
 * same phone, or one on another vehicle that was nowhere near at the time. A wrong vehicle close by is not noticed.
 */
function isDenied({ city, registrations, timelines }: Asking, person: number, row: number): boolean {
  const { stays, network, runs } = city;
  const stay = at(registrations.stay, row);
  if (at(stays.person, stay) !== person) return true;
  const second = at(registrations.second, row);
  const [run, own] = [timelines.runOf(at(registrations.unit, row), second), at(stays.run, stay)];
  if (run < 0 || run === own) return false;
  const placeOf = (of: number, seq: number) => placeAt(lineOf(network, at(runs.line, of)), at(runs.dir, of), seq);
  const [there, here] = [placeOf(run, timelines.reached(run, second)), placeOf(own, at(stays.board, stay))];
  const [east, north] = [at(network.x, there) - at(network.x, here), at(network.y, there) - at(network.y, here)];
  return Math.hypot(east, north) > ELSEWHERE_M;
}

function toldLeg(it: Asking, stay: number, person: string): Presence {
  const { stays } = it.city;
  return {
    id: `${TOLD}${stay}`,
    person,
    unit: unitIdOf(unitOf(it.city, stay)),
    runKey: runKeyOf(at(stays.run, stay)),
    via: 'investigator',
    boardedMs: msOf(at(stays.boardS, stay)),
    boardSeq: at(stays.board, stay),
    goneMs: null,
    evidence: [told(it, stay)],
    row: null,
    party: 0,
    staff: false,
    doubtful: false,
  };
}

function factsOf(it: Asking, { person, key }: TrueCase, interview: Interview, day: number, endMs: number): CaseFacts {
  const rows = [...rowsOf(it.registrations.ofKey, key)];
  const own = rows.filter(
    (row) => at(it.city.stays.person, at(it.registrations.stay, row)) === person && isTrue(it, row),
  );
  const interviewed = interview.rides
    ? Object.fromEntries(own.map((row) => [String(row), told(it, at(it.registrations.stay, row))]))
    : {};
  const struck = interview.rides ? rows.filter((row) => isDenied(it, person, row)).map(String) : [];
  const known = new Set(own.map((row) => at(it.registrations.stay, row)));
  const missing = interview.missing
    ? [...rowsOf(it.city.staysOfPerson, person)].filter((stay) => !known.has(stay))
    : [];
  return {
    persons: [personIdOf(key)],
    onset: { lo: day, hi: day },
    sample: null,
    rash: null,
    infectious: null,
    isolatedMs: endMs,
    severe: false,
    masked: null,
    legs: missing.map((stay) => toldLeg(it, stay, personIdOf(key))),
    interviewed,
    struck,
  };
}

export function traceCase(it: Asking, of: TrueCase, interview: Interview): Trace {
  const { demand, overlapS } = it.city.parameters;
  const rule = ruleFor(demand.days, overlapS);
  return trace({
    policy: rule.policy,
    zone: ZONE,
    facts: factsOf(it, of, interview, rule.lastDay, rule.endMs),
    source: it.presences,
    world: it.timelines,
    priors: it.priors,
    attraction: it.attraction,
    untilMs: rule.endMs,
  });
}

/** Numbers that the rule names: close, or close if the probability allows. */
export function namedBy({ contacts }: Trace): Named {
  const named = new Map<number, number>();
  for (const { person, tier, probability } of contacts)
    if (tier === 'close' || tier === 'verify') named.set(Number(person.slice(1)), probability);
  return named;
}

/** The true stay behind a presence that was asked about or told. */
export function stayOfPresence({ registrations }: Asking, id: string): number {
  return id.startsWith(TOLD) ? Number(id.slice(TOLD.length)) : at(registrations.stay, rowOf(id));
}

/** Whether the case (and not who shares its phone) and the other rider truly met for the shortest time that counts. */
export function isTrueExposure(it: Asking, of: TrueCase, { presenceId, throughId }: Exposure): boolean {
  const { stays, parameters } = it.city;
  const [a, b] = [stayOfPresence(it, presenceId), stayOfPresence(it, throughId)];
  if (at(stays.person, b) !== of.person) return false;
  if (at(stays.run, a) !== at(stays.run, b) || at(stays.carriage, a) !== at(stays.carriage, b)) return false;
  const seconds =
    Math.min(at(stays.alightS, a), at(stays.alightS, b)) - Math.max(at(stays.boardS, a), at(stays.boardS, b));
  return seconds >= parameters.overlapS;
}
