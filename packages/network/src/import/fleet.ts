// The operator's own lists: the fleet with its plates, which vehicle makes which runs, and the printed codes.
import type { CityCode, CodePurpose, Name, Unit, UnitKind } from '../model.ts';
import { formatPlate, parsePlate } from '../plates.ts';
import { csvText, readTable } from './csv.ts';
import type { Row } from './row.ts';
import { formatDate } from './fields.ts';
import { newErrorList } from './row-error.ts';
import type { RowError } from './row-error.ts';
import type { Assignment } from './runs.ts';
import { openSource } from './source.ts';
import type { Source } from './source.ts';

/** Good rows, and what was wrong with the others. Rejects only when the source cannot be read. */
export type ListRead<T> = {
  readonly rows: readonly T[];
  readonly errors: readonly RowError[];
  readonly errorCount: number;
};

/** No unit holds more: the fullest metro carriage takes some 400, the largest station hall far fewer than this. */
const MAX_CAPACITY = 100_000;
const MAX_CARRIAGES = 40;
/** People a unit takes where the list does not say; stations have no sensible default and count as a hall. */
const USUAL_CAPACITY: Readonly<Record<UnitKind, number>> = {
  bus: 80,
  carriage: 250,
  station: 2_000,
  taxi: 4,
  coach: 49,
  ferry: 300,
};
const KINDS = Object.keys(USUAL_CAPACITY) as UnitKind[];

export type FleetOptions = {
  /** "粤B": put before plates that are listed without province and office. */
  readonly platePrefix?: string;
  /** When given, a line or stop that is not in here is an unknown reference. */
  readonly lineIds?: ReadonlySet<string>;
  readonly stopIds?: ReadonlySet<string>;
};

const FLEET_HEADER = [
  'unit_id',
  'kind',
  'vehicle_id',
  'carriage_no',
  'plate',
  'label_zh',
  'label_en',
  'line_id',
  'stop_id',
  'capacity',
] as const;

/**
 * `fleet.csv`. Needed: `unit_id`, `kind`. A unit without `vehicle_id` is its own vehicle; without labels it is called by
 * its plate, else by its id; without `capacity` it takes what its kind usually does. Unit ids and plates are unique.
 */
export async function readFleet(source: Source, options: FleetOptions = {}): Promise<ListRead<Unit>> {
  const units = new Map<string, Unit>();
  const plates = new Set<string>();
  return readList(source, 'fleet.csv', ['unit_id', 'kind'], units, (row) => {
    const unitId = row.required('unit_id');
    const kind = KINDS.find((known) => known === row.required('kind').toLowerCase());
    if (kind === undefined) {
      if (row.has('kind')) row.fail('kind', 'unknown-value');
      return;
    }
    const plate = readPlate(row, options.platePrefix);
    const lineId = reference(row, 'line_id', options.lineIds);
    const stopId = reference(row, 'stop_id', options.stopIds);
    const capacity = row.has('capacity') ? row.integer('capacity', 1, MAX_CAPACITY) : USUAL_CAPACITY[kind];
    const carriageNo = row.has('carriage_no') ? row.integer('carriage_no', 1, MAX_CARRIAGES) : undefined;
    if (units.has(unitId)) row.fail('unit_id', 'duplicate');
    if (plate !== undefined && plates.has(plate)) row.fail('plate', 'duplicate');
    if (!row.ok()) return;
    if (plate !== undefined) plates.add(plate);
    units.set(unitId, {
      unitId,
      kind,
      ...(plate === undefined ? {} : { plate }),
      label: readLabel(row, plate === undefined ? unitId : formatPlate(plate)),
      vehicleId: row.has('vehicle_id') ? row.text('vehicle_id') : unitId,
      ...(carriageNo === undefined ? {} : { carriageNo }),
      ...(lineId === undefined ? {} : { usualLineId: lineId }),
      ...(stopId === undefined ? {} : { stopId }),
      capacity,
    });
  });
}

export function fleetCsv(units: readonly Unit[]): string {
  return csvText(
    FLEET_HEADER,
    units.map((unit) => [
      unit.unitId,
      unit.kind,
      unit.vehicleId,
      unit.carriageNo ?? '',
      unit.plate ?? '',
      unit.label.zh,
      unit.label.en,
      unit.usualLineId ?? '',
      unit.stopId ?? '',
      unit.capacity,
    ]),
  );
}

