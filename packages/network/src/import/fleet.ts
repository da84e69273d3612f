// The fleet list: every unit that carries a code, with its plate, its usual line and the people it takes.
import type { Name, Unit, UnitAir, UnitKind } from '../model.ts';
import { formatPlate, parsePlate } from '../plates.ts';
import { lineFinder } from './line-names.ts';
import type { NamedLine } from './line-names.ts';
import { listCsv } from './list-write.ts';
import type { ListRow } from './list-write.ts';
import { readList } from './lists.ts';
import type { ListContext, ListRead, ListSpec } from './lists.ts';
import type { Row } from './row.ts';
import type { Source } from './source.ts';

/** No unit holds more: the fullest metro carriage takes some 400, the largest station hall far fewer than this. */
const MAX_CAPACITY = 100_000;
const MAX_CARRIAGES = 40;
/** Hospitals plan with 60; more is a slip of the unit. */
const MAX_LITRES_PER_SECOND = 100;
/** Enough to see what is the matter. */
const MAX_NAMED = 10;
/** People a unit takes where the list does not say; stations have no sensible default and count as a hall. */
const USUAL_CAPACITY: Readonly<Record<UnitKind, number>> = {
  bus: 80,
  carriage: 250,
  station: 2_000,
  taxi: 4,
  coach: 49,
  ferry: 300,
};
/** Words for a kind, compared in lower case. */
const KIND_WORDS: Readonly<Record<UnitKind, readonly string[]>> = {
  bus: ['bus', '公交车', '公交', '公共汽车', '巴士', '电车', '无轨电车'],
  carriage: ['carriage', '地铁车厢', '车厢', '列车车厢', '轨道车厢'],
  station: ['station', '车站', '地铁站', '站厅', '站点'],
  taxi: ['taxi', 'cab', '出租车', '出租', '的士', '网约车', '计程车'],
  coach: ['coach', '大巴', '客车', '客运车', '长途客车', '长途大巴', '旅游大巴'],
  ferry: ['ferry', '轮渡', '渡轮', '渡船', '客船'],
};

/** Words for how the air is kept, compared in lower case. */
const AIR_WORDS: Readonly<Record<UnitAir, readonly string[]>> = {
  sealed: ['sealed', '密闭', '全封闭', '封闭', '全封闭空调', '密闭空调', '空调', 'air conditioned'],
  ventilated: ['ventilated', '通风', '开窗', '开窗通风', '非封闭', '非空调', '普通', 'open windows'],
};

export type FleetOptions = {
  /** "粤B": put before plates that are listed without province and office. */
  readonly platePrefix?: string;
  /** When given, a line or stop that is not in here is an unknown reference. */
  readonly lineIds?: ReadonlySet<string>;
  readonly stopIds?: ReadonlySet<string>;
  /** When given (and `lineIds` is not), lines are also known by the names people write: 321路, M105. */
  readonly lines?: readonly NamedLine[];
  /** What a line that `lines` does not know does: its row is left out (so by default), or the vehicle has no usual line. */
  readonly unknownLines?: 'refuse' | 'leave-out';
};

export const SPEC: ListSpec = {
  file: 'fleet.csv',
  columns: [
    { key: 'unit_id', words: ['车辆编号', '单元编号', '编号', '自编号', '车号', 'id', 'vehicle number'] },
    { key: 'kind', words: ['类型', '车辆类型', '种类', '车型', 'type', 'vehicle type'] },
    { key: 'vehicle_id', words: ['车辆', '列车编号', '列车号', '车组号', '所属车辆', 'vehicle', 'train'] },
    { key: 'carriage_no', words: ['车厢号', '车厢', '车厢编号', '车厢序号', 'carriage', 'carriage number'] },
    {
      key: 'plate',
      words: ['车牌号', '车牌', '车牌号码', '号牌', '号牌号码', 'car_no', 'plate number', 'licence plate'],
    },
    { key: 'label_zh', words: ['名称', '中文名称', '标签', '显示名称', 'label', 'name'], prose: true },
    { key: 'label_en', words: ['英文名称', '英文标签', 'name en', 'english name'], prose: true },
    { key: 'line_id', words: ['线路', '线路编号', '所属线路', '线路名称', 'line', 'route', 'route_id'] },
    { key: 'stop_id', words: ['站点编号', '车站编号', '所属站点', '站点', 'stop', 'station'] },
    { key: 'capacity', words: ['定员', '核载', '核载人数', '额定载客', '载客量', '核定载客人数', 'seats'] },
    { key: 'air', words: ['空气', '密闭通风', '车内空气', '通风方式', 'ventilation'] },
    { key: 'litres_per_second', words: ['人均新风量', '新风量', '人均新风', 'fresh air', 'l/s/person'] },
  ],
  needed: [['unit_id', 'plate']],
};

