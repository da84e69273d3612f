// The operator says afterwards which run a vehicle made. What it said before stays written; the later word counts.
import { Refusal } from '@tongche/contract';
import type { Correction, CorrectRun } from '@tongche/contract';
import { DAY_MS, dayOf, dayStartMs } from '@tongche/protocol';
import { events } from '../events.ts';
import type { Platform } from '../platform.ts';
import { rollDay } from '../calendar.ts';
import { runByKey } from '../store/runs.ts';
import { insertCorrection, listCorrections, putCorrectionRides } from '../store/segments.ts';
import { announce } from './announce.ts';
import { ridesMoved, withRelabels } from './relabel.ts';

/** Longer than any duty; more would be a typing error. */
const maxSpanMs = DAY_MS;
const maxListed = 500;

/** Throws Refusal 'bad-request' (no such vehicle, time or run) or 'outside-retention'. */
export async function correct(platform: Platform, staffId: number | null, asked: CorrectRun): Promise<Correction> {
  const { db, clock, zone, city, config, log, peers } = platform;
  const { vehicleId, fromMs, toMs, runKey } = asked;
  const nowMs = clock.now();
  if (city.current.unitsOf(vehicleId).length === 0) throw new Refusal('bad-request');
  if (toMs <= fromMs || toMs - fromMs > maxSpanMs || fromMs > nowMs) throw new Refusal('bad-request');
  const oldest = rollDay(nowMs, zone) - config.retentionDays + 1;
  if (fromMs < dayStartMs(oldest, zone)) throw new Refusal('outside-retention');
  const row = runKey === null ? undefined : await runByKey(db, runKey);
  if (runKey !== null && row === undefined) throw new Refusal('bad-request');
  // A run of another day cannot have been made then: nights belong to the day before.
  if (row !== undefined && (row.run.day < dayOf(fromMs, zone) - 1 || row.run.day > dayOf(toMs, zone))) {
    throw new Refusal('bad-request');
  }
  const correction = { vehicleId, runId: row?.runId ?? null, fromMs, toMs, madeMs: nowMs };
  const { correctionId, rides } = await peers.tx('correct-run', async (tx, tell) => {
    let id = 0;
    const change = { zone, cause: 'correction', nowMs, spans: [{ vehicleId, fromMs, toMs }] } as const;
    const moved = await withRelabels(tx, change, async () => {
      id = await insertCorrection(tx, { ...correction, staffId });
    });
    await putCorrectionRides(tx, id, ridesMoved(moved));
    await tell({ kind: 'runs', vehicleIds: [vehicleId] });
    return { correctionId: id, rides: ridesMoved(moved) };
  });
  await announce(platform, new Set([vehicleId]));
  log.event(events.runCorrected, { correction: correctionId, rides });
  return { correctionId, vehicleId, fromMs, toMs, runKey, madeMs: nowMs, rides };
}

/** Corrections of a local day, newest first. */
export async function corrections(
  { db, zone }: Platform,
  day: number,
  vehicleId: string | null,
): Promise<readonly Correction[]> {
  const span = { fromMs: dayStartMs(day, zone), toMs: dayStartMs(day + 1, zone) };
  const rows = await listCorrections(db, { vehicleId, ...span, limit: maxListed });
  return rows.map(({ correctionId, vehicleId: vehicle, fromMs, toMs, runKey, madeMs, rides }) => ({
    correctionId,
    vehicleId: vehicle,
    fromMs,
    toMs,
    runKey,
    madeMs,
    rides,
  }));
}
