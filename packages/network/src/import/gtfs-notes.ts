// What a feed holds that the product does not use, or what its user should know: a word each, never a fault.
import type { Feed } from './feed.ts';

export type FeedNote =
  | 'fares-ignored'
  | 'shapes-ignored'
  | 'transfers-ignored'
  | 'pathways-ignored'
  | 'booking-rules-ignored'
  | 'attributions-ignored'
  /** Files that are no table of the specification. */
  | 'other-files-ignored'
  /** On-demand calls at areas were passed over; the trips may have too few stops left. */
  | 'flexible-trips-ignored'
  /** Repeated trips leave at about these times only (exact_times 0). */
  | 'headways-approximate'
  | 'several-time-zones'
  /** No day of service, as the calendars have it. */
  | 'no-service-days'
  /** The last service day is past, or the first has not come: see `asOfDay` of `cityOf`. */
  | 'calendar-over'
  | 'calendar-ahead';

/** Service days of a feed, both inclusive. */
export type FeedSpan = { readonly fromDay: number; readonly toDay: number };

const IGNORED: Readonly<Record<string, FeedNote>> = {
  'areas.txt': 'fares-ignored',
  'attributions.txt': 'attributions-ignored',
  'booking_rules.txt': 'booking-rules-ignored',
  'fare_attributes.txt': 'fares-ignored',
  'fare_leg_join_rules.txt': 'fares-ignored',
  'fare_leg_rules.txt': 'fares-ignored',
  'fare_media.txt': 'fares-ignored',
  'fare_products.txt': 'fares-ignored',
  'fare_rules.txt': 'fares-ignored',
  'fare_transfer_rules.txt': 'fares-ignored',
  'levels.txt': 'pathways-ignored',
  'location_group_stops.txt': 'booking-rules-ignored',
  'location_groups.txt': 'booking-rules-ignored',
  'locations.geojson': 'booking-rules-ignored',
  'networks.txt': 'fares-ignored',
  'pathways.txt': 'pathways-ignored',
  'rider_categories.txt': 'fares-ignored',
  'route_networks.txt': 'fares-ignored',
  'shapes.txt': 'shapes-ignored',
  'stop_areas.txt': 'fares-ignored',
  'timeframes.txt': 'fares-ignored',
  'transfers.txt': 'transfers-ignored',
};

/** `files` are all names in the feed's folder, `read` those of them that were read. Each note once, in a fixed order. */
export function fileNotes(files: readonly string[], read: ReadonlySet<string>): readonly FeedNote[] {
  const notes = new Set(files.filter((file) => !read.has(file)).map((file) => IGNORED[file] ?? 'other-files-ignored'));
  return [...notes].sort();
}

/** The days on which any service of the feed may run; undefined when there are none. */
export function spanOf({ services, exceptions }: Feed): FeedSpan | undefined {
  let fromDay = Infinity;
  let toDay = -Infinity;
  for (const service of services) {
    if (!service.weekdays.includes(true)) continue;
    fromDay = Math.min(fromDay, service.fromDay);
    toDay = Math.max(toDay, service.toDay);
  }
  for (const { day, added } of exceptions) {
    if (!added) continue;
    fromDay = Math.min(fromDay, day);
    toDay = Math.max(toDay, day);
  }
  return fromDay <= toDay ? { fromDay, toDay } : undefined;
}

/** What the contents say, `todayDay` being the local day at which the feed is looked at, where that is known. */
export function feedNotes(feed: Feed, flexibleCalls: number, todayDay: number | undefined): readonly FeedNote[] {
  const span = spanOf(feed);
  const notes: FeedNote[] = [];
  if (flexibleCalls > 0) notes.push('flexible-trips-ignored');
  if (feed.frequencies.some(({ exact }) => !exact)) notes.push('headways-approximate');
  if (new Set(feed.agencies.map(({ timezone }) => timezone)).size > 1) notes.push('several-time-zones');
  if (span === undefined) notes.push('no-service-days');
  else if (todayDay !== undefined && span.toDay < todayDay) notes.push('calendar-over');
  else if (todayDay !== undefined && span.fromDay > todayDay) notes.push('calendar-ahead');
  return notes;
}
