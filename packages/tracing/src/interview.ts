// What a case tells of a ride ("line 4, about 07:35, from the market, every weekday") against the runs there were: which of
// them it can have been, and how likely each is. An investigator picks; nothing is sought for what nobody picked.
import { DAY_MINUTES, instantAt } from './calendar.ts';
import { candidateWords } from './interview-words.ts';
import type { CallAt, Name, Presence, RunTimes, StopEvidence } from './types.ts';
import { compare } from './contacts.ts';

/** A told ride, its words already resolved to ids by the caller. Null: not told. */
export interface ToldLeg {
  readonly id: string;
  /** Key of the case's person. */
  readonly person: string;
  /** Lines that the words may mean. */
  readonly lineIds: readonly string[] | null;
  readonly dir: 0 | 1 | null;
  /** Units (a bus by its plate, one carriage) that the words may mean. */
  readonly units: readonly string[] | null;
  /** Stops that the places may mean. */
  readonly fromStops: readonly string[] | null;
  readonly toStops: readonly string[] | null;
  /**
   * Minute of the local day (from 1440 on: after midnight) of getting on or off, and how far off the memory may be: within
   * `toleranceMin` in 19 of 20 cases.
   */
  readonly about: { readonly minute: number; readonly toleranceMin: number; readonly of: 'boarding' | 'alighting' };
  readonly row: number | null;
}

/** One run it can have been, in one unit of it. */
export interface LegCandidate {
  readonly runKey: string;
  readonly unit: string;
  readonly lineId: string | null;
  /** That it was this one. All candidates of a day and `none` of them together make 1. */
  readonly probability: number;
  /** Stop numbers between which they got on, and off. */
  readonly boardLo: number;
  readonly boardHi: number;
  readonly alightLo: number;
  readonly alightHi: number;
  /** When the vehicle left the likeliest boarding stop. */
  readonly boardedMs: number;
  /** Minutes after the told time (before it: negative) at the likeliest stop. */
  readonly offMin: number;
  /** The case's own registration on this very run and unit: a pick then adds to it instead of making a second ride. */
  readonly recorded: string | null;
  readonly text: Name;
}

export interface LegCandidates {
  readonly leg: string;
  readonly day: number;
  /** Likeliest first. */
  readonly candidates: readonly LegCandidate[];
  /** That it was none of them: another vehicle, another time, no timeline. */
  readonly none: number;
  /** `sure`: one candidate at 0.95 or more. It is still an investigator who picks it. */
  readonly state: 'sure' | 'ambiguous' | 'nothing-fits';
}

/** What candidates are sought in: the runs of the day (and those that begin the evening before). */
export interface LegGround {
  readonly zone: string;
  readonly runs: readonly RunTimes[];
  /** Units of a vehicle. */
  readonly unitsOf: (vehicle: string) => readonly string[];
  /** The case's own registrations. */
  readonly recorded: readonly Presence[];
}

const SURE = 0.95;
/** A tolerance covers two deviations. */
const DEVIATIONS = 2;
/** Further off than twice the tolerance nothing fits. */
const FURTHEST = 2;
/** "It was none of these" weighs as much as a run that is one and a half tolerances off. */
const NONE_WEIGHT = Math.exp(-((1.5 * DEVIATIONS) ** 2) / 2);
/** A registration of the case's own on a run speaks for it by so much: it was told from memory, and scanned. */
const RECORDED_FACTOR = 20;
/** Boarding stops less likely than this part of the likeliest do not widen the bounds. */
const NEGLIGIBLE = 0.1;
const MIN_TOLERANCE_MIN = 1;

/** What is wrong with a told leg, as stable words; empty: nothing. */
export function faultsOf(
  leg: ToldLeg,
): readonly ('no-line-or-vehicle-or-stop' | 'bad-time' | 'bad-tolerance' | 'bad-row')[] {
  const { minute, toleranceMin } = leg.about;
  const isVague = leg.lineIds === null && leg.units === null && leg.fromStops === null;
  return [
    ...(isVague ? (['no-line-or-vehicle-or-stop'] as const) : []),
    ...(minute >= 0 && minute < 2 * DAY_MINUTES ? [] : (['bad-time'] as const)),
    ...(toleranceMin > 0 && toleranceMin <= 12 * 60 ? [] : (['bad-tolerance'] as const)),
    ...(leg.row === null || (Number.isInteger(leg.row) && leg.row > 0) ? [] : (['bad-row'] as const)),
  ];
}

