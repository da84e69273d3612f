// A small city and the positions of vehicles that drive through it, for the tests of matching.
import type { Point, Run, RunStop, VehiclePosition } from './index.ts';

export const MINUTE_MS = 60_000;
export const START_MS = Date.UTC(2026, 10, 20);
const DAY = 20_777;
const M_PER_DEGREE = 111_195;
const STEP_M = 600;
const STEP_MS = 2 * MINUTE_MS;

/** A street of 20 stops eastwards (s0-s19), and a branch that leaves it northwards at s10 (n11-n19). */
export const STOPS: ReadonlyMap<string, Point> = new Map([
  ...Array.from({ length: 20 }, (_, at): [string, Point] => [`s${at}`, pointAt(at * STEP_M, 0)]),
  ...Array.from({ length: 9 }, (_, at): [string, Point] => [`n${at + 11}`, pointAt(10 * STEP_M, (at + 1) * STEP_M)]),
]);

export function pointAt(eastM: number, northM: number): Point {
  const lat = 22.5 + northM / M_PER_DEGREE;
  return { lat, lon: 114 + eastM / (M_PER_DEGREE * Math.cos((22.5 * Math.PI) / 180)) };
}

function runOf(tripId: string, lineId: string, dir: 0 | 1, stopIds: readonly string[], departMs: number): Run {
  const stops = stopIds.map((stopId, seq): RunStop => {
    const arrMs = departMs + seq * STEP_MS;
    // Half a minute at the tenth stop, as timetables have at interchanges.
    return { seq, stopId, arrMs, depMs: arrMs + (seq === 10 ? 30_000 : 0) };
  });
  return { runKey: `${DAY}:${tripId}`, lineId, dir, day: DAY, vehicleId: `trip:${tripId}`, stops };
}

const EAST = Array.from({ length: 20 }, (_, at) => `s${at}`);
const NORTH = [...EAST.slice(0, 11), ...Array.from({ length: 9 }, (_, at) => `n${at + 11}`)];

/** Line A both ways along the street, line B up the branch: every 15 minutes from 7:00 to 9:00. */
export const RUNS: readonly Run[] = Array.from(
  { length: 9 },
  (_, at) => START_MS + (420 + at * 15) * MINUTE_MS,
).flatMap((departMs, at) => [
  runOf(`east${at}`, 'A', 0, EAST, departMs),
  runOf(`west${at}`, 'A', 1, EAST.toReversed(), departMs + 5 * MINUTE_MS),
  runOf(`north${at}`, 'B', 0, NORTH, departMs + 7 * MINUTE_MS),
]);

export function runNamed(tripId: string): Run {
  const run = RUNS.find(({ runKey }) => runKey === `${DAY}:${tripId}`);
  if (run === undefined) throw new Error(`no run ${tripId}`);
  return run;
}

export type Drive = {
  readonly delayMs: number;
  readonly everyMs: number;
  /** Offset of the first position within `everyMs`. */
  readonly phaseMs?: number;
  /** Metres east and north by which each position is off. */
  readonly noise?: (index: number) => readonly [eastM: number, northM: number];
};

/** Where the run's vehicle was at `ms`, `delayMs` behind the timetable; before and after at its ends. */
export function whereWas(run: Run, ms: number, delayMs: number): Point {
  const dueMs = ms - delayMs;
  const next = run.stops.findIndex(({ arrMs }) => arrMs >= dueMs);
  const to = run.stops[next < 0 ? run.stops.length - 1 : next];
  const from = run.stops[next < 0 ? run.stops.length - 1 : Math.max(0, next - 1)];
  const [a, b] = [STOPS.get(from?.stopId ?? ''), STOPS.get(to?.stopId ?? '')];
  if (from === undefined || to === undefined || a === undefined || b === undefined) throw new Error('no such stop');
  const spanMs = to.arrMs - from.depMs;
  const share = spanMs <= 0 ? 1 : Math.min(1, Math.max(0, (dueMs - from.depMs) / spanMs));
  return { lat: a.lat + (b.lat - a.lat) * share, lon: a.lon + (b.lon - a.lon) * share };
}

/** Positions of a vehicle that makes the run, from its departure to its arrival. */
export function drive(run: Run, { delayMs, everyMs, phaseMs = 0, noise = () => [0, 0] }: Drive): VehiclePosition[] {
  const positions: VehiclePosition[] = [];
  const first = run.stops[0]?.depMs ?? 0;
  const last = run.stops.at(-1)?.arrMs ?? 0;
  for (let ms = first + delayMs + phaseMs; ms <= last + delayMs; ms += everyMs) {
    const { lat, lon } = whereWas(run, ms, delayMs);
    const [eastM, northM] = noise(positions.length);
    const off = pointAt(eastM, northM);
    positions.push({ vehicleId: 'v', atMs: ms, lat: lat + off.lat - 22.5, lon: lon + off.lon - 114 });
  }
  return positions;
}
