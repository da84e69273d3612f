// Which of our vehicles a position is of. Sources name vehicles by their own numbers, by what stands on them, or by plate.
import { parsePlate } from '@tongche/network';
import type { VehiclePosition } from '@tongche/network';
import type { City } from '../city/city.ts';

export type VehicleFinder = (position: Pick<VehiclePosition, 'vehicleId' | 'label' | 'plate'>) => string | undefined;

const finders = new WeakMap<City, VehicleFinder>();

function plain(text: string): string {
  return text.normalize('NFKC').trim().toUpperCase();
}

function plateOf(text: string): string | undefined {
  const plate = parsePlate(text);
  return plate.ok ? plate.value.text : undefined;
}

/** A name that two vehicles share names neither. */
function index(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  for (const [name, vehicleId] of pairs) {
    const known = found.get(name);
    found.set(name, found.has(name) && known !== vehicleId ? undefined : vehicleId);
  }
  return found;
}

/**
 * In this order, the first that names exactly one vehicle: our vehicle id; our unit id; the plate, wherever the source
 * writes it (plate, label or id, with or without dots and blanks); the unit's label.
 */
export function vehicleFinder(city: City): VehicleFinder {
  const kept = finders.get(city);
  if (kept !== undefined) return kept;
  const { units } = city;
  const vehicles = new Set(units.map(({ vehicleId }) => vehicleId));
  const byUnit = index(units.map(({ unitId, vehicleId }) => [unitId, vehicleId]));
  const byPlate = index(
    units.flatMap(({ plate, vehicleId }) =>
      plate === undefined ? [] : [[plateOf(plate) ?? plate, vehicleId] as const],
    ),
  );
  const byLabel = index(
    units.flatMap(({ label, vehicleId }) => [label.zh, label.en].map((text) => [plain(text), vehicleId] as const)),
  );
  const finder: VehicleFinder = ({ vehicleId, label, plate }) => {
    if (vehicles.has(vehicleId)) return vehicleId;
    const ofUnit = byUnit.get(vehicleId);
    if (ofUnit !== undefined) return ofUnit;
    for (const text of [plate, label, vehicleId]) {
      const normal = text === undefined ? undefined : plateOf(text);
      const found = normal === undefined ? undefined : byPlate.get(normal);
      if (found !== undefined) return found;
    }
    for (const text of [label, vehicleId]) {
      const found = text === undefined || text === '' ? undefined : byLabel.get(plain(text));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  finders.set(city, finder);
  return finder;
}