/** Weight of getting on at one stop and off at stops alightLo..alightHi. */
interface Fit {
  readonly board: CallAt;
  readonly alightLo: CallAt;
  readonly alightHi: CallAt;
  readonly offMin: number;
  readonly weight: number;
}

function isAt(stop: CallAt, ids: readonly string[] | null): boolean {
  return ids === null || (stop.stopId !== null && ids.includes(stop.stopId));
}

function weightOf(offMin: number, toleranceMin: number): number {
  const tolerance = Math.max(toleranceMin, MIN_TOLERANCE_MIN);
  if (Math.abs(offMin) > FURTHEST * tolerance) return 0;
  return Math.exp(-(((offMin / tolerance) * DEVIATIONS) ** 2) / 2);
}

/** Every stop of a run where the told leg can have begun, with where it can have ended. */
function fitsOn(leg: ToldLeg, run: RunTimes, aboutMs: number): readonly Fit[] {
  return run.stops.flatMap((board, i) => {
    if (!isAt(board, leg.fromStops)) return [];
    const ends = run.stops.slice(i + 1).filter((stop) => isAt(stop, leg.toStops));
    return leg.about.of === 'boarding' ? byBoarding(leg, board, ends, aboutMs) : byAlighting(leg, board, ends, aboutMs);
  });
}

function byBoarding(leg: ToldLeg, board: CallAt, ends: readonly CallAt[], aboutMs: number): readonly Fit[] {
  const [first, last] = [ends[0], ends.at(-1)];
  if (first === undefined || last === undefined) return [];
  const offMin = (board.depMs - aboutMs) / 60_000;
  const weight = weightOf(offMin, leg.about.toleranceMin);
  return weight === 0 ? [] : [{ board, alightLo: first, alightHi: last, offMin, weight }];
}

function byAlighting(leg: ToldLeg, board: CallAt, ends: readonly CallAt[], aboutMs: number): readonly Fit[] {
  const near = ends.flatMap((stop) => {
    const offMin = (stop.arrMs - aboutMs) / 60_000;
    const weight = weightOf(offMin, leg.about.toleranceMin);
    return weight === 0 ? [] : [{ stop, offMin, weight }];
  });
  const best = near.toSorted((a, b) => b.weight - a.weight)[0];
  const kept = near.filter(({ weight }) => best !== undefined && weight >= best.weight * NEGLIGIBLE);
  const [first, last] = [kept[0], kept.at(-1)];
  if (best === undefined || first === undefined || last === undefined) return [];
  return [{ board, alightLo: first.stop, alightHi: last.stop, offMin: best.offMin, weight: best.weight }];
}

/** Weight of a run: of the stop that fits best where one was told, else of any of its stops, all being alike. */
function runWeight(leg: ToldLeg, fits: readonly Fit[], stops: number): number {
  const isFree = leg.fromStops === null && leg.about.of === 'boarding';
  if (isFree) return fits.reduce((sum, { weight }) => sum + weight, 0) / Math.max(stops - 1, 1);
  return Math.max(...fits.map(({ weight }) => weight));
}

type Draft = Omit<LegCandidate, 'probability' | 'text'> & { readonly weight: number; readonly run: RunTimes };

function draftsOn(leg: ToldLeg, run: RunTimes, aboutMs: number, ground: LegGround): readonly Draft[] {
  if (leg.lineIds !== null && (run.lineId === null || !leg.lineIds.includes(run.lineId))) return [];
  if (leg.dir !== null && run.dir !== null && leg.dir !== run.dir) return [];
  const all = ground.unitsOf(run.vehicle);
  const units = leg.units === null ? all : all.filter((unit) => leg.units?.includes(unit));
  const fits = units.length === 0 ? [] : fitsOn(leg, run, aboutMs);
  const best = fits.toSorted((a, b) => b.weight - a.weight || a.board.seq - b.board.seq)[0];
  if (best === undefined) return [];
  const kept = fits.filter(({ weight }) => weight >= best.weight * NEGLIGIBLE);
  const weight = runWeight(leg, fits, run.stops.length) / units.length;
  const boards = kept.map(({ board }) => board.seq);
  const bounds = { boardLo: Math.min(...boards), boardHi: Math.max(...boards) };
  const alightLo = Math.min(...kept.map((fit) => fit.alightLo.seq));
  const alightHi = Math.max(...kept.map((fit) => fit.alightHi.seq));
  const common = { runKey: run.runKey, lineId: run.lineId, ...bounds, alightLo, alightHi, run };
  return units.map((unit) => {
    const own = ground.recorded.find((presence) => presence.runKey === run.runKey && presence.unit === unit);
    const times = { boardedMs: best.board.depMs, offMin: best.offMin };
    return {
      ...common,
      ...times,
      unit,
      weight: own === undefined ? weight : weight * RECORDED_FACTOR,
      recorded: own?.id ?? null,
    };
  });
}

