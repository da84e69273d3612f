// The tables of a GTFS feed: how each row is read and what it must refer to.
import type {
  Agency,
  FeedStop,
  Frequency,
  Route,
  Service,
  ServiceException,
  StopTime,
  Translation,
  Trip,
} from './feed.ts';
import type { Row } from './row.ts';

/** Times beyond ten days are typing errors; the longest sleeper trains take four. */
const MAX_SECONDS = 10 * 86_400;
const MAX_SEQUENCE = 1_000_000_000;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** A stop time on its way into the feed, with the line it stood on for errors found once a trip is complete. */
export type StopTimeRow = Omit<StopTime, 'dist'> & { readonly dist: number | undefined; readonly line: number };

/** The feed while it is being read; maps keep the order of the file. */
export type Draft = {
  readonly agencies: Map<string, Agency>;
  readonly stops: Map<string, FeedStop>;
  /** Stops of the location types that are left out, so that references to them are not called unknown. */
  readonly otherStops: Set<string>;
  readonly routes: Map<string, Route>;
  readonly services: Map<string, Service>;
  readonly exceptions: Map<string, ServiceException>;
  readonly serviceIds: Set<string>;
  readonly trips: Map<string, Trip>;
  readonly stopTimes: Map<string, StopTimeRow[]>;
  readonly frequencies: Frequency[];
  readonly translations: Translation[];
  lang: string;
  /** Calls at an area instead of a stop (on-demand services), which have no place in a timetable. */
  flexibleCalls: number;
};

export function newDraft(): Draft {
  return {
    agencies: new Map(),
    stops: new Map(),
    otherStops: new Set(),
    routes: new Map(),
    services: new Map(),
    exceptions: new Map(),
    serviceIds: new Set(),
    trips: new Map(),
    stopTimes: new Map(),
    frequencies: [],
    translations: [],
    lang: '',
    flexibleCalls: 0,
  };
}

export type Table = {
  readonly file: string;
  readonly columns: readonly string[];
  readonly need: 'always' | 'one-calendar' | 'optional';
  read(row: Row, draft: Draft): void;
};

/** In an order in which every row finds what it refers to already read. */
export const TABLES: readonly Table[] = [
  { file: 'agency.txt', columns: ['agency_name', 'agency_timezone'], need: 'always', read: readAgency },
  { file: 'feed_info.txt', columns: [], need: 'optional', read: readFeedInfo },
  { file: 'stops.txt', columns: ['stop_id'], need: 'always', read: readStop },
  { file: 'routes.txt', columns: ['route_id', 'route_type'], need: 'always', read: readRoute },
  {
    file: 'calendar.txt',
    columns: ['service_id', ...WEEKDAYS, 'start_date', 'end_date'],
    need: 'one-calendar',
    read: readService,
  },
  {
    file: 'calendar_dates.txt',
    columns: ['service_id', 'date', 'exception_type'],
    need: 'one-calendar',
    read: readException,
  },
  { file: 'trips.txt', columns: ['route_id', 'service_id', 'trip_id'], need: 'always', read: readTrip },
  { file: 'stop_times.txt', columns: ['trip_id', 'stop_id', 'stop_sequence'], need: 'always', read: readStopTime },
  {
    file: 'frequencies.txt',
    columns: ['trip_id', 'start_time', 'end_time', 'headway_secs'],
    need: 'optional',
    read: readFrequency,
  },
  { file: 'translations.txt', columns: ['translation'], need: 'optional', read: readTranslation },
];

