// A GTFS feed in memory: the tables the product uses, in the field's own words, typed and checked row by row.
// Source: General Transit Feed Specification, Schedule Reference (gtfs.org), revision of 2025.

export type Agency = {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** IANA time zone; all times of the feed are counted in it. */
  readonly timezone: string;
  readonly lang: string;
};

/** Stops and stations (location types 0 and 1); entrances, nodes and boarding areas are left out. WGS 84. */
export type FeedStop = {
  readonly id: string;
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
  readonly locationType: 0 | 1;
  readonly parent: string;
};

export type Route = {
  readonly id: string;
  readonly agencyId: string;
  readonly shortName: string;
  readonly longName: string;
  /** Route type number, basic (0-12) or extended (100-1799). */
  readonly type: number;
  /** Six hexadecimal digits in lower case, or '' when the feed gives none. */
  readonly colour: string;
};

export type Trip = {
  readonly id: string;
  readonly routeId: string;
  readonly serviceId: string;
  readonly headsign: string;
  readonly dir: 0 | 1;
  /** Trips of one block are made by one vehicle, one after the other; '' when the feed does not say. */
  readonly blockId: string;
};

/**
 * Seconds from the start of the service day, undefined where the feed leaves a time to be interpolated. `dist` is the
 * feed's own distance along the trip, in any unit; kept for trips with untimed calls only, where it says how far on.
 */
export type StopTime = {
  readonly stopId: string;
  readonly seq: number;
  readonly arrS: number | undefined;
  readonly depS: number | undefined;
  readonly dist?: number;
};

/** A weekly pattern between two days, both inclusive. `weekdays[0]` is Monday. */
export type Service = {
  readonly id: string;
  readonly weekdays: readonly boolean[];
  readonly fromDay: number;
  readonly toDay: number;
};

export type ServiceException = { readonly serviceId: string; readonly day: number; readonly added: boolean };

/** The trip is repeated every `headwayS` from `fromS` until before `toS`; its stop times count as offsets. */
export type Frequency = {
  readonly tripId: string;
  readonly fromS: number;
  readonly toS: number;
  readonly headwayS: number;
  readonly exact: boolean;
};

/** `recordId` or `value` says what is translated; both '' never. Older feeds give the value only, for any table. */
export type Translation = {
  readonly table: string;
  readonly field: string;
  readonly language: string;
  readonly text: string;
  readonly recordId: string;
  readonly subId: string;
  readonly value: string;
};

export type Feed = {
  readonly agencies: readonly Agency[];
  readonly stops: readonly FeedStop[];
  readonly routes: readonly Route[];
  readonly services: readonly Service[];
  readonly exceptions: readonly ServiceException[];
  readonly trips: readonly Trip[];
  /** By trip id, in order of `seq`. */
  readonly stopTimes: ReadonlyMap<string, readonly StopTime[]>;
  readonly frequencies: readonly Frequency[];
  readonly translations: readonly Translation[];
  /** Language of the names in the feed: feed_lang, else the first agency's, else ''. */
  readonly lang: string;
};