type Keyed = Pick<LegCandidate, 'runKey' | 'unit'>;

function byKey(a: Keyed, b: Keyed): number {
  return compare(a.runKey, b.runKey) || compare(a.unit, b.unit);
}

/**
 * Which runs a told leg of one day can have been. Probabilities come from how far each is off the told time, alike for all
 * units of a vehicle, higher where the case is registered; they and `none` sum to 1. A vehicle without stop times is never a
 * candidate: `legByTime` is for those.
 */
export function candidatesOn(leg: ToldLeg, day: number, ground: LegGround): LegCandidates {
  const aboutMs = instantAt(day, leg.about.minute, ground.zone);
  // In one order, so that sums come out the same to the last digit whatever the order of runs.
  const drafts = ground.runs.flatMap((run) => draftsOn(leg, run, aboutMs, ground)).sort(byKey);
  const total = drafts.reduce((sum, { weight }) => sum + weight, NONE_WEIGHT);
  const candidates = drafts
    .map(({ weight, run, ...draft }): LegCandidate => {
      const probability = weight / total;
      return { ...draft, probability, text: candidateWords({ ...draft, probability }, run, ground.zone) };
    })
    .toSorted((a, b) => b.probability - a.probability || byKey(a, b));
  const state = candidates[0] === undefined ? 'nothing-fits' : candidates[0].probability >= SURE ? 'sure' : 'ambiguous';
  return { leg: leg.id, day, candidates, none: NONE_WEIGHT / total, state };
}

/** Where the case got on and off, as the interview gives it for a picked candidate. */
export function evidenceOf({ boardLo, boardHi, alightLo, alightHi }: LegCandidate): StopEvidence {
  return { basis: 'interviewed', boardLo, boardHi, alightLo, alightHi };
}

const ALONE = { party: 0, staff: false, doubtful: false } as const;

/** What a pick becomes: a leg of the case, or evidence on a ride that is registered already. */
export type Picked =
  | { readonly kind: 'leg'; readonly presence: Presence }
  | { readonly kind: 'recorded'; readonly presenceId: string; readonly evidence: StopEvidence };

function toldId(leg: ToldLeg, day: number): string {
  return `told:${leg.id}:${day}`;
}

/** The leg of an investigator's pick. The same leg and day always get the same id, so that another pick replaces the first. */
export function pick(leg: ToldLeg, day: number, candidate: LegCandidate): Picked {
  const evidence = evidenceOf(candidate);
  if (candidate.recorded !== null) return { kind: 'recorded', presenceId: candidate.recorded, evidence };
  const presence: Presence = {
    id: toldId(leg, day),
    person: leg.person,
    unit: candidate.unit,
    runKey: candidate.runKey,
    via: 'investigator',
    boardedMs: candidate.boardedMs,
    boardSeq: candidate.boardLo === candidate.boardHi ? candidate.boardLo : null,
    goneMs: null,
    evidence: [evidence],
    row: leg.row,
    ...ALONE,
  };
  return { kind: 'leg', presence };
}

/** The leg in a vehicle that no timeline knows of: by the told time alone, which must be that of getting on. */
export function legByTime(leg: ToldLeg, day: number, unit: string, zone: string): Presence {
  if (leg.about.of !== 'boarding') throw new RangeError('without a timeline a ride is told by when it began');
  return {
    id: toldId(leg, day),
    person: leg.person,
    unit,
    runKey: null,
    via: 'investigator',
    boardedMs: instantAt(day, leg.about.minute, zone),
    boardSeq: null,
    goneMs: null,
    evidence: [],
    row: leg.row,
    ...ALONE,
  };
}
