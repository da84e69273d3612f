// Lines, stops, units, codes and bindings: read whole at start, written whole at an import. All small tables.
import type { Binding, CityData, Dir, Direction, Line, Mode, Stop, Unit, UnitAir, UnitKind } from '@tongche/network';
import { fromBase64Url, toBase64Url, unwrap } from '@tongche/protocol';
import type { Sql } from './sql.ts';

export interface CodeRow {
  readonly codeId: number;
  /** 8 bytes in base64url. */
  readonly code8: string;
  readonly shortCode: string;
  readonly purpose: 'passenger' | 'crew';
  readonly revokedMs: number | null;
}
/** Since when the last import came without it; absent: in service. */
interface Gone {
  readonly goneMs?: number;
}
export type CityLine = Line & Gone;
export type CityUnit = Unit & Gone;
export interface CityRows {
  readonly lines: readonly CityLine[];
  readonly directions: readonly Direction[];
  readonly stops: readonly Stop[];
  readonly units: readonly CityUnit[];
  readonly codes: readonly CodeRow[];
  readonly bindings: readonly (Binding & { readonly codeId: number })[];
}

export async function readLines(sql: Sql): Promise<readonly CityLine[]> {
  const rows = await sql.query<{
    line_id: string;
    name_zh: string;
    name_en: string;
    short_name: string;
    mode: Mode;
    colour: string;
    gone_ms: number | null;
  }>('select line_id, name_zh, name_en, short_name, mode, colour, gone_ms from line');
  return rows.map((row) => ({
    id: row.line_id,
    name: { zh: row.name_zh, en: row.name_en },
    shortName: row.short_name,
    mode: row.mode,
    colour: row.colour,
    ...(row.gone_ms === null ? {} : { goneMs: row.gone_ms }),
  }));
}

export async function readDirections(sql: Sql): Promise<readonly Direction[]> {
  const rows = await sql.query<{ line_id: string; dir: Dir; zh: string; en: string; stops: string[] }>(
    'select line_id, dir, headsign_zh as zh, headsign_en as en, stops from direction order by line_id, dir',
  );
  return rows.map(({ line_id, dir, zh, en, stops }) => ({ lineId: line_id, dir, headsign: { zh, en }, stops }));
}

export async function readStops(sql: Sql): Promise<readonly Stop[]> {
  const rows = await sql.query<{ stop_id: string; name_zh: string; name_en: string; lat: number; lon: number }>(
    'select stop_id, name_zh, name_en, lat, lon from stop',
  );
  return rows.map((row) => ({
    id: row.stop_id,
    name: { zh: row.name_zh, en: row.name_en },
    lat: row.lat,
    lon: row.lon,
  }));
}

export async function readUnits(sql: Sql): Promise<readonly CityUnit[]> {
  const rows = await sql.query<{
    unit_id: string;
    kind: UnitKind;
    plate: string | null;
    label_zh: string;
    label_en: string;
    vehicle_id: string;
    carriage_no: number | null;
    usual_line_id: string | null;
    stop_id: string | null;
    capacity: number;
    air: UnitAir | null;
    litres_per_second: number | null;
    gone_ms: number | null;
  }>(
    `select unit_id, kind, plate, label_zh, label_en, vehicle_id, carriage_no, usual_line_id, stop_id, capacity, air,
            litres_per_second, gone_ms
       from unit order by unit_id`,
  );
  return rows.map((row) => ({
    unitId: row.unit_id,
    kind: row.kind,
    label: { zh: row.label_zh, en: row.label_en },
    vehicleId: row.vehicle_id,
    capacity: row.capacity,
    ...(row.plate === null ? {} : { plate: row.plate }),
    ...(row.carriage_no === null ? {} : { carriageNo: row.carriage_no }),
    ...(row.usual_line_id === null ? {} : { usualLineId: row.usual_line_id }),
    ...(row.stop_id === null ? {} : { stopId: row.stop_id }),
    ...(row.air === null ? {} : { air: row.air }),
    ...(row.litres_per_second === null ? {} : { litresPerSecond: row.litres_per_second }),
    ...(row.gone_ms === null ? {} : { goneMs: row.gone_ms }),
  }));
}

