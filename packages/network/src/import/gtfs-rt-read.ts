// Reads vehicle positions out of a GTFS-Realtime feed. Trip updates, alerts and unknown fields are passed over.
import { PbfReader } from 'pbf';
import { OCCUPANCIES, STOP_STATUSES } from '../positions.ts';
import type { CarriagePosition, VehiclePosition } from '../positions.ts';
import type { Result } from '../result.ts';
import { parseDate, parseTime } from './fields.ts';
import {
  CARRIAGE_DETAILS,
  FEED_ENTITY,
  FEED_HEADER,
  FEED_MESSAGE,
  MalformedMessage,
  POSITION,
  readEmbedded,
  readFields,
  readFloat,
  readInteger,
  readText,
  TRIP_DESCRIPTOR,
  VEHICLE_DESCRIPTOR,
  VEHICLE_POSITION,
} from './gtfs-rt-fields.ts';
import { addError, newErrorList } from './row-error.ts';
import type { ErrorList, RowError, RowReason } from './row-error.ts';

/** A metropolis with 20,000 vehicles sends some 3 MB. */
export const MAX_FEED_BYTES = 64 * 1024 ** 2;
export const MAX_FEED_ENTITIES = 500_000;
/** Trains have up to 20; metro systems reverse them, hence room. */
const MAX_CARRIAGES = 60;
/** 2000-01-01 and 2100-01-01 in seconds: other instants are milliseconds, or a clock that was never set. */
const MIN_TIMESTAMP_S = 946_684_800;
const MAX_TIMESTAMP_S = 4_102_444_800;

/**
 * `headerMs`: when the source made the feed. `entityCount` counts all entities, `otherCount` those without a vehicle and
 * deleted ones. `errors`: vehicles that were left out; their `line` is the entity's number from 1.
 */
export type PositionFeed = {
  readonly positions: readonly VehiclePosition[];
  readonly headerMs: number | undefined;
  readonly version: string;
  readonly entityCount: number;
  readonly otherCount: number;
  readonly errors: readonly RowError[];
  readonly errorCount: number;
};

export type PositionFeedOptions = {
  /** Name of the feed in errors. */
  readonly file?: string;
  /** When the feed was fetched: the time of vehicles where neither they nor the header have one. */
  readonly receivedMs?: number;
};

/** Reads a FeedMessage. Refuses with `bad-feed` what is none, is cut short, or beyond the limits; never throws. */
export function readVehiclePositions(
  bytes: Uint8Array,
  { file = 'vehicle_positions.pb', receivedMs }: PositionFeedOptions = {},
): Result<PositionFeed, 'bad-feed'> {
  if (bytes.length > MAX_FEED_BYTES)
    return { ok: false, code: 'bad-feed', detail: `more than ${MAX_FEED_BYTES} bytes` };
  try {
    return { ok: true, value: readFeed(bytes, file, receivedMs) };
  } catch (fault) {
    // The decoder itself throws RangeError past the end of the bytes and Error for group fields.
    return { ok: false, code: 'bad-feed', detail: fault instanceof Error ? fault.message : 'unreadable' };
  }
}

type Draft = {
  -readonly [Key in keyof VehiclePosition]?: VehiclePosition[Key] | undefined;
} & { isDeleted?: boolean; hasVehicle?: boolean; entityId?: string; startDate?: string; startTime?: string };

