// Where somebody was: from a presence to a distribution of where they got on and off, by the strongest evidence there is.
//
// On a run with stops a stay is one to four boarding stops with weights and, for each, the shares of getting off behind
// every stop. Without a timeline it is how long rides last, counted from the scan.
import { behindOf, lastAtMost, priorAlighting, priorBehind } from './run-model.ts';
import type { RunModel } from './run-model.ts';
import type { Basis, Presence, Priors, SpaceKind, StopEvidence, Via } from './types.ts';

/** Boarding at one stop. */
export interface Boarding {
  readonly stop: number;
  readonly weight: number;
  /** When they were aboard, if they boarded here: a usual lag before the scan, held between arrival and departure. */
  readonly ms: number;
  /** Share of getting off behind each stop. */
  readonly behind: Float64Array;
}

interface StayCommon {
  readonly presence: Presence;
  readonly basis: Basis;
  /** That the scan was made on the vehicle it says. */
  readonly trust: number;
}

/** On a run with stops. Indices of the widest extent, first boarding to last alighting. */
export interface StopStay extends StayCommon {
  readonly kind: 'stops';
  readonly model: RunModel;
  readonly boardings: readonly Boarding[];
  readonly first: number;
  readonly last: number;
}

/** Without a timeline: shares of staying so many minutes at least, by minute from 0. Certainly gone at `goneMs`. */
export interface TimeStay extends StayCommon {
  readonly kind: 'time';
  readonly fromMs: number;
  readonly lasting: readonly number[];
  readonly goneMs: number;
}

export type Stay = StopStay | TimeStay;

const STRENGTH: readonly Basis[] = ['observed', 'interviewed', 'chained', 'habitual', 'prior'];
const MAX_BOARDINGS = 4;
/** Boarding stops less likely than this share of the likeliest are left out. */
const NEGLIGIBLE = 0.02;
/** An arrival this much after an instant at which somebody was gone may still be theirs: clocks of two sources. */
const GONE_SLACK_MS = 60_000;
/** A boarding stop that a record names is that much likelier than one that it does not. */
const TOLD_FACTOR = 10;
const SHIFT_MS = 12 * 3_600_000;

/** How much slower than a scan a registration is, by who made it; as slow where nothing is said. */
const LAG_FACTOR: Partial<Readonly<Record<Via, number>>> = { 'ride-code': 0.4, card: 0.4, ticket: 0.4, helper: 2 };
/** How far off a time may be that somebody wrote down or remembers. */
const ROUGH_MS: Partial<Readonly<Record<Via, number>>> = { paper: 180_000, investigator: 120_000 };

export function weaker(a: Basis, b: Basis): Basis {
  return STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b;
}

export function stronger(a: Basis, b: Basis): Basis {
  return STRENGTH.indexOf(a) < STRENGTH.indexOf(b) ? a : b;
}

const FAR_M = 350;

/** Chained close by to the next ride or back to the day's first: what the rider does on other days tells no better. */
export function isFirm({ basis, best, walkM = 0, link }: StopEvidence): boolean {
  return basis === 'chained' && best !== undefined && walkM <= FAR_M && link !== 'next-day';
}

function rankOf(one: StopEvidence): number {
  return STRENGTH.indexOf(one.basis === 'chained' && !isFirm(one) ? 'prior' : one.basis);
}

/** The strongest; among equals what other days say too, then the one with the narrowest bounds, then the earliest, so that order never matters. */
export function bestEvidence(evidence: readonly StopEvidence[]): StopEvidence | undefined {
  function width(one: StopEvidence): number {
    return one.alightHi - one.alightLo + one.boardHi - one.boardLo;
  }
  if (evidence.length < 2) return evidence[0];
  return evidence.toSorted(
    (a, b) =>
      rankOf(a) - rankOf(b) ||
      Number(b.settled ?? false) - Number(a.settled ?? false) ||
      width(a) - width(b) ||
      a.alightLo - b.alightLo ||
      a.boardLo - b.boardLo ||
      (a.best ?? -1) - (b.best ?? -1) ||
      (a.walkM ?? 0) - (b.walkM ?? 0),
  )[0];
}

/** Evidence as indices of a run's stops; undefined for what was said about another timeline. */
interface Placed {
  readonly basis: Exclude<Basis, 'prior'>;
  readonly boardLo: number;
  readonly boardHi: number;
  readonly alightLo: number;
  readonly alightHi: number;
  readonly best: number | undefined;
  readonly belief: number;
  /** Of what is believed, the share of the very stop named. */
  readonly exact: number;
}

