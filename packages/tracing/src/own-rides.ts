// The case's own rides: all of them are known, so they tell of one another. Where the next ride begins is near where the
// last one ended; who is somewhere else is not here any more; a ride registered twice is one ride.
import { distanceM } from '@tongche/network';
import { bestEvidence } from './stay.ts';
import type { CallAt, Presence, RunTimes, StopEvidence, World } from './types.ts';

/** Nobody walks further from one ride to the next without it being another errand. */
const MAX_WALK_M = 1000;
/** Two registrations of one person in one space without a timeline are one ride within this. */
const TWICE_MS = 20 * 60_000;

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

function walkBetween(a: CallAt, b: CallAt): number | undefined {
  if (a.stopId !== null && a.stopId === b.stopId) return 0;
  if (a.lat === null || a.lon === null || b.lat === null || b.lon === null) return undefined;
  return distanceM({ lat: a.lat, lon: a.lon }, { lat: b.lat, lon: b.lon });
}

/** The stop of `own`'s run, behind its boarding, nearest to where `next` began; undefined where none is within a walk. */
function chainTo(own: Own, next: Own, link: NonNullable<StopEvidence['link']>): StopEvidence | undefined {
  if (own.run === undefined || own.board === undefined || next.board === undefined) return undefined;
  let nearest: CallAt | undefined;
  let walkM = Infinity;
  for (const stop of own.run.stops) {
    if (stop.seq <= own.board.seq) continue;
    if (link === 'next' && stop.arrMs > next.presence.boardedMs) break;
    const metres = walkBetween(stop, next.board);
    if (metres !== undefined && metres < walkM) [nearest, walkM] = [stop, metres];
  }
  if (nearest === undefined || walkM > MAX_WALK_M) return undefined;
  const at = own.run.stops.indexOf(nearest);
  const before = own.run.stops[at - 1];
  const after = own.run.stops[at + 1] ?? nearest;
  return {
    basis: 'chained',
    boardLo: own.run.stops[0]?.seq ?? 0,
    boardHi: before?.seq ?? own.board.seq,
    alightLo: before === undefined ? nearest.seq : Math.max(before.seq, own.board.seq + 1),
    alightHi: after.seq,
    best: nearest.seq,
    walkM: Math.round(walkM),
    link,
  };
}

/** Where a ride leads: to the next of its day, else back to the first of its day, else to the first of the next day. */
function chained(all: readonly Own[], at: number, dayOf: (ms: number) => number): StopEvidence | undefined {
  const own = all[at];
  if (own === undefined) return undefined;
  const day = dayOf(own.presence.boardedMs);
  const next = all[at + 1];
  if (next !== undefined && dayOf(next.presence.boardedMs) === day) return chainTo(own, next, 'next');
  const first = all.find((one) => dayOf(one.presence.boardedMs) === day);
  const wrap = first === undefined || first === own ? undefined : chainTo(own, first, 'wrap');
  return wrap ?? (next === undefined ? undefined : chainTo(own, next, 'next-day'));
}

/** Somebody who registers elsewhere is gone; in another carriage of the same run they have only moved. */
function goneBy(presence: Presence, next: Presence | undefined): number | null {
  if (next === undefined || next.staff || presence.staff) return presence.goneMs;
  return Math.min(presence.goneMs ?? Infinity, next.boardedMs);
}

/**
 * Rides of one person, in order, each once, bounded by the next one; where nobody saw or said where a ride ended, chained to
 * where the next one began. `dayOf` numbers the days of somebody's life (they end in the small hours).
 */
export function ownRides(rides: readonly Presence[], world: World, dayOf: (ms: number) => number): readonly Presence[] {
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
  return once.map((presence, at) => {
    const goneMs = goneBy(presence, once[at + 1]);
    const isKnown = presence.staff || presence.evidence.some(({ basis }) => basis !== 'habitual');
    const link = isKnown ? undefined : chained(all, at, dayOf);
    return { ...presence, goneMs, evidence: link === undefined ? presence.evidence : [...presence.evidence, link] };
  });
}