function readFeed(bytes: Uint8Array, file: string, receivedMs: number | undefined): PositionFeed {
  const pbf = new PbfReader(bytes);
  const drafts: Draft[] = [];
  let headerMs: number | undefined;
  let version = '';
  readFields(pbf, bytes.length, (field) => {
    if (field === FEED_MESSAGE.header) {
      readEmbedded(pbf, bytes.length, (inner, end) => {
        if (inner === FEED_HEADER.version) version = readText(pbf, end) ?? '';
        else if (inner === FEED_HEADER.timestamp) headerMs = instantOf(readInteger(pbf));
      });
    } else if (field === FEED_MESSAGE.entity) {
      if (drafts.length >= MAX_FEED_ENTITIES) throw new MalformedMessage(`more than ${MAX_FEED_ENTITIES} entities`);
      const draft: Draft = {};
      readEmbedded(pbf, bytes.length, (inner, end) => readEntity(pbf, inner, end, draft));
      drafts.push(draft);
    }
  });
  // The header is the one field every feed must have; without it these were some other bytes that happened to parse.
  if (version === '') throw new MalformedMessage('no GTFS-Realtime header');
  const errors = newErrorList();
  const positions: VehiclePosition[] = [];
  let otherCount = 0;
  for (const [index, draft] of drafts.entries()) {
    if (draft.hasVehicle !== true || draft.isDeleted === true) {
      otherCount += 1;
      continue;
    }
    const position = positionOf(draft, headerMs ?? receivedMs, { file, line: index + 1, errors });
    if (position !== undefined) positions.push(position);
  }
  const { errors: kept, total } = errors;
  return { positions, headerMs, version, entityCount: drafts.length, otherCount, errors: kept, errorCount: total };
}

function readEntity(pbf: PbfReader, field: number, end: number, draft: Draft): void {
  if (field === FEED_ENTITY.id) draft.entityId = readText(pbf, end) ?? '';
  else if (field === FEED_ENTITY.isDeleted) draft.isDeleted = readInteger(pbf) === 1;
  else if (field === FEED_ENTITY.vehicle) {
    draft.hasVehicle = true;
    readEmbedded(pbf, end, (inner, stop) => readVehicle(pbf, inner, stop, draft));
  }
}

function readVehicle(pbf: PbfReader, field: number, end: number, draft: Draft): void {
  switch (field) {
    case VEHICLE_POSITION.trip:
      return readEmbedded(pbf, end, (inner, stop) => readTrip(pbf, inner, stop, draft));
    case VEHICLE_POSITION.position:
      return readEmbedded(pbf, end, (inner) => readPlace(pbf, inner, draft));
    case VEHICLE_POSITION.vehicle:
      return readEmbedded(pbf, end, (inner, stop) => {
        if (inner === VEHICLE_DESCRIPTOR.id) draft.vehicleId = readText(pbf, stop);
        else if (inner === VEHICLE_DESCRIPTOR.label) draft.label = readText(pbf, stop);
        else if (inner === VEHICLE_DESCRIPTOR.licensePlate) draft.plate = readText(pbf, stop);
      });
    case VEHICLE_POSITION.currentStopSequence:
      draft.currentStopSeq = readInteger(pbf);
      return undefined;
    case VEHICLE_POSITION.stopId:
      draft.stopId = readText(pbf, end);
      return undefined;
    case VEHICLE_POSITION.currentStatus:
      draft.status = STOP_STATUSES[readInteger(pbf) ?? -1];
      return undefined;
    case VEHICLE_POSITION.timestamp:
      // Kept as it is: one that is out of range must not be replaced by the header's.
      draft.atMs = (readInteger(pbf) ?? 0) * 1000;
      return undefined;
    case VEHICLE_POSITION.occupancyStatus:
      draft.occupancy = OCCUPANCIES[readInteger(pbf) ?? -1];
      return undefined;
    case VEHICLE_POSITION.occupancyPercentage:
      draft.occupancyPercent = readInteger(pbf);
      return undefined;
    case VEHICLE_POSITION.multiCarriageDetails:
      return readCarriage(pbf, end, draft);
    default:
      return undefined;
  }
}

function readTrip(pbf: PbfReader, field: number, end: number, draft: Draft): void {
  if (field === TRIP_DESCRIPTOR.tripId) draft.tripId = readText(pbf, end);
  else if (field === TRIP_DESCRIPTOR.routeId) draft.routeId = readText(pbf, end);
  else if (field === TRIP_DESCRIPTOR.startDate) draft.startDate = readText(pbf, end) ?? '';
  else if (field === TRIP_DESCRIPTOR.startTime) draft.startTime = readText(pbf, end) ?? '';
  else if (field === TRIP_DESCRIPTOR.directionId) {
    const dir = readInteger(pbf);
    draft.dir = dir === 0 || dir === 1 ? dir : undefined;
  }
}

