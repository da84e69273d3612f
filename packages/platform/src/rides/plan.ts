// Decides what becomes of each ride of a batch, before it is written: a retry, a tag used too often, or a new row with
// its run and number. Counters move here and are moved back if the row is not written after all.
import type { Unit } from '@tongche/network';
import { packSealed, packWindow, uuidText } from '@tongche/protocol';
import type { Bytes } from '@tongche/protocol';
import { rideIdSync } from '@tongche/protocol/node';
import { add } from '../city/vehicle-days.ts';
import type { VehicleDay } from '../city/vehicle-days.ts';
import type { KnownRide, NewRide } from '../store/rides.ts';
import type { Admitted } from './admit.ts';
import { assignRun, isImplausible } from './assign.ts';
import { ASSISTED, CREW, IMPLAUSIBLE, LATE, REUSE } from './flags.ts';

/** Two devices of one phone share some tags; more rows than this are a wallet gone wrong. */
export const MAX_ROWS_OF_TAG = 3;

/** A ride that was admitted, on its way to the batch. */
export interface RideJob extends Admitted {
  /** Entered through the assist form. Nobody proves it; it only sorts the driver's count. */
  readonly assisted: boolean;
  readonly rideId: Bytes;
  readonly rideIdText: string;
  readonly tagText: string;
}

export type Planned =
  | { readonly kind: 'known'; readonly job: RideJob; readonly row: KnownRide }
  | { readonly kind: 'tag-used'; readonly job: RideJob }
  | { readonly kind: 'new'; readonly job: RideJob; readonly row: NewRide; readonly undo: () => void };

export type DaysOf = (vehicleId: string, day: number) => VehicleDay | undefined;

export function rideJob(admitted: Admitted, assisted: boolean): RideJob {
  const { record, boardedMs } = admitted;
  const rideId = rideIdSync({ tag: record.tag, code: record.code, boardedMs });
  return { ...admitted, assisted, rideId, rideIdText: uuidText(rideId), tagText: uuidText(record.tag) };
}

/** Yesterday's and today's service days of a ride's vehicle: night runs begin the day before. */
export function daysOfJob(job: RideJob, daysOf: DaysOf): readonly (VehicleDay | undefined)[] {
  const { vehicleId } = job.unit;
  return [daysOf(vehicleId, job.record.day - 1), daysOf(vehicleId, job.record.day)];
}

/** Passengers a ride stands for; crew are not passengers. */
export function headsOf(job: RideJob): number {
  return job.code.purpose === 'crew' ? 0 : 1 + job.record.w.party;
}

interface Counter {
  readonly before: number;
  readonly undo: () => void;
}

function count<Key>(counts: Map<Key, number>, key: Key, heads: number): Counter {
  const before = counts.get(key) ?? 0;
  add(counts, key, heads);
  return { before, undo: () => void add(counts, key, -heads) };
}

function countRide(
  unit: Unit,
  runId: number | undefined,
  days: readonly (VehicleDay | undefined)[],
  heads: number,
): Counter {
  const today = days[1];
  const runDay = days.find((day) => day?.runs.some((row) => row.runId === runId));
  if (runId !== undefined && runDay !== undefined) return count(runDay.headsOfRun, runId, heads);
  if (today === undefined) throw new Error('a vehicle’s day was not loaded before its ride was planned');
  return count(today.headsOfUnit, unit.unitId, heads);
}

function newRow(job: RideJob, others: number, daysOf: DaysOf): Planned {
  const { record, code, unit, boardedMs } = job;
  const days = daysOfJob(job, daysOf);
  const assigned = assignRun(days, boardedMs);
  const heads = headsOf(job);
  const total = countRide(unit, assigned.run?.runId, days, heads);
  const minutes = days[1]?.headsOfMinute ?? new Map<string, number>();
  const minute = count(minutes, `${boardedMs}|${unit.unitId}`, heads);
  const headsInMinute = minute.before + heads;
  const flags =
    (job.late ? LATE : 0) |
    (others > 0 ? REUSE : 0) |
    (isImplausible(unit, days, assigned, { boardedMs, headsInMinute }) ? IMPLAUSIBLE : 0) |
    (code.purpose === 'crew' ? CREW : 0) |
    (job.assisted ? ASSISTED : 0);
  const row: NewRide = {
    rideId: job.rideId,
    tag: record.tag,
    eraseC: record.eraseC,
    codeId: code.codeId,
    receivedS: Math.floor(job.receivedMs / 1000),
    run: assigned.run?.runId ?? null,
    no: Math.max(1, total.before + heads),
    boardSeq: assigned.boardSeq ?? null,
    w2: packWindow(record.w),
    iss: record.iss,
    suite: record.suite,
    flags,
    sealed: packSealed(record.enc, record.ct),
  };
  function undo(): void {
    total.undo();
    minute.undo();
  }
  return { kind: 'new', job, row, undo };
}

/** `known` are the rows of the batch's tags that are already stored. One batch has at most one ride of a tag. */
export function planBatch(jobs: readonly RideJob[], known: readonly KnownRide[], daysOf: DaysOf): readonly Planned[] {
  const ofTag = Map.groupBy(known, ({ tag }) => tag);
  return jobs.map((job) => {
    const rows = ofTag.get(job.tagText) ?? [];
    const same = rows.find(({ rideId, codeId }) => rideId === job.rideIdText && codeId === job.code.codeId);
    if (same !== undefined) return { kind: 'known', job, row: same };
    if (rows.length >= MAX_ROWS_OF_TAG) return { kind: 'tag-used', job };
    return newRow(job, rows.length, daysOf);
  });
}
