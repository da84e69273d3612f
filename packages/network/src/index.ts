// The face of the city model: portable, no I/O, no clock.
export type {
  Binding,
  CityCode,
  CityData,
  CodePurpose,
  Dir,
  Direction,
  Line,
  LineId,
  Mode,
  Name,
  Run,
  RunStop,
  Stop,
  StopId,
  Unit,
  UnitAir,
  UnitId,
  UnitKind,
  VehicleId,
} from './model.ts';
export type { Result } from './result.ts';
export { bindingAt } from './bindings.ts';
export {
  AFTER_LAST_ARRIVAL_MS,
  BEFORE_FIRST_DEPARTURE_MS,
  firstDepartureMs,
  lastArrivalMs,
  runAt,
  STOP_SLACK_MS,
  stopAt,
} from './runs.ts';
export type { BoardingStop, RunTolerance } from './runs.ts';
export { formatPlate, parsePlate, PROVINCES } from './plates.ts';
export type { Plate, PlateKind } from './plates.ts';
export { serviceStartMs, weekdayOf } from './service-day.ts';
export { distanceM } from './distance.ts';
export type { Point } from './distance.ts';
export { wayAlong } from './way.ts';
export type { Way } from './way.ts';
export { OCCUPANCIES, STOP_STATUSES } from './positions.ts';
export type { CarriagePosition, Occupancy, StopStatus, VehiclePosition } from './positions.ts';
export { isRunOfTrip, MATCH_DEFAULTS, matchPositions, MAX_PINGS, runMatcher } from './match.ts';
export type { MatchBasis, MatchOptions, RunMatch } from './match.ts';
export { timelineOf } from './timeline.ts';
export type { RunTimeline, TimelineBasis, TimelineStop } from './timeline.ts';
export {
  bd09ToGcj02,
  bd09ToWgs84,
  fromWgs84,
  gcj02ToBd09,
  gcj02ToWgs84,
  isShifted,
  toWgs84,
  wgs84ToBd09,
  wgs84ToGcj02,
} from './coordinates.ts';
export type { Coordinates } from './coordinates.ts';
