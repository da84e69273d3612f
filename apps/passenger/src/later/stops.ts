// Where and when a rider got off, as ranges of stops and minutes of the run. Pure; the phone alone knows, the vault alone reads.
import type { RideReceipt } from '@tongche/contract';
import type { NoteBasis, StopNote } from '@tongche/protocol/formats';

export type Run = NonNullable<RideReceipt['run']>;
export type Stop = Run['stops'][number];

/** Vehicles run early and late: around "now" this many minutes of timetable count as the same stop. */
const SLACK_MINUTES = 3;
/** Notes count minutes from the day's start; a ride that began late may end on the next day. */
const MAX_MINUTE = 2879;
/** A vehicle without a run (taxi, station): no stop is named. */
const NO_STOP = 255;

function clamp(minute: number): number {
  return Math.min(MAX_MINUTE, Math.max(0, Math.floor(minute)));
}

/** Stops behind the one where the ride began. */
export function stopsAhead(run: Run): readonly Stop[] {
  return run.stops.filter((stop) => stop.seq > run.boardSeq);
}

/** The stop the vehicle is at, or comes to next, by the timetable. */
export function likelyStop(run: Run, minute: number): Stop | undefined {
  const ahead = stopsAhead(run);
  return ahead.find((stop) => Math.max(stop.arr, stop.dep) >= minute - 1) ?? ahead.at(-1);
}

/** A stop the rider chose. */
export function noteAtStop(basis: NoteBasis, run: Run, stop: Stop): StopNote {
  const { boardSeq } = run;
  const minuteLo = clamp(stop.arr - SLACK_MINUTES);
  const minuteHi = Math.max(minuteLo, clamp(stop.dep + SLACK_MINUTES));
  return { basis, boardLo: boardSeq, boardHi: boardSeq, alightLo: stop.seq, alightHi: stop.seq, minuteLo, minuteHi };
}

/** "Now", somewhere on the run or on a vehicle without one. `boardedMinute` bounds it from below. */
export function noteNow(basis: NoteBasis, run: Run | null, boardedMinute: number, minute: number): StopNote {
  const at = clamp(Math.max(minute, boardedMinute));
  if (run === null) {
    return { basis, boardLo: 0, boardHi: NO_STOP, alightLo: 0, alightHi: NO_STOP, minuteLo: at, minuteHi: at };
  }
  const ahead = stopsAhead(run);
  const near = ahead.filter((stop) => stop.dep >= at - SLACK_MINUTES && stop.arr <= at + SLACK_MINUTES);
  const [first, last] = near.length > 0 ? [near[0], near.at(-1)] : [likelyStop(run, at), likelyStop(run, at)];
  const { boardSeq } = run;
  return {
    basis,
    boardLo: boardSeq,
    boardHi: boardSeq,
    alightLo: first?.seq ?? boardSeq,
    alightHi: last?.seq ?? boardSeq,
    minuteLo: at,
    minuteHi: at,
  };
}
