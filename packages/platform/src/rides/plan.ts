// Decides what becomes of each ride of a batch, before it is written: a retry, a tag used too often, or a new row with
// its run and number. Counters move here and are moved back if the row is not written after all.
import { packWindow, uuidText } from '@tongche/protocol';
import type { Bytes, RideCheck } from '@tongche/protocol';
import { checkSync, rideIdSync } from '@tongche/protocol/node';
import type { VehicleDays } from '../city/vehicle-days.ts';
import type { Boarding } from '../peers/boarding.ts';
import type { KnownRide, NewRide } from '../store/ride-writes.ts';
import type { Admitted } from './admit.ts';
import type { Assigned } from './assign.ts';
import { ASSISTED, basisFlags, CREW, LATE, REUSE } from './flags.ts';
import type { Judge } from './judge.ts';

/** Two devices of one phone share some tags; more rows than this are a wallet gone wrong. */
export const MAX_ROWS_OF_TAG = 3;

/** A ride that was admitted, on its way to the batch. */
export interface RideJob extends Admitted {
  /** Entered through the assist form. Nobody proves it; it only sorts the driver's count. */
  readonly assisted: boolean;
  readonly rideId: Bytes;
  readonly check: RideCheck;
}

export interface PlanWorld {
  readonly days: VehicleDays;
  readonly judge: Judge;
}

export interface NewPlan {
  readonly kind: 'new';
  readonly job: RideJob;
  readonly row: NewRide;
  readonly assigned: Assigned;
  /** With its transaction's number once it is written; without one, what was counted for it is taken back. */
  readonly settle: (xid: number | undefined) => void;
}
export type Planned =
  | NewPlan
  | { readonly kind: 'known'; readonly job: RideJob; readonly row: KnownRide }
  | { readonly kind: 'tag-used'; readonly job: RideJob };

export function rideJob(admitted: Admitted, assisted: boolean): RideJob {
  const { record, boardedMs } = admitted;
  const { code, unit, isBound, receivedMs, late } = admitted;
  const rideId = rideIdSync({ tag: record.tag, code: record.code, boardedMs });
  const check = checkSync({ tag: record.tag, code: record.code, day: record.day, minute: record.w.minute });
  return { record, code, unit, isBound, boardedMs, receivedMs, late, assisted, rideId, check };
}

/** What screens and other processes are told of it. */
export function boardingOf({ job, row }: NewPlan): Boarding {
  const { codeId, rideId, receivedS, w2, flags } = row;
  return { codeId, rideId, receivedS, w2, flags, check: job.check };
}

/** Passengers a ride stands for; crew are not passengers. */
export function headsOf(job: RideJob): number {
  return job.code.purpose === 'crew' ? 0 : 1 + job.record.w.party;
}

/** What is noted of a ride beside doubts, in the bits of `flags`. */
function notedOf(job: RideJob, others: number): number {
  return (
    (job.late ? LATE : 0) |
    (others > 0 ? REUSE : 0) |
    (job.code.purpose === 'crew' ? CREW : 0) |
    (job.assisted ? ASSISTED : 0)
  );
}

function newRow(job: RideJob, others: number, { days, judge }: PlanWorld): NewPlan {
  const { record, code, unit, boardedMs, isBound } = job;
  const counted = days.count(unit, boardedMs, headsOf(job));
  const { assigned } = counted;
  const doubts = judge.arriving({ unit, boardedMs, isBound, isCrew: code.purpose === 'crew' }, counted);
  const row: NewRide = {
    rideId: job.rideId,
    tag: record.tag,
    eraseC: record.eraseC,
    codeId: code.codeId,
    receivedS: Math.floor(job.receivedMs / 1000),
    run: assigned.run?.runId ?? null,
    no: Math.max(1, counted.no),
    boardSeq: assigned.boardSeq ?? null,
    w2: packWindow(record.w),
    iss: record.iss,
    suite: record.suite,
    flags: notedOf(job, others) | doubts | basisFlags(assigned.basis),
    enc: record.enc,
    ct: record.ct,
  };
  return { kind: 'new', job, row, assigned, settle: counted.settle };
}

/** `known` are the rows of the batch's tags that are already stored. One batch has at most one ride of a tag. */
export function planBatch(jobs: readonly RideJob[], known: readonly KnownRide[], world: PlanWorld): readonly Planned[] {
  if (known.length === 0) return jobs.map((job) => newRow(job, 0, world));
  const ofTag = Map.groupBy(known, ({ tag }) => tag);
  return jobs.map((job) => {
    const rows = ofTag.get(uuidText(job.record.tag)) ?? [];
    const id = uuidText(job.rideId);
    const same = rows.find(({ rideId, codeId }) => rideId === id && codeId === job.code.codeId);
    if (same !== undefined) return { kind: 'known', job, row: same };
    if (rows.length >= MAX_ROWS_OF_TAG) return { kind: 'tag-used', job };
    return newRow(job, rows.length, world);
  });
}
