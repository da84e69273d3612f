// Things kept by vehicle and service day, the oldest given up first. Every ride looks here several times, so a look-up
// makes no text of its key.
import type { VehicleDayKey } from '../store/runs.ts';

export interface Shelf<Value extends VehicleDayKey> {
  get(vehicleId: string, day: number): Value | undefined;
  /** Takes the place of what stood there. */
  put(value: Value): void;
  readonly size: number;
  /** In the order in which they were put. */
  values(): Iterable<Value>;
  clear(): void;
}

export function shelf<Value extends VehicleDayKey>(maxKept: number): Shelf<Value> {
  const days = new Map<number, Map<string, Value>>();
  const order = new Set<Value>();

  function remove({ vehicleId, day }: VehicleDayKey): void {
    const vehicles = days.get(day);
    const value = vehicles?.get(vehicleId);
    if (vehicles === undefined || value === undefined) return;
    order.delete(value);
    vehicles.delete(vehicleId);
    if (vehicles.size === 0) days.delete(day);
  }

  return {
    get: (vehicleId, day) => days.get(day)?.get(vehicleId),
    put(value) {
      remove(value);
      order.add(value);
      const vehicles = days.get(value.day);
      if (vehicles === undefined) days.set(value.day, new Map([[value.vehicleId, value]]));
      else vehicles.set(value.vehicleId, value);
      for (const oldest of order) {
        if (order.size <= maxKept) break;
        remove(oldest);
      }
    },
    get size() {
      return order.size;
    },
    values: () => order,
    clear() {
      days.clear();
      order.clear();
    },
  };
}
