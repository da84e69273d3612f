// The case's own rides: all of them are known, so they tell of one another. Where the next ride begins is near where the
// last one ended; who is somewhere else is not here any more; a ride registered twice is one ride.
import { MINUTE_MS } from '@tongche/protocol/formats';
import { chained, leadsTo, MAX_WALK_M, usual, walkM as chainWalkM } from './chaining.ts';
import type { Boarding, ChainPlace, ChainRun, Ended } from './chaining.ts';
import { bestEvidence, isFirm } from './stay.ts';
import type { CallAt, Presence, RunTimes, StopEvidence, World } from './types.ts';

/** Two registrations of one person in one space without a timeline are one ride within this. */
const TWICE_MS = 20 * 60_000;

/** Vehicles run early and late. */
const SLACK_MS = 3 * 60_000;
/** By whatever else they came: as fast as cars get on in a city. */
const CAB_M_A_MINUTE = 300;

/** Days of the authority's zone. */
export interface Days {
  /** Numbers the days of somebody's life: they end in the small hours, not at midnight. */
  readonly lifeDay: (ms: number) => number;
  readonly dayStartMs: (ms: number) => number;
}

interface Own {
  readonly presence: Presence;
  readonly run: RunTimes | undefined;
  readonly board: CallAt | undefined;
}

export function byTime(a: Presence, b: Presence): number {
  return a.boardedMs - b.boardedMs || (a.id === b.id ? 0 : a.id < b.id ? -1 : 1);
}

/** Same space and run; without a run, soon after one another. */
export function isSameRide(a: Presence, b: Presence): boolean {
  if (a.unit !== b.unit || a.runKey !== b.runKey || a.staff !== b.staff) return false;
  return a.runKey !== null || Math.abs(a.boardedMs - b.boardedMs) <= TWICE_MS;
}

/** One of two registrations of a ride: boarded at the first, with what either says. Doubtful only where both are. */
export function joined(first: Presence, second: Presence): Presence {
  const goneMs = first.goneMs ?? second.goneMs;
  const seenMs = Math.max(first.seenMs ?? first.boardedMs, second.seenMs ?? second.boardedMs);
  return {
    ...first,
    seenMs: second.doubtful && !first.doubtful ? (first.seenMs ?? first.boardedMs) : seenMs,
    boardSeq: first.boardSeq ?? second.boardSeq,
    goneMs: goneMs !== null && second.goneMs !== null ? Math.max(goneMs, second.goneMs) : goneMs,
    evidence: [...first.evidence, ...second.evidence],
    row: first.row ?? second.row,
    party: Math.max(first.party, second.party),
    doubtful: first.doubtful && second.doubtful,
  };
}

function boardStop(presence: Presence, run: RunTimes): CallAt | undefined {
  const told = presence.boardSeq ?? bestEvidence(presence.evidence)?.boardLo;
  if (told !== undefined) return run.stops.find(({ seq }) => seq >= told);
  return run.stops.findLast(({ arrMs }) => arrMs <= presence.boardedMs) ?? run.stops[0];
}

function placeOf({ name, lat, lon }: CallAt): ChainPlace {
  if (lat === null || lon === null) return { name };
  return { name, at: [Math.round(lat * 10_000), Math.round(lon * 10_000)] };
}

/** Minutes are counted from `dayMs`, the start of the day of the ride that is to be ended. */
function boardingOf({ presence, board }: Own, dayMs: number): Boarding {
  return { minute: (presence.boardedMs - dayMs) / MINUTE_MS, place: board === undefined ? undefined : placeOf(board) };
}

function chainRun({ run, board }: Own, dayMs: number): ChainRun | undefined {
  if (run === undefined || board === undefined) return undefined;
  const stops = run.stops.map((stop) => ({
    ...placeOf(stop),
    seq: stop.seq,
    arr: (stop.arrMs - dayMs) / MINUTE_MS,
    dep: (stop.depMs - dayMs) / MINUTE_MS,
  }));
  return { boardSeq: board.seq, stops };
}

