// Haijing's timetable as a GTFS feed: Chinese texts with English translations, two services, one agency.
import type { Feed, FeedStop, Route, Service, StopTime, Translation, Trip } from '@tongche/network/import';
import { drawInt } from './draw.ts';
import { LINES } from './lines.ts';
import type { LinePlan } from './lines.ts';
import { ORIGIN, PLACES, STATIONS } from './places.ts';
import type { Place } from './places.ts';
import { timetableOf } from './timetable.ts';
import type { PlacedStop } from './timetable.ts';

export const ZONE = 'Asia/Shanghai';
/** The line that stands for all taxis. */
export const TAXI_LINE_ID = 'taxi';
/** 1 January 2020 and 31 December 2099: any day a demonstration or a replay of old cases may want. */
const FIRST_DAY = 18_262;
const LAST_DAY = 47_481;
const KM_PER_DEGREE = 111.195;
/** Services start up to this many whole minutes late, drawn from the seed: cities differ, headways stay. */
const MAX_OFFSET_MIN = 5;

const SERVICES: readonly Service[] = [
  { id: 'wd', weekdays: [true, true, true, true, true, false, false], fromDay: FIRST_DAY, toDay: LAST_DAY },
  { id: 'we', weekdays: [false, false, false, false, false, true, true], fromDay: FIRST_DAY, toDay: LAST_DAY },
];

/** `blocks` names, per line, the blocks that need a vehicle. */
export type DemoFeed = { readonly feed: Feed; readonly blocks: ReadonlyMap<string, readonly string[]> };

export function stationStopId(key: string): string {
  return `metro-${key}`;
}

export function demoFeed(seed: number): DemoFeed {
  const stops = [...placedStops(PLACES, (key) => `stop-${key}`), ...placedStops(STATIONS, stationStopId)];
  const stopById = new Map(stops.map(({ stop }) => [stop.id, stop]));
  const trips: Trip[] = [];
  const stopTimes = new Map<string, readonly StopTime[]>();
  const blocks = new Map<string, readonly string[]>();
  for (const plan of LINES) {
    const placed = plan.stops.map((key) =>
      placedStop(stopById, plan.mode === 'metro' ? stationStopId(key) : `stop-${key}`),
    );
    const offsetS = drawInt(seed, `offset|${plan.id}`, MAX_OFFSET_MIN) * 60;
    const headsigns = [placed.at(-1)?.name ?? '', placed[0]?.name ?? ''] as const;
    for (const { id: serviceId } of SERVICES) {
      const periods = serviceId === 'wd' ? plan.workdays : plan.weekends;
      for (const [pool, hours] of [
        ['', periods],
        ['n', plan.night ?? []],
      ] as const) {
        const timetable = timetableOf({ plan, stops: placed, serviceId, periods: hours, headsigns, offsetS, pool });
        trips.push(...timetable.trips);
        for (const [tripId, times] of timetable.stopTimes) stopTimes.set(tripId, times);
        blocks.set(plan.id, [...new Set([...(blocks.get(plan.id) ?? []), ...timetable.blocks])]);
      }
    }
  }
  const feed: Feed = {
    agencies: [{ id: 'hj', name: '海京公共交通', url: 'https://haijing.example', timezone: ZONE, lang: 'zh-CN' }],
    stops: stops.map(({ stop }) => stop),
    routes: [...LINES.map(routeOf), taxiRoute()],
    services: SERVICES,
    exceptions: [],
    trips,
    stopTimes,
    frequencies: [],
    translations: translationsOf(stops),
    lang: 'zh-CN',
  };
  return { feed, blocks };
}

type NamedStop = { readonly stop: FeedStop; readonly en: string };

function placedStops(places: Readonly<Record<string, Place>>, idOf: (key: string) => string): readonly NamedStop[] {
  return Object.entries(places).map(([key, [zh, en, eastKm, northKm]]) => {
    const lat = ORIGIN.lat + northKm / KM_PER_DEGREE;
    const lon = ORIGIN.lon + eastKm / (KM_PER_DEGREE * Math.cos((ORIGIN.lat * Math.PI) / 180));
    const stop = {
      id: idOf(key),
      name: zh,
      lat: rounded(lat),
      lon: rounded(lon),
      locationType: 0,
      parent: '',
    } as const;
    return { stop, en };
  });
}

/** Six decimals are about a tenth of a metre. */
function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

function placedStop(stopById: ReadonlyMap<string, FeedStop>, id: string): PlacedStop & { readonly name: string } {
  const stop = stopById.get(id);
  if (stop === undefined) throw new Error(`the demo city has no stop ${id}`);
  return stop;
}

function routeOf({ id, shortName, zh, type, colour }: LinePlan): Route {
  return { id, agencyId: 'hj', shortName, longName: zh, type, colour };
}

function taxiRoute(): Route {
  return {
    id: TAXI_LINE_ID,
    agencyId: 'hj',
    shortName: '出租车',
    longName: '海京出租车',
    type: 1500,
    colour: '8a6414',
  };
}

function translationsOf(stops: readonly NamedStop[]): readonly Translation[] {
  const english = { language: 'en', subId: '' } as const;
  const byRecord = (table: string, field: string, recordId: string, text: string): Translation => {
    return { ...english, table, field, recordId, value: '', text };
  };
  const byValue = (table: string, field: string, value: string, text: string): Translation => {
    return { ...english, table, field, recordId: '', value, text };
  };
  // Headsigns repeat on thousands of trips: translated by value, once each.
  const headsigns = new Map(stops.map(({ stop, en }) => [stop.name, en]));
  return [
    byRecord('agency', 'agency_name', 'hj', 'Haijing Public Transport'),
    ...LINES.map(({ id, en }) => byRecord('routes', 'route_long_name', id, en)),
    byRecord('routes', 'route_long_name', TAXI_LINE_ID, 'Haijing Taxi'),
    ...stops.map(({ stop, en }) => byRecord('stops', 'stop_name', stop.id, en)),
    ...[...headsigns].map(([value, text]) => byValue('trips', 'trip_headsign', value, text)),
  ];
}
