// Which run a vehicle made at a minute, and how that is known: one pure rule over everything that was ever said about it.
// The same rule answers a phone now and a trace weeks later, so what was learned in between moves the ride by itself
// (docs/decisions/0011).
import type { RunBasis } from '@tongche/contract';
import { firstDepartureMs, lastArrivalMs, runAt, stopAt } from '@tongche/network';
import type { Run } from '@tongche/network';
import { MINUTE_MS } from '@tongche/protocol';
import type { RunRow, TripRow } from '../store/runs.ts';
import type { CorrectionRow, Segment } from '../store/segments.ts';

/** What is known of a vehicle's service day. Every run that something here names is among `runs` or `named`. */
export interface DaySources {
  /** Runs the timetable or the list of the day gives this vehicle, and those its drivers began. */
  readonly runs: readonly RunRow[];
  /** Runs of other vehicles that corrections, dispatch or positions say this one made. */
  readonly named: readonly RunRow[];
  readonly trips: readonly TripRow[];
  /** Dispatch and positions of this vehicle, those of the days around included where they reach in. */
  readonly segments: readonly Segment[];
  readonly corrections: readonly CorrectionRow[];
  /** Other vehicles' dispatch and positions on runs that the timetable gives this one. */
  readonly claims: readonly Segment[];
  /** Runs with measured times, by run. */
  readonly measured: ReadonlyMap<number, Run>;
  /** The timetable has runs of other vehicles on this day and usually of this one, but none today. */
  readonly idle: boolean;
}

export interface Assigned {
  readonly run: RunRow | undefined;
  /** Likely boarding stop. */
  readonly boardSeq: number | undefined;
  readonly basis: RunBasis;
}

/** A driver who forgets to end a trip: it counts this long after its last stop by the timetable at most. */
const tripLateMs = 60 * MINUTE_MS;
/** Between two positions, and while doors stand open before the first and after the last. */
export const POSITION_SLACK_MS = 5 * MINUTE_MS;