function walkTo({ run }: Own, best: number | undefined, { board }: Own): number | undefined {
  const from = run?.stops.find(({ seq }) => seq === best);
  if (from === undefined || board === undefined) return undefined;
  return chainWalkM(placeOf(from), placeOf(board));
}

type Link = NonNullable<StopEvidence['link']>;

function linked(own: Own, to: Own, link: Link, dayMs: number): StopEvidence | undefined {
  const run = chainRun(own, dayMs);
  if (run === undefined) return undefined;
  const there = boardingOf(to, dayMs);
  const found = link === 'wrap' ? chained(run, undefined, there) : chained(run, there);
  if (found === undefined) return undefined;
  const walkM = walkTo(own, found.best, to);
  const { basis, alightLo, alightHi, best } = found;
  // Only the alighting is told by another ride; the boarding is left to the scan.
  const board = { boardLo: own.run?.stops[0]?.seq ?? 0, boardHi: Math.max(alightHi - 1, 0) };
  return {
    basis,
    ...board,
    alightLo,
    alightHi,
    ...(best === undefined ? {} : { best }),
    ...(walkM === undefined ? {} : { walkM: Math.round(walkM) }),
    link,
  };
}

/** The next ride that the same person can have made. */
function nextOf(all: readonly Own[], at: number): Own | undefined {
  const own = all[at];
  return own === undefined ? undefined : all.slice(at + 1).find((one) => isReachable(own, one));
}

/** Where a ride leads: to the next of its day, else back to the first of its day, else to the first of the next day. */
function chain(all: readonly Own[], at: number, days: Days): StopEvidence | undefined {
  const own = all[at];
  if (own === undefined) return undefined;
  const { boardedMs } = own.presence;
  const day = days.lifeDay(boardedMs);
  const dayMs = days.dayStartMs(boardedMs);
  const next = nextOf(all, at);
  if (next !== undefined && days.lifeDay(next.presence.boardedMs) === day) return linked(own, next, 'next', dayMs);
  const first = all.find((one) => days.lifeDay(one.presence.boardedMs) === day);
  const wrap = first === undefined || first === own ? undefined : linked(own, first, 'wrap', dayMs);
  return wrap ?? (next === undefined ? undefined : linked(own, next, 'next-day', dayMs));
}

/** The stop where a ride is known to have ended, or taken to. */
function endOf(own: Own, ride: Presence | undefined): CallAt | undefined {
  const told = bestEvidence(ride?.evidence ?? []);
  if (own.run === undefined || told === undefined || told.basis === 'habitual' || !isFirm(told)) return undefined;
  const seq = told.best ?? (told.alightLo === told.alightHi ? told.alightLo : undefined);
  return own.run.stops.find((stop) => stop.seq === seq);
}

/** Whether the same person can have made both: got off somewhere ahead, and come from there to where the next ride began. */
function isReachable(own: Own, next: Own): boolean {
  if (own.run === undefined || own.board === undefined || next.board === undefined) return true;
  if (next.presence.runKey === own.presence.runKey) return true;
  const to = placeOf(next.board);
  const boardedMs = next.presence.boardedMs;
  return own.run.stops.some((stop) => {
    if (stop.seq <= (own.board?.seq ?? 0) || stop.arrMs > boardedMs + SLACK_MS) return false;
    const metres = chainWalkM(placeOf(stop), to);
    return (
      metres === undefined || metres <= MAX_WALK_M + (Math.max(boardedMs - stop.arrMs, 0) / MINUTE_MS) * CAB_M_A_MINUTE
    );
  });
}

/**
 * Somebody who registers elsewhere is gone; in another carriage of the same run they have only moved. Not so where it was
 * seen or said how the ride ended: two people may share a phone.
 */
function goneBy(own: Own, next: Own | undefined): number | null {
  const { presence } = own;
  if (next === undefined || next.presence.staff || presence.staff) return presence.goneMs;
  const isKnown = presence.evidence.some(({ basis }) => basis === 'observed' || basis === 'interviewed');
  const isMoved = next.presence.runKey !== null && next.presence.runKey === presence.runKey;
  if (isKnown && !isMoved) return presence.goneMs;
  return Math.min(presence.goneMs ?? Infinity, next.presence.boardedMs);
}

