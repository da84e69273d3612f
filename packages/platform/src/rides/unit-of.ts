// The unit a scan stands for. A code that is known is never refused: one that was stuck to nothing at that minute is
// answered with the unit nearest in time, and the ride is flagged (docs/decisions/0011).
import type { Binding } from '@tongche/network';
import type { City, Code } from '../city/city.ts';
import type { CityUnit } from '../store/city.ts';

export interface ScannedUnit {
  readonly unit: CityUnit;
  readonly isBound: boolean;
}

/** More than any vehicle holds: nothing is known that a number of heads could contradict. */
const unknownCapacity = 1_000_000;

function gapMs({ fromMs, toMs }: Binding, ms: number): number {
  return Math.max(0, fromMs - ms, toMs === undefined ? 0 : ms - toMs);
}

/** Never throws. A code that was never stuck anywhere stands for a vehicle of its own until somebody binds it. */
export function unitOfCode(city: City, code: Code, ms: number): ScannedUnit {
  const bound = city.unitAt(code, ms);
  if (bound !== undefined) return { unit: bound, isBound: true };
  let nearest: CityUnit | undefined;
  let nearestMs = Infinity;
  for (const binding of code.bindings) {
    const unit = gapMs(binding, ms) < nearestMs ? city.unit(binding.unitId) : undefined;
    if (unit !== undefined) [nearest, nearestMs] = [unit, gapMs(binding, ms)];
  }
  return { unit: nearest ?? nowhere(code), isBound: false };
}

function nowhere({ codeId }: Code): CityUnit {
  const id = `code:${codeId}`;
  const label = { zh: '未登记的车辆', en: 'Vehicle not on record' };
  return { unitId: id, kind: 'bus', label, vehicleId: id, capacity: unknownCapacity };
}
