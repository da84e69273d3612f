// What the console knows of one local day: heads by line and hour, by unit, who ran, who signed in. And of the codes: when
// each was scanned last, and how often its vehicle was out this week. The rules stand in docs/decisions/0014.
import { bindingAt } from '@tongche/network';
import type { Binding } from '@tongche/network';
import { dayOf, dayStartMs, MINUTE_MS } from '@tongche/protocol';
import type { Platform } from '../platform.ts';
import { stateValue } from '../store/maintenance.ts';
import { countDay, firstSignIns, lastScans, runningVehicles, serviceDays } from '../store/operator.ts';
import type { CodeSegment, CountRow } from '../store/operator.ts';
import { lastScansByDay } from '../store/spread.ts';
import { dayDoubts } from './doubts.ts';
import type { DayDoubts } from './doubts.ts';
import { keepFresh, oneAtATime } from './fresh.ts';
import type { Fresh } from './fresh.ts';
import { movesOfDay } from './relabelled.ts';
import type { Move } from './relabelled.ts';

const hourMs = 60 * MINUTE_MS;
const hoursOfDay = 24;
/** A shift begun longer before midnight than a staff session lasts was forgotten open: it signs nobody in today. */
const forgottenShiftMs = 16 * hourMs;
/** Below this age the counts of today are given as they are. */
const todayFreshMs = 5_000;
/** Rides arrive up to seven days late and may be erased any time, so a past day is counted anew, but not often. */
const pastFreshMs = 10 * MINUTE_MS;
/** Codes are judged by days; a minute is soon enough. */
const scansFreshMs = MINUTE_MS;
/** The days somebody compares at once; each holds a small object a unit. */
const maxDays = 8;
/** Full local days before today in which a sticker must have been scanned. */
export const DEAD_DAYS = 7;
/** On so many of those days its vehicle must have run: one day out, in the wash or in a queue proves nothing. */
export const DEAD_SERVICE_DAYS = 3;

export interface UnitDay {
  readonly heads: number;
  readonly flagged: number;
  readonly lastMs: number;
}
export interface LineHours {
  readonly heads: number;
  readonly hours: readonly number[];
}
export interface DayCounts {
  readonly day: number;
  readonly rides: number;
  readonly heads: number;
  readonly assisted: number;
  readonly late: number;
  readonly doubts: DayDoubts;
  readonly hours: readonly number[];
  /** Key '': no line known. */
  readonly lines: ReadonlyMap<string, LineHours>;
  readonly units: ReadonlyMap<string, UnitDay>;
  /** Vehicles with a run, and the line they ran most. */
  readonly running: ReadonlyMap<string, string>;
  readonly signedIn: ReadonlyMap<string, number>;
}
export interface Scans {
  readonly today: number;
  readonly lastMs: ReadonlyMap<number, number>;
  /** Of the last seven full days, by vehicle. */
  readonly serviceDays: ReadonlyMap<string, number>;
  /** Nothing can be said about codes before this platform's first full day. */
  readonly firstMs: number;
}

export interface Counts {
  ofDay(day: number): Promise<Fresh<DayCounts>>;
  scans(): Promise<Fresh<Scans>>;
}

/** Minutes of the day in which the code was stuck to each unit, in order, half open. */
export function segmentsOf(
  codeId: number,
  bindings: readonly Binding[],
  startMs: number,
  endMs: number,
): readonly CodeSegment[] {
  const edges = new Set([startMs]);
  for (const { fromMs, toMs } of bindings) {
    if (fromMs > startMs && fromMs < endMs) edges.add(fromMs);
    if (toMs !== undefined && toMs > startMs && toMs < endMs) edges.add(toMs);
  }
  const cuts = [...edges].sort((a, b) => a - b);
  return cuts.flatMap((fromMs, index) => {
    const unitId = bindingAt(bindings, fromMs)?.unitId;
    const toMs = cuts[index + 1] ?? endMs;
    // Rides know their minute only; a binding begins with a minute.
    const [fromMin, toMin] = [fromMs, toMs].map((ms) => Math.ceil((ms - startMs) / MINUTE_MS)) as [number, number];
    return unitId === undefined || toMin <= fromMin ? [] : [{ codeId, fromMin, toMin, unitId }];
  });
}

/** Local hour of every hour that passes on the day, of which clock changes make 23 or 25. */
export function localHours(day: number, zone: string): readonly number[] {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' });
  const startMs = dayStartMs(day, zone);
  const hours: number[] = [];
  for (let ms = startMs; ms < dayStartMs(day + 1, zone); ms += hourMs) hours.push(Number(format.format(ms)));
  return hours;
}

