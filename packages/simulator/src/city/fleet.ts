// What drives in Haijing: buses, trains of six carriages, station halls, ferries, coaches, taxis, and their plates.
import type { Line, Unit } from '@tongche/network';
import type { Assignment } from '@tongche/network/import';
import { drawInt } from './draw.ts';
import type { LinePlan } from './lines.ts';
import { STATIONS } from './places.ts';

export const CARRIAGES_PER_TRAIN = 6;
export const TAXIS = 12;
/** Province and office the invented plates begin with. */
const PLATE_PREFIX = '粤X';
/** Letters of serials; I and O are never issued. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
/** More draws than this for one free plate mean a fault in the drawing. */
const MAX_DRAWS = 1_000;

const BUS_CAPACITY = 78;
const CARRIAGE_CAPACITY = 246;
const STATION_CAPACITY = 1_800;
const FERRY_CAPACITY = 280;
const COACH_CAPACITY = 49;
const TAXI_CAPACITY = 4;

const SHIPS = [
  ['海鸥号', 'Seagull'],
  ['白鹭号', 'Egret'],
  ['明月号', 'Bright Moon'],
  ['飞鱼号', 'Flying Fish'],
  ['珊瑚号', 'Coral'],
  ['听涛号', 'Tingtao'],
] as const;

/** Plates never given twice: `next` draws one of the kind's shape for a unit. */
export type Plates = { next(kind: 'bus' | 'coach' | 'taxi', unitId: string): string };

export function newPlates(seed: number): Plates {
  const used = new Set<string>();
  return {
    next(kind, unitId) {
      for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
        const label = `plate|${unitId}|${draw}`;
        const number = drawInt(seed, label, 100_000);
        const letter = LETTERS.charAt(drawInt(seed, `${label}|letter`, LETTERS.length));
        const plate = PLATE_PREFIX + serialOf(kind, number, letter);
        if (used.has(plate)) continue;
        used.add(plate);
        return plate;
      }
      throw new Error('no free plate left to draw');
    },
  };
}

/** City buses and taxis are electric (large: letter last; small: letter first); coaches have ordinary plates. */
function serialOf(kind: 'bus' | 'coach' | 'taxi', number: number, letter: string): string {
  const digits = String(number).padStart(5, '0');
  if (kind === 'bus') return `${digits}D`;
  if (kind === 'taxi') return `D${digits}`;
  return digits.slice(0, 1) + letter + digits.slice(1, 4);
}

export type Fleet = { readonly units: readonly Unit[]; readonly assignments: readonly Assignment[] };

/** The vehicles of one scheduled line, one per block, and which block each makes. */
export function lineFleet(plan: LinePlan, blocks: readonly string[], plates: Plates): Fleet {
  const units: Unit[] = [];
  const assignments: Assignment[] = [];
  for (const [index, blockId] of blocks.entries()) {
    const no = index + 1;
    const vehicleId = plan.mode === 'metro' ? `${plan.id}-t${two(no)}` : blockId;
    assignments.push({ blockId, vehicleId });
    units.push(...vehicleUnits(plan, vehicleId, no, plates));
  }
  return { units, assignments };
}

/** The units of one vehicle: itself, or the carriages of a train. */
function vehicleUnits(plan: LinePlan, vehicleId: string, no: number, plates: Plates): readonly Unit[] {
  if (plan.mode === 'metro') return carriages(plan, vehicleId, no);
  const common = { unitId: vehicleId, kind: plan.mode, vehicleId, usualLineId: plan.id };
  if (plan.mode === 'ferry') {
    const [zh, en] = SHIPS[(no - 1) % SHIPS.length] ?? SHIPS[0];
    return [{ ...common, label: { zh, en: `${en} (ferry)` }, capacity: FERRY_CAPACITY }];
  }
  const en = plan.mode === 'coach' ? `Yunlu coach ${no}` : `Line ${plan.shortName.replace('路', '')}, bus ${no}`;
  const label = { zh: `${plan.shortName} ${two(no)}号车`, en };
  const capacity = plan.mode === 'coach' ? COACH_CAPACITY : BUS_CAPACITY;
  return [{ ...common, plate: plates.next(plan.mode, vehicleId), label, capacity }];
}

function carriages(plan: LinePlan, vehicleId: string, no: number): readonly Unit[] {
  return Array.from({ length: CARRIAGES_PER_TRAIN }, (_, index) => ({
    unitId: `${vehicleId}-c${index + 1}`,
    kind: 'carriage',
    label: { zh: `${plan.zh} ${two(no)}车 ${index + 1}号车厢`, en: `${plan.en}, train ${no}, carriage ${index + 1}` },
    vehicleId,
    carriageNo: index + 1,
    usualLineId: plan.id,
    capacity: CARRIAGE_CAPACITY,
  }));
}

/** Halls of the metro, each a unit of its own. `stopIdOf` gives the feed's id of a station. */
export function stationUnits(stopIdOf: (station: string) => string): readonly Unit[] {
  return Object.entries(STATIONS).map(([key, [zh, en]]) => ({
    unitId: `station-${key}`,
    kind: 'station',
    label: { zh: `${zh}站`, en: `${en} Station` },
    vehicleId: `station-${key}`,
    stopId: stopIdOf(key),
    capacity: STATION_CAPACITY,
  }));
}

/** Taxis stand on no timetable; all of them belong to the line that stands for the taxi service. */
export function taxiUnits(lineId: Line['id'], plates: Plates): readonly Unit[] {
  return Array.from({ length: TAXIS }, (_, index) => {
    const unitId = `taxi-${two(index + 1)}`;
    return {
      unitId,
      kind: 'taxi',
      plate: plates.next('taxi', unitId),
      label: { zh: `出租车 ${two(index + 1)}号`, en: `Taxi ${index + 1}` },
      vehicleId: unitId,
      usualLineId: lineId,
      capacity: TAXI_CAPACITY,
    };
  });
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
