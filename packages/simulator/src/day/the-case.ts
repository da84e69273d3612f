// The case's own day: a few rides on vehicles that are full at that hour, each beginning where the one before ended.
import type { Run, UnitId } from '@tongche/network';
import { firstDepartureMs } from '@tongche/network';
import { endOf } from './journeys.ts';
import type { Leg } from './journeys.ts';
import type { Leaving, PlannedRide, RiderId } from './model.ts';
import type { Timetable, Way } from './ways.ts';

const minuteMs = 60_000;
/** The case leaves home at this hour, and may wait this long for a vehicle. */
const firstHour = 7.3;
const searchMs = 35 * minuteMs;
/** Of a way's stops the case rides this part at most. */
const rideShare = 0.55;
const scanLagMs = 12_000;
/** What its phone says of where it got off, ride by ride; the last one says nothing. */
const leavings: readonly Leaving[] = ['off-tap', 'chained', 'off-tap', 'silent'];

interface Choice {
  readonly way: Way;
  readonly run: Run;
  readonly unitId: UnitId;
  readonly boardSeq: number;
  readonly aboard: number;
}

export interface CaseDay {
  readonly startMs: number;
  readonly untilMs: number;
  readonly rides: number;
}

function crowdOf(legs: readonly Leg[]): (unitId: UnitId, runKey: string) => number {
  const crowd = new Map<string, number>();
  for (const { unitId, run } of legs) {
    const key = `${unitId}|${run.runKey}`;
    crowd.set(key, (crowd.get(key) ?? 0) + 1);
  }
  return (unitId, runKey) => crowd.get(`${unitId}|${runKey}`) ?? 0;
}

/** The fullest unit that leaves one of these places in time. */
function fullest(
  timetable: Timetable,
  crowd: ReturnType<typeof crowdOf>,
  places: readonly { readonly way: Way; readonly seq: number }[],
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): Choice | undefined {
  let best: Choice | undefined;
  for (const { way, seq } of places) {
    if (seq > way.stops.length / 2) continue;
    for (const run of way.runs) {
      const depMs = run.stops[seq]?.depMs ?? 0;
      const isOver = (run.stops.at(-1)?.arrMs ?? 0) > untilMs;
      if (depMs < fromMs || depMs > fromMs + searchMs || isOver) continue;
      for (const { unitId } of timetable.unitsOf(run)) {
        const aboard = crowd(unitId, run.runKey);
        if (best === undefined || aboard > best.aboard) best = { way, run, unitId, boardSeq: seq, aboard };
      }
    }
  }
  return best;
}

/** Where to get off: the last stop in reach where another line goes on, else the last one in reach. */
function alightOf(timetable: Timetable, { way, boardSeq }: Choice): number {
  const furthest = Math.min(way.stops.length - 1, boardSeq + Math.ceil(way.stops.length * rideShare));
  for (let seq = furthest; seq > boardSeq + 1; seq -= 1) if (timetable.onward(way, seq).length > 0) return seq;
  return furthest;
}

export function planCase(
  timetable: Timetable,
  others: readonly Leg[],
  riderId: RiderId,
  { startMs, untilMs, rides }: CaseDay,
): readonly PlannedRide[] {
  const crowd = crowdOf(others);
  const home = timetable.ways.filter(({ runs }) => runs.length > 1).map((way) => ({ way, seq: 1 }));
  const found: PlannedRide[] = [];
  let places: readonly { readonly way: Way; readonly seq: number }[] = home;
  let readyMs = startMs + firstHour * 60 * minuteMs;
  while (found.length < rides) {
    const span = { fromMs: readyMs, untilMs };
    const choice = fullest(timetable, crowd, places, span) ?? fullest(timetable, crowd, home, span);
    if (choice === undefined) break;
    const { run, unitId, boardSeq } = choice;
    const leg: Leg = { riderId, unitId, run, boardSeq, alightSeq: alightOf(timetable, choice) };
    const boardMs = run.stops[boardSeq]?.depMs ?? firstDepartureMs(run);
    const leaving = leavings[found.length % leavings.length] ?? 'silent';
    found.push({
      riderId,
      unitId,
      runKey: run.runKey,
      boardSeq,
      alightSeq: leg.alightSeq,
      boardMs,
      alightMs: endOf(leg),
      scanMs: boardMs + scanLagMs,
      registration: { kind: 'scan', party: 0, companion: undefined, sentMs: undefined, wrong: undefined, leaving },
    });
    const onward = timetable.onward(choice.way, leg.alightSeq);
    places = onward.length > 0 ? onward : home;
    // Two short changes, then some time at a place, and on again.
    readyMs = endOf(leg) + (found.length % 2 === 1 ? 2 : 50) * minuteMs;
  }
  return found;
}
