// The city at the start of the process: from the configuration's files until the office imports its own, then from the
// database. Taking the same files in again changes nothing.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CityData } from '@tongche/network';
import type { Database } from '@tongche/postgres';
import type { Timetable } from '../city/import-city.ts';
import type { Config } from '../config.ts';
import { citySource, citySources, putCitySource } from '../store/imports.ts';
import { putState, stateValue } from '../store/maintenance.ts';
import type { SourceRole } from '../store/imports.ts';

type Files = NonNullable<Config['city']>;

export interface Seed {
  readonly db: Database;
  readonly times: Timetable;
  readonly nowMs: number;
  /** A city in memory (tests, replays). */
  readonly city: CityData | undefined;
  readonly files: Files | undefined;
  /** Reads the files. */
  readonly read: () => Promise<CityData | undefined>;
}

/** Keeps a file, so that a later start without it expands the same timetable. */
async function keep(db: Database, role: SourceRole, path: string, files: Files, nowMs: number): Promise<void> {
  const body = await readFile(path);
  const sha256 = createHash('sha256').update(body).digest('hex');
  if ((await citySource(db, role))?.sha256 === sha256) return;
  const params = files.platePrefix === undefined ? {} : { platePrefix: files.platePrefix };
  const kind = role === 'network' ? 'gtfs' : role;
  const fileName = path.split('/').at(-1) ?? role;
  await putCitySource(db, { role, kind, fileName, params, origin: 'config', sha256, body, appliedMs: nowMs });
}

/** Tells whether these very files were taken in before: a number of 48 bits of their digests and of how they are read. */
async function digestOf(files: Files): Promise<number> {
  const hash = createHash('sha256').update(JSON.stringify(files));
  for (const path of [files.gtfs, files.fleet, files.codes, files.vehicleRuns]) {
    hash.update(
      path === undefined
        ? '-'
        : createHash('sha256')
            .update(await readFile(path))
            .digest(),
    );
  }
  return hash.digest().readUIntBE(0, 6);
}

/** Brings the city in force to where it should be, with the runs of the days around today. */
export async function seedCity({ db, times, nowMs, city, files, read }: Seed): Promise<void> {
  const stored = await citySources(db);
  const isOffices = stored.some(({ origin }) => origin === 'import');
  if (isOffices) {
    if (city !== undefined) times.adopt(city);
    await times.useStored();
    return times.expand();
  }
  const digest = city === undefined && files !== undefined ? await digestOf(files) : undefined;
  const data = city ?? (await read());
  if (data !== undefined && digest !== undefined && (await stateValue(db, 'city-files')) === digest) {
    // A start like this one has been: nothing changes, and other processes are left in peace.
    times.adopt(data);
    return times.expand();
  }
  if (data !== undefined) {
    // Files of the configuration say where codes were stuck at first; staff may have moved them since.
    await times.importCity(data, 'stay');
    if (city !== undefined || files === undefined) return;
    await keep(db, 'network', files.gtfs, files, nowMs);
    if (files.vehicleRuns !== undefined) await keep(db, 'vehicle-runs', files.vehicleRuns, files, nowMs);
    if (digest !== undefined) await putState(db, 'city-files', digest);
    return;
  }
  await times.useStored();
  await times.expand();
}