/** `vehicle_runs.csv`: `vehicle_id` with `trip_id` or `block_id`, and `date` where it holds for one service day only. */
export async function readVehicleRuns(source: Source): Promise<ListRead<Assignment>> {
  const assignments = new Map<string, Assignment>();
  return readList(source, 'vehicle_runs.csv', ['vehicle_id'], assignments, (row) => {
    const vehicleId = row.required('vehicle_id');
    const day = row.has('date') ? row.date('date') : undefined;
    const tripId = row.text('trip_id');
    const blockId = row.text('block_id');
    if (tripId === '' && blockId === '') row.fail('block_id', 'missing-value');
    const key = JSON.stringify([day ?? '', tripId, tripId === '' ? blockId : '']);
    if (assignments.has(key)) row.fail(tripId === '' ? 'block_id' : 'trip_id', 'duplicate');
    if (!row.ok()) return;
    assignments.set(key, {
      vehicleId,
      ...(tripId === '' ? { blockId } : { tripId }),
      ...(day === undefined ? {} : { day }),
    });
  });
}

export function vehicleRunsCsv(assignments: readonly Assignment[]): string {
  return csvText(
    ['date', 'block_id', 'trip_id', 'vehicle_id'],
    assignments.map(({ day, blockId, tripId, vehicleId }) => [
      day === undefined ? '' : formatDate(day),
      blockId ?? '',
      tripId ?? '',
      vehicleId,
    ]),
  );
}

/** `codes.csv`: the printed codes. The check character of the short code is looked at where codes are taken in. */
export async function readCodes(source: Source, unitIds?: ReadonlySet<string>): Promise<ListRead<CityCode>> {
  const codes = new Map<string, CityCode>();
  const shortCodes = new Set<string>();
  const columns = ['code', 'short_code', 'unit_id', 'purpose'];
  return readList(source, 'codes.csv', columns, codes, (row) => {
    const code8 = row.required('code');
    const shortCode = row.required('short_code').toUpperCase();
    const unitId = row.required('unit_id');
    const purpose = row.required('purpose');
    // 64 bits in 11 characters leave the lowest two bits of the last one 0: one code has one text.
    if (code8 !== '' && !/^[\w-]{10}[AEIMQUYcgkosw048]$/.test(code8)) row.fail('code', 'bad-code');
    if (shortCode !== '' && !/^[0-9A-Z]{7}$/.test(shortCode)) row.fail('short_code', 'bad-code');
    if (purpose !== '' && !isPurpose(purpose)) row.fail('purpose', 'unknown-value');
    if (unitIds !== undefined && unitId !== '' && !unitIds.has(unitId)) row.fail('unit_id', 'unknown-reference');
    if (codes.has(code8)) row.fail('code', 'duplicate');
    if (shortCodes.has(shortCode)) row.fail('short_code', 'duplicate');
    if (!row.ok() || !isPurpose(purpose)) return;
    shortCodes.add(shortCode);
    codes.set(code8, { code8, shortCode, unitId, purpose });
  });
}

export function codesCsv(codes: readonly CityCode[]): string {
  return csvText(
    ['code', 'short_code', 'unit_id', 'purpose'],
    codes.map(({ code8, shortCode, unitId, purpose }) => [code8, shortCode, unitId, purpose]),
  );
}

async function readList<T>(
  source: Source,
  file: string,
  columns: readonly string[],
  values: ReadonlyMap<string, T>,
  onRow: (row: Row) => void,
): Promise<ListRead<T>> {
  const errors = newErrorList();
  await readTable(openSource(source), { file, columns, errors, onRow });
  return { rows: [...values.values()], errors: errors.errors, errorCount: errors.total };
}

function readPlate(row: Row, prefix: string | undefined): string | undefined {
  if (!row.has('plate')) return undefined;
  const parsed = parsePlate(row.text('plate'), prefix);
  if (parsed.ok) return parsed.value.text;
  row.fail('plate', 'bad-plate');
  return undefined;
}

function readLabel(row: Row, fallback: string): Name {
  const zh = row.text('label_zh');
  const en = row.text('label_en');
  return { zh: zh || en || fallback, en: en || zh || fallback };
}

function reference(row: Row, column: string, known: ReadonlySet<string> | undefined): string | undefined {
  if (!row.has(column)) return undefined;
  const id = row.text(column);
  if (known !== undefined && !known.has(id)) row.fail(column, 'unknown-reference');
  return id;
}

function isPurpose(text: string): text is CodePurpose {
  return text === 'passenger' || text === 'crew';
}
