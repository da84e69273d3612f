// Where a vehicle was, as its radio said it: the one form that GTFS-Realtime feeds and lists of positions are read into.
import type { Dir, LineId, StopId, VehicleId } from './model.ts';

/** How full riders would call it. The words follow GTFS-Realtime's OccupancyStatus, in the same order. */
export const OCCUPANCIES = [
  'empty',
  'many-seats',
  'few-seats',
  'standing-room',
  'crushed',
  'full',
  'not-accepting',
  'no-data',
  'not-boardable',
] as const;
export type Occupancy = (typeof OCCUPANCIES)[number];

/** Relation to `stopId`, in the order of GTFS-Realtime's VehicleStopStatus. */
export const STOP_STATUSES = ['incoming', 'stopped', 'in-transit'] as const;
export type StopStatus = (typeof STOP_STATUSES)[number];

/** One carriage of a train. `carriageSeq` counts from 1 in the direction of travel. */
export type CarriagePosition = {
  readonly carriageSeq: number;
  readonly carriageId?: string;
  readonly label?: string;
  readonly occupancy?: Occupancy;
  readonly occupancyPercent?: number;
};

/**
 * One position of one vehicle. WGS 84 degrees. Everything beside vehicle, instant and place is what the source said and
 * may be wrong. `startDay` and `startS` name the run of a repeated trip: service day, and seconds of that day.
 */
export type VehiclePosition = {
  readonly vehicleId: VehicleId;
  readonly atMs: number;
  readonly lat: number;
  readonly lon: number;
  readonly label?: string;
  readonly plate?: string;
  readonly tripId?: string;
  readonly startDay?: number;
  readonly startS?: number;
  readonly routeId?: LineId;
  readonly dir?: Dir;
  readonly stopId?: StopId;
  /** The feed's own count, neither dense nor from 0: not `RunStop.seq`. */
  readonly currentStopSeq?: number;
  readonly status?: StopStatus;
  readonly occupancy?: Occupancy;
  readonly occupancyPercent?: number;
  readonly bearingDeg?: number;
  readonly speedMps?: number;
  readonly carriages?: readonly CarriagePosition[];
};
