// The list of the day that comes after its runs were expanded, or after they were made: who made which run really.
import type { Run } from '@tongche/network';
import { AFTER_LAST_ARRIVAL_MS, BEFORE_FIRST_DEPARTURE_MS, firstDepartureMs, lastArrivalMs } from '@tongche/network';
import { runsByKeys } from '../store/runs.ts';
import type { RunRow, VehicleSpan } from '../store/runs.ts';
import { dispatchOf, endDispatch, insertSegments } from '../store/segments.ts';
import type { Segment } from '../store/segments.ts';
import type { Sql } from '../store/sql.ts';
import { ridesMoved, withRelabels } from './relabel.ts';

export interface DispatchAsked {
  readonly zone: string;
  /** Runs as expanded now; only those with `dispatched` say anything. */
  readonly runs: readonly Run[];
  readonly nowMs: number;
}
export interface DispatchTaken {
  /** Vehicles whose runs are known otherwise now. */
  readonly vehicleIds: readonly string[];
  /** Rides whose run is another one now. */
  readonly relabelled: number;
}

/** Runs looked up at a time. */
const chunkRuns = 2_000;

interface Handover {
  readonly row: RunRow;
  /** Who has it so far. */
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
}

function spanOf({ run }: RunRow, vehicleId: string): VehicleSpan {
  return {
    vehicleId,
    fromMs: firstDepartureMs(run) - BEFORE_FIRST_DEPARTURE_MS,
    toMs: lastArrivalMs(run) + AFTER_LAST_ARRIVAL_MS,
  };
}

/**
 * A list that comes while a run is under way splits it: who set out had it until now (a vehicle broke down). One that
 * comes before or afterwards tells of the whole run.
 */
function handoverMs(run: Run, nowMs: number): number {
  const isUnderWay = firstDepartureMs(run) <= nowMs && nowMs < lastArrivalMs(run);
  return isUnderWay ? nowMs : firstDepartureMs(run) - BEFORE_FIRST_DEPARTURE_MS;
}

function segmentsOf({ row, to, atMs }: Handover, nowMs: number): Segment[] {
  const { toMs } = spanOf(row, to);
  const segment = { runId: row.runId, basis: 'dispatch', toMs, confidence: 1, saidMs: nowMs } as const;
  return [{ ...segment, vehicleId: to, fromMs: atMs }];
}

/** Within the caller's transaction. Rows that say what is known already change nothing. */
export async function applyDispatch(tx: Sql, { zone, runs, nowMs }: DispatchAsked): Promise<DispatchTaken> {
  const said = new Map(runs.filter(({ dispatched }) => dispatched === true).map((run) => [run.runKey, run.vehicleId]));
  const vehicleIds = new Set<string>();
  let relabelled = 0;
  const keys = [...said.keys()];
  for (let at = 0; at < keys.length; at += chunkRuns) {
    const rows = await runsByKeys(tx, keys.slice(at, at + chunkRuns));
    const last = await dispatchOf(
      tx,
      rows.map(({ runId }) => runId),
    );
    const handovers = rows.flatMap((row): Handover[] => {
      const to = said.get(row.run.runKey);
      const from = last.get(row.runId) ?? row.run.vehicleId;
      return to === undefined || to === from ? [] : [{ row, from, to, atMs: handoverMs(row.run, nowMs) }];
    });
    if (handovers.length === 0) continue;
    const spans = handovers.flatMap(({ row, from, to }) => [spanOf(row, from), spanOf(row, to)]);
    const moved = await withRelabels(tx, { zone, cause: 'dispatch', nowMs, spans: merged(spans) }, async () => {
      await endDispatch(
        tx,
        handovers.map(({ row }) => row.runId),
        handovers.map(({ atMs }) => atMs),
      );
      await insertSegments(
        tx,
        handovers.flatMap((one) => segmentsOf(one, nowMs)),
      );
    });
    relabelled += ridesMoved(moved);
    for (const { from, to } of handovers) vehicleIds.add(from).add(to);
  }
  return { vehicleIds: [...vehicleIds], relabelled };
}

/** One span a vehicle: minutes are compared once. Far-apart days of one vehicle cost a look at the days between. */
function merged(spans: readonly VehicleSpan[]): readonly VehicleSpan[] {
  const out: VehicleSpan[] = [];
  const sorted = spans.toSorted((a, b) =>
    a.vehicleId < b.vehicleId ? -1 : a.vehicleId > b.vehicleId ? 1 : a.fromMs - b.fromMs,
  );
  for (const span of sorted) {
    const last = out.at(-1);
    if (last?.vehicleId === span.vehicleId && span.fromMs <= last.toMs) {
      out[out.length - 1] = { ...last, toMs: Math.max(last.toMs, span.toMs) };
    } else out.push(span);
  }
  return out;
}
