// The words of a city: lines, stops, the units that carry a code, and the runs they make.
// Plain data, so that it can be stored, sent and compared; identifiers are the operator's own texts.

/** A name as riders read it. Where a feed knows one language only, both fields hold the same text. */
export type Name = { readonly zh: string; readonly en: string };

export type Mode = 'bus' | 'metro' | 'ferry' | 'taxi' | 'coach';

/** What a code is stuck to. A train is a vehicle of several `carriage` units; a `station` does not move. */
export type UnitKind = 'bus' | 'carriage' | 'station' | 'taxi' | 'coach' | 'ferry';

/** How the air of a unit is kept: windows shut and air-conditioned, or aired. */
export type UnitAir = 'sealed' | 'ventilated';

/** Who scans a code: riders, or the people who work on board. */
export type CodePurpose = 'passenger' | 'crew';

export type StopId = string;
export type LineId = string;
export type UnitId = string;
export type VehicleId = string;
export type Dir = 0 | 1;

/** A place where a vehicle halts. WGS 84 degrees. */
export type Stop = { readonly id: StopId; readonly name: Name; readonly lat: number; readonly lon: number };

/** A public line. `colour` is `#rrggbb` in lower case. `shortName` is what stands on the vehicle ("M133"). */
export type Line = {
  readonly id: LineId;
  readonly name: Name;
  readonly shortName: string;
  readonly mode: Mode;
  readonly colour: string;
};

/** One way along a line: its usual, longest order of stops. A single run may skip or cut some of them. */
export type Direction = {
  readonly lineId: LineId;
  readonly dir: Dir;
  readonly headsign: Name;
  readonly stops: readonly StopId[];
};

/**
 * The smallest space riders share and a code names: a bus, one carriage of a train, a station hall.
 * `vehicleId` is what moves: all carriages of a train have the same one; a station is its own.
 * `plate` is in the normal form of `parsePlate`. `stopId` is set for stations. `capacity` counts people.
 * `air` and `litresPerSecond` (outside air a person) where the operator's list says so.
 */
export type Unit = {
  readonly unitId: UnitId;
  readonly kind: UnitKind;
  readonly plate?: string;
  readonly label: Name;
  readonly vehicleId: VehicleId;
  readonly carriageNo?: number;
  readonly usualLineId?: LineId;
  readonly stopId?: StopId;
  readonly capacity: number;
  readonly air?: UnitAir;
  readonly litresPerSecond?: number;
};

/** One call of a run at a stop. `seq` is 0-based and dense within the run, whatever the source counted. */
export type RunStop = {
  readonly seq: number;
  readonly stopId: StopId;
  readonly arrMs: number;
  readonly depMs: number;
};

/**
 * One journey of one vehicle from its first stop to its last.
 * `day` is the *service* day (local days since 1970-01-01): a run of day d may end, or even begin, after midnight.
 * `runKey` is unique over all days. Stops are in order of `seq`; times never decrease; at least two stops.
 */
export type Run = {
  readonly runKey: string;
  readonly lineId: LineId;
  readonly dir: Dir;
  readonly day: number;
  readonly vehicleId: VehicleId;
  /** A list of this very day named the vehicle (dispatch), not only the standing timetable. */
  readonly dispatched?: boolean;
  readonly stops: readonly RunStop[];
};

/** A printed code. `code8` is 8 bytes in base64url (11 characters); `shortCode` is typed by hand. */
export type CityCode = {
  readonly code8: string;
  readonly shortCode: string;
  readonly unitId: UnitId;
  readonly purpose: CodePurpose;
};

/**
 * A whole city, as the importers hand it over and the platform takes it in.
 * `runs(day)` expands the timetable of a service day into instants of `zone`; in order of first departure.
 * To know what moves at an instant, take the runs of its local day and of the day before (night services).
 */
export type CityData = {
  /** IANA time zone of the timetable. */
  readonly zone: string;
  readonly lines: readonly Line[];
  readonly directions: readonly Direction[];
  readonly stops: readonly Stop[];
  readonly units: readonly Unit[];
  readonly codes: readonly CityCode[];
  runs(day: number): readonly Run[];
};

/** Which unit a code was stuck to, from `fromMs` (inclusive) until `toMs` (exclusive; absent: still). */
export type Binding = {
  readonly code: string;
  readonly unitId: UnitId;
  readonly fromMs: number;
  readonly toMs?: number;
};
