// The face of the importers: GTFS archives and the operator's CSV lists, on Node streams.
export { readGtfs } from './gtfs-read.ts';
export type { FeedRead, GtfsOptions, RejectedTable } from './gtfs-read.ts';
export type { FeedNote, FeedSpan } from './gtfs-notes.ts';
export { gtfsZip, writeGtfs } from './gtfs-write.ts';
export type {
  Agency,
  Feed,
  FeedStop,
  Frequency,
  Route,
  Service,
  ServiceException,
  StopTime,
  Translation,
  Trip,
} from './feed.ts';
export { feedDayOf, runExpander, runsOf, servicesOn } from './runs.ts';
export type { Assignment } from './runs.ts';
export { directionsOf, linesOf, modeOf, stopsOf } from './lines.ts';
export { namesOf } from './names.ts';
export type { NameOf } from './names.ts';
export { FLEET_HEADER, fleetCsv, fleetRows, readFleet } from './fleet.ts';
export type { FleetOptions } from './fleet.ts';
export {
  ALIASES_HEADER,
  aliasesCsv,
  aliasesRows,
  CODES_HEADER,
  codesCsv,
  codesRows,
  readAliases,
  readCodes,
} from './codes.ts';
export type { AliasRow } from './codes.ts';
export { readVehicleRuns, VEHICLE_RUNS_HEADER, vehicleRunsCsv, vehicleRunsRows } from './vehicle-runs.ts';
export { readRoster, ROSTER_HEADER, rosterCsv, rosterRows } from './roster.ts';
export type { RosterEntry, StaffRole } from './roster.ts';
export { readRiderCounts, RIDER_COUNTS_HEADER, riderCountsCsv, riderCountsRows } from './rider-counts.ts';
export type { RiderCount, RiderCountOptions } from './rider-counts.ts';
export { LINE_STOPS_HEADER, lineStopsCsv, lineStopsRows, readLineStops } from './line-stops.ts';
export type { LineStop, LineStopsOptions, LineStopsRead } from './line-stops.ts';
export { cityOfNetwork, SAME_PLACE_M } from './line-network.ts';
export type { NetworkParts } from './line-network.ts';
export { lineFinder } from './line-names.ts';
export type { NamedLine } from './line-names.ts';
export { ERROR_COLUMN, MAX_REJECTED_ROWS } from './lists.ts';
export type { ListRead, RowCheck } from './lists.ts';
export { listCsv, rejectedCsv, tableXlsx } from './list-write.ts';
export type { ListCell, ListRow } from './list-write.ts';
export { readPositions } from './avl-or-feed.ts';
export type { PositionOptions } from './avl-or-feed.ts';
export { POSITIONS_HEADER, positionsCsv, readAvl } from './avl-read.ts';
export type { AvlOptions } from './avl-read.ts';
export { MAX_FEED_BYTES, MAX_FEED_ENTITIES, readVehiclePositions } from './gtfs-rt-read.ts';
export type { PositionFeed, PositionFeedOptions } from './gtfs-rt-read.ts';
export { writeVehiclePositions } from './gtfs-rt-write.ts';
export { cityOf, readCity } from './city.ts';
export type { CityParts, CityRead, CitySources } from './city.ts';
export { csvText } from '@tongche/exports/table';
export { readTable } from './csv.ts';
export type { TableOptions } from './csv.ts';
export type { RejectedRow, Row } from './row.ts';
export { formatDate, formatTime, parseDate, parseTime } from './fields.ts';
export { MAX_ROW_ERRORS } from './row-error.ts';
export type { ErrorList, RowError, RowReason } from './row-error.ts';
export type { Source } from './source.ts';
export { LIST_SHAPES } from './list-shapes.ts';
