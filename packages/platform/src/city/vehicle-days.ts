// What the platform keeps in memory of a vehicle's service day: what is known of its runs, and heads registered minute by
// minute. Loaded from the database when the first ride of that vehicle and day arrives, then kept up to date by this
// process; so counters survive a restart, and a late ride of last week costs one more query. Heads of a run are the sum
// over the minutes that belong to it *now*: whatever moves rides to another run moves their counts along.
import { dayOf, dayStartMs, MINUTE_MS } from '@tongche/protocol';
import { assignRun } from '../rides/assign.ts';
import { unitOfCode } from '../rides/unit-of.ts';
import type { Assigned, DaySources } from '../rides/assign.ts';
import { headsByMinute } from '../store/rides.ts';
import type { CodeSpan } from '../store/rides.ts';
import type { RunRow, TripRow, VehicleDayKey } from '../store/runs.ts';
import type { Segment } from '../store/segments.ts';
import type { Sql } from '../store/sql.ts';
import type { CityHolder } from './city.ts';
import { shelf } from './shelf.ts';
import { readSources } from './sources.ts';

/** A city of 10,000 vehicles and some late days; about 20 KB each. */
const maxKept = 30_000;
/** Runs of a service day are over this long after its midnight: their rides count to the day before. */
const nightMs = 6 * 60 * MINUTE_MS;

export interface VehicleDay extends VehicleDayKey {
  readonly sources: DaySources;
}

interface Kept extends VehicleDayKey {
  sources: DaySources;
  /** Boardings of the local day before this instant belong to the night of the day before as well. */
  readonly nightEndMs: number;
  /** Heads by boarding minute, then unit: of the local day and of the night after it. */
  readonly minutes: Map<number, Map<string, number>>;
  /** Runs of boarding minutes of the local day, as asked for so far; forgotten when the sources change. */
  readonly labels: Map<number, Assigned>;
  /** Heads by run of this day; derived, forgotten when the sources change. */
  ofRun: Map<number, number> | undefined;
  /** Heads without a run, by unit. */
  ofUnit: Map<string, number>;
}

/** A ride that was counted: what stood there with it, and how to take it back. */
export interface Counted {
  /** Heads of the run (of unit and day where there is none), this ride included. */
  readonly no: number;
  /** Heads that claim to have boarded the unit in that minute, this ride included. */
  readonly inMinute: number;
  /** The run it was counted to. */
  readonly assigned: Assigned;
  readonly undo: () => void;
}

export interface VehicleDays {
  /** Loads what is missing in a few statements. */
  load(keys: readonly VehicleDayKey[]): Promise<void>;
  /** `work` with these days in memory: nothing can forget them between loading and using them. */
  using<Value>(keys: readonly VehicleDayKey[], work: () => Value): Promise<Value>;
  /** Whether both service days of a boarding are in memory: then nothing needs loading until the next `await`. */
  isReady(vehicleId: string, boardedMs: number): boolean;
  readonly get: (vehicleId: string, day: number) => VehicleDay | undefined;
  /** Yesterday's and today's service days of a boarding: night runs begin the day before. */
  daysOf(vehicleId: string, boardedMs: number): readonly (DaySources | undefined)[];
  /** Keys of those days. */
  keysOf(vehicleId: string, boardedMs: number): readonly VehicleDayKey[];
  /** By what is known now. The days must have been loaded; those that are not count as empty. */
  assign(vehicleId: string, boardedMs: number): Assigned;
  count(unit: { readonly unitId: string; readonly vehicleId: string }, boardedMs: number, heads: number): Counted;
  /** Takes heads off that were counted before. */
  uncount(unit: { readonly unitId: string; readonly vehicleId: string }, boardedMs: number, heads: number): void;
  /** Heads that claim to have boarded the unit so many minutes before `boardedMs`, in the run of that minute. */
  boardedBefore(
    unit: { readonly unitId: string; readonly vehicleId: string },
    boardedMs: number,
  ): (minutesAgo: number) => number;
  /** Heads the vehicle's rides of a run stand for. */
  headsOf(vehicleId: string, run: RunRow): number;
  tripBegan(trip: TripRow, run: RunRow): void;
  tripEnded(vehicleId: string, tripId: number, endedMs: number): void;
  /** New positions told more of the same: measured segments of the vehicle from `fromMs` on. */
  putSegments(vehicleId: string, fromMs: number, segments: readonly Segment[]): void;
  /** Reads again what is known of these vehicles' days that are kept; counts follow. */
  refresh(vehicleIds: ReadonlySet<string>): Promise<void>;
  /** Forgets everything: after an import or a roll. */
  forget(): void;
}

