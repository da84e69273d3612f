// Shared by the tests of the engine: a small city of runs, and sources that answer from a list.
import { defaultPriors, policyById } from './index.ts';
import type {
  CallAt,
  CaseFacts,
  Presence,
  PresenceSource,
  Priors,
  RunTimes,
  Space,
  StopEvidence,
  TraceInput,
  World,
} from './index.ts';

export const minuteMs = 60_000;
export const ZONE = 'Asia/Shanghai';
/** 2020-02-20, a Thursday, 08:00 in Shanghai. */
export const DAY = 18_312;
export const EIGHT = DAY * 86_400_000;

/** Everything known for certain: what is not tested is kept out of the sums. */
export const plainPriors: Priors = {
  ...defaultPriors,
  version: 'plain',
  chained: { sure: 0.9, wrap: 0.7, nextDay: 0.5, farWalkM: 350, farFactor: 0.6, exact: 0.8 },
  scan: { lagS: 0, lateShare: 0, lateS: 300, wrongShare: 0 },
  clockS: { avl: 0, trip: 0, 'gtfs-rt': 0, schedule: 0, 'scan-burst': 0 },
  /** Every stop is as likely as the other. */
  rideStops: { ...defaultPriors.rideStops, bus: [1], carriage: [1] },
  calibration: {},
};

export function call(seq: number, arrMs: number, depMs: number, more: Partial<CallAt> = {}): CallAt {
  const name = { zh: `站${seq}`, en: `Stop ${seq}` };
  return { seq, stopId: `s${seq}`, name, lat: null, lon: null, arrMs, depMs, source: 'avl', ...more };
}

/** Stops 0..count-1, four minutes apart, standing for one. */
export function runOf(runKey: string, startMs = EIGHT, count = 8, vehicle = 'bus1'): RunTimes {
  return {
    runKey,
    vehicle,
    lineId: 'l1',
    dir: 0,
    line: { zh: 'M133路', en: 'M133' },
    stops: Array.from({ length: count }, (_, seq) =>
      call(seq, startMs + seq * 4 * minuteMs, startMs + (seq * 4 + 1) * minuteMs),
    ),
  };
}

export function spaceOf(unit: string, more: Partial<Space> = {}): Space {
  return {
    unit,
    kind: 'bus',
    vehicle: unit,
    carriageNo: null,
    label: { zh: unit, en: unit },
    plate: null,
    capacity: 80,
    air: 'unknown',
    litresPerSecond: null,
    ...more,
  };
}

/** Boards run r1 at a stop, in the middle of its minute there. */
export function ride(id: string, stop: number, more: Partial<Presence> = {}): Presence {
  return {
    id,
    person: `p-${id}`,
    unit: 'bus1',
    runKey: 'r1',
    via: 'scan',
    boardedMs: EIGHT + (stop * 4 + 1) * minuteMs,
    boardSeq: null,
    goneMs: null,
    evidence: [],
    row: null,
    party: 0,
    staff: false,
    doubtful: false,
    ...more,
  };
}

export function fromTo(board: number, alight: number, basis: StopEvidence['basis'] = 'observed'): StopEvidence {
  return { basis, boardLo: board, boardHi: board, alightLo: alight, alightHi: alight };
}

export function sourceOf(presences: readonly Presence[]): PresenceSource {
  const within = (one: Presence, fromMs: number, toMs: number) => one.boardedMs >= fromMs && one.boardedMs < toMs;
  return {
    on: (unit, fromMs, toMs) => presences.filter((one) => one.unit === unit && within(one, fromMs, toMs)),
    of: (person, fromMs, toMs) => presences.filter((one) => one.person === person && within(one, fromMs, toMs)),
  };
}

export function worldOf(runs: readonly RunTimes[], spaces: readonly Space[] = []): World {
  const byKey = new Map(runs.map((run) => [run.runKey, run]));
  const byUnit = new Map(spaces.map((space) => [space.unit, space]));
  return {
    run: (runKey) => byKey.get(runKey),
    space: (unit) => byUnit.get(unit) ?? spaceOf(unit),
    unitsOf: (vehicle) => spaces.filter((space) => space.vehicle === vehicle).map(({ unit }) => unit),
  };
}

export const nothingKnown: CaseFacts = {
  persons: ['p-c'],
  onset: { lo: DAY + 1, hi: DAY + 1 },
  sample: null,
  rash: null,
  infectious: null,
  isolatedMs: null,
  severe: false,
  masked: null,
  legs: [],
  interviewed: {},
};

function policyNamed(id: string) {
  const policy = policyById(id);
  if (policy === undefined) throw new Error(`no policy ${id}`);
  return policy;
}

export const covid = policyNamed('covid-cn-2020');

export function inputOf(presences: readonly Presence[], more: Partial<TraceInput> = {}): TraceInput {
  return {
    policy: covid,
    zone: ZONE,
    facts: nothingKnown,
    source: sourceOf(presences),
    world: worldOf([runOf('r1')]),
    priors: plainPriors,
    untilMs: EIGHT + 5 * 86_400_000,
    ...more,
  };
}
