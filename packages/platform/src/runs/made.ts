// What a vehicle made on a service day, stretch by stretch, as now believed; and what a correction of it may name.
import { Refusal } from '@tongche/contract';
import type { RunBasis, RunChoices } from '@tongche/contract';
import { firstDepartureMs, lastArrivalMs } from '@tongche/network';
import { dayOf, dayStartMs, MINUTE_MS } from '@tongche/protocol';
import { lineRefOf } from '../operator/refs.ts';
import type { Platform } from '../platform.ts';
import { runsOfLines } from '../store/runs.ts';
import type { RunRow } from '../store/runs.ts';

/** Runs of a service day are over by then. */
const nightMs = 6 * 60 * MINUTE_MS;
/** Choices of one answer: a busy line has some 600 runs a day. */
const maxChoices = 1_000;

export interface MadeRun {
  /** Undefined: a correction said that it made none. */
  readonly row: RunRow | undefined;
  readonly basis: RunBasis;
  readonly fromMs: number;
  readonly toMs: number;
  /** Heads registered on the run; 0 where there is none. */
  readonly heads: number;
}

/** In order of time; stretches about which nothing is known are left out. */
export async function runsMade(platform: Platform, vehicleId: string, day: number): Promise<readonly MadeRun[]> {
  const { days } = platform;
  const keys = [day - 1, day, day + 1].map((one) => ({ vehicleId, day: one }));
  return days.using(keys, () => stretches(platform, vehicleId, day));
}

function stretches({ days, zone }: Platform, vehicleId: string, day: number): readonly MadeRun[] {
  const made: { row: RunRow | undefined; basis: RunBasis; fromMs: number; toMs: number }[] = [];
  const endMs = dayStartMs(day + 1, zone) + nightMs;
  for (let ms = dayStartMs(day, zone); ms < endMs; ms += MINUTE_MS) {
    const { run: row, basis } = days.assign(vehicleId, ms);
    const isOfDay = row === undefined ? basis === 'corrected' && dayOf(ms, zone) === day : row.run.day === day;
    if (!isOfDay) continue;
    const last = made.at(-1);
    if (last?.toMs === ms && last.row?.runId === row?.runId && last.basis === basis) last.toMs = ms + MINUTE_MS;
    else made.push({ row, basis, fromMs: ms, toMs: ms + MINUTE_MS });
  }
  return made.map((one) => ({ ...one, heads: one.row === undefined ? 0 : days.headsOf(vehicleId, one.row) }));
}

/** Throws Refusal 'not-found'. `lineId`: look among that line's runs; the unit's usual one when absent. */
export async function runChoices(
  platform: Platform,
  unitId: string,
  day: number,
  lineId: string | undefined,
): Promise<RunChoices> {
  const { db, city, zone } = platform;
  const unit = city.current.unit(unitId);
  if (unit === undefined) throw new Refusal('not-found');
  const { vehicleId } = unit;
  const made = await runsMade(platform, vehicleId, day);
  const own = made.flatMap(({ row }) => (row === undefined ? [] : [row]));
  const wanted = lineId ?? unit.usualLineId;
  const lines = wanted === undefined ? own.map(({ run }) => run.lineId) : [wanted];
  const span = { fromMs: dayStartMs(day, zone), toMs: dayStartMs(day + 1, zone) + nightMs };
  const ofLine = await runsOfLines(db, { lineIds: [...new Set(lines)], days: [day], ...span, limit: maxChoices });
  const rows = new Map([...ofLine, ...own].map((row) => [row.runId, row]));
  return {
    vehicleId,
    made: made.map(({ row, basis, fromMs, toMs, heads }) => ({
      runKey: row?.run.runKey ?? null,
      basis,
      fromMs,
      toMs,
      heads,
    })),
    choices: [...rows.values()]
      .map(({ run }) => ({
        runKey: run.runKey,
        line: lineRefOf(city.current, run.lineId),
        headsign: city.current.directionsOf(run.lineId).find(({ dir }) => dir === run.dir)?.headsign ?? null,
        fromMs: firstDepartureMs(run),
        toMs: lastArrivalMs(run),
        vehicleId: run.vehicleId,
      }))
      .sort((a, b) => a.fromMs - b.fromMs || (a.runKey < b.runKey ? -1 : 1))
      .slice(0, maxChoices),
  };
}