function readAgency(row: Row, { agencies }: Draft): void {
  const agency: Agency = {
    id: row.text('agency_id'),
    name: row.required('agency_name'),
    url: row.text('agency_url'),
    timezone: row.required('agency_timezone'),
    lang: row.text('agency_lang'),
  };
  if (!isZone(agency.timezone) && row.has('agency_timezone')) row.fail('agency_timezone', 'unknown-value');
  keep(row, agencies, agency.id, 'agency_id', agency);
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function readFeedInfo(row: Row, draft: Draft): void {
  // "mul" says that names are in several languages: no answer to what a name without a translation is.
  const lang = row.text('feed_lang');
  if (lang.toLowerCase() !== 'mul') draft.lang = lang;
}

function readStop(row: Row, { stops, otherStops }: Draft): void {
  const id = row.required('stop_id');
  const locationType = row.has('location_type') ? row.integer('location_type', 0, 4) : 0;
  if (!row.ok()) return;
  if (locationType !== 0 && locationType !== 1) {
    otherStops.add(id);
    return;
  }
  const stop: FeedStop = {
    id,
    name: row.required('stop_name'),
    lat: row.number('stop_lat', -90, 90),
    lon: row.number('stop_lon', -180, 180),
    locationType,
    parent: row.text('parent_station'),
  };
  keep(row, stops, id, 'stop_id', stop);
}

function readRoute(row: Row, { routes, agencies }: Draft): void {
  const colour = row.text('route_color').toLowerCase();
  const route: Route = {
    id: row.required('route_id'),
    agencyId: row.text('agency_id'),
    shortName: row.text('route_short_name'),
    longName: row.text('route_long_name'),
    type: row.integer('route_type', 0, 1799),
    colour,
  };
  if (route.shortName === '' && route.longName === '') row.fail('route_short_name', 'missing-value');
  if (route.agencyId !== '' && !agencies.has(route.agencyId)) row.fail('agency_id', 'unknown-reference');
  if (colour !== '' && !/^[0-9a-f]{6}$/.test(colour)) row.fail('route_color', 'unknown-value');
  keep(row, routes, route.id, 'route_id', route);
}

function readService(row: Row, { services, serviceIds }: Draft): void {
  const service: Service = {
    id: row.required('service_id'),
    weekdays: WEEKDAYS.map((weekday) => row.integer(weekday, 0, 1) === 1),
    fromDay: row.date('start_date'),
    toDay: row.date('end_date'),
  };
  if (row.ok() && service.toDay < service.fromDay) row.fail('end_date', 'out-of-order');
  if (keep(row, services, service.id, 'service_id', service)) serviceIds.add(service.id);
}

function readException(row: Row, { exceptions, serviceIds }: Draft): void {
  const serviceId = row.required('service_id');
  const day = row.date('date');
  const added = row.integer('exception_type', 1, 2) === 1;
  if (keep(row, exceptions, `${day} ${serviceId}`, 'date', { serviceId, day, added })) serviceIds.add(serviceId);
}

function readTrip(row: Row, { trips, routes, serviceIds }: Draft): void {
  const routeId = row.required('route_id');
  const serviceId = row.required('service_id');
  const dir = row.has('direction_id') ? row.integer('direction_id', 0, 1) : 0;
  const trip: Trip = {
    id: row.required('trip_id'),
    // The ids of the referred rows are used, so that a million trips share one text.
    routeId: routes.get(routeId)?.id ?? routeId,
    serviceId,
    headsign: row.text('trip_headsign'),
    dir: dir === 1 ? 1 : 0,
    blockId: row.text('block_id'),
  };
  if (routeId !== '' && !routes.has(routeId)) row.fail('route_id', 'unknown-reference');
  if (serviceId !== '' && !serviceIds.has(serviceId)) row.fail('service_id', 'unknown-reference');
  keep(row, trips, trip.id, 'trip_id', trip);
}

function readStopTime(row: Row, draft: Draft): void {
  const { trips, stops, otherStops, stopTimes } = draft;
  if (!row.has('stop_id') && (row.has('location_group_id') || row.has('location_id'))) {
    draft.flexibleCalls += 1;
    return;
  }
  const tripId = row.required('trip_id');
  const stopId = row.required('stop_id');
  const seq = row.integer('stop_sequence', 0, MAX_SEQUENCE);
  const arrS = row.has('arrival_time') ? row.time('arrival_time') : undefined;
  const depS = row.has('departure_time') ? row.time('departure_time') : undefined;
  if ((arrS ?? 0) > MAX_SECONDS) row.fail('arrival_time', 'bad-time');
  if ((depS ?? 0) > MAX_SECONDS) row.fail('departure_time', 'bad-time');
  const stop = stops.get(stopId);
  if (stopId !== '' && stop === undefined && !otherStops.has(stopId)) row.fail('stop_id', 'unknown-reference');
  const trip = trips.get(tripId);
  if (tripId !== '' && trip === undefined) row.fail('trip_id', 'unknown-reference');
  if (!row.ok() || trip === undefined || stop === undefined) return;
  const dist = distOf(row.text('shape_dist_traveled'));
  const time: StopTimeRow = { stopId: stop.id, seq, arrS: arrS ?? depS, depS: depS ?? arrS, dist, line: row.line };
  const times = stopTimes.get(trip.id);
  if (times === undefined) stopTimes.set(trip.id, [time]);
  else times.push(time);
}

/** A distance along the trip only helps to interpolate: a bad one is no fault of the row. */
function distOf(text: string): number | undefined {
  const dist = text === '' ? NaN : Number(text);
  return dist >= 0 && dist < Infinity ? dist : undefined;
}

function readFrequency(row: Row, { trips, frequencies }: Draft): void {
  const frequency: Frequency = {
    tripId: row.required('trip_id'),
    fromS: row.time('start_time'),
    toS: row.time('end_time'),
    headwayS: row.integer('headway_secs', 1, MAX_SECONDS),
    exact: row.text('exact_times') === '1',
  };
  if (row.has('trip_id') && !trips.has(frequency.tripId)) row.fail('trip_id', 'unknown-reference');
  if (row.ok() && frequency.toS < frequency.fromS) row.fail('end_time', 'out-of-order');
  if (frequency.toS > MAX_SECONDS) row.fail('end_time', 'bad-time');
  if (row.ok()) frequencies.push(frequency);
}

function readTranslation(row: Row, { translations }: Draft): void {
  // Before 2019 feeds translated plain values: trans_id, lang, translation.
  const old = row.has('trans_id');
  const translation: Translation = {
    table: old ? '' : row.required('table_name'),
    field: old ? '' : row.required('field_name'),
    language: row.required(old ? 'lang' : 'language'),
    text: row.text('translation'),
    recordId: row.text('record_id'),
    subId: row.text('record_sub_id'),
    value: row.text(old ? 'trans_id' : 'field_value'),
  };
  // The feed's own publisher is translated without a record; it is no name the product shows.
  if (translation.recordId === '' && translation.value === '') {
    if (translation.table !== 'feed_info') row.fail('record_id', 'missing-value');
    return;
  }
  if (row.ok()) translations.push(translation);
}

/** Keeps a good row under its key; a second row with the same key is an error. */
function keep<T>(row: Row, map: Map<string, T>, key: string, column: string, value: T): boolean {
  if (!row.ok()) return false;
  if (map.has(key)) {
    row.fail(column, 'duplicate');
    return false;
  }
  map.set(key, value);
  return true;
}
