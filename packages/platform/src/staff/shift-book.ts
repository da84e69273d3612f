// The open shifts in memory, found by number and by unit: every ride asks.
import type { OpenShiftRow } from '../store/staff.ts';

export interface ShiftBook {
  get(shiftId: number): OpenShiftRow | undefined;
  ofUnit(unitId: string): OpenShiftRow | undefined;
  ids(): readonly number[];
  all(): readonly OpenShiftRow[];
  /** Takes the place of what stood there. */
  put(shift: OpenShiftRow): void;
  remove(shiftId: number): void;
}

export function shiftBook(): ShiftBook {
  const byId = new Map<number, OpenShiftRow>();
  const byUnit = new Map<string, OpenShiftRow>();
  return {
    get: (shiftId) => byId.get(shiftId),
    ofUnit: (unitId) => byUnit.get(unitId),
    ids: () => [...byId.keys()],
    all: () => [...byId.values()],
    put(shift) {
      byId.set(shift.shiftId, shift);
      byUnit.set(shift.unitId, shift);
    },
    remove(shiftId) {
      const shift = byId.get(shiftId);
      byId.delete(shiftId);
      // The unit may have been taken anew already.
      if (shift !== undefined && byUnit.get(shift.unitId)?.shiftId === shiftId) byUnit.delete(shift.unitId);
    },
  };
}
