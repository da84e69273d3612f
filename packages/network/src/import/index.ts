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
export { codesCsv, fleetCsv, readCodes, readFleet, readVehicleRuns, vehicleRunsCsv } from './fleet.ts';
export type { FleetOptions, ListRead } from './fleet.ts';
export { cityOf, readCity } from './city.ts';
export type { CityParts, CityRead, CitySources } from './city.ts';
export { csvText, readTable } from './csv.ts';
export type { TableOptions } from './csv.ts';
export type { RejectedRow, Row } from './row.ts';
export { formatDate, formatTime, parseDate, parseTime } from './fields.ts';
export { MAX_ROW_ERRORS } from './row-error.ts';
export type { ErrorList, RowError, RowReason } from './row-error.ts';
export type { Source } from './source.ts';
