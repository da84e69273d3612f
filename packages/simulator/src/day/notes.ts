// The stop note a phone writes, by the rules of the passenger page: from the run of the scan's answer, never from the plan alone.
import type { RideReceipt } from '@tongche/contract';
import type { StopNote } from '@tongche/protocol';
import { chained } from '@tongche/tracing/chaining';
import type { Boarding } from '@tongche/tracing/chaining';
import type { Leaving, PlannedRide } from './model.ts';

/** Around "now" this many minutes of timetable count as the same stop. */
const slackMinutes = 3;
const minuteMs = 60_000;

/** What a rider says. Undefined where there is nothing to say: no run, another run than the rider's own, or a stop already behind. */
export function noteOf(
  leaving: Leaving,
  ride: PlannedRide,
  { run }: RideReceipt,
  dayStartMs: number,
): StopNote | undefined {
  if (leaving === 'silent' || leaving === 'chained' || run === null || run.key !== ride.runKey) return undefined;
  const { boardSeq } = run;
  const ahead = run.stops.filter((stop) => stop.seq > boardSeq);
  const stop = ahead.find(({ seq }) => seq === ride.alightSeq);
  if (stop === undefined) return undefined;
  const board = { boardLo: boardSeq, boardHi: boardSeq };
  if (leaving === 'rescan') {
    const minute = Math.max(0, Math.floor((ride.alightMs - dayStartMs) / minuteMs));
    const near = ahead.filter(({ arr, dep }) => dep >= minute - slackMinutes && arr <= minute + slackMinutes);
    const alight = { alightLo: near[0]?.seq ?? stop.seq, alightHi: near.at(-1)?.seq ?? stop.seq };
    return { basis: leaving, ...board, ...alight, minuteLo: minute, minuteHi: minute };
  }
  const minutes = { minuteLo: Math.max(0, stop.arr - slackMinutes), minuteHi: stop.dep + slackMinutes };
  return { basis: leaving, ...board, alightLo: stop.seq, alightHi: stop.seq, ...minutes };
}

interface Boarded {
  readonly boardedMs: number;
  readonly receipt: RideReceipt;
}

function boardingOf({ boardedMs, receipt: { run } }: Boarded, dayStartMs: number): Boarding {
  return { minute: (boardedMs - dayStartMs) / minuteMs, place: run?.stops.find(({ seq }) => seq === run.boardSeq) };
}

/** What the phone tells by itself of the ride before: it knows no plan, only what its scans were answered. */
export function noteBefore(before: RideReceipt, next: Boarded, dayStartMs: number): StopNote | undefined {
  return before.run === null ? undefined : chained(before.run, boardingOf(next, dayStartMs));
}
