// The day's timetable as riders see it: ways along lines with their runs, and where one can change.
import type { CityData, Dir, LineId, Run, StopId, Unit } from '@tongche/network';

/** One direction of a line and the runs that serve all its stops, by departure. */
export interface Way {
  readonly lineId: LineId;
  readonly dir: Dir;
  readonly stops: readonly StopId[];
  readonly runs: readonly Run[];
  /** Riders it attracts, beside other ways. */
  readonly weight: number;
}

export interface Timetable {
  readonly ways: readonly Way[];
  /** The same line the other way, where it stops at the same places. */
  back(way: Way): Way | undefined;
  /** Other lines' ways that go on from the place of a stop, with the stop's number there. */
  onward(way: Way, seq: number): readonly { readonly way: Way; readonly seq: number }[];
  /** Units riders stand in on a run: one, or the carriages of a train. */
  unitsOf(run: Run): readonly Unit[];
}

/** What a vehicle attracts: a train more than a bus, a ferry or a coach less. */
const attraction: Readonly<Record<Unit['kind'], number>> = {
  bus: 1,
  carriage: 2.5,
  station: 0,
  taxi: 0,
  coach: 0.15,
  ferry: 0.2,
};

export function stopsOf(run: Run): readonly StopId[] {
  return run.stops.map(({ stopId }) => stopId);
}

export function timetableOf(city: CityData, day: number): Timetable {
  const unitsByVehicle = Map.groupBy(city.units, ({ vehicleId }) => vehicleId);
  const unitsOf = (run: Run): readonly Unit[] => unitsByVehicle.get(run.vehicleId) ?? [];
  const nameOf = new Map(city.stops.map(({ id, name }) => [id, name.zh]));
  // A rider who plans a day takes whole runs only: those that turn short have ways of their own.
  const byWay = Map.groupBy(city.runs(day), (run) => `${run.lineId}|${run.dir}|${stopsOf(run).join('|')}`);
  const ways = [...byWay.values()].flatMap((found): Way[] => {
    const runs = found.toSorted((a, b) => (a.stops[0]?.depMs ?? 0) - (b.stops[0]?.depMs ?? 0));
    const [first] = runs;
    const unit = first === undefined ? undefined : unitsOf(first)[0];
    if (first === undefined || unit === undefined) return [];
    const stops = stopsOf(first);
    return [{ lineId: first.lineId, dir: first.dir, stops, runs, weight: attraction[unit.kind] * stops.length }];
  });
  const places = new Map<string, { readonly way: Way; readonly seq: number }[]>();
  for (const way of ways) {
    for (const [seq, stopId] of way.stops.slice(0, -1).entries()) {
      const place = nameOf.get(stopId) ?? stopId;
      places.set(place, [...(places.get(place) ?? []), { way, seq }]);
    }
  }
  return {
    ways,
    back: (way) =>
      ways.find(
        (other) =>
          other.lineId === way.lineId && other.dir !== way.dir && other.stops.join() === way.stops.toReversed().join(),
      ),
    onward(way, seq) {
      const stopId = way.stops[seq] ?? '';
      return (places.get(nameOf.get(stopId) ?? stopId) ?? []).filter(({ way: other }) => other.lineId !== way.lineId);
    },
    unitsOf,
  };
}

/** The first run that leaves a stop at or after `ms`. */
export function runFrom({ runs }: Way, seq: number, ms: number): Run | undefined {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle]?.stops[seq]?.depMs ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return runs[low];
}

/** Usual riding time between two stops of a way. */
export function ridingMs({ runs }: Way, from: number, to: number): number {
  const stops = runs[0]?.stops;
  return (stops?.[to]?.arrMs ?? 0) - (stops?.[from]?.depMs ?? 0);
}
