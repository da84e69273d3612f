// A recorded month of one bus line (Chongqing 211), boarding scans only: the engine is not told where anybody got off, and is
// graded against the fellow riders that the recorded alightings give.
import { readExpected, readRides, readVisits } from '@tongche/simulator';
import { trace } from '@tongche/tracing';
import type { CallAt, Presence, PresenceSource, Priors, RunTimes, World } from '@tongche/tracing';
import { ruleFor } from '../ladder/policy.ts';
import { THRESHOLDS } from '../parameters.ts';
import { bestF1, brier, calibrationError, scoresAt } from '../score/scores.ts';
import type { Judged, Scores } from '../score/scores.ts';

type Ride = Awaited<ReturnType<typeof readRides>>[number];
type Visit = Awaited<ReturnType<typeof readVisits>>[number];
type Expected = Awaited<ReturnType<typeof readExpected>>[number];

export interface RecordingFiles {
  readonly rides: string;
  readonly visits: string;
  readonly expected: string;
}

export interface RecordingGrade {
  /** `same run`: everybody of the run. `stop`: the boarding stop is known. `time`: only the minute of boarding is. */
  readonly method: 'same run' | 'boarding stop known' | 'boarding minute known';
  readonly cases: number;
  readonly at: readonly (Scores & { readonly threshold: number | null })[];
  readonly bestF1: number;
  readonly ece: number;
  readonly brier: number;
}

const ZONE = 'Asia/Shanghai';
const OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;
const MINUTE_S = 60;

function dayStartMs(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) - OFFSET_MS;
}

/** Times of a run's stops; where the recording leaves one out, the next one's, and never backwards. */
function callsOf(visits: readonly Visit[]): readonly CallAt[] {
  const startMs = dayStartMs(visits[0]?.date ?? '1970-01-01');
  let last = 0;
  return visits
    .toSorted((a, b) => a.seq - b.seq)
    .flatMap(({ seq, line, direction, arriveS, departS }): readonly CallAt[] => {
      const arrS = arriveS ?? departS;
      if (arrS === undefined) return [];
      const arrMs = Math.max(last, startMs + arrS * 1_000);
      const depMs = Math.max(arrMs, startMs + (departS ?? arrS) * 1_000);
      last = depMs;
      const name = { zh: `${line}路第${seq}站`, en: `${line} stop ${seq}` };
      return [{ seq, stopId: `${line}/${direction}/${seq}`, name, lat: null, lon: null, arrMs, depMs, source: 'avl' }];
    });
}

function runsOf(visits: readonly Visit[]): ReadonlyMap<string, RunTimes> {
  const byRun = Map.groupBy(visits, ({ runId }) => runId);
  byRun.delete('');
  return new Map(
    [...byRun].map(([runKey, of]) => {
      const { line = '', direction = '0' } = of[0] ?? {};
      const dir = direction === '1' ? 1 : 0;
      return [runKey, { runKey, vehicle: runKey, lineId: line, dir, line: { zh: line, en: line }, stops: callsOf(of) }];
    }),
  );
}

function worldOf(runs: ReadonlyMap<string, RunTimes>): World {
  return {
    run: (runKey) => runs.get(runKey),
    space: (unit) => ({
      unit,
      kind: 'bus',
      vehicle: unit,
      carriageNo: null,
      label: { zh: unit, en: unit },
      plate: null,
      capacity: null,
      air: 'sealed',
      litresPerSecond: null,
    }),
    unitsOf: (vehicle) => [vehicle],
  };
}

/** A recorded run is a vehicle of its own: nobody knows which bus made it. Recorded times are whole minutes. */
function presenceOf(ride: Ride, index: number, knowsStop: boolean): Presence {
  return {
    id: String(index),
    person: ride.card,
    unit: ride.runId,
    runKey: ride.runId,
    via: 'card',
    boardedMs: dayStartMs(ride.date) + (ride.boardS + MINUTE_S / 2) * 1_000,
    boardSeq: knowsStop ? ride.boardSeq : null,
    goneMs: null,
    evidence: [],
    row: null,
    party: 0,
    staff: false,
    doubtful: false,
  };
}

