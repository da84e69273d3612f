// What the platform keeps in memory of a vehicle's service day: what is known of its runs, and heads registered minute by
// minute. Loaded from the database when the first ride of that vehicle and day arrives, then kept up to date by this
// process from its own rides and from what others say of theirs; so counters survive a restart, and a late ride of last week
// costs one more query. Heads of a run are the sum over the minutes that belong to it *now*: whatever moves rides to another
// run moves their counts along.
import type { Database } from '@tongche/postgres';
import { dayOf, dayStartMs, MINUTE_MS } from '@tongche/protocol';
import { assignRun } from '../rides/assign.ts';
import type { Assigned, DaySources } from '../rides/assign.ts';
import type { RunRow, VehicleDayKey } from '../store/runs.ts';
import type { Segment } from '../store/segments.ts';
import type { CityHolder } from './city.ts';
import { add, nightEndOf, place } from './kept-day.ts';
import type { Kept } from './kept-day.ts';
import { missedChanges } from './missed.ts';
import type { HeadChange } from './missed.ts';
import { readDays } from './read-days.ts';
import { shelf } from './shelf.ts';
import { readSources } from './sources.ts';

/** A city of 10,000 vehicles and some late days; about 20 KB each. */
const maxKept = 30_000;
/**
 * A process that has just started misses every vehicle, and rides wait for what is missing. Where so many are missed of one
 * day, others of the city are read in the same pass, up to so many.
 */
const [crowd, pass] = [8, 1_000];

/** A ride that was counted: what stood there with it, and what becomes of it. */
export interface Counted {
  /** Heads of the run (of unit and day where there is none), this ride included. */
  readonly no: number;
  /** Heads that claim to have boarded the unit in that minute, this ride included. */
  readonly inMinute: number;
  /** The run it was counted to. */
  readonly assigned: Assigned;
  /** With the transaction's number once it is committed; without one it is taken back. */
  readonly settle: (xid: number | undefined) => void;
}

interface AtUnit {
  readonly unitId: string;
  readonly vehicleId: string;
}