function readPlace(pbf: PbfReader, field: number, draft: Draft): void {
  if (field === POSITION.latitude) draft.lat = readFloat(pbf);
  else if (field === POSITION.longitude) draft.lon = readFloat(pbf);
  else if (field === POSITION.bearing) draft.bearingDeg = readFloat(pbf);
  else if (field === POSITION.speed) draft.speedMps = readFloat(pbf);
}

function readCarriage(pbf: PbfReader, end: number, draft: Draft): void {
  let carriage: CarriagePosition = { carriageSeq: 0 };
  readEmbedded(pbf, end, (field, stop) => {
    if (field === CARRIAGE_DETAILS.carriageSequence) carriage = { ...carriage, carriageSeq: readInteger(pbf) ?? 0 };
    else if (field === CARRIAGE_DETAILS.id) carriage = { ...carriage, ...given('carriageId', readText(pbf, stop)) };
    else if (field === CARRIAGE_DETAILS.label) carriage = { ...carriage, ...given('label', readText(pbf, stop)) };
    else if (field === CARRIAGE_DETAILS.occupancyStatus) {
      carriage = { ...carriage, ...given('occupancy', OCCUPANCIES[readInteger(pbf) ?? -1]) };
    } else if (field === CARRIAGE_DETAILS.occupancyPercentage) {
      const percent = readInteger(pbf);
      // -1 says that nobody knows.
      if (percent !== undefined && percent >= 0) carriage = { ...carriage, occupancyPercent: percent };
    }
  });
  const carriages = draft.carriages ?? [];
  if (carriages.length < MAX_CARRIAGES) draft.carriages = [...carriages, carriage];
}

type Place = { readonly file: string; readonly line: number; readonly errors: ErrorList };

/** The position, or undefined and an error where vehicle, place or time are missing or impossible. */
function positionOf(
  draft: Draft,
  elseMs: number | undefined,
  { file, line, errors }: Place,
): VehiclePosition | undefined {
  const fail = (column: string, reason: RowReason): undefined => {
    addError(errors, { file, line, column, reason });
    return undefined;
  };
  const { lat, lon } = draft;
  // Sources without ids of vehicles name the entity after them.
  const vehicleId = [draft.vehicleId, draft.label, draft.plate, draft.entityId].find(
    (id) => id !== undefined && id !== '',
  );
  if (vehicleId === undefined) return fail('vehicle.id', 'missing-value');
  if (lat === undefined || lon === undefined) return fail('position', 'missing-value');
  // 0, 0 is what receivers say that have not found their place.
  const possible = Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && !(lat === 0 && lon === 0);
  if (!possible) return fail('position', 'bad-number');
  const atMs = draft.atMs === undefined || draft.atMs === 0 ? elseMs : instantOf(draft.atMs / 1000);
  if (atMs === undefined) return fail('timestamp', draft.atMs === undefined ? 'missing-value' : 'bad-time');
  return {
    vehicleId,
    atMs,
    lat,
    lon,
    ...given('label', draft.label),
    ...given('plate', draft.plate),
    ...given('tripId', draft.tripId),
    ...given('startDay', draft.startDate === undefined ? undefined : parseDate(draft.startDate)),
    ...given('startS', draft.startTime === undefined ? undefined : parseTime(draft.startTime)),
    ...given('routeId', draft.routeId),
    ...given('dir', draft.dir),
    ...given('stopId', draft.stopId),
    ...given('currentStopSeq', draft.currentStopSeq),
    ...given('status', draft.status),
    ...given('occupancy', draft.occupancy),
    ...given('occupancyPercent', draft.occupancyPercent),
    ...given('bearingDeg', draft.bearingDeg),
    ...given('speedMps', draft.speedMps),
    ...given('carriages', draft.carriages),
  };
}

function instantOf(seconds: number | undefined): number | undefined {
  if (seconds === undefined || seconds < MIN_TIMESTAMP_S || seconds > MAX_TIMESTAMP_S) return undefined;
  return seconds * 1000;
}

/** A property that is there only when it has a value; empty texts are none. */
function given<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  if (value === undefined || value === '') return {};
  // One computed key cannot be seen by the type checker as the mapped type it is.
  return { [key]: value } as { readonly [K in Key]?: Value };
}
