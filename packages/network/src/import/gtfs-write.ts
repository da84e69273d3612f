// Writes a Feed as a GTFS archive; reading it back gives an equal Feed.
import { writeFile } from 'node:fs/promises';
import { csvText } from '@tongche/exports/table';
import type { Feed } from './feed.ts';
import { formatDate, formatTime } from './fields.ts';
import { zip } from './zip-write.ts';

type Cell = string | number;
type TableText = { readonly file: string; readonly header: string; readonly rows: readonly (readonly Cell[])[] };

/** The bytes of the archive; equal feeds give equal bytes. Empty optional tables are left out. */
export function gtfsZip(feed: Feed): Uint8Array<ArrayBuffer> {
  const needed = new Set(['agency.txt', 'stops.txt', 'routes.txt', 'calendar.txt', 'trips.txt', 'stop_times.txt']);
  const tables = [...networkTables(feed), ...timeTables(feed)];
  return zip(
    tables
      .filter(({ file, rows }) => rows.length > 0 || needed.has(file))
      .map(({ file, header, rows }) => ({ name: file, data: Buffer.from(csvText(header.split(','), rows), 'utf8') })),
  );
}

export async function writeGtfs(feed: Feed, path: string): Promise<void> {
  await writeFile(path, gtfsZip(feed));
}

function networkTables(feed: Feed): readonly TableText[] {
  const publisher = feed.agencies[0];
  return [
    {
      file: 'agency.txt',
      header: 'agency_id,agency_name,agency_url,agency_timezone,agency_lang',
      rows: feed.agencies.map((agency) => [agency.id, agency.name, agency.url, agency.timezone, agency.lang]),
    },
    {
      file: 'feed_info.txt',
      header: 'feed_publisher_name,feed_publisher_url,feed_lang',
      rows: feed.lang === '' ? [] : [[publisher?.name ?? '', publisher?.url ?? '', feed.lang]],
    },
    {
      file: 'stops.txt',
      header: 'stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station',
      rows: feed.stops.map((stop) => [stop.id, stop.name, stop.lat, stop.lon, stop.locationType, stop.parent]),
    },
    {
      file: 'routes.txt',
      header: 'route_id,agency_id,route_short_name,route_long_name,route_type,route_color',
      rows: feed.routes.map(({ id, agencyId, shortName, longName, type, colour }) => [
        id,
        agencyId,
        shortName,
        longName,
        type,
        colour.toUpperCase(),
      ]),
    },
    {
      file: 'translations.txt',
      header: 'table_name,field_name,language,translation,record_id,record_sub_id,field_value,trans_id,lang',
      rows: feed.translations.map(({ table, field, language, text, recordId, subId, value }) =>
        table === ''
          ? ['', '', '', text, '', '', '', value, language]
          : [table, field, language, text, recordId, subId, value, '', ''],
      ),
    },
  ];
}

function timeTables(feed: Feed): readonly TableText[] {
  return [
    {
      file: 'calendar.txt',
      header: 'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date',
      rows: feed.services.map(({ id, weekdays, fromDay, toDay }) => [
        id,
        ...weekdays.map(Number),
        formatDate(fromDay),
        formatDate(toDay),
      ]),
    },
    {
      file: 'calendar_dates.txt',
      header: 'service_id,date,exception_type',
      rows: feed.exceptions.map(({ serviceId, day, added }) => [serviceId, formatDate(day), added ? 1 : 2]),
    },
    {
      file: 'trips.txt',
      header: 'route_id,service_id,trip_id,trip_headsign,direction_id,block_id',
      rows: feed.trips.map((trip) => [trip.routeId, trip.serviceId, trip.id, trip.headsign, trip.dir, trip.blockId]),
    },
    {
      file: 'stop_times.txt',
      header: 'trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled',
      rows: [...feed.stopTimes].flatMap(([tripId, times]) =>
        times.map(({ arrS, depS, stopId, seq, dist }) => [
          tripId,
          timeCell(arrS),
          timeCell(depS),
          stopId,
          seq,
          dist ?? '',
        ]),
      ),
    },
    {
      file: 'frequencies.txt',
      header: 'trip_id,start_time,end_time,headway_secs,exact_times',
      rows: feed.frequencies.map(({ tripId, fromS, toS, headwayS, exact }) => [
        tripId,
        formatTime(fromS),
        formatTime(toS),
        headwayS,
        exact ? 1 : 0,
      ]),
    },
  ];
}

function timeCell(seconds: number | undefined): string {
  return seconds === undefined ? '' : formatTime(seconds);
}
