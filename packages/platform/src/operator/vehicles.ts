// The vehicle list of a day, and one vehicle. Rows are made once for each fresh set of counts and then only filtered, so
// that ten thousand units cost a page some milliseconds.
import { Refusal } from '@tongche/contract';
import type { VehicleDetail, VehicleList, VehicleQuery, VehicleRow, VehicleState } from '@tongche/contract';
import { dayStartMs } from '@tongche/protocol';
import type { City } from '../city/city.ts';
import type { Platform } from '../platform.ts';
import { runsMade } from '../runs/made.ts';
import { codeFacts } from './code-view.ts';
import type { CodeFacts } from './code-view.ts';
import { codeRows } from './codes.ts';
import type { Counts, DayCounts, Scans } from './day-counts.ts';
import { noDoubts } from './doubts.ts';
import { lineRefOf, pageSize, plain, unitRef } from './refs.ts';

export interface DayRows {
  readonly counts: DayCounts;
  readonly scans: Scans;
  readonly city: City;
  readonly computedMs: number;
  readonly rows: readonly VehicleRow[];
  /** Facts of every code, by code id. */
  readonly codes: ReadonlyMap<number, CodeFacts>;
  readonly indexOf: ReadonlyMap<string, number>;
}

const byText = new Intl.Collator('zh-CN', { numeric: true });

function rowsOf(counts: DayCounts, city: City, codes: ReadonlyMap<number, CodeFacts>): readonly VehicleRow[] {
  const ofUnit = new Map<string, { codes: number; dead: number }>();
  for (const { unit, state } of codes.values()) {
    if (unit === undefined || state === 'revoked') continue;
    const tally = ofUnit.get(unit.unitId) ?? { codes: 0, dead: 0 };
    ofUnit.set(unit.unitId, { codes: tally.codes + 1, dead: tally.dead + (state === 'dead' ? 1 : 0) });
  }
  return city.units
    .filter(({ unitId, goneMs }) => goneMs === undefined || counts.units.has(unitId))
    .map((unit): VehicleRow => {
      const { vehicleId } = unit;
      const day = counts.units.get(unit.unitId);
      const signedInMs = counts.signedIn.get(vehicleId) ?? null;
      const tally = ofUnit.get(unit.unitId);
      return {
        unit: unitRef(unit),
        vehicleId,
        line: lineRefOf(city, counts.running.get(vehicleId) ?? unit.usualLineId),
        inService: unit.kind === 'station' || counts.running.has(vehicleId) || signedInMs !== null,
        signedInMs,
        codes: tally?.codes ?? 0,
        deadCodes: tally?.dead ?? 0,
        heads: day?.heads ?? 0,
        flagged: day?.flagged ?? 0,
        lastMs: day?.lastMs ?? null,
      };
    })
    .sort(
      (a, b) =>
        Number(a.line === null) - Number(b.line === null) ||
        byText.compare(a.line?.shortName ?? '', b.line?.shortName ?? '') ||
        byText.compare(a.unit.plate ?? a.unit.label.zh, b.unit.plate ?? b.unit.label.zh) ||
        (a.unit.unitId < b.unit.unitId ? -1 : 1),
    );
}

/** Rows of a day, made anew only when counts, scans or city have changed. */
export function makeDayRows(platform: Platform, counts: Counts): (day: number) => Promise<DayRows> {
  const { city: holder, clock, zone } = platform;
  let kept: DayRows | undefined;
  return async (day) => {
    const [fresh, scans] = [await counts.ofDay(day), await counts.scans()];
    const city = holder.current;
    if (kept?.counts === fresh.value && kept.scans === scans.value && kept.city === city) return kept;
    const nowMs = clock.now();
    const codes = new Map(
      city.codes.map((code) => [code.codeId, codeFacts(city, code, scans.value, nowMs, zone)] as const),
    );
    const rows = rowsOf(fresh.value, city, codes);
    kept = {
      counts: fresh.value,
      scans: scans.value,
      city,
      computedMs: fresh.computedMs,
      rows,
      codes,
      indexOf: new Map(rows.map(({ unit }, index) => [unit.unitId, index])),
    };
    return kept;
  };
}

