// A change of vehicles in the demo city: where somebody gets off one bus and on another at the same place.
import type { CityData, Run, RunStop } from '@tongche/network';
import { dayOf } from '@tongche/protocol';

const minuteMs = 60_000;
const samePlaceDegrees = 0.001;

export interface Change {
  /** Codes of the two vehicles, as text. */
  readonly from: string;
  readonly to: string;
  /** From the first scan to the second. */
  readonly afterMs: number;
  /** Chinese name of the stop. */
  readonly place: string;
}

/** The first one for a rider who boards at `nowMs` and is somewhere else ten to twenty minutes later. */
export function changeAt(city: CityData, nowMs: number): Change | undefined {
  const stops = new Map(city.stops.map((stop) => [stop.id, stop]));
  const buses = new Map(city.units.filter(({ kind }) => kind === 'bus').map((unit) => [unit.vehicleId, unit.unitId]));
  const codes = new Map(
    city.codes.filter(({ purpose }) => purpose === 'passenger').map((one) => [one.unitId, one.code8]),
  );
  const codeOf = ({ vehicleId }: Run): string | undefined => codes.get(buses.get(vehicleId) ?? '');
  const runs = city.runs(dayOf(nowMs, city.zone)).filter((run) => codeOf(run) !== undefined);
  const isNear = (a: RunStop, b: RunStop): boolean => {
    const [one, other] = [stops.get(a.stopId), stops.get(b.stopId)];
    if (one === undefined || other === undefined) return false;
    return Math.abs(one.lat - other.lat) < samePlaceDegrees && Math.abs(one.lon - other.lon) < samePlaceDegrees;
  };
  for (const first of runs.filter((run) => (run.stops[0]?.depMs ?? Infinity) < nowMs)) {
    for (const off of first.stops) {
      if (off.arrMs < nowMs + 10 * minuteMs || off.arrMs > nowMs + 20 * minuteMs) continue;
      const atMs = off.arrMs + 2 * minuteMs;
      for (const second of runs) {
        if (second.lineId === first.lineId) continue;
        // It stands there at that minute: what was reached last, and left for the next stop no sooner than in two minutes.
        const on = second.stops.findLast(({ arrMs }) => arrMs <= atMs);
        const next = second.stops.find(({ arrMs }) => arrMs > atMs);
        if (on === undefined || next === undefined || next.arrMs < atMs + 2 * minuteMs || !isNear(on, off)) continue;
        const [from, to] = [codeOf(first), codeOf(second)];
        if (from === undefined || to === undefined) continue;
        return { from, to, afterMs: atMs - nowMs, place: stops.get(off.stopId)?.name.zh ?? '' };
      }
    }
  }
  return undefined;
}