function covers({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, ms: number): boolean {
  return fromMs <= ms && ms < toMs;
}

/** Measured stretches hold a little beyond their first and last position. */
function holds({ basis, fromMs, toMs }: Segment, ms: number): boolean {
  const slackMs = basis === 'positions' ? POSITION_SLACK_MS : 0;
  return covers({ fromMs: fromMs - slackMs, toMs: toMs + slackMs }, ms);
}

/** Two service days of one vehicle as one. */
interface Known extends Omit<DaySources, 'measured' | 'idle'> {
  /** Runs of a list of the day. */
  readonly listed: readonly RunRow[];
  /** Runs of the timetable, and the same as runs. */
  readonly timetable: readonly RunRow[];
  readonly timetableRuns: readonly Run[];
  readonly row: (runId: number) => RunRow | undefined;
  readonly measured: (runId: number) => Run | undefined;
}

const nothing: DaySources = {
  runs: [],
  named: [],
  trips: [],
  segments: [],
  corrections: [],
  claims: [],
  measured: new Map(),
  idle: false,
};
/** A trace asks for every minute of a window, one after another: the days joined last are kept. */
let last: { readonly yesterday: DaySources; readonly today: DaySources; readonly known: Known } | undefined;

function joined([yesterday = nothing, today = nothing]: readonly (DaySources | undefined)[]): Known {
  if (last?.yesterday !== yesterday || last.today !== today) {
    last = { yesterday, today, known: join([yesterday, today]) };
  }
  return last.known;
}

function join(present: readonly DaySources[]): Known {
  const runs = present.flatMap((day) => day.runs);
  const named = present.flatMap((day) => day.named);
  const timetable = runs.filter(({ dispatched, run }) => !dispatched && !run.runKey.startsWith('trip:'));
  return {
    runs,
    named,
    listed: runs.filter(({ dispatched }) => dispatched),
    timetable,
    timetableRuns: timetable.map(({ run }) => run),
    trips: present.flatMap((day) => day.trips),
    segments: present.flatMap((day) => day.segments),
    corrections: present.flatMap((day) => day.corrections),
    claims: present.flatMap((day) => day.claims),
    row: (runId) => runs.find((row) => row.runId === runId) ?? named.find((row) => row.runId === runId),
    measured(runId) {
      for (const day of present) {
        const run = day.measured.get(runId);
        if (run !== undefined) return run;
      }
      return undefined;
    },
  };
}

/** The correction said last of those that cover the instant. */
function correctionAt({ corrections }: Known, ms: number): CorrectionRow | undefined {
  let best: CorrectionRow | undefined;
  for (const one of corrections) {
    if (covers(one, ms) && (best === undefined || one.correctionId > best.correctionId)) best = one;
  }
  return best;
}

interface Planned {
  readonly row: RunRow;
  readonly isDispatch: boolean;
  /** Between its first departure and last arrival, not only near. */
  readonly isMoving: boolean;
  readonly saidMs: number;
}

/** By dispatch and timetable. A dispatched run takes the place of the timetable's where their times overlap. */
function plannedAt(known: Known, ms: number): Planned | undefined {
  const said = new Map<RunRow, number>();
  for (const row of known.listed) said.set(row, -Infinity);
  for (const segment of known.segments) {
    const row = segment.basis === 'dispatch' && covers(segment, ms) ? known.row(segment.runId) : undefined;
    if (row !== undefined) said.set(row, segment.saidMs);
  }
  const claimed = new Set(known.claims.filter((claim) => holds(claim, ms)).map(({ runId }) => runId));
  const isPlain = said.size === 0 && claimed.size === 0;
  const pool = isPlain ? known.timetable : poolOf(known, said, claimed);
  const found = runAt(isPlain ? known.timetableRuns : pool.map(({ run }) => run), ms);
  const row = pool.find(({ run }) => run === found);
  if (row === undefined) return undefined;
  return {
    row,
    isDispatch: said.has(row),
    isMoving: firstDepartureMs(row.run) <= ms && ms < lastArrivalMs(row.run),
    saidMs: said.get(row) ?? -Infinity,
  };
}

function poolOf(
  { timetable }: Known,
  said: ReadonlyMap<RunRow, number>,
  claimed: ReadonlySet<number>,
): readonly RunRow[] {
  // A later list of the day may have given away what an earlier one gave this vehicle.
  const dispatched = [...said].flatMap(([row, saidMs]) =>
    saidMs === -Infinity && claimed.has(row.runId) ? [] : [row],
  );
  const scheduled = timetable.filter(
    (row) => !claimed.has(row.runId) && !dispatched.some((other) => overlap(row.run, other.run)),
  );
  return [...dispatched, ...scheduled];
}

function overlap(a: Run, b: Run): boolean {
  return firstDepartureMs(a) < lastArrivalMs(b) && firstDepartureMs(b) < lastArrivalMs(a);
}

/** The driver's trip under way. The boarding time is known to the minute: a trip counts when it touches that minute. */
function tripAt(known: Known, boardedMs: number): { readonly row: RunRow; readonly startedMs: number } | undefined {
  let best: { readonly row: RunRow; readonly startedMs: number } | undefined;
  for (const { startedMs, endedMs, runId } of known.trips) {
    const row = known.row(runId);
    if (row === undefined || boardedMs + MINUTE_MS <= startedMs) continue;
    const overMs = Math.min(endedMs ?? Infinity, lastArrivalMs(row.run) + tripLateMs);
    if (boardedMs < overMs && startedMs >= (best?.startedMs ?? -Infinity)) best = { row, startedMs };
  }
  return best;
}

/** The run the vehicle's positions lie on at the instant, or nearest to it within the slack. */
function positionsAt(known: Known, ms: number): RunRow | undefined {
  let best: RunRow | undefined;
  let bestMs = POSITION_SLACK_MS + 1;
  for (const segment of known.segments) {
    if (segment.basis !== 'positions') continue;
    const gapMs = Math.max(0, segment.fromMs - ms, ms - segment.toMs);
    const row = gapMs < bestMs ? known.row(segment.runId) : undefined;
    if (row !== undefined) [best, bestMs] = [row, gapMs];
  }
  return best;
}

function sourceAt(known: Known, boardedMs: number, middleMs: number): Pick<Assigned, 'run' | 'basis'> {
  const correction = correctionAt(known, middleMs);
  if (correction !== undefined) {
    return { run: correction.runId === null ? undefined : known.row(correction.runId), basis: 'corrected' };
  }
  const planned = plannedAt(known, middleMs);
  const trip = tripAt(known, boardedMs);
  const positions = positionsAt(known, middleMs);
  if (planned?.isDispatch === true) {
    // The later word counts: a controller who sends a vehicle elsewhere after its driver began.
    const isOverTrip = trip === undefined || (planned.isMoving && planned.saidMs > trip.startedMs);
    // Which runs the vehicle makes is dispatch's to say; when it is late, only its positions know.
    const isPlace = positions !== undefined && isDispatched(known, positions);
    if (isOverTrip) return { run: isPlace ? positions : planned.row, basis: 'dispatch' };
  }
  if (trip !== undefined) return { run: trip.row, basis: 'trip' };
  if (positions !== undefined)
    return { run: positions, basis: isDispatched(known, positions) ? 'dispatch' : 'positions' };
  if (planned !== undefined) return { run: planned.row, basis: 'schedule' };
  return { run: undefined, basis: 'usual' };
}

function isDispatched(known: Known, row: RunRow): boolean {
  const isOwn = known.runs.some(({ runId, dispatched }) => dispatched && runId === row.runId);
  return isOwn || known.segments.some(({ basis, runId }) => basis === 'dispatch' && runId === row.runId);
}

/** `days` are the vehicle's service days of the day before and of the boarding. */
export function assignRun(days: readonly (DaySources | undefined)[], boardedMs: number): Assigned {
  const middleMs = boardedMs + MINUTE_MS / 2;
  const known = joined(days);
  const { run, basis } = sourceAt(known, boardedMs, middleMs);
  if (run === undefined) return { run, boardSeq: undefined, basis };
  return { run, boardSeq: stopAt(known.measured(run.runId) ?? run.run, middleMs).seq, basis };
}
