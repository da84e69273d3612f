// The demo city of Haijing (海京): timetable, fleet and codes, the same for the same seed.
// For demonstrations and tests only: its codes can be drawn again by anyone who knows the seed.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Name } from '@tongche/network';
import { codesCsv, fleetCsv, gtfsZip, vehicleRunsCsv } from '@tongche/network/import';
import type { CityParts, CitySources } from '@tongche/network/import';
import { demoCodes } from './codes.ts';
import { demoFeed, stationStopId, TAXI_LINE_ID, ZONE } from './feed.ts';
import { lineFleet, newPlates, stationUnits, taxiUnits } from './fleet.ts';
import { LINES } from './lines.ts';

export const DEMO_CITY_NAME: Name = { zh: '海京', en: 'Haijing' };
export const DEMO_CITY_ZONE = ZONE;
export const DEMO_CITY_FILES = ['gtfs.zip', 'fleet.csv', 'vehicle_runs.csv', 'codes.csv'] as const;

export type DemoCityFile = (typeof DEMO_CITY_FILES)[number];
export type DemoCity = {
  /** What an operator would hand over, by file name. */
  readonly files: Readonly<Record<DemoCityFile, Uint8Array<ArrayBuffer>>>;
  /** The same before it was written down; `cityOf(parts)` needs no file. */
  readonly parts: Required<Omit<CityParts, 'asOfDay'>>;
};

export function makeDemoCity({ seed }: { readonly seed: number }): DemoCity {
  const { feed, blocks } = demoFeed(seed);
  const plates = newPlates(seed);
  const fleets = LINES.map((plan) => lineFleet(plan, blocks.get(plan.id) ?? [], plates));
  const units = [
    ...fleets.flatMap((fleet) => fleet.units),
    ...stationUnits(stationStopId),
    ...taxiUnits(TAXI_LINE_ID, plates),
  ];
  const assignments = fleets.flatMap((fleet) => fleet.assignments);
  const codes = demoCodes(seed, units);
  return {
    files: {
      'gtfs.zip': gtfsZip(feed),
      'fleet.csv': utf8(fleetCsv(units)),
      'vehicle_runs.csv': utf8(vehicleRunsCsv(assignments)),
      'codes.csv': utf8(codesCsv(codes)),
    },
    parts: { feed, units, codes, assignments, zone: ZONE },
  };
}

/** Writes the files of a demo city into a folder and says where they lie, as `readCity` wants to know. */
export async function writeDemoCity(folder: string, { seed }: { readonly seed: number }): Promise<CitySources> {
  const { files } = makeDemoCity({ seed });
  await mkdir(folder, { recursive: true });
  for (const file of DEMO_CITY_FILES) await writeFile(join(folder, file), files[file]);
  return {
    gtfs: join(folder, 'gtfs.zip'),
    fleet: join(folder, 'fleet.csv'),
    vehicleRuns: join(folder, 'vehicle_runs.csv'),
    codes: join(folder, 'codes.csv'),
  };
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}
