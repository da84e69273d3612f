// The vehicle whose code is printed at the start: the first bus of the city's files with a code for riders.
import type { Name } from '@tongche/network';
import { readCodes, readFleet } from '@tongche/network/import';
import type { CityFiles } from './configs.ts';

export interface DemoBus {
  readonly code: string;
  /** What a driver types to take the vehicle. */
  readonly shortCode: string;
  readonly label: Name;
  readonly plate: string | undefined;
}

export async function demoBus(city: CityFiles | undefined): Promise<DemoBus | undefined> {
  if (city?.codes === undefined) return undefined;
  const units = (await readFleet(city.fleet)).rows;
  const codes = (await readCodes(city.codes)).rows;
  for (const unit of units) {
    if (unit.kind !== 'bus') continue;
    const code = codes.find(({ unitId, purpose }) => unitId === unit.unitId && purpose === 'passenger');
    if (code !== undefined)
      return { code: code.code8, shortCode: code.shortCode, label: unit.label, plate: unit.plate };
  }
  return undefined;
}
