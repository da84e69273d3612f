// The way a vehicle takes on a run, or on the line it usually serves. Runs of a line that call at the same stops share one.
import { wayAlong } from '@tongche/network';
import type { Run, StopId, Way } from '@tongche/network';
import type { City, CityHolder } from '../city/city.ts';
import type { CityUnit } from '../store/city.ts';
import type { Assigned } from './assign.ts';

interface Variant {
  readonly stopIds: readonly StopId[];
  readonly way: Way | undefined;
}

function sameStops(a: readonly StopId[], b: readonly StopId[]): boolean {
  return a.length === b.length && a.every((id, n) => id === b[n]);
}

/** The answer is undefined where no line is known, or the places of its stops are not. */
export function waysOf(holder: CityHolder): (assigned: Assigned, unit: CityUnit) => Way | undefined {
  let city: City | undefined;
  let ofRun = new WeakMap<Run, Variant>();
  let ofLine = new Map<string, readonly Variant[]>();

  function along(key: string, lines: readonly (readonly StopId[])[]): Variant {
    const stopIds = lines.flat();
    const variants = ofLine.get(key) ?? [];
    const known = variants.find((one) => sameStops(one.stopIds, stopIds));
    if (known !== undefined) return known;
    const way = wayAlong(lines.map((ids) => ids.flatMap((id) => city?.stop(id) ?? [])));
    const made = { stopIds, way };
    ofLine.set(key, [...variants, made]);
    return made;
  }

  function ofUsualLine({ usualLineId }: CityUnit): Way | undefined {
    if (city === undefined || usualLineId === undefined) return undefined;
    const directions = city.directionsOf(usualLineId);
    return along(
      usualLineId,
      directions.map(({ stops }) => stops),
    ).way;
  }

  return ({ run: row }, unit) => {
    // Stops may have moved: an import makes another city.
    if (city !== holder.current) [city, ofRun, ofLine] = [holder.current, new WeakMap(), new Map()];
    if (row === undefined) return ofUsualLine(unit);
    const { run } = row;
    const known = ofRun.get(run) ?? along(`${run.lineId}|${run.dir}`, [run.stops.map(({ stopId }) => stopId)]);
    ofRun.set(run, known);
    return known.way;
  };
}