function sourceOf(presences: readonly Presence[]): PresenceSource {
  const [byUnit, byPerson] = [
    Map.groupBy(presences, ({ unit }) => unit),
    Map.groupBy(presences, ({ person }) => person),
  ];
  const within = (rows: readonly Presence[] | undefined, fromMs: number, toMs: number) =>
    (rows ?? []).filter(({ boardedMs }) => boardedMs >= fromMs && boardedMs < toMs);
  return {
    on: (unit, fromMs, toMs) => within(byUnit.get(unit), fromMs, toMs),
    of: (person, fromMs, toMs) => within(byPerson.get(person), fromMs, toMs),
  };
}

function judgedCase(one: Expected, named: ReadonlyMap<string, number>): readonly Judged[] {
  const fellows = new Set(one.fellowRiders);
  const missed = one.fellowRiders.filter((card) => !named.has(card));
  return [
    ...[...named].map(([card, probability]) => ({ probability, isContact: fellows.has(card), minutes: 0 })),
    ...missed.map(() => ({ probability: 0, isContact: true, minutes: 0 })),
  ];
}

function traced(one: Expected, source: PresenceSource, world: World, priors: Priors): ReadonlyMap<string, number> {
  const [firstMs, endMs] = [dayStartMs(one.fromDate), dayStartMs(one.toDate) + DAY_MS];
  const firstDay = (firstMs + OFFSET_MS) / DAY_MS;
  const rule = ruleFor(Math.round((endMs - firstMs) / DAY_MS), 0, firstDay, endMs);
  const day = { lo: rule.lastDay, hi: rule.lastDay };
  const { contacts } = trace({
    policy: rule.policy,
    zone: ZONE,
    facts: {
      persons: [one.card],
      onset: day,
      sample: null,
      rash: null,
      infectious: null,
      isolatedMs: endMs,
      severe: false,
      masked: null,
      legs: [],
      interviewed: {},
    },
    source,
    world,
    priors,
    untilMs: endMs,
  });
  return new Map(contacts.map(({ person, probability }) => [person, probability]));
}

function aboard(one: Expected, source: PresenceSource): ReadonlyMap<string, number> {
  const [fromMs, toMs] = [dayStartMs(one.fromDate), dayStartMs(one.toDate) + DAY_MS];
  const own = [...source.of(one.card, fromMs, toMs)];
  const others = own.flatMap(({ unit }) => [...source.on(unit, 0, Infinity)]);
  return new Map(others.filter(({ person }) => person !== one.card).map(({ person }) => [person, 1]));
}

function graded(
  method: RecordingGrade['method'],
  cases: readonly Expected[],
  name: (one: Expected) => ReadonlyMap<string, number>,
): RecordingGrade {
  const judged = cases.flatMap((one) => judgedCase(one, name(one)));
  const thresholds = method === 'same run' ? [null] : THRESHOLDS;
  return {
    method,
    cases: cases.length,
    at: thresholds.map((threshold) => ({ threshold, ...scoresAt(judged, threshold ?? 0, cases.length) })),
    bestF1: bestF1(judged)?.f1 ?? 0,
    ece: calibrationError(judged, 0),
    brier: brier(judged, 0),
  };
}

/** Throws ConfigError where a file cannot be read. */
export async function gradeRecording(files: RecordingFiles, priors: Priors): Promise<readonly RecordingGrade[]> {
  const [rides, visits, expected] = [
    await readRides(files.rides),
    await readVisits(files.visits),
    await readExpected(files.expected),
  ];
  const runs = runsOf(visits);
  const known = rides.filter(({ runId }) => runs.has(runId));
  const world = worldOf(runs);
  const [byStop, byTime] = [true, false].map((knowsStop) =>
    sourceOf(known.map((ride, index) => presenceOf(ride, index, knowsStop))),
  );
  if (byStop === undefined || byTime === undefined) throw new Error('two ways of knowing');
  return [
    graded('same run', expected, (one) => aboard(one, byStop)),
    graded('boarding stop known', expected, (one) => traced(one, byStop, world, priors)),
    graded('boarding minute known', expected, (one) => traced(one, byTime, world, priors)),
  ];
}
