// Lists of vehicle positions (automatic vehicle location) as operators and open-data portals write them.
import type { Coordinates } from '../coordinates.ts';
import { toWgs84 } from '../coordinates.ts';
import { OCCUPANCIES } from '../positions.ts';
import type { VehiclePosition } from '../positions.ts';
import { instantReader } from './avl-time.ts';
import { listCsv } from './list-write.ts';
import { readList } from './lists.ts';
import type { ListRead, ListSpec } from './lists.ts';
import type { Row } from './row.ts';
import type { Source } from './source.ts';

/** The one table of headings: a column's key, then what others call it. Case, spaces and brackets do not count. */
export const SPEC: ListSpec = {
  file: 'positions.csv',
  columns: [
    {
      key: 'vehicle_id',
      words: ['车辆编号', '车辆', '自编号', '车号', 'vehicle', 'bus_id', 'vid', 'unit_id', 'car_no'],
    },
    {
      key: 'timestamp',
      words: ['时间戳', '定位时间', '采集时间', '时间', 'datetime', 'gps_time', 'time', 'reported_at'],
    },
    { key: 'latitude', words: ['纬度', 'lat', 'y', 'stop_lat'] },
    { key: 'longitude', words: ['经度', 'lon', 'lng', 'long', 'x'] },
    { key: 'plate', words: ['车牌', '车牌号', '车牌号码', 'licence_plate', 'license_plate'] },
    { key: 'trip_id', words: ['班次', '班次编号', '班次号', '车次', 'trip'] },
    { key: 'route_id', words: ['线路', '线路编号', '线路号', 'line_id', 'route', 'line'] },
    { key: 'direction_id', words: ['方向', '上下行', 'direction', 'dir'] },
    { key: 'stop_id', words: ['站点编号', '站点', '站牌', 'stop'] },
    { key: 'stop_sequence', words: ['站序', 'current_stop_sequence', 'stop_seq'] },
    { key: 'bearing', words: ['航向', '方位角', 'heading'] },
    /** Metres a second. */
    { key: 'speed', words: ['speed_mps'] },
    { key: 'speed_kmh', words: ['速度', '车速', 'speed_kph'] },
    { key: 'occupancy', words: ['拥挤度', 'occupancy_status'] },
  ],
  needed: [['vehicle_id', 'plate'], ['timestamp'], ['latitude'], ['longitude']],
};

const MAX_SEQUENCE = 1_000_000_000;
/** A train at 1,000 km/h is a broken sensor; the speed is then left out, not the position. */
const MAX_SPEED_MPS = 278;
const KMH_PER_MPS = 3.6;
/** The words of the two directions. */
const DIRECTIONS: ReadonlyMap<string, 0 | 1> = new Map([
  ['0', 0],
  ['1', 1],
  ['上行', 0],
  ['下行', 1],
]);

export type AvlOptions = {
  /** IANA zone of timestamps that carry no offset. Without it such rows are bad. */
  readonly zone?: string;
  /** What the degrees are; WGS 84 when absent. */
  readonly coordinates?: Coordinates;
};

/** Reads a list of positions, in the order of the file. 0°, 0° is a receiver without a fix, and a bad row. */
export async function readAvl(source: Source, options: AvlOptions = {}): Promise<ListRead<VehiclePosition>> {
  const positions: VehiclePosition[] = [];
  const instantOf = instantReader(options.zone);
  // A day has few vehicles, trips and lines: their texts are kept once.
  const texts = new Map<string, string>();
  const shared = (text: string): string => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
  const read = (row: Row): void => {
    const vehicleId = row.has('vehicle_id') ? row.text('vehicle_id') : row.required('plate');
    const atMs = instantOf(row.required('timestamp'));
    if (atMs === undefined && row.has('timestamp')) row.fail('timestamp', 'bad-time');
    const lat = row.number('latitude', -90, 90);
    const lon = row.number('longitude', -180, 180);
    if (row.ok() && lat === 0 && lon === 0) row.fail('latitude', 'bad-number');
    const extra = extrasOf(row, shared);
    if (!row.ok() || atMs === undefined) return;
    const place = toWgs84({ lat, lon }, options.coordinates ?? 'wgs84');
    positions.push({ vehicleId: shared(vehicleId), atMs, lat: place.lat, lon: place.lon, ...extra });
  };
  return readList(source, SPEC, read, () => positions);
}

type Extras = Omit<VehiclePosition, 'vehicleId' | 'atMs' | 'lat' | 'lon'>;

function extrasOf(row: Row, shared: (text: string) => string): Extras {
  const text = (column: string): string | undefined => (row.has(column) ? shared(row.text(column)) : undefined);
  const plate = text('plate');
  const tripId = text('trip_id');
  const routeId = text('route_id');
  const stopId = text('stop_id');
  const dir = row.has('direction_id') ? DIRECTIONS.get(row.text('direction_id')) : undefined;
  if (row.has('direction_id') && dir === undefined) row.fail('direction_id', 'unknown-value');
  const seq = row.has('stop_sequence') ? row.integer('stop_sequence', 0, MAX_SEQUENCE) : undefined;
  const bearing = numberIn(row, 'bearing', 360);
  const kmh = numberIn(row, 'speed_kmh', MAX_SPEED_MPS * KMH_PER_MPS);
  const speed = numberIn(row, 'speed', MAX_SPEED_MPS) ?? (kmh === undefined ? undefined : kmh / KMH_PER_MPS);
  const word = row.text('occupancy').toLowerCase();
  const occupancy = OCCUPANCIES.find((known) => known === word);
  return {
    ...(plate === undefined ? {} : { plate }),
    ...(tripId === undefined ? {} : { tripId }),
    ...(routeId === undefined ? {} : { routeId }),
    ...(dir === undefined ? {} : { dir }),
    ...(stopId === undefined ? {} : { stopId }),
    ...(seq === undefined ? {} : { currentStopSeq: seq }),
    ...(occupancy === undefined ? {} : { occupancy }),
    ...(bearing === undefined ? {} : { bearingDeg: bearing }),
    ...(speed === undefined ? {} : { speedMps: speed }),
  };
}

/** Readings that nothing depends on: a nonsensical one is left out. */
function numberIn(row: Row, column: string, max: number): number | undefined {
  const value = row.has(column) ? Number(row.text(column)) : NaN;
  return value >= 0 && value <= max ? value : undefined;
}

export const POSITIONS_HEADER: readonly string[] = SPEC.columns
  .map(({ key }) => key)
  .filter((key) => key !== 'speed_kmh');

/** The list that reads back equal; labels, start of a repeated trip, stop status and carriages have no columns. */
export function positionsCsv(positions: readonly VehiclePosition[]): string {
  return listCsv(
    POSITIONS_HEADER,
    positions.map((position) => [
      position.vehicleId,
      new Date(position.atMs).toISOString(),
      position.lat,
      position.lon,
      position.plate ?? '',
      position.tripId ?? '',
      position.routeId ?? '',
      position.dir ?? '',
      position.stopId ?? '',
      position.currentStopSeq ?? '',
      position.bearingDeg ?? '',
      position.speedMps ?? '',
      position.occupancy ?? '',
    ]),
  );
}