function hoursFrom(rows: readonly CountRow[], localHour: readonly number[]): LineHours {
  const hours = Array.from({ length: hoursOfDay }, () => 0);
  let heads = 0;
  for (const row of rows) {
    const hour = localHour[row.hour ?? 0] ?? hoursOfDay - 1;
    hours[hour] = (hours[hour] ?? 0) + row.heads;
    heads += row.heads;
  }
  return { heads, hours };
}

function sum(rows: readonly CountRow[], of: (row: CountRow) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

/** Takes heads from one line's hours to another's; the sums over all lines stay. */
function move(lines: Map<string, LineHours>, moves: readonly Move[], localHour: readonly number[]): void {
  for (const { fromLine, toLine, hour, heads } of moves) {
    const at = localHour[hour] ?? hoursOfDay - 1;
    for (const [lineId, change] of [
      [fromLine, -heads],
      [toLine, heads],
    ] as const) {
      const line = lines.get(lineId) ?? { heads: 0, hours: Array.from({ length: hoursOfDay }, () => 0) };
      const hours = line.hours.with(at, Math.max(0, (line.hours[at] ?? 0) + change));
      lines.set(lineId, { heads: Math.max(0, line.heads + change), hours });
    }
  }
}

async function countsOf(platform: Platform, day: number): Promise<DayCounts> {
  const { db, city, zone } = platform;
  const startMs = dayStartMs(day, zone);
  const endMs = dayStartMs(day + 1, zone);
  const segments = city.current.codes.flatMap(({ codeId, bindings }) => segmentsOf(codeId, bindings, startMs, endMs));
  const rows = await countDay(db, startMs, endMs - MINUTE_MS, segments);
  const running = new Map<string, string>();
  // Ordered by runs: the line a vehicle ran most comes first.
  for (const { vehicleId, lineId } of await runningVehicles(db, day, startMs)) {
    if (!running.has(vehicleId)) running.set(vehicleId, lineId);
  }
  const byLine = rows.filter(({ unitId }) => unitId === null);
  const byUnit = rows.filter(({ unitId }) => unitId !== null && unitId !== '');
  const localHour = localHours(day, zone);
  const grouped = Map.groupBy(byLine, ({ lineId }) => lineId ?? '');
  const lines = new Map([...grouped].map(([lineId, of]) => [lineId, hoursFrom(of, localHour)]));
  move(lines, await movesOfDay(platform, { startMs, endMs }, segments), localHour);
  return {
    day,
    rides: sum(byLine, (row) => row.rides),
    heads: sum(byLine, (row) => row.heads),
    assisted: sum(byLine, (row) => row.assisted),
    late: sum(byLine, (row) => row.late),
    doubts: dayDoubts(byLine, localHour),
    hours: hoursFrom(byLine, localHour).hours,
    lines,
    units: new Map(
      byUnit.map(({ unitId, heads, flagged, lastMin }) => [
        unitId ?? '',
        { heads, flagged, lastMs: startMs + lastMin * MINUTE_MS },
      ]),
    ),
    running,
    signedIn: await firstSignIns(db, startMs, endMs, startMs - forgottenShiftMs),
  };
}

/** Every day that may hold rides. */
function keptDays(today: number, { zone, config }: Platform) {
  return Array.from({ length: config.retentionDays + 2 }, (_, n) => {
    const day = today + 1 - n;
    return { fromMs: dayStartMs(day, zone), toMs: dayStartMs(day + 1, zone) - MINUTE_MS };
  });
}

async function scansOf(platform: Platform): Promise<Scans> {
  const { db, clock, zone, isSpread } = platform;
  const today = dayOf(clock.now(), zone);
  const firstRoll = await stateValue(db, 'first-roll');
  return {
    today,
    lastMs: await (isSpread ? lastScansByDay(db, keptDays(today, platform)) : lastScans(db)),
    serviceDays: await serviceDays(db, today - DEAD_DAYS, today - 1),
    firstMs: firstRoll === undefined ? 0 : dayStartMs(firstRoll + 1, zone),
  };
}

export function makeCounts(platform: Platform): Counts {
  const { clock, zone } = platform;
  const inTurn = oneAtATime();
  const days = keepFresh<number, DayCounts>({
    clock,
    inTurn,
    maxKept: maxDays,
    make: (day) => countsOf(platform, day),
    freshMs: (day) => (day >= dayOf(clock.now(), zone) ? todayFreshMs : pastFreshMs),
  });
  const scans = keepFresh<'now', Scans>({
    clock,
    inTurn,
    maxKept: 1,
    make: () => scansOf(platform),
    freshMs: () => scansFreshMs,
  });
  return { ofDay: days, scans: () => scans('now') };
}
