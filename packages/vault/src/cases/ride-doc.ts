// One ride of the case as its timeline shows it: where it began, where it ended as far as that is known, and how.
import type { Inclusion, RideDoubt } from '@tongche/contract';
import type { Basis, CallAt, Presence, RunTimes, StopEvidence } from '@tongche/tracing';
import type { CaseRideDoc } from './model.ts';

const STRENGTH: readonly Basis[] = ['observed', 'interviewed', 'chained', 'habitual', 'prior'];
/** A scan may be clocked a little before the doors open. */
const EARLY_SCAN_MS = 60_000;

function strongest(evidence: readonly StopEvidence[]): StopEvidence | undefined {
  return evidence.toSorted(
    (a, b) =>
      STRENGTH.indexOf(a.basis) - STRENGTH.indexOf(b.basis) ||
      a.alightHi - a.alightLo - (b.alightHi - b.alightLo) ||
      a.alightLo - b.alightLo,
  )[0];
}

function boardedAt(presence: Presence, run: RunTimes, said: StopEvidence | undefined): CallAt | undefined {
  const seq = presence.boardSeq ?? (said !== undefined && said.boardLo === said.boardHi ? said.boardLo : undefined);
  if (seq !== undefined) return run.stops.find((stop) => stop.seq >= seq);
  return run.stops.findLast(({ arrMs }) => arrMs <= presence.boardedMs + EARLY_SCAN_MS) ?? run.stops[0];
}

export interface RideFacts {
  /** As registered; of a ride nobody registered, as told. */
  readonly boardedMs: number;
  readonly unitLabel: CaseRideDoc['unitLabel'];
  readonly plate: string | null;
  readonly run: RunTimes | undefined;
  readonly verified: boolean;
  readonly contacts: number;
  readonly doubts: readonly RideDoubt[];
  readonly included: Inclusion | undefined;
}

/** `presence` with everything that is known of where it ended. */
export function rideDoc(presence: Presence, facts: RideFacts): CaseRideDoc {
  const { run, doubts, included } = facts;
  const said = strongest(presence.evidence);
  const at = (seq: number | undefined) => run?.stops.find((stop) => stop.seq === seq);
  const exact = said === undefined ? undefined : said.alightLo === said.alightHi ? said.alightLo : said.best;
  const alight = at(exact);
  const [lo, hi] = [at(said?.alightLo), at(said?.alightHi)];
  const isBetween = lo !== undefined && hi !== undefined && lo.seq !== hi.seq;
  return {
    rideId: presence.id,
    boardedMs: facts.boardedMs,
    alightMs: alight?.arrMs ?? null,
    unitLabel: facts.unitLabel,
    plate: facts.plate,
    line: run?.line ?? null,
    runKey: presence.runKey,
    boardStop: run === undefined ? null : (boardedAt(presence, run, said)?.name ?? null),
    alightStop: alight?.name ?? null,
    ...(isBetween ? { alightBetween: [lo.name, hi.name] as const } : {}),
    basis: said?.basis ?? 'prior',
    verified: facts.verified,
    contacts: facts.contacts,
    doubts,
    ...(presence.via === 'investigator' ? { told: true } : {}),
    ...(doubts.length === 0 || included === undefined ? {} : { included }),
  };
}

/** As the console is told; `struck`: ids of rides that the case did not make. */
export function rideView(
  { doubts = [], included, told = false, alightBetween, ...ride }: CaseRideDoc,
  struck: readonly string[] = [],
) {
  return {
    ...ride,
    told,
    struck: struck.includes(ride.rideId),
    alightBetween: alightBetween === undefined ? null : [...alightBetween],
    doubts: [...doubts],
    included: included ?? null,
  };
}