function beliefOf({ basis, walkM, link, settled }: StopEvidence, priors: Priors): number {
  if (basis === 'observed' || basis === 'interviewed') return 1;
  if (basis === 'habitual') return settled === true ? priors.settled.habitual : priors.habitual;
  if (settled === true) return priors.settled.chained;
  const { sure, wrap, nextDay, farWalkM, farFactor } = priors.chained;
  const belief = link === 'wrap' ? wrap : link === 'next-day' ? nextDay : sure;
  return walkM !== undefined && walkM > farWalkM ? belief * farFactor : belief;
}

function exactOf({ basis, alightLo, alightHi, settled }: StopEvidence, priors: Priors): number {
  if (settled === true) return priors.settled.exact;
  return alightLo === alightHi && basis !== 'chained' ? 1 : priors.chained.exact;
}

/** Index of the first stop numbered `seq` or more. */
function indexFrom(model: RunModel, seq: number): number {
  return lastAtMost(model.seqs, seq - 1) + 1;
}

function placedOf(model: RunModel, one: StopEvidence, priors: Priors): Placed | undefined {
  const end = model.count - 1;
  const boardLo = indexFrom(model, one.boardLo);
  const alightHi = lastAtMost(model.seqs, one.alightHi);
  if (boardLo >= end || alightHi < 1 || boardLo >= alightHi) return undefined;
  const boardHi = Math.min(Math.max(lastAtMost(model.seqs, one.boardHi), boardLo), alightHi - 1);
  const alightLo = Math.max(Math.min(indexFrom(model, one.alightLo), alightHi), boardLo + 1);
  const best = one.best === undefined ? undefined : indexFrom(model, one.best);
  const isBest = best !== undefined && best >= alightLo && best <= alightHi;
  return {
    basis: one.basis,
    boardLo,
    boardHi,
    alightLo,
    alightHi,
    best: isBest ? best : undefined,
    belief: beliefOf(one, priors),
    exact: exactOf(one, priors),
  };
}

function strongestPlaced(model: RunModel, presence: Presence, priors: Priors): Placed | undefined {
  const { evidence } = presence;
  if (evidence.length === 0) return undefined;
  const fitting = evidence.filter((one) => placedOf(model, one, priors) !== undefined);
  const best = bestEvidence(fitting);
  return best === undefined ? undefined : placedOf(model, best, priors);
}

/** How a registration trails the boarding it belongs to. */
interface Lag {
  readonly lagMs: number;
  /** Besides the clock of the stops: how far off the time of a registration may be to either side. */
  readonly roughMs: number;
  readonly lateShare: number;
  readonly lateMs: number;
}

/** Besides the clocks of stops: how far off the time of a registration may be. */
export function roughMsOf({ via }: Presence): number {
  return ROUGH_MS[via] ?? 0;
}

function lagOf(presence: Presence, { scan }: Priors): Lag {
  return {
    lagMs: scan.lagS * 1000 * (LAG_FACTOR[presence.via] ?? 1),
    roughMs: roughMsOf(presence),
    lateShare: scan.lateShare,
    lateMs: scan.lateS * 1000,
  };
}

/**
 * Density of a registration at `ms` by somebody who boarded at a stop: at any moment while it stood there, then a lag, usually
 * short, now and then very long.
 */
function scanDensity(model: RunModel, stop: number, ms: number, lag: Lag): number {
  const arrMs = model.arrMs[stop] ?? 0;
  const stoodMs = Math.max((model.depMs[stop] ?? 0) - arrMs, 1000);
  const clockMs = Math.max((model.clockMs[stop] ?? 0) + lag.roughMs, 1);
  const sinceMs = ms - arrMs;
  const lagMs = Math.max(lag.lagMs, 1000) + clockMs / 2;
  const early = Math.min(sinceMs, 0) / clockMs;
  if (early < -3) return 0;
  const edge = Math.exp((-early * early) / 2) / (2 * (stoodMs + lagMs));
  if (sinceMs <= 0) return (1 - lag.lateShare) * edge;
  const left = Math.exp(Math.min(stoodMs - sinceMs, 0) / lagMs);
  const soon = (left - Math.exp(-sinceMs / lagMs)) / stoodMs;
  const late = lag.lateMs > 0 ? Math.exp(-sinceMs / lag.lateMs) / lag.lateMs : 0;
  // Times of stops are not sharp: near the arrival as just before it.
  const blurred = Math.max(soon, edge * Math.exp(-((sinceMs / clockMs) ** 2) / 2));
  return (1 - lag.lateShare) * blurred + lag.lateShare * late;
}