export interface VehicleDays {
  /** Loads what is missing in a few statements. */
  load(keys: readonly VehicleDayKey[]): Promise<void>;
  /** `work` with these days in memory: nothing can forget them between loading and using them. */
  using<Value>(keys: readonly VehicleDayKey[], work: () => Value): Promise<Value>;
  /** Whether both service days of a boarding are in memory: then nothing needs loading until the next `await`. */
  isReady(vehicleId: string, boardedMs: number): boolean;
  /** Yesterday's and today's service days of a boarding: night runs begin the day before. */
  daysOf(vehicleId: string, boardedMs: number): readonly (DaySources | undefined)[];
  /** Keys of those days. */
  keysOf(vehicleId: string, boardedMs: number): readonly VehicleDayKey[];
  /** By what is known now. The days must have been loaded; those that are not count as empty. */
  assign(vehicleId: string, boardedMs: number): Assigned;
  count(unit: AtUnit, boardedMs: number, heads: number): Counted;
  /** Heads that a committed transaction added, or took off when negative: of other processes, and of erasures. */
  heard(change: HeadChange): void;
  /** Heads that claim to have boarded the unit so many minutes before `boardedMs`, in the run of that minute. */
  boardedBefore(unit: AtUnit, boardedMs: number): (minutesAgo: number) => number;
  /** Heads the vehicle's rides of a run stand for. */
  headsOf(vehicleId: string, run: RunRow): number;
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

export function vehicleDays(db: Database, city: CityHolder, zone: string): VehicleDays {
  const kept = shelf<Kept>(maxKept);
  const loading = new Map<string, Promise<void>>();
  const missed = missedChanges();
  /** Moves whenever a day comes or goes: rides that were counted before may stand on days that are not here any more. */
  let generation = 0;
  let forgotten = 0;

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

  function boardedBefore({ unitId, vehicleId }: AtUnit, boardedMs: number): (ago: number) => number {
    const day = dayOf(boardedMs, zone);
    const today = find(vehicleId, day);
    const startMs = dayStartMs(day, zone);
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

  async function fetch(keys: readonly VehicleDayKey[]): Promise<void> {
    const meanwhile = missed.begin();
    const since = forgotten;
    try {
      const fresh = await readDays(db, city.current, zone, keys);
      // What was to be forgotten may be in what was read; whoever needs the days asks again.
      if (since !== forgotten) return;
      for (const value of fresh) {
        kept.put(value);
        generation += 1;
        // Its night was labelled without it.
        const next = find(value.vehicleId, value.day + 1);
        if (next === undefined) continue;
        next.labels.clear();
        next.ofRun = undefined;
      }
      const isFresh = new Set(fresh);
      for (const change of meanwhile.changes) {
        for (const one of countingDays(change)) if (isFresh.has(one)) addChange(one, change);
      }
    } finally {
      meanwhile.done();
    }
  }

  /** Days in memory that count a boarding minute: its local day, and the day before while that one's night lasts. */
  function countingDays({ vehicleId, boardedMs }: { vehicleId: string; boardedMs: number }): readonly Kept[] {
    const day = dayOf(boardedMs, zone);
    const today = find(vehicleId, day);
    const yesterday = boardedMs < (today?.nightEndMs ?? nightEndOf(day, zone)) ? find(vehicleId, day - 1) : undefined;
    return [yesterday, today].filter((one) => one !== undefined);
  }

  function addTo(one: Kept, { unitId, vehicleId }: AtUnit, boardedMs: number, heads: number): void {
    const day = dayOf(boardedMs, zone);
    place(one, unitId, boardedMs, heads, assignOn(vehicleId, day, find(vehicleId, day), boardedMs), one.day === day);
  }

  function addChange(one: Kept, change: HeadChange): void {
    if (!one.snapshot.has(change.xid)) addTo(one, change, change.boardedMs, change.heads);
  }

  function heard(change: HeadChange): void {
    missed.note(change);
    for (const one of countingDays(change)) addChange(one, change);
  }

  /** A ride that stands on days of which some may have gone meanwhile. */
  function settle(unit: AtUnit, boardedMs: number, heads: number, on: readonly Kept[], xid: number | undefined): void {
    if (xid === undefined) {
      for (const one of on) addTo(one, unit, boardedMs, -heads);
      return;
    }
    const change = { unitId: unit.unitId, vehicleId: unit.vehicleId, boardedMs, heads, xid };
    missed.note(change);
    for (const one of countingDays(change)) if (!on.includes(one)) addChange(one, change);
  }

  /** Adds vehicles nobody has asked for yet. */
  function addOthers(missing: Map<string, VehicleDayKey>): void {
    if (kept.size > maxKept / 2) return;
    for (const [day, asked] of Map.groupBy(missing.values(), (key) => key.day)) {
      let room = asked.length < crowd ? 0 : pass - asked.length;
      for (const { vehicleId } of city.current.units) {
        if (room <= 0) break;
        const key = { vehicleId, day };
        const text = keyText(key);
        if (missing.has(text) || loading.has(text) || find(vehicleId, day) !== undefined) continue;
        missing.set(text, key);
        room -= 1;
      }
    }
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
      addOthers(missing);
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
    count(unit, boardedMs, heads) {
      const { unitId, vehicleId } = unit;
      const today = find(vehicleId, dayOf(boardedMs, zone));
      if (today === undefined) throw new Error('a vehicle’s day was not loaded before its ride was planned');
      const assigned = assignOn(vehicleId, today.day, today, boardedMs);
      const yesterday = boardedMs < today.nightEndMs ? find(vehicleId, today.day - 1) : undefined;
      place(today, unitId, boardedMs, heads, assigned, true);
      if (yesterday !== undefined) place(yesterday, unitId, boardedMs, heads, assigned, false);
      const { run } = assigned;
      const runDay = run === undefined ? today : find(unit.vehicleId, run.run.day);
      const ofRun = runDay === undefined ? undefined : totals(runDay);
      const since = generation;
      return {
        no: (run === undefined ? today.ofUnit.get(unitId) : ofRun?.get(run.runId)) ?? heads,
        inMinute: today.minutes.get(boardedMs)?.get(unitId) ?? heads,
        assigned,
        settle(xid) {
          if (xid !== undefined && since === generation) return;
          settle(unit, boardedMs, heads, yesterday === undefined ? [today] : [today, yesterday], xid);
        },
      };
    },
    heard,
    headsOf(vehicleId, { runId, run }) {
      const one = find(vehicleId, run.day);
      return Math.max(0, one === undefined ? 0 : (totals(one).get(runId) ?? 0));
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
      const sources = await readSources(db, zone, ours);
      for (const [n, one] of ours.entries()) change(one, sources[n] ?? one.sources);
    },
    forget() {
      kept.clear();
      generation += 1;
      forgotten += 1;
    },
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
