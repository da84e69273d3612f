// Puts a city together from a feed and the operator's lists.
import { stat } from 'node:fs/promises';
import type { CityCode, CityData, Run, Unit } from '../model.ts';
import type { Result } from '../result.ts';
import type { Feed } from './feed.ts';
import { readCodes } from './codes.ts';
import { readFleet } from './fleet.ts';
import { parseDate } from './fields.ts';
import type { FeedNote } from './gtfs-notes.ts';
import { readGtfs } from './gtfs-read.ts';
import { directionsOf, linesOf, stopsOf } from './lines.ts';
import { namesOf } from './names.ts';
import { MAX_ROW_ERRORS } from './row-error.ts';
import type { RowError } from './row-error.ts';
import { runExpander } from './runs.ts';
import type { Assignment } from './runs.ts';
import type { Source } from './source.ts';
import { readVehicleRuns } from './vehicle-runs.ts';

/** Expanded days kept at hand: yesterday's night services, today, and room for a look at two others. */
const KEPT_DAYS = 4;

export type CityParts = {
  readonly feed: Feed;
  readonly units: readonly Unit[];
  readonly codes: readonly CityCode[];
  readonly assignments?: readonly Assignment[];
  /** IANA zone of the timetable; the first agency's when absent. */
  readonly zone?: string;
  /** Local day from which the feed's week is repeated for ever; see `runExpander`. Absent: the feed's own calendar. */
  readonly asOfDay?: number;
};

/** A city of its parts. Throws when neither `zone` nor the feed names a time zone. */
export function cityOf({
  feed,
  units,
  codes,
  assignments = [],
  zone = feed.agencies[0]?.timezone,
  asOfDay,
}: CityParts): CityData {
  if (zone === undefined) throw new Error('a city needs a time zone');
  const nameOf = namesOf(feed);
  const expand = runExpander(feed, zone, assignments, asOfDay);
  const kept = new Map<number, readonly Run[]>();
  return {
    zone,
    lines: linesOf(feed, nameOf),
    directions: directionsOf(feed, nameOf),
    stops: stopsOf(feed, nameOf),
    units,
    codes,
    runs(day) {
      const runs = kept.get(day) ?? expand(day);
      kept.delete(day);
      kept.set(day, runs);
      for (const oldest of kept.keys()) {
        if (kept.size <= KEPT_DAYS) break;
        kept.delete(oldest);
      }
      return runs;
    },
  };
}

export type CitySources = {
  readonly gtfs: Source;
  readonly fleet: Source;
  readonly codes?: Source;
  readonly vehicleRuns?: Source;
  readonly zone?: string;
  readonly platePrefix?: string;
  /** YYYY-MM-DD: the day of the feed from which a week is repeated for ever, for feeds whose calendar is over. */
  readonly asOf?: string;
};

export type CityRead = {
  readonly city: CityData;
  readonly errors: readonly RowError[];
  readonly errorCount: number;
  readonly notes: readonly FeedNote[];
};

/** Reads a city. Bad rows are left out and reported; a file that is absent or unreadable refuses the whole. */
export async function readCity(
  sources: CitySources,
): Promise<Result<CityRead, 'bad-archive' | 'bad-date' | 'no-such-file' | 'no-time-zone'>> {
  const asOfDay = sources.asOf === undefined ? undefined : parseDate(sources.asOf);
  if (sources.asOf !== undefined && asOfDay === undefined) return { ok: false, code: 'bad-date', detail: sources.asOf };
  for (const source of [sources.gtfs, sources.fleet, sources.codes, sources.vehicleRuns]) {
    if (typeof source === 'string' && !(await isFile(source)))
      return { ok: false, code: 'no-such-file', detail: source };
  }
  const read = await readGtfs(sources.gtfs);
  if (!read.ok) return read;
  const { feed } = read.value;
  const zone = sources.zone ?? feed.agencies[0]?.timezone;
  if (zone === undefined) return { ok: false, code: 'no-time-zone' };
  const fleet = await readFleet(sources.fleet, {
    ...(sources.platePrefix === undefined ? {} : { platePrefix: sources.platePrefix }),
    lineIds: new Set(feed.routes.map(({ id }) => id)),
    stopIds: new Set(feed.stops.map(({ id }) => id)),
  });
  const nothing = { rows: [], errors: [], errorCount: 0 };
  const unitIds = new Set(fleet.rows.map(({ unitId }) => unitId));
  const codes = sources.codes === undefined ? nothing : await readCodes(sources.codes, unitIds);
  const vehicleRuns = sources.vehicleRuns === undefined ? nothing : await readVehicleRuns(sources.vehicleRuns);
  const reads = [read.value, fleet, codes, vehicleRuns];
  return {
    ok: true,
    value: {
      city: cityOf({
        feed,
        units: fleet.rows,
        codes: codes.rows,
        assignments: vehicleRuns.rows,
        zone,
        ...(asOfDay === undefined ? {} : { asOfDay }),
      }),
      notes: read.value.notes,
      errors: reads.flatMap(({ errors }) => errors).slice(0, MAX_ROW_ERRORS),
      errorCount: reads.reduce((sum, { errorCount }) => sum + errorCount, 0),
    },
  };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