function heldBetween(model: RunModel, stop: number, ms: number): number {
  return Math.min(Math.max(ms, model.arrMs[stop] ?? ms), model.depMs[stop] ?? ms);
}

interface Candidate {
  readonly stop: number;
  readonly weight: number;
}

/** The likeliest boarding stops within [lo, hi], weights summing to 1. */
function candidatesOf(
  model: RunModel,
  presence: Presence,
  priors: Priors,
  { lo, hi, toldLo, toldHi }: BoardRange,
): readonly Candidate[] {
  const ms = presence.boardedMs;
  const lag = lagOf(presence, priors);
  const reached = Math.min(Math.max(lastAtMost(model.arrMs, ms), lo), hi);
  const found: { stop: number; weight: number }[] = [];
  for (let stop = Math.min(reached + 1, hi); stop >= lo && found.length < MAX_BOARDINGS; stop -= 1) {
    const isTold = stop >= toldLo && stop <= toldHi;
    const weight = scanDensity(model, stop, ms, lag) * (isTold ? TOLD_FACTOR : 1);
    if (weight > 0) found.push({ stop, weight });
  }
  let most = 0;
  for (const { weight } of found) most = Math.max(most, weight);
  // A scan before the run began, or long after it ended.
  if (most === 0) return [{ stop: Math.min(Math.max(reached, toldLo), toldHi), weight: 1 }];
  let sum = 0;
  for (const one of found) sum += one.weight >= most * NEGLIGIBLE ? one.weight : 0;
  return found
    .filter(({ weight }) => weight >= most * NEGLIGIBLE)
    .map(({ stop, weight }) => ({ stop, weight: weight / sum }))
    .reverse();
}

/** What holds of a stay whatever was said: not before, not after. */
interface Bounds {
  /** Aboard for certain at this instant (a second scan). */
  readonly seenMs: number;
  readonly goneMs: number;
}

/** Leaves only stops within the bounds; where none is left the nearest one. */
function bounded(model: RunModel, board: number, shares: Float64Array, { seenMs, goneMs }: Bounds): Float64Array {
  const { arrMs, count } = model;
  const from = Math.min(Math.max(lastAtMost(arrMs, seenMs - GONE_SLACK_MS) + 1, board + 1), count - 1);
  const to = Math.min(Math.max(lastAtMost(arrMs, goneMs + GONE_SLACK_MS), from), count - 1);
  let sum = 0;
  for (let j = board + 1; j < count; j += 1) {
    if (j < from || j > to) shares[j] = 0;
    else sum += shares[j] ?? 0;
  }
  if (sum <= 0) shares[to] = sum = 1;
  for (let j = from; j <= to; j += 1) shares[j] = (shares[j] ?? 0) / sum;
  return shares;
}

/** Adds `mass` to the stops of a range, as likely as they are anyway. */
function spread(out: Float64Array, prior: Float64Array, [lo, hi]: readonly [number, number], mass: number): void {
  let within = 0;
  for (let j = lo; j <= hi; j += 1) within += (prior[j] ?? 0) + 1e-9;
  for (let j = lo; j <= hi; j += 1) out[j] = (out[j] ?? 0) + (mass * ((prior[j] ?? 0) + 1e-9)) / within;
}

/** Spreads `belief` over what the evidence says, and leaves the rest to what is likely anyway. */
function mixed(board: number, prior: Float64Array, placed: Placed): Float64Array {
  const { alightHi, belief, best, exact } = placed;
  const alightLo = Math.max(placed.alightLo, board + 1);
  if (alightLo > alightHi) return prior;
  const out = prior.map((share) => share * (1 - belief));
  if (best === undefined || best < alightLo) {
    spread(out, prior, [alightLo, alightHi], belief);
    return out;
  }
  // The named stop, or else one beside it: the nearest stop on a map is not always the nearest on foot.
  out[best] = (out[best] ?? 0) + belief * exact;
  spread(out, prior, [Math.max(best - 1, board + 1), Math.min(best + 1, out.length - 1)], belief * (1 - exact));
  return out;
}

function behindFor(model: RunModel, board: number, placed: Placed | undefined, bounds: Bounds): Float64Array {
  const isFree = bounds.seenMs === -Infinity && bounds.goneMs === Infinity;
  if (placed === undefined && isFree) return priorBehind(model, board);
  const prior = priorAlighting(model, board);
  const shares = placed === undefined ? prior : mixed(board, prior, placed);
  return behindOf(isFree ? shares : bounded(model, board, shares, bounds));
}

/** Stops at which they can have boarded, and those that a record names. */
interface BoardRange {
  readonly lo: number;
  readonly hi: number;
  readonly toldLo: number;
  readonly toldHi: number;
}