function isSaid({ staff, evidence }: Presence): boolean {
  return staff || evidence.some(({ basis }) => basis === 'observed' || basis === 'interviewed');
}

/** All rides are known here, also those that no phone made, with measured times: the chain found here replaces a weaker note. */
function chainedBy(presence: Presence, link: StopEvidence | undefined): readonly StopEvidence[] {
  const { evidence } = presence;
  if (link === undefined || isSaid(presence)) return evidence;
  return isFirm(link) ? [link] : evidence.some(isFirm) ? evidence : [...evidence, link];
}

function endedBy(own: Own, ride: Presence, days: Days): Ended | undefined {
  const end = endOf(own, ride);
  if (end === undefined || own.board === undefined) return undefined;
  return { day: days.lifeDay(own.presence.boardedMs), board: placeOf(own.board), end: placeOf(end) };
}

/** What the person's other days add, by the rule of the phones. Undefined where they add nothing. */
function settledBy(
  all: readonly Own[],
  at: number,
  ride: Presence,
  ended: readonly Ended[],
  days: Days,
): readonly StopEvidence[] | undefined {
  const own = all[at];
  if (own?.run === undefined || own.board === undefined || isSaid(ride)) return undefined;
  const today = days.lifeDay(own.presence.boardedMs);
  const start = placeOf(own.board);
  const others = ended.filter((one) => one.day !== today && leadsTo(start, one) !== undefined);
  if (others.length === 0) return undefined;
  const dayMs = days.dayStartMs(own.presence.boardedMs);
  const run = chainRun(own, dayMs);
  const next = nextOf(all, at);
  const habit = run === undefined ? undefined : usual(run, others, next === undefined ? next : boardingOf(next, dayMs));
  if (habit === undefined) return undefined;
  const { alightLo, alightHi, best, settled } = habit;
  const firm = bestEvidence(ride.evidence.filter(isFirm));
  if (firm !== undefined) {
    const isOpen = settled === true && best >= firm.alightLo && best <= firm.alightHi;
    return isOpen ? [{ ...firm, best, settled }] : undefined;
  }
  const bounds = { boardLo: own.run.stops[0]?.seq ?? 0, boardHi: Math.max(alightHi - 1, 0), alightLo, alightHi, best };
  const found: StopEvidence = { basis: 'habitual', ...bounds, ...(settled === true ? { settled } : {}) };
  return [...ride.evidence.filter(({ basis }) => basis !== 'habitual'), found];
}

/**
 * Rides of one person, in order, each once, bounded by the next one; where nobody saw or said where a ride ended, chained to
 * where the next one began, or else to where they usually get off.
 */
export function ownRides(rides: readonly Presence[], world: World, days: Days): readonly Presence[] {
  const once: Presence[] = [];
  for (const ride of rides.toSorted(byTime)) {
    const at = once.findLastIndex((one) => isSameRide(one, ride));
    const kept = once[at];
    if (kept === undefined) once.push(ride);
    else once[at] = joined(kept, ride);
  }
  const all = once.map((presence): Own => {
    const run = presence.runKey === null ? undefined : world.run(presence.runKey);
    return { presence, run, board: run === undefined ? undefined : boardStop(presence, run) };
  });
  const ended = all.map((own, at): Presence => {
    const { presence } = own;
    const goneMs = goneBy(own, nextOf(all, at));
    return { ...presence, goneMs, evidence: chainedBy(presence, chain(all, at, days)) };
  });
  const ends = ended.flatMap((presence, at) => {
    const own = all[at];
    return (own === undefined ? undefined : endedBy(own, presence, days)) ?? [];
  });
  return ended.map((presence, at) => {
    const evidence = settledBy(all, at, presence, ends, days);
    return evidence === undefined ? presence : { ...presence, evidence };
  });
}
