// Field numbers of GTFS-Realtime vehicle positions, and the small readers that never run past their message.
// Source: gtfs-realtime.proto of google/transit, as carried by MobilityData/gtfs-realtime-bindings at 4f108d9 (2.0):
// messages FeedMessage, FeedHeader, FeedEntity, VehiclePosition, Position, TripDescriptor, VehicleDescriptor.
import type { PbfReader } from 'pbf';

export const FEED_MESSAGE = { header: 1, entity: 2 } as const;
export const FEED_HEADER = { version: 1, incrementality: 2, timestamp: 3 } as const;
export const FEED_ENTITY = { id: 1, isDeleted: 2, tripUpdate: 3, vehicle: 4, alert: 5 } as const;
export const VEHICLE_POSITION = {
  trip: 1,
  position: 2,
  currentStopSequence: 3,
  currentStatus: 4,
  timestamp: 5,
  stopId: 7,
  vehicle: 8,
  occupancyStatus: 9,
  occupancyPercentage: 10,
  multiCarriageDetails: 11,
} as const;
export const POSITION = { latitude: 1, longitude: 2, bearing: 3, odometer: 4, speed: 5 } as const;
export const TRIP_DESCRIPTOR = { tripId: 1, startTime: 2, startDate: 3, routeId: 5, directionId: 6 } as const;
export const VEHICLE_DESCRIPTOR = { id: 1, label: 2, licensePlate: 3 } as const;
export const CARRIAGE_DETAILS = {
  id: 1,
  label: 2,
  occupancyStatus: 3,
  occupancyPercentage: 4,
  carriageSequence: 5,
} as const;

/** Identifiers and labels beyond this are damage, not names. */
export const MAX_TEXT_BYTES = 1_000;

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** The bytes are no message of this kind. Caught where feeds are read. */
export class MalformedMessage extends Error {}

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the fields of a message that ends at `end`. `onField` reads a field's value with the functions below or leaves it
 * alone; what is left, and fields of an unexpected wire type, is skipped as the format asks.
 */
export function readFields(pbf: PbfReader, end: number, onField: (field: number) => void): void {
  for (let field = pbf.nextField(end); field !== 0; field = pbf.nextField(end)) onField(field);
  if (pbf.pos !== end) throw new MalformedMessage(`a message ends at byte ${pbf.pos} instead of ${end}`);
}

/** An embedded message inside one that ends at `end`. */
export function readEmbedded(pbf: PbfReader, end: number, onField: (field: number, end: number) => void): void {
  if (pbf.type !== BYTES) return;
  const stop = lengthOf(pbf, end);
  readFields(pbf, stop, (field) => onField(field, stop));
}

export function readText(pbf: PbfReader, end: number): string | undefined {
  if (pbf.type !== BYTES) return undefined;
  const stop = lengthOf(pbf, end);
  const bytes = pbf.buf.subarray(pbf.pos, stop);
  pbf.pos = stop;
  if (bytes.length > MAX_TEXT_BYTES) throw new MalformedMessage(`a text of ${bytes.length} bytes`);
  try {
    return decoder.decode(bytes);
  } catch {
    throw new MalformedMessage('a text is not UTF-8');
  }
}

/** A number of any integer type; negative ones as signed 64-bit. */
export function readInteger(pbf: PbfReader): number | undefined {
  return pbf.type === VARINT ? pbf.readVarint(true) : undefined;
}

export function readFloat(pbf: PbfReader): number | undefined {
  return pbf.type === FIXED32 ? pbf.readFloat() : undefined;
}

function lengthOf(pbf: PbfReader, end: number): number {
  const stop = pbf.readVarint() + pbf.pos;
  if (!(stop <= end)) throw new MalformedMessage(`a field of byte ${pbf.pos} runs past its message`);
  return stop;
}