/** What was chained says where they got off; its boarding is the scan's own. */
function boardRange(model: RunModel, presence: Presence, placed: Placed | undefined): BoardRange {
  const end = model.count - 2;
  if (presence.boardSeq !== null) {
    const known = Math.min(indexFrom(model, presence.boardSeq), end);
    return { lo: known, hi: known, toldLo: known, toldHi: known };
  }
  if (placed === undefined) return { lo: 0, hi: end, toldLo: 0, toldHi: end };
  const { basis, boardLo, boardHi, alightHi } = placed;
  if (basis === 'interviewed') return { lo: boardLo, hi: boardHi, toldLo: boardLo, toldHi: boardHi };
  const hi = Math.min(alightHi - 1, end);
  return basis === 'observed' ? { lo: 0, hi, toldLo: boardLo, toldHi: boardHi } : { lo: 0, hi, toldLo: 0, toldHi: end };
}

/** Crew on a run: aboard from its start, or since the shift began, until the shift ends. */
function shiftStay(presence: Presence, model: RunModel): StopStay {
  const { boardedMs } = presence;
  const goneMs = presence.goneMs ?? boardedMs + SHIFT_MS;
  const stop = Math.min(Math.max(lastAtMost(model.depMs, boardedMs - 1) + 1, 0), model.count - 2);
  const last = Math.min(Math.max(lastAtMost(model.arrMs, goneMs), stop + 1), model.count - 1);
  const behind = Float64Array.from({ length: model.count }, (_, j) => (j < last ? 1 : 0));
  const boardings = [{ stop, weight: 1, ms: heldBetween(model, stop, boardedMs), behind }];
  return { kind: 'stops', presence, basis: 'observed', trust: 1, model, boardings, first: stop, last };
}

/** The stay on a run with stops. */
export function stayOn(presence: Presence, model: RunModel, priors: Priors): StopStay {
  if (presence.staff) return shiftStay(presence, model);
  const placed = strongestPlaced(model, presence, priors);
  const bounds: Bounds = { seenMs: presence.seenMs ?? -Infinity, goneMs: presence.goneMs ?? Infinity };
  const { lagMs } = lagOf(presence, priors);
  const candidates = candidatesOf(model, presence, priors, boardRange(model, presence, placed));
  const boardings = candidates.map(({ stop, weight }): Boarding => ({
    stop,
    weight,
    ms: heldBetween(model, stop, presence.boardedMs - lagMs),
    behind: behindFor(model, stop, placed, bounds),
  }));
  let last = model.count - 1;
  while (last > 0 && boardings.every(({ behind }) => (behind[last - 1] ?? 0) <= 0)) last -= 1;
  return {
    kind: 'stops',
    presence,
    basis: placed?.basis ?? 'prior',
    trust: presence.via === 'investigator' ? 1 : 1 - priors.scan.wrongShare,
    model,
    boardings,
    first: boardings[0]?.stop ?? 0,
    last,
  };
}

const FOREVER: readonly number[] = Array.from({ length: 24 * 60 }, () => 1);

/** The stay where no timeline tells anything. */
export function stayFor(presence: Presence, kind: SpaceKind, priors: Priors): TimeStay {
  const { boardedMs, staff } = presence;
  return {
    kind: 'time',
    presence,
    basis: staff || presence.goneMs !== null ? 'observed' : 'prior',
    trust: staff || presence.via === 'investigator' ? 1 : 1 - priors.scan.wrongShare,
    fromMs: boardedMs,
    lasting: staff ? FOREVER : priors.stayMinutes[kind],
    goneMs: presence.goneMs ?? (staff ? boardedMs + SHIFT_MS : Infinity),
  };
}

/** Share of still being there after `ms` since the beginning, without a bound. */
function lastingAt(lasting: readonly number[], ms: number): number {
  if (ms <= 0) return 1;
  const minutes = ms / 60_000;
  const low = Math.floor(minutes);
  const before = lasting[low] ?? 0;
  const after = lasting[low + 1] ?? 0;
  return before + (after - before) * (minutes - low);
}

/** Share of still being there at an instant, given when they were certainly gone. */
export function presentAt({ fromMs, lasting, goneMs, presence }: TimeStay, ms: number): number {
  if (ms > goneMs) return 0;
  const share = lastingAt(lasting, ms - fromMs);
  if (goneMs === Infinity || presence.staff) return share;
  const beyond = lastingAt(lasting, goneMs - fromMs);
  return beyond >= 1 ? 1 : (share - beyond) / (1 - beyond);
}
