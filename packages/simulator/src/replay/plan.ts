// Turns recorded rides and stop visits into a city with its timetable, and each ride into what its phone does.
// Stop numbers become dense numbers of the run in the file's order, which keeps every comparison of two of them.
import type { CityCode, Unit } from '@tongche/network';
import type { Feed, Assignment } from '@tongche/network/import';
import { dayFromText, encodeCode, makeShortCode, unwrap } from '@tongche/protocol';
import { serviceStartMs } from '@tongche/network';
import type { RideRow, VisitRow } from './files.ts';

/** A moment of the replay: one ride boards. Without a run there are no stops and no note. */
export interface PlannedRide {
  readonly card: string;
  /** Service date, as the file has it. */
  readonly date: string;
  readonly code: Uint8Array<ArrayBuffer>;
  readonly boardedMs: number;
  readonly stops: { readonly board: number; readonly alight: number; readonly alightMs: number } | undefined;
}
export interface ReplayPlan {
  readonly feed: Feed;
  readonly units: readonly Unit[];
  readonly codes: readonly CityCode[];
  readonly assignments: readonly Assignment[];
  /** In order of boarding. */
  readonly rides: readonly PlannedRide[];
}

interface PlannedStop {
  readonly seq: number;
  arriveS: number;
  departS: number;
}
interface PlannedRun {
  readonly key: string;
  readonly date: string;
  readonly line: string;
  readonly direction: string;
  readonly stops: readonly PlannedStop[];
}

/** Far above any bus: a replay must not look implausible because the recording has no capacities. */
const capacity = 1_000;
/** A note holds stop numbers of one byte. */
export const maxStopsOfRun = 255;
/** Longest ride assumed where a run has no later stop. */
const minuteS = 60;

/** Times of all stops of a run: those of the file, gaps filled between neighbours, never going back. */
function stopsOf(visits: readonly VisitRow[], rides: readonly RideRow[]): readonly PlannedStop[] {
  const known = new Map<number, { arriveS: number | undefined; departS: number | undefined }>();
  for (const visit of visits) known.set(visit.seq, visit);
  for (const ride of rides) {
    if (!known.has(ride.boardSeq)) known.set(ride.boardSeq, { arriveS: undefined, departS: ride.boardS });
    if (!known.has(ride.alightSeq)) known.set(ride.alightSeq, { arriveS: undefined, departS: undefined });
  }
  const stops: PlannedStop[] = [];
  let lastS = Math.min(...[...known.values()].flatMap(({ arriveS, departS }) => [arriveS ?? departS ?? Infinity]));
  if (!Number.isFinite(lastS)) lastS = Math.min(...rides.map((ride) => ride.boardS));
  for (const seq of [...known.keys()].sort((a, b) => a - b)) {
    const { arriveS, departS } = known.get(seq) ?? { arriveS: undefined, departS: undefined };
    const arrive = Math.max(lastS, arriveS ?? departS ?? lastS + minuteS);
    const depart = Math.max(arrive, departS ?? arrive);
    stops.push({ seq, arriveS: arrive, departS: depart });
    lastS = depart;
  }
  // A run has two stops at least.
  const only = stops[0];
  if (stops.length === 1 && only !== undefined)
    stops.push({ seq: only.seq + 1, arriveS: only.departS + minuteS, departS: only.departS + minuteS });
  return stops;
}

function runsOf(rides: readonly RideRow[], visits: readonly VisitRow[]): ReadonlyMap<string, PlannedRun> {
  const visitsByRun = Map.groupBy(
    visits.filter((visit) => visit.runId !== ''),
    (visit) => visit.runId,
  );
  const ridesByRun = Map.groupBy(
    rides.filter((ride) => ride.runId !== ''),
    (ride) => ride.runId,
  );
  const runs = new Map<string, PlannedRun>();
  for (const key of new Set([...visitsByRun.keys(), ...ridesByRun.keys()])) {
    const first = visitsByRun.get(key)?.[0] ?? ridesByRun.get(key)?.[0];
    if (first === undefined) continue;
    const stops = stopsOf(visitsByRun.get(key) ?? [], ridesByRun.get(key) ?? []);
    runs.set(key, {
      key,
      date: first.date,
      line: first.line,
      direction: first.direction,
      stops: stops.slice(0, maxStopsOfRun),
    });
  }
  return runs;
}