/**
 * The fleet. A unit without `unit_id` is called by its plate; without `vehicle_id` it is its own vehicle; without labels
 * it is called by its plate, else its id; without `capacity` it takes what its kind usually does. A list without the
 * column `kind` is one of buses (note `kind-assumed: bus`). Unit ids and plates are unique.
 */
export async function readFleet(source: Source, options: FleetOptions = {}): Promise<ListRead<Unit>> {
  const units = new Map<string, Unit>();
  const plates = new Set<string>();
  const lineOf = options.lines === undefined ? undefined : lineFinder(options.lines);
  const unknownLines = new Set<string>();
  const read = (row: Row, context: ListContext): void => {
    const plate = readPlate(row, options.platePrefix);
    const named = row.has('unit_id') || !row.has('plate');
    const unitId = named ? row.required('unit_id') : (plate ?? '');
    const kind = context.has('kind') ? readKind(row) : 'bus';
    if (!context.has('kind')) context.note('kind-assumed: bus');
    if (kind === undefined) return;
    const lineId = readLine(row, options, lineOf, unknownLines);
    const stopId = row.text('stop_id');
    if (stopId !== '' && options.stopIds?.has(stopId) === false) row.fail('stop_id', 'unknown-reference');
    const capacity = row.has('capacity') ? row.integer('capacity', 1, MAX_CAPACITY) : USUAL_CAPACITY[kind];
    const air = readAir(row);
    const litres = row.has('litres_per_second')
      ? row.number('litres_per_second', 0.1, MAX_LITRES_PER_SECOND)
      : undefined;
    const carriageNo = row.has('carriage_no') ? row.integer('carriage_no', 1, MAX_CARRIAGES) : undefined;
    if (plate !== undefined && plates.has(plate)) row.fail('plate', 'duplicate');
    if (units.has(unitId) && (named || row.ok())) row.fail('unit_id', 'duplicate');
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
      ...(stopId === '' ? {} : { stopId }),
      capacity,
      ...(air === undefined ? {} : { air }),
      ...(litres === undefined ? {} : { litresPerSecond: litres }),
    });
  };
  const list = await readList(source, SPEC, read, () => units.values());
  if (unknownLines.size === 0) return list;
  const named = [...unknownLines].slice(0, MAX_NAMED).join(', ');
  return { ...list, notes: [...list.notes, `unknown-lines: ${unknownLines.size} (${named})`] };
}

export const FLEET_HEADER: readonly string[] = SPEC.columns.map(({ key }) => key);

export function fleetRows(units: readonly Unit[]): readonly ListRow[] {
  return units.map((unit) => [
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
    unit.air ?? '',
    unit.litresPerSecond ?? '',
  ]);
}

export function fleetCsv(units: readonly Unit[]): string {
  return listCsv(FLEET_HEADER, fleetRows(units));
}

function readKind(row: Row): UnitKind | undefined {
  const word = row.required('kind').toLowerCase();
  const known = Object.entries(KIND_WORDS).find(([, words]) => words.includes(word));
  const kind = (Object.keys(USUAL_CAPACITY) as UnitKind[]).find((one) => one === known?.[0]);
  if (kind === undefined && word !== '') row.fail('kind', 'unknown-value');
  return kind;
}

function readAir(row: Row): UnitAir | undefined {
  const word = row.text('air').toLowerCase();
  if (word === '') return undefined;
  const known = (Object.keys(AIR_WORDS) as UnitAir[]).find((air) => AIR_WORDS[air].includes(word));
  if (known === undefined) row.fail('air', 'unknown-value');
  return known;
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

function readLine(
  row: Row,
  { lineIds, unknownLines = 'refuse' }: FleetOptions,
  lineOf: ((text: string) => string | undefined) | undefined,
  unknown: Set<string>,
): string | undefined {
  const text = row.text('line_id');
  if (text === '') return undefined;
  if (lineIds !== undefined || lineOf === undefined) {
    if (lineIds?.has(text) === false) row.fail('line_id', 'unknown-reference');
    return text;
  }
  const lineId = lineOf(text);
  if (lineId !== undefined) return lineId;
  if (unknownLines === 'leave-out') unknown.add(text);
  else row.fail('line_id', 'unknown-reference');
  return undefined;
}
