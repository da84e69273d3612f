// Lines, directions and stops of the city model, out of a feed.
import type { Direction, Line, Mode, Stop } from '../model.ts';
import type { Feed, Trip } from './feed.ts';
import type { NameOf } from './names.ts';

/** Colours where the feed gives none: calm tones that hold white text. */
export const DEFAULT_COLOUR: Readonly<Record<Mode, string>> = {
  bus: '#2f6f9f',
  metro: '#8a3b5c',
  ferry: '#23706b',
  taxi: '#8a6414',
  coach: '#56518f',
};

/** The mode a route type number stands for; whatever runs on rails or cables counts as metro. */
export function modeOf(type: number): Mode {
  if (type === 4 || (type >= 1000 && type < 1300)) return type >= 1100 && type < 1200 ? 'coach' : 'ferry';
  if (type >= 1500 && type < 1600) return 'taxi';
  if (type >= 200 && type < 300) return 'coach';
  const rail = [0, 1, 2, 5, 6, 7, 12].includes(type) || (type >= 100 && type < 200) || (type >= 400 && type < 700);
  const tracked = (type >= 900 && type < 1000) || (type >= 1300 && type < 1500);
  return rail || tracked ? 'metro' : 'bus';
}

export function linesOf(feed: Feed, nameOf: NameOf): readonly Line[] {
  return feed.routes.map(({ id, shortName, longName, type, colour }) => {
    const mode = modeOf(type);
    const name =
      longName === ''
        ? nameOf('routes', 'route_short_name', id, shortName)
        : nameOf('routes', 'route_long_name', id, longName);
    return {
      id,
      name,
      shortName: shortName === '' ? longName : shortName,
      mode,
      colour: colour === '' ? DEFAULT_COLOUR[mode] : `#${colour}`,
    };
  });
}

export function stopsOf(feed: Feed, nameOf: NameOf): readonly Stop[] {
  return feed.stops.map(({ id, name, lat, lon }) => ({ id, name: nameOf('stops', 'stop_name', id, name), lat, lon }));
}

type Pattern = { readonly stops: readonly string[]; readonly trip: Trip; trips: number };

/** For each line and direction with trips, its longest order of stops; of equally long ones the most used. */
export function directionsOf(feed: Feed, nameOf: NameOf): readonly Direction[] {
  const best = new Map<string, Pattern>();
  const patterns = new Map<string, Pattern>();
  for (const trip of feed.trips) {
    const stops = (feed.stopTimes.get(trip.id) ?? []).map(({ stopId }) => stopId);
    if (stops.length < 2) continue;
    const key = JSON.stringify([trip.routeId, trip.dir, ...stops]);
    const pattern = patterns.get(key) ?? { stops, trip, trips: 0 };
    pattern.trips += 1;
    patterns.set(key, pattern);
  }
  for (const pattern of patterns.values()) {
    const key = JSON.stringify([pattern.trip.routeId, pattern.trip.dir]);
    const rival = best.get(key);
    const longer = rival === undefined || pattern.stops.length > rival.stops.length;
    if (longer || (pattern.stops.length === rival.stops.length && pattern.trips > rival.trips)) best.set(key, pattern);
  }
  const stopNames = new Map(feed.stops.map(({ id, name }) => [id, name]));
  return [...best.values()].map(({ stops, trip }) => {
    const last = stops.at(-1) ?? '';
    const headsign =
      trip.headsign === ''
        ? nameOf('stops', 'stop_name', last, stopNames.get(last) ?? last)
        : nameOf('trips', 'trip_headsign', trip.id, trip.headsign);
    return { lineId: trip.routeId, dir: trip.dir, headsign, stops };
  });
}