function stopId(line: string, direction: string, seq: number): string {
  return `${line}/${direction}/${seq}`;
}

/** Codes of a replay count up; nothing here is printed. */
function codeOf(index: number): Uint8Array<ArrayBuffer> {
  const code = new Uint8Array(8);
  new DataView(code.buffer).setUint32(4, index + 1);
  return code;
}

function feedOf(runs: readonly PlannedRun[], zone: string): Feed {
  const stops = new Map<string, { line: string; direction: string; seq: number }>();
  for (const run of runs)
    for (const { seq } of run.stops)
      stops.set(stopId(run.line, run.direction, seq), { line: run.line, direction: run.direction, seq });
  const days = [...new Set(runs.map((run) => run.date))];
  return {
    agencies: [{ id: 'replay', name: 'Replay', url: 'https://replay.example', timezone: zone, lang: 'en' }],
    stops: [...stops].map(([id, { line, direction, seq }]) => ({
      id,
      name: `${line}/${direction} stop ${seq}`,
      lat: 0,
      lon: 0,
      locationType: 0,
      parent: '',
    })),
    routes: [...new Set(runs.map((run) => run.line))].map((line) => ({
      id: line,
      agencyId: 'replay',
      shortName: line,
      longName: line,
      type: 3,
      colour: '',
    })),
    services: [],
    exceptions: days.map((date) => ({ serviceId: date, day: unwrap(dayFromText(date)), added: true })),
    trips: runs.map((run) => ({
      id: run.key,
      routeId: run.line,
      serviceId: run.date,
      headsign: '',
      dir: run.direction === '1' ? 1 : 0,
      blockId: run.key,
    })),
    stopTimes: new Map(
      runs.map((run) => [
        run.key,
        run.stops.map((stop) => ({
          stopId: stopId(run.line, run.direction, stop.seq),
          seq: stop.seq,
          arrS: stop.arriveS,
          depS: stop.departS,
        })),
      ]),
    ),
    frequencies: [],
    translations: [],
    lang: 'en',
  };
}

/** One vehicle a run, as the recording is too; rides without a run share a vehicle of their line that makes no runs. */
export function planReplay(rides: readonly RideRow[], visits: readonly VisitRow[], zone: string): ReplayPlan {
  const runs = runsOf(rides, visits);
  const loose = new Set(
    rides.filter((ride) => ride.runId === '').map((ride) => `no-run/${ride.line}/${ride.direction}`),
  );
  const unitIds = [...runs.keys(), ...loose];
  const codeOfUnit = new Map(unitIds.map((unitId, index) => [unitId, codeOf(index)]));
  const places = new Map(
    [...runs.values()].map((run) => [run.key, new Map(run.stops.map((stop, index) => [stop.seq, { index, ...stop }]))]),
  );

  const planned = rides.map((ride): PlannedRide => {
    const startMs = serviceStartMs(unwrap(dayFromText(ride.date)), zone);
    const stops = places.get(ride.runId);
    const board = stops?.get(ride.boardSeq);
    const alight = stops?.get(ride.alightSeq);
    const code = codeOfUnit.get(ride.runId === '' ? `no-run/${ride.line}/${ride.direction}` : ride.runId) ?? codeOf(0);
    if (board === undefined || alight === undefined)
      return { card: ride.card, date: ride.date, code, boardedMs: startMs + ride.boardS * 1000, stops: undefined };
    return {
      card: ride.card,
      date: ride.date,
      code,
      boardedMs: startMs + board.departS * 1000,
      stops: { board: board.index, alight: alight.index, alightMs: startMs + alight.arriveS * 1000 },
    };
  });
  return {
    feed: feedOf([...runs.values()], zone),
    units: unitIds.map((unitId) => ({
      unitId,
      kind: 'bus',
      label: { zh: unitId, en: unitId },
      vehicleId: unitId,
      capacity,
    })),
    codes: unitIds.map((unitId, index) => ({
      code8: encodeCode(codeOf(index)),
      shortCode: makeShortCode(index),
      unitId,
      purpose: 'passenger',
    })),
    assignments: [...runs.keys()].map((key) => ({ blockId: key, vehicleId: key })),
    rides: planned.sort((a, b) => a.boardedMs - b.boardedMs),
  };
}
