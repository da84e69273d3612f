// The vehicle whose code is printed at the start: a bus with a code for riders that is under way now and stays so longest, so
// that whoever scans it is on a run.
import { firstDepartureMs, lastArrivalMs } from '@tongche/network';
import type { Name } from '@tongche/network';
import { readCity } from '@tongche/network/import';
import { dayOf } from '@tongche/protocol';
import type { CityFiles } from './configs.ts';

export interface DemoBus {
  readonly code: string;
  /** What a driver types to take the vehicle. */
  readonly shortCode: string;
  readonly label: Name;
  readonly plate: string | undefined;
}

export async function demoBus(files: CityFiles | undefined, nowMs: number): Promise<DemoBus | undefined> {
  if (files?.codes === undefined) return undefined;
  const read = await readCity(files);
  if (!read.ok) return undefined;
  const { city } = read.value;
  const today = dayOf(nowMs, city.zone);
  const until = new Map<string, number>();
  for (const run of [...city.runs(today - 1), ...city.runs(today)]) {
    if (firstDepartureMs(run) <= nowMs && nowMs < lastArrivalMs(run)) until.set(run.vehicleId, lastArrivalMs(run));
  }
  const codes = new Map(city.codes.filter(({ purpose }) => purpose === 'passenger').map((code) => [code.unitId, code]));
  const buses = city.units
    .filter((unit) => unit.kind === 'bus' && codes.has(unit.unitId))
    .sort((a, b) => (until.get(b.vehicleId) ?? 0) - (until.get(a.vehicleId) ?? 0));
  const bus = buses[0];
  const code = bus && codes.get(bus.unitId);
  return bus && code && { code: code.code8, shortCode: code.shortCode, label: bus.label, plate: bus.plate };
}
