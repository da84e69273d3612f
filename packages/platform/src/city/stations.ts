// Stations and their stops: where riders who scanned a station's code board, and which stations a train calls at.
import { distanceM } from '@tongche/network';
import type { Direction, Line, Stop, Unit } from '@tongche/network';

/** Stops of one name this near are one place: the platforms of either direction, and of the lines that cross there. */
const SAME_PLACE_M = 250;

export interface Stations {
  /** Stops at which a station's riders board; none of other units. */
  stopIdsOf(unitId: string): readonly string[];
  /** Stations whose riders board at a stop. */
  at(stopId: string): readonly Unit[];
  /** Lines with trains that call at a stop. */
  linesAt(stopId: string): readonly string[];
  isTrainLine(lineId: string): boolean;
}

export interface StationParts {
  readonly units: readonly Unit[];
  readonly stops: readonly Stop[];
  readonly directions: readonly Direction[];
  readonly lines: readonly Line[];
}

function placeOf(stop: Stop, byName: ReadonlyMap<string, readonly Stop[]>): readonly string[] {
  const alike = byName.get(stop.name.zh) ?? [];
  return alike.filter((other) => other.id === stop.id || distanceM(stop, other) <= SAME_PLACE_M).map(({ id }) => id);
}

export function stationsOf({ units, stops, directions, lines }: StationParts): Stations {
  const byId = new Map(stops.map((stop) => [stop.id, stop]));
  const byName = Map.groupBy(stops, ({ name }) => name.zh);
  const trainLines = new Set(lines.filter(({ mode }) => mode === 'metro').map(({ id }) => id));
  const linesAt = new Map<string, Set<string>>();
  for (const { lineId, stops: calls } of directions.filter((one) => trainLines.has(one.lineId))) {
    for (const stopId of calls) linesAt.set(stopId, (linesAt.get(stopId) ?? new Set()).add(lineId));
  }
  const stopIds = new Map<string, readonly string[]>();
  const at = new Map<string, Unit[]>();
  for (const unit of units) {
    if (unit.kind !== 'station' || unit.stopId === undefined) continue;
    const stop = byId.get(unit.stopId);
    // Beside the platforms of its trains there may be stops of buses of the same name.
    const own = (stop === undefined ? [unit.stopId] : placeOf(stop, byName)).filter((id) => linesAt.has(id));
    stopIds.set(unit.unitId, own);
    for (const id of own) at.set(id, [...(at.get(id) ?? []), unit]);
  }
  return {
    stopIdsOf: (unitId) => stopIds.get(unitId) ?? [],
    at: (stopId) => at.get(stopId) ?? [],
    linesAt: (stopId) => [...(linesAt.get(stopId) ?? [])],
    isTrainLine: (lineId) => trainLines.has(lineId),
  };
}
