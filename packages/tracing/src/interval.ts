// From a ride and its run's timeline to the stops between which its rider was aboard.
import type { Basis, Interval, Presence, Run, RunStop, StopBounds } from './model.ts';

/** Strongest first: what was seen, what a person said, what was concluded. */
const STRENGTH: readonly StopBounds['basis'][] = ['off-tap', 'rescan', 'interview', 'chained'];
/** A scan may be clocked a little before the doors open. */
const EARLY_SCAN_MS = 60_000;

export function stopsInOrder(run: Run): readonly RunStop[] {
  return run.stops.toSorted((a, b) => a.seq - b.seq);
}

/** The strongest note; among equals the one with the narrowest bounds, then the lowest, so that order never matters. */
export function bestNote(notes: readonly StopBounds[]): StopBounds | undefined {
  function width(note: StopBounds): number {
    return note.alightHi - note.alightLo + note.boardHi - note.boardLo;
  }
  return notes.toSorted(
    (a, b) =>
      STRENGTH.indexOf(a.basis) - STRENGTH.indexOf(b.basis) ||
      width(a) - width(b) ||
      a.boardLo - b.boardLo ||
      a.alightLo - b.alightLo,
  )[0];
}

/** The stop a ride began at: as recorded, else the last one the run had reached when it was scanned. */
function boardSeqOf(presence: Presence, stops: readonly RunStop[]): number {
  if (presence.boardSeq !== null) return presence.boardSeq;
  const reached = stops.filter((stop) => stop.arrMs <= presence.boardedMs + EARLY_SCAN_MS);
  return (reached.at(-1) ?? stops[0])?.seq ?? 0;
}

/**
 * Bounds of a ride on its run; undefined where the run has fewer than two stops or the ride began at the last one.
 * A note counts as far as it fits the run. Without a usable note the rider may have got off anywhere after boarding.
 */
export function intervalOf(presence: Presence, run: Run): Interval | undefined {
  const stops = stopsInOrder(run);
  const first = stops[0]?.seq;
  const last = stops.at(-1)?.seq;
  if (first === undefined || last === undefined || first === last) return undefined;
  const note = bestNote(presence.notes.filter((one) => fitsRun(one, first, last)));
  if (note !== undefined) return clamped(note, first, last);
  const board = Math.max(boardSeqOf(presence, stops), first);
  if (board >= last) return undefined;
  return { boardLo: board, boardHi: board, alightLo: board + 1, alightHi: last, basis: 'timeline' };
}

/** A note written against another timeline (a replaced run) tells nothing here. */
function fitsRun(note: StopBounds, first: number, last: number): boolean {
  return note.boardLo < note.alightHi && note.boardLo < last && note.alightHi > first;
}

function clamped(note: StopBounds, first: number, last: number): Interval {
  const boardLo = Math.max(note.boardLo, first);
  const alightHi = Math.min(note.alightHi, last);
  const boardHi = Math.min(Math.max(note.boardHi, boardLo), alightHi - 1);
  const alightLo = Math.max(Math.min(note.alightLo, alightHi), boardLo + 1);
  const basis: Basis = note.basis;
  return { boardLo, boardHi, alightLo, alightHi, basis };
}