function isIn(row: VehicleRow, state: VehicleState): boolean {
  switch (state) {
    case 'all':
      return true;
    case 'in-service':
      return row.inService;
    case 'no-sign-in':
      return row.inService && row.signedInMs === null;
    case 'no-registration':
      return row.inService && row.heads === 0;
    case 'dead-sticker':
      return row.deadCodes > 0;
    case 'no-code':
      return row.codes === 0;
    default:
      throw new Error(`unknown state ${String(state satisfies never)}`);
  }
}

function isFound(row: VehicleRow, wanted: string): boolean {
  const { unit, vehicleId, line } = row;
  return [unit.plate ?? '', unit.label.zh, unit.label.en, unit.unitId, vehicleId, line?.shortName ?? ''].some((text) =>
    plain(text).includes(wanted),
  );
}

export function vehicleList({ rows, indexOf }: DayRows, query: VehicleQuery): VehicleList {
  const wanted = plain(query.q ?? '');
  const { line, state = 'all', after } = query;
  const found = rows.filter(
    (row) =>
      (line === undefined || (row.line?.id ?? '') === line) &&
      isIn(row, state) &&
      (wanted === '' || isFound(row, wanted)),
  );
  // The cursor is the last unit of the page before: its place, whatever else has changed.
  const place = after === undefined ? -1 : (indexOf.get(after) ?? -1);
  const from = found.findIndex(({ unit }) => (indexOf.get(unit.unitId) ?? 0) > place);
  const limit = pageSize(query.limit);
  const page = from < 0 ? [] : found.slice(from, from + limit);
  const more = from >= 0 && from + limit < found.length;
  return { rows: page, next: more ? (page.at(-1)?.unit.unitId ?? null) : null, total: found.length };
}

/** Throws Refusal 'not-found'. */
export async function vehicleDetail(
  platform: Platform,
  dayRows: DayRows,
  unitId: string,
  day: number,
): Promise<VehicleDetail> {
  const { city, indexOf, rows } = dayRows;
  const unit = city.unit(unitId);
  const row = rows[indexOf.get(unitId) ?? -1];
  if (unit === undefined || row === undefined) throw new Refusal('not-found');
  const { doubts, hours } = dayRows.counts.doubts.units.get(unitId) ?? noDoubts;
  const ever = city.codesOf(unitId).flatMap(({ codeId }) => dayRows.codes.get(codeId) ?? []);
  return {
    row,
    dayStartMs: dayStartMs(day, platform.zone),
    capacity: unit.capacity,
    doubts: [...doubts],
    doubtHours: [...hours],
    carriageNo: unit.carriageNo ?? null,
    codes: await codeRows(
      platform,
      ever.filter(({ unit: now }) => now?.unitId === unitId),
    ),
    bindings: ever
      .flatMap(({ code }) => code.bindings.map((binding) => ({ ...binding, code: code.code8 })))
      .filter((binding) => binding.unitId === unitId)
      .map(({ code, fromMs, toMs }) => ({ code, fromMs, toMs: toMs ?? null }))
      .sort((a, b) => b.fromMs - a.fromMs),
    runs: (await runsMade(platform, unit.vehicleId, day)).flatMap(({ row: made, basis, fromMs, toMs, heads }) =>
      made === undefined
        ? []
        : {
            runKey: made.run.runKey,
            line: lineRefOf(city, made.run.lineId),
            headsign: city.directionsOf(made.run.lineId).find(({ dir }) => dir === made.run.dir)?.headsign ?? null,
            fromMs,
            toMs,
            heads,
            corrected: basis === 'corrected',
          },
    ),
  };
}