function keyText({ vehicleId, day }: VehicleDayKey): string {
  return `${day}|${vehicleId}`;
}

export function vehicleDays(sql: Sql, city: CityHolder, zone: string): VehicleDays {
  const kept = shelf<Kept>(maxKept);
  const loading = new Map<string, Promise<void>>();

  const find = (vehicleId: string, day: number): Kept | undefined => kept.get(vehicleId, day);

  function keysOf(vehicleId: string, boardedMs: number): VehicleDayKey[] {
    const day = dayOf(boardedMs, zone);
    return [
      { vehicleId, day: day - 1 },
      { vehicleId, day },
    ];
  }

  function assign(vehicleId: string, boardedMs: number): Assigned {
    const day = dayOf(boardedMs, zone);
    return assignOn(vehicleId, day, find(vehicleId, day), boardedMs);
  }

  function assignOn(vehicleId: string, day: number, today: Kept | undefined, boardedMs: number): Assigned {
    const known = today?.labels.get(boardedMs);
    if (known !== undefined) return known;
    const assigned = assignRun([find(vehicleId, day - 1)?.sources, today?.sources], boardedMs);
    today?.labels.set(boardedMs, assigned);
    return assigned;
  }

  function daysOf(vehicleId: string, boardedMs: number): readonly (DaySources | undefined)[] {
    const day = dayOf(boardedMs, zone);
    return [find(vehicleId, day - 1)?.sources, find(vehicleId, day)?.sources];
  }

  function boardedBefore(unit: { unitId: string; vehicleId: string }, boardedMs: number): (ago: number) => number {
    const { unitId, vehicleId } = unit;
    const day = dayOf(boardedMs, zone);
    const today = find(vehicleId, day);
    const startMs = (today?.nightEndMs ?? nightEndOf(day)) - nightMs;
    const runId = assignOn(vehicleId, day, today, boardedMs).run?.runId;
    return (minutesAgo) => {
      const ms = boardedMs - minutesAgo * MINUTE_MS;
      const one = ms < startMs ? find(vehicleId, day - 1) : today;
      const heads = one?.minutes.get(ms)?.get(unitId) ?? 0;
      return heads === 0 || minutesAgo === 0 || assign(vehicleId, ms).run?.runId === runId ? heads : 0;
    };
  }

  function isReady(vehicleId: string, boardedMs: number): boolean {
    const day = dayOf(boardedMs, zone);
    return find(vehicleId, day) !== undefined && find(vehicleId, day - 1) !== undefined;
  }

  function totals(one: Kept): ReadonlyMap<number, number> {
    if (one.ofRun !== undefined) return one.ofRun;
    const ofRun = new Map<number, number>();
    const ofUnit = new Map<string, number>();
    for (const [boardedMs, units] of one.minutes) {
      const { run } = assign(one.vehicleId, boardedMs);
      const isToday = dayOf(boardedMs, zone) === one.day;
      for (const [unitId, heads] of units) {
        if (run?.run.day === one.day) add(ofRun, run.runId, heads);
        else if (run === undefined && isToday) add(ofUnit, unitId, heads);
      }
    }
    one.ofRun = ofRun;
    one.ofUnit = ofUnit;
    return ofRun;
  }

  /** Rides of a service day may have boarded in the night after it. */
  function spansOf({ vehicleId, day }: VehicleDayKey): CodeSpan[] {
    const { current } = city;
    const codes = new Set(current.unitsOf(vehicleId).flatMap((unit) => current.codesOf(unit.unitId)));
    const toMs = dayStartMs(day + 1, zone) + nightMs - MINUTE_MS;
    return [...codes].map(({ codeId }) => ({ codeId, fromMs: dayStartMs(day, zone), toMs }));
  }

  async function fetch(keys: readonly VehicleDayKey[]): Promise<void> {
    const sources = await readSources(sql, zone, keys);
    const fresh = keys.map((key, n): Kept => {
      const found = sources[n];
      if (found === undefined) throw new Error('a day’s sources were not read');
      return {
        ...key,
        sources: found,
        nightEndMs: nightEndOf(key.day),
        minutes: new Map(),
        labels: new Map(),
        ofRun: undefined,
        ofUnit: new Map(),
      };
    });
    await countInto(fresh);
    for (const value of fresh) {
      kept.put(value);
      // Its night was labelled without it.
      const next = find(value.vehicleId, value.day + 1);
      if (next === undefined) continue;
      next.labels.clear();
      next.ofRun = undefined;
    }
  }

  async function countInto(fresh: readonly Kept[]): Promise<void> {
    const spans = fresh.map(spansOf);
    const rows = await headsByMinute(sql, spans.flat());
    const byCode = Map.groupBy(rows, ({ codeId }) => codeId);
    for (const [n, one] of fresh.entries()) {
      for (const { codeId, fromMs, toMs } of spans[n] ?? []) {
        const code = city.current.codeById(codeId);
        if (code === undefined) continue;
        const seen = new Set<number>();
        for (const { boardedMs, heads } of byCode.get(codeId) ?? []) {
          if (boardedMs < fromMs || boardedMs > toMs || seen.has(boardedMs)) continue;
          // Spans of two days overlap at night: the same minute may have been answered twice.
          seen.add(boardedMs);
          const { unit } = unitOfCode(city.current, code, boardedMs);
          if (unit.vehicleId === one.vehicleId) addMinute(one, boardedMs, unit.unitId, heads);
        }
      }
    }
  }

  /** A boarding minute is counted on its local day, and on the day before while that one's night lasts. */
  function shift(unit: { unitId: string; vehicleId: string }, boardedMs: number, heads: number): Assigned {
    const { unitId, vehicleId } = unit;
    const day = dayOf(boardedMs, zone);
    const today = find(vehicleId, day);
    const assigned = assignOn(vehicleId, day, today, boardedMs);
    if (boardedMs < (today?.nightEndMs ?? nightEndOf(day))) {
      const yesterday = find(vehicleId, day - 1);
      if (yesterday !== undefined) shiftOn(yesterday, boardedMs, unitId, heads, assigned);
    }
    if (today === undefined) return assigned;
    shiftOn(today, boardedMs, unitId, heads, assigned);
    if (today.ofRun !== undefined && assigned.run === undefined) add(today.ofUnit, unitId, heads);
    return assigned;
  }

  function nightEndOf(day: number): number {
    return dayStartMs(day, zone) + nightMs;
  }

  async function load(keys: readonly VehicleDayKey[]): Promise<void> {
    const missing = new Map<string, VehicleDayKey>();
    const waiting = new Set<Promise<void>>();
    for (const key of keys) {
      const text = keyText(key);
      const under = loading.get(text);
      if (under !== undefined) waiting.add(under);
      else if (find(key.vehicleId, key.day) === undefined) missing.set(text, key);
    }
    if (missing.size > 0) {
      const work = fetch([...missing.values()]).finally(() => {
        for (const text of missing.keys()) loading.delete(text);
      });
      for (const text of missing.keys()) loading.set(text, work);
      waiting.add(work);
    }
    await Promise.all(waiting);
  }

  return {
    daysOf,
    keysOf,
    assign,
    boardedBefore,
    load,
    isReady,
    async using(keys, work) {
      while (!keys.every(({ vehicleId, day }) => find(vehicleId, day) !== undefined)) await load(keys);
      return work();
    },
    get: find,
    count(unit, boardedMs, heads) {
      const today = find(unit.vehicleId, dayOf(boardedMs, zone));
      if (today === undefined) throw new Error('a vehicle’s day was not loaded before its ride was planned');
      const assigned = shift(unit, boardedMs, heads);
      const { run } = assigned;
      const runDay = run === undefined ? today : find(unit.vehicleId, run.run.day);
      const ofRun = runDay === undefined ? undefined : totals(runDay);
      return {
        no: (run === undefined ? today.ofUnit.get(unit.unitId) : ofRun?.get(run.runId)) ?? heads,
        inMinute: today.minutes.get(boardedMs)?.get(unit.unitId) ?? heads,
        assigned,
        undo: () => void shift(unit, boardedMs, -heads),
      };
    },
    uncount: (unit, boardedMs, heads) => void shift(unit, boardedMs, -heads),
    headsOf(vehicleId, { runId, run }) {
      const one = find(vehicleId, run.day);
      return Math.max(0, one === undefined ? 0 : (totals(one).get(runId) ?? 0));
    },
    tripBegan(trip, run) {
      const one = find(trip.vehicleId, dayOf(trip.startedMs, zone));
      if (one === undefined) return;
      const { sources } = one;
      const isKnown = [...sources.runs, ...sources.named].some(({ runId }) => runId === run.runId);
      const isOwn = run.run.day === one.day && run.run.vehicleId === one.vehicleId;
      change(one, {
        trips: [...sources.trips, trip],
        ...(isKnown ? {} : isOwn ? { runs: [...sources.runs, run] } : { named: [...sources.named, run] }),
      });
    },
    tripEnded(vehicleId, tripId, endedMs) {
      for (const one of kept.values()) {
        if (one.vehicleId !== vehicleId || !one.sources.trips.some((trip) => trip.tripId === tripId)) continue;
        const trips = one.sources.trips.map((trip) => (trip.tripId === tripId ? { ...trip, endedMs } : trip));
        change(one, { trips });
      }
    },
    putSegments(vehicleId, fromMs, fresh) {
      for (
        let day = dayOf(fromMs, zone) - 1;
        find(vehicleId, day) !== undefined || day <= dayOf(fromMs, zone);
        day += 1
      ) {
        const one = find(vehicleId, day);
        if (one === undefined) continue;
        const stay = one.sources.segments.filter(({ basis, toMs }) => basis !== 'positions' || toMs <= fromMs);
        change(one, { segments: [...stay, ...fresh] });
      }
    },
    async refresh(vehicleIds) {
      // What is being read may have been read before the change.
      await Promise.all(loading.values());
      const ours = [...kept.values()].filter(({ vehicleId }) => vehicleIds.has(vehicleId));
      const sources = await readSources(sql, zone, ours);
      for (const [n, one] of ours.entries()) change(one, sources[n] ?? one.sources);
    },
    forget: () => kept.clear(),
  };

  function change(one: Kept, next: Partial<DaySources>): void {
    one.sources = { ...one.sources, ...next };
    // Minutes after midnight belong to runs of the day before as well.
    for (const near of [find(one.vehicleId, one.day - 1), one, find(one.vehicleId, one.day + 1)]) {
      if (near === undefined) continue;
      near.ofRun = undefined;
      near.labels.clear();
    }
  }
}

/** Heads of a minute on one service day; its run counts where it is of that day. */
function shiftOn(one: Kept, boardedMs: number, unitId: string, heads: number, { run }: Assigned): void {
  addMinute(one, boardedMs, unitId, heads);
  if (one.ofRun !== undefined && run?.run.day === one.day) add(one.ofRun, run.runId, heads);
}

function addMinute(one: Kept, boardedMs: number, unitId: string, heads: number): void {
  const units = one.minutes.get(boardedMs);
  if (units === undefined) one.minutes.set(boardedMs, new Map([[unitId, heads]]));
  else add(units, unitId, heads);
}

function add<Key>(counts: Map<Key, number>, key: Key, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}
