// Seconds and memory of importing a GTFS feed: read, a city made of it, one day expanded, and as a city of today.
// Run: npm run bench -- import [feed.zip]. Without a feed: New York's subway of the folder of real data, else a feed of
// the same size made up.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cityOf, gtfsZip, readGtfs, runExpander } from '@tongche/network/import';
import type { Feed, FeedStop, StopTime, Trip } from '@tongche/network/import';

const trips = 16_000;
const callsPerTrip = 28;
const stops = 1_200;
const zone = 'America/New_York';

const data = process.env['TONGCHE_DATA'] ?? join(import.meta.dirname, '../../shared/data');
const given = process.argv[2] ?? join(data, 'local-only/gtfs/nyc-subway-2018.zip');
const source = existsSync(given) ? given : gtfsZip(madeUp());

const startMs = performance.now();
const read = await readGtfs(source);
if (!read.ok) throw new Error(`${read.code} ${read.detail ?? ''}`);
const readMs = performance.now();
const { feed, errorCount, notes, span, rowCounts } = read.value;
const day = span?.fromDay ?? 0;
const city = cityOf({ feed, units: [], codes: [] });
const cityMs = performance.now();
// Monday: the first days of a feed may be no ordinary ones.
const monday = day + ((11 - (day % 7)) % 7);
const runs = runExpander(feed, city.zone)(monday);
const endMs = performance.now();

const seconds = (ms: number): number => Math.round(ms) / 1_000;
console.log(
  JSON.stringify({
    bench: 'import',
    feed: typeof source === 'string' ? source.split('/').at(-1) : 'made up',
    rows: [...rowCounts.values()].reduce((sum, count) => sum + count, 0),
    trips: feed.trips.length,
    stopTimes: rowCounts.get('stop_times.txt') ?? 0,
    errors: errorCount,
    notes,
    lines: city.lines.length,
    directions: city.directions.length,
    runsOfDay: runs.length,
    readS: seconds(readMs - startMs),
    cityS: seconds(cityMs - readMs),
    dayS: seconds(endMs - cityMs),
    totalS: seconds(endMs - startMs),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);

/** As many trips, calls and stops as New York's subway. */
function madeUp(): Feed {
  const places = Array.from({ length: stops }, (_, at): FeedStop => {
    return { id: `S${at}`, name: `Stop ${at}`, lat: 40 + at / 5_000, lon: -74, locationType: 0, parent: '' };
  });
  const made: Trip[] = [];
  const stopTimes = new Map<string, readonly StopTime[]>();
  for (let at = 0; at < trips; at += 1) {
    const trip: Trip = {
      id: `T${at}`,
      routeId: `R${at % 22}`,
      serviceId: at % 2 === 0 ? 'work' : 'week',
      headsign: '',
      dir: at % 4 < 2 ? 0 : 1,
      blockId: '',
    };
    made.push(trip);
    const calls = Array.from({ length: callsPerTrip }, (_, seq): StopTime => {
      const arrS = (at % 1_440) * 60 + seq * 120;
      return { stopId: `S${((at % 22) * 50 + seq) % stops}`, seq, arrS, depS: arrS + 20 };
    });
    stopTimes.set(trip.id, calls);
  }
  return {
    agencies: [{ id: 'A', name: 'Made up', url: 'https://a.example', timezone: zone, lang: 'en' }],
    stops: places,
    routes: Array.from({ length: 22 }, (_, at) => {
      return { id: `R${at}`, agencyId: 'A', shortName: String(at), longName: '', type: 1, colour: '' };
    }),
    services: ['work', 'week'].map((id) => {
      return {
        id,
        weekdays: [true, true, true, true, true, id === 'week', id === 'week'],
        fromDay: 20_454,
        toDay: 20_818,
      };
    }),
    exceptions: [],
    trips: made,
    stopTimes,
    frequencies: [],
    translations: [],
    lang: 'en',
  };
}
