// Writes vehicle positions as a GTFS-Realtime feed: for the simulator, and for tests that read it back.
import { PbfWriter } from 'pbf';
import { OCCUPANCIES, STOP_STATUSES } from '../positions.ts';
import type { CarriagePosition, VehiclePosition } from '../positions.ts';
import { formatDate, formatTime } from './fields.ts';
import {
  CARRIAGE_DETAILS,
  FEED_ENTITY,
  FEED_HEADER,
  FEED_MESSAGE,
  POSITION,
  TRIP_DESCRIPTOR,
  VEHICLE_DESCRIPTOR,
  VEHICLE_POSITION,
} from './gtfs-rt-fields.ts';

const VERSION = '2.0';
const FULL_DATASET = 0;
const encoder = new TextEncoder();

/**
 * A full data set made at `headerMs`. Instants are cut to seconds and places to single precision (about 2 m), as the
 * format has them. Entities are numbered.
 */
export function writeVehiclePositions(positions: readonly VehiclePosition[], headerMs: number): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeMessage(FEED_MESSAGE.header, writeHeader, headerMs);
  for (const [index, position] of positions.entries()) {
    pbf.writeMessage(FEED_MESSAGE.entity, writeEntity, { id: String(index + 1), position });
  }
  return pbf.finish();
}

function writeHeader(headerMs: number, pbf: PbfWriter): void {
  text(pbf, FEED_HEADER.version, VERSION);
  pbf.writeVarintField(FEED_HEADER.incrementality, FULL_DATASET);
  pbf.writeVarintField(FEED_HEADER.timestamp, Math.floor(headerMs / 1000));
}

function writeEntity(entity: { readonly id: string; readonly position: VehiclePosition }, pbf: PbfWriter): void {
  text(pbf, FEED_ENTITY.id, entity.id);
  pbf.writeMessage(FEED_ENTITY.vehicle, writeVehicle, entity.position);
}

function writeVehicle(position: VehiclePosition, pbf: PbfWriter): void {
  const { tripId, routeId, dir, startDay, startS } = position;
  const named = [tripId, routeId, dir, startDay, startS].some((value) => value !== undefined);
  if (named) pbf.writeMessage(VEHICLE_POSITION.trip, writeTrip, position);
  pbf.writeMessage(VEHICLE_POSITION.position, writePlace, position);
  integer(pbf, VEHICLE_POSITION.currentStopSequence, position.currentStopSeq);
  if (position.status !== undefined) {
    integer(pbf, VEHICLE_POSITION.currentStatus, STOP_STATUSES.indexOf(position.status));
  }
  integer(pbf, VEHICLE_POSITION.timestamp, Math.floor(position.atMs / 1000));
  text(pbf, VEHICLE_POSITION.stopId, position.stopId);
  pbf.writeMessage(VEHICLE_POSITION.vehicle, writeDescriptor, position);
  if (position.occupancy !== undefined) {
    integer(pbf, VEHICLE_POSITION.occupancyStatus, OCCUPANCIES.indexOf(position.occupancy));
  }
  integer(pbf, VEHICLE_POSITION.occupancyPercentage, position.occupancyPercent);
  for (const carriage of position.carriages ?? []) {
    pbf.writeMessage(VEHICLE_POSITION.multiCarriageDetails, writeCarriage, carriage);
  }
}

function writeTrip({ tripId, routeId, dir, startDay, startS }: VehiclePosition, pbf: PbfWriter): void {
  text(pbf, TRIP_DESCRIPTOR.tripId, tripId);
  text(pbf, TRIP_DESCRIPTOR.startTime, startS === undefined ? undefined : formatTime(startS));
  text(pbf, TRIP_DESCRIPTOR.startDate, startDay === undefined ? undefined : formatDate(startDay));
  text(pbf, TRIP_DESCRIPTOR.routeId, routeId);
  integer(pbf, TRIP_DESCRIPTOR.directionId, dir);
}

function writePlace({ lat, lon, bearingDeg, speedMps }: VehiclePosition, pbf: PbfWriter): void {
  pbf.writeFloatField(POSITION.latitude, lat);
  pbf.writeFloatField(POSITION.longitude, lon);
  if (bearingDeg !== undefined) pbf.writeFloatField(POSITION.bearing, bearingDeg);
  if (speedMps !== undefined) pbf.writeFloatField(POSITION.speed, speedMps);
}

function writeDescriptor({ vehicleId, label, plate }: VehiclePosition, pbf: PbfWriter): void {
  text(pbf, VEHICLE_DESCRIPTOR.id, vehicleId);
  text(pbf, VEHICLE_DESCRIPTOR.label, label);
  text(pbf, VEHICLE_DESCRIPTOR.licensePlate, plate);
}

function writeCarriage(carriage: CarriagePosition, pbf: PbfWriter): void {
  text(pbf, CARRIAGE_DETAILS.id, carriage.carriageId);
  text(pbf, CARRIAGE_DETAILS.label, carriage.label);
  if (carriage.occupancy !== undefined) {
    integer(pbf, CARRIAGE_DETAILS.occupancyStatus, OCCUPANCIES.indexOf(carriage.occupancy));
  }
  integer(pbf, CARRIAGE_DETAILS.occupancyPercentage, carriage.occupancyPercent);
  integer(pbf, CARRIAGE_DETAILS.carriageSequence, carriage.carriageSeq);
}

/** Not the library's own text: pbf 5.1.2 writes letters from U+20000 on, as in some Chinese place names, as others. */
function text(pbf: PbfWriter, field: number, value: string | undefined): void {
  if (value !== undefined) pbf.writeBytesField(field, encoder.encode(value));
}

function integer(pbf: PbfWriter, field: number, value: number | undefined): void {
  if (value !== undefined) pbf.writeVarintField(field, value);
}