async function readCodes(sql: Sql): Promise<readonly CodeRow[]> {
  const rows = await sql.query<{
    code_id: number;
    code8: Buffer;
    short_code: string;
    purpose: 'passenger' | 'crew';
    revoked_ms: number | null;
  }>('select code_id, code8, short_code, purpose, revoked_ms from code');
  return rows.map((row) => ({
    codeId: row.code_id,
    code8: toBase64Url(row.code8),
    shortCode: row.short_code,
    purpose: row.purpose,
    revokedMs: row.revoked_ms,
  }));
}

async function readBindings(sql: Sql): Promise<CityRows['bindings']> {
  const rows = await sql.query<{
    code_id: number;
    code8: Buffer;
    unit_id: string;
    from_ms: number;
    to_ms: number | null;
  }>('select b.code_id, c.code8, b.unit_id, b.from_ms, b.to_ms from binding b join code c using (code_id)');
  return rows.map((row) => ({
    codeId: row.code_id,
    code: toBase64Url(row.code8),
    unitId: row.unit_id,
    fromMs: row.from_ms,
    ...(row.to_ms === null ? {} : { toMs: row.to_ms }),
  }));
}

export async function readCityRows(sql: Sql): Promise<CityRows> {
  return {
    lines: await readLines(sql),
    directions: await readDirections(sql),
    stops: await readStops(sql),
    units: await readUnits(sql),
    codes: await readCodes(sql),
    bindings: await readBindings(sql),
  };
}

export async function writeLines(sql: Sql, lines: readonly Line[]): Promise<void> {
  await sql.query(
    `insert into line (line_id, name_zh, name_en, short_name, mode, colour)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
     on conflict (line_id) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
       short_name = excluded.short_name, mode = excluded.mode, colour = excluded.colour, gone_ms = null`,
    [
      lines.map(({ id }) => id),
      lines.map(({ name }) => name.zh),
      lines.map(({ name }) => name.en),
      lines.map(({ shortName }) => shortName),
      lines.map(({ mode }) => mode),
      lines.map(({ colour }) => colour),
    ],
  );
}

/** Replaces all of them. */
export async function writeDirections(sql: Sql, directions: readonly Direction[]): Promise<void> {
  await sql.query('delete from direction');
  // Arrays of different lengths do not nest in one parameter, so the stops travel as JSON.
  await sql.query(
    `insert into direction (line_id, dir, headsign_zh, headsign_en, stops)
     select line_id, dir, zh, en, array(select jsonb_array_elements_text(stops::jsonb))
       from unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::text[]) t(line_id, dir, zh, en, stops)`,
    [
      directions.map(({ lineId }) => lineId),
      directions.map(({ dir }) => dir),
      directions.map(({ headsign }) => headsign.zh),
      directions.map(({ headsign }) => headsign.en),
      directions.map(({ stops }) => JSON.stringify(stops)),
    ],
  );
}

export async function writeStops(sql: Sql, stops: readonly Stop[]): Promise<void> {
  await sql.query(
    `insert into stop (stop_id, name_zh, name_en, lat, lon)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::float8[])
     on conflict (stop_id) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
       lat = excluded.lat, lon = excluded.lon`,
    [
      stops.map(({ id }) => id),
      stops.map(({ name }) => name.zh),
      stops.map(({ name }) => name.en),
      stops.map(({ lat }) => lat),
      stops.map(({ lon }) => lon),
    ],
  );
}

/** Lines or units that an import came without: kept, since rides may name them, but out of service. */
export async function markGone(sql: Sql, table: 'line' | 'unit', ids: readonly string[], nowMs: number): Promise<void> {
  const statement =
    table === 'line'
      ? 'update line set gone_ms = $2 where line_id = any($1::text[]) and gone_ms is null'
      : 'update unit set gone_ms = $2 where unit_id = any($1::text[]) and gone_ms is null';
  await sql.query(statement, [ids, nowMs]);
}

