// Writes a replay's city as the files every operator would hand over, so that the platform reads them with its own importer.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codesCsv, fleetCsv, vehicleRunsCsv, writeGtfs } from '@tongche/network/import';
import type { ReplayPlan } from './plan.ts';

export interface CityFiles {
  readonly gtfs: string;
  readonly fleet: string;
  readonly codes: string;
  readonly vehicleRuns: string;
}

export async function writeReplayCity(folder: string, plan: ReplayPlan): Promise<CityFiles> {
  await mkdir(folder, { recursive: true });
  const files: CityFiles = {
    gtfs: join(folder, 'gtfs.zip'),
    fleet: join(folder, 'fleet.csv'),
    codes: join(folder, 'codes.csv'),
    vehicleRuns: join(folder, 'vehicle_runs.csv'),
  };
  await writeGtfs(plan.feed, files.gtfs);
  await writeFile(files.fleet, fleetCsv(plan.units));
  await writeFile(files.codes, codesCsv(plan.codes));
  await writeFile(files.vehicleRuns, vehicleRunsCsv(plan.assignments));
  return files;
}
