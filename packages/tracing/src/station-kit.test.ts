// Shared by the tests of stations and trains: a metro line both ways, with a station at every stop.
import { EIGHT, inputOf, minuteMs, ride, spaceOf } from './engine-kit.test.ts';
import type { CallAt, Presence, RunTimes, Space, World } from './index.ts';
import { sceneOf } from './scene.ts';
import type { Scene } from './scene.ts';

export const STOPS = 7;
/** Minutes between stops, and of standing at one. */
const HOP_MIN = 3;
const DWELL_MIN = 0.5;

/** Stops s0..s6 in direction 0, the other way in direction 1; `atMs`: departure from the first. */
export function trainRun(
  runKey: string,
  atMs: number,
  dir: 0 | 1 = 0,
  vehicle = `v-${runKey}`,
  source: CallAt['source'] = 'avl',
): RunTimes {
  return {
    runKey,
    vehicle,
    lineId: 'm1',
    dir,
    line: { zh: '地铁1号线', en: 'Metro line 1' },
    stops: Array.from({ length: STOPS }, (_, seq) => {
      const n = dir === 0 ? seq : STOPS - 1 - seq;
      const depMs = atMs + seq * HOP_MIN * minuteMs;
      const arrMs = depMs - DWELL_MIN * minuteMs;
      return {
        seq,
        stopId: `s${n}`,
        name: { zh: `站${n}`, en: `Stop ${n}` },
        lat: null,
        lon: null,
        arrMs,
        depMs,
        source,
      };
    }),
  };
}

export function stationSpace(n: number): Space {
  const label = { zh: `站${n}站厅`, en: `Hall ${n}` };
  return spaceOf(`hall${n}`, { kind: 'station', label, capacity: 900, stopIds: [`s${n}`] });
}

/** Two carriages a train. */
function carriagesOf(vehicle: string): readonly Space[] {
  return [1, 2].map((no) => spaceOf(`${vehicle}-c${no}`, { kind: 'carriage', vehicle, carriageNo: no }));
}

export function metroOf(runs: readonly RunTimes[]): World {
  const halls = Array.from({ length: STOPS }, (_, n) => stationSpace(n));
  const spaces = [...halls, ...new Set(runs.map(({ vehicle }) => vehicle)).values()].flatMap((one) =>
    typeof one === 'string' ? carriagesOf(one) : [one],
  );
  const byUnit = new Map(spaces.map((space) => [space.unit, space]));
  const byKey = new Map(runs.map((run) => [run.runKey, run]));
  return {
    run: (runKey) => byKey.get(runKey),
    space: (unit) => byUnit.get(unit),
    unitsOf: (vehicle) => spaces.filter((space) => space.vehicle === vehicle).map(({ unit }) => unit),
    runsAt: (stopIds, fromMs, toMs) =>
      runs.filter(({ stops }) =>
        stops.some(
          ({ stopId, depMs }) => stopId !== null && stopIds.includes(stopId) && depMs >= fromMs && depMs < toMs,
        ),
      ),
    stationsAt: (stopId) => halls.filter(({ stopIds }) => stopIds?.includes(stopId)).map(({ unit }) => unit),
  };
}

export function metroScene(runs: readonly RunTimes[], presences: readonly Presence[] = []): Scene {
  return sceneOf(inputOf(presences, { world: metroOf(runs) }));
}

/** Registers in the hall of station n, `afterS` seconds after eight. */
export function atHall(id: string, n: number, afterS: number, more: Partial<Presence> = {}): Presence {
  return ride(id, 0, { unit: `hall${n}`, runKey: null, boardedMs: EIGHT + afterS * 1000, ...more });
}

/** Registers in the first carriage of a run, at its stop `seq`, as it stands there. */
export function inTrain(id: string, run: RunTimes, seq: number, more: Partial<Presence> = {}): Presence {
  const boardedMs = run.stops[seq]?.depMs ?? 0;
  return ride(id, 0, { unit: `${run.vehicle}-c1`, runKey: run.runKey, boardedMs, ...more });
}