export async function writeUnits(sql: Sql, units: readonly Unit[]): Promise<void> {
  await sql.query(
    'insert into vehicle (vehicle_id) select distinct v from unnest($1::text[]) v on conflict do nothing',
    [units.map(({ vehicleId }) => vehicleId)],
  );
  await sql.query(
    `insert into unit (unit_id, kind, plate, label_zh, label_en, vehicle_id, carriage_no, usual_line_id, stop_id,
                       capacity, air, litres_per_second)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[],
                          $8::text[], $9::text[], $10::int[], $11::text[], $12::real[])
     on conflict (unit_id) do update set kind = excluded.kind, plate = excluded.plate, label_zh = excluded.label_zh,
       label_en = excluded.label_en, vehicle_id = excluded.vehicle_id, carriage_no = excluded.carriage_no,
       usual_line_id = excluded.usual_line_id, stop_id = excluded.stop_id, capacity = excluded.capacity, air = excluded.air,
       litres_per_second = excluded.litres_per_second, gone_ms = null`,
    [
      units.map(({ unitId }) => unitId),
      units.map(({ kind }) => kind),
      units.map(({ plate }) => plate ?? null),
      units.map(({ label }) => label.zh),
      units.map(({ label }) => label.en),
      units.map(({ vehicleId }) => vehicleId),
      units.map(({ carriageNo }) => carriageNo ?? null),
      units.map(({ usualLineId }) => usualLineId ?? null),
      units.map(({ stopId }) => stopId ?? null),
      units.map(({ capacity }) => capacity),
      units.map(({ air }) => air ?? null),
      units.map(({ litresPerSecond }) => litresPerSecond ?? null),
    ],
  );
}

/** Codes that are not known yet, bound from the beginning of time. Known ones stay where they are stuck. */
export async function addCodes(sql: Sql, codes: CityData['codes']): Promise<void> {
  const code8 = codes.map((code) => Buffer.from(unwrap(fromBase64Url(code.code8))));
  await sql.query(
    `insert into code (code8, short_code, purpose) select * from unnest($1::bytea[], $2::text[], $3::text[])
     on conflict (code8) do nothing`,
    [code8, codes.map(({ shortCode }) => shortCode), codes.map(({ purpose }) => purpose)],
  );
  await sql.query(
    `insert into binding (code_id, unit_id, from_ms)
     select c.code_id, t.unit_id, 0 from unnest($1::bytea[], $2::text[]) t(code8, unit_id) join code c using (code8)
      where not exists (select from binding b where b.code_id = c.code_id)`,
    [code8, codes.map(({ unitId }) => unitId)],
  );
}

/** Codes of an import: new ones are added, those now on another unit move there from `nowMs` on. Returns how many moved. */
export async function writeCodes(sql: Sql, codes: CityData['codes'], nowMs: number): Promise<number> {
  await addCodes(sql, codes);
  const code8 = codes.map((code) => Buffer.from(unwrap(fromBase64Url(code.code8))));
  const units = codes.map(({ unitId }) => unitId);
  const moved = await sql.query<{ code_id: number; unit_id: string; from_ms: number }>(
    `select b.code_id, t.unit_id, b.from_ms
       from unnest($1::bytea[], $2::text[]) t(code8, unit_id) join code c using (code8)
       join binding b on b.code_id = c.code_id and b.to_ms is null and b.unit_id <> t.unit_id
      where not exists (select from binding later where later.code_id = b.code_id and later.from_ms > b.from_ms)`,
    [code8, units],
  );
  for (const { code_id, unit_id, from_ms } of moved) {
    await sql.query('update binding set to_ms = $2 where code_id = $1 and to_ms is null and from_ms < $2', [
      code_id,
      nowMs,
    ]);
    await bindCode(sql, code_id, unit_id, Math.max(nowMs, from_ms));
  }
  return moved.length;
}

/**
 * Takes a whole city in, within the caller's transaction. Known codes move to the units of the city from `movedMs` on;
 * without it they stay where they are stuck. Returns how many moved.
 */
export async function writeCity(sql: Sql, city: CityData, movedMs: number | undefined): Promise<number> {
  await writeLines(sql, city.lines);
  await writeDirections(sql, city.directions);
  await writeStops(sql, city.stops);
  await writeUnits(sql, city.units);
  if (movedMs !== undefined) return writeCodes(sql, city.codes, movedMs);
  await addCodes(sql, city.codes);
  return 0;
}

/** The code stuck to `unitId` from `fromMs` on, which may lie in the past. The binding that began last counts. */
export async function bindCode(sql: Sql, codeId: number, unitId: string, fromMs: number): Promise<void> {
  await sql.query(
    `insert into binding (code_id, unit_id, from_ms) values ($1, $2, $3)
     on conflict (code_id, from_ms) do update set unit_id = excluded.unit_id`,
    [codeId, unitId, fromMs],
  );
}

export async function revokeCode(sql: Sql, codeId: number, nowMs: number): Promise<void> {
  await sql.query('update code set revoked_ms = coalesce(revoked_ms, $2) where code_id = $1', [codeId, nowMs]);
}
