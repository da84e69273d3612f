// A vehicle's service day in memory: what is known of its runs, heads minute by minute, and what is derived of both.
import { dayStartMs, MINUTE_MS } from '@tongche/protocol';
import type { Snapshot } from '../peers/snapshot.ts';
import type { Assigned, DaySources } from '../rides/assign.ts';
import type { VehicleDayKey } from '../store/runs.ts';

/** Runs of a service day are over this long after its midnight: their rides count to the day before. */
const nightMs = 6 * 60 * MINUTE_MS;

export interface Kept extends VehicleDayKey {
  sources: DaySources;
  /** Rides that were counted when the day was read. */
  readonly snapshot: Snapshot;
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

/** When the night after the day before is over, on this local day. */
export function nightEndOf(day: number, zone: string): number {
  return dayStartMs(day, zone) + nightMs;
}

/** Heads of a minute on one service day; its run counts where it is of that day, its unit on the local day. */
export function place(
  one: Kept,
  unitId: string,
  boardedMs: number,
  heads: number,
  { run }: Assigned,
  isLocalDay: boolean,
): void {
  addMinute(one, boardedMs, unitId, heads);
  if (one.ofRun === undefined) return;
  if (run?.run.day === one.day) add(one.ofRun, run.runId, heads);
  else if (run === undefined && isLocalDay) add(one.ofUnit, unitId, heads);
}

export function addMinute(one: Kept, boardedMs: number, unitId: string, heads: number): void {
  const units = one.minutes.get(boardedMs);
  if (units === undefined) one.minutes.set(boardedMs, new Map([[unitId, heads]]));
  else add(units, unitId, heads);
}

export function add<Key>(counts: Map<Key, number>, key: Key, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}
