// Where fellow riders of a train registered: in its carriages, and at the stations it called at.
import { MAX_REACH_MS } from './reach.ts';
import type { Reach } from './reach.ts';
import type { Scene } from './scene.ts';
import type { Rider } from './station-links.ts';
import { longestWalkMs, stationDefaults } from './station-walks.ts';
import type { StopStay } from './stay.ts';

const { access, egress, aheadMs } = stationDefaults;
/** Doors stand open at the terminus; clocks of phones, and scans that come late. */
const BEFORE_START_MS = 15 * 60_000;
const SLACK_MS = 5 * 60_000;
/** Walks in are waited for until all but one in forty have arrived; those out, which tell more, for all but one in seven hundred. */
const DEVIATIONS = 2;
const OUT_DEVIATIONS = 3;

export interface Stretch extends Reach {
  readonly unit: string;
}

/** Carriages, while somebody can have boarded whom the rider met. */
function inCarriages(scene: Scene, { model, last }: StopStay): readonly Stretch[] {
  const { world } = scene.input;
  const fromMs = (model.arrMs[0] ?? 0) - BEFORE_START_MS;
  const toMs = (model.depMs[last] ?? 0) + SLACK_MS;
  const units = world.unitsOf(model.run.vehicle).filter((unit) => scene.space(unit).kind === 'carriage');
  return units.map((unit) => ({ unit, fromMs, toMs }));
}

/** When the train before left the stop; -Infinity where none is known. */
function trainBefore(scene: Scene, { model: { run, depMs } }: StopStay, stop: number, stopId: string): number {
  const hereMs = depMs[stop] ?? 0;
  let beforeMs = -Infinity;
  for (const other of scene.input.world.runsAt?.([stopId], hereMs - aheadMs, hereMs) ?? []) {
    if (other.lineId !== run.lineId || other.dir !== run.dir || other.runKey === run.runKey) continue;
    for (const call of other.stops) {
      if (call.stopId === stopId && call.depMs < hereMs) beforeMs = Math.max(beforeMs, call.depMs);
    }
  }
  return beforeMs;
}

/**
 * Stations, while whoever took this train reached its platform: since the train before, and at those ahead until its riders
 * have walked out; where people register on the way out, also at those beyond the last that the rider can have reached.
 */
function atStations(scene: Scene, stay: StopStay, isOut: boolean): readonly Stretch[] {
  const { world } = scene.input;
  const { model, first, last } = stay;
  return model.run.stops.slice(0, isOut ? model.count : last + 1).flatMap(({ stopId }, stop) => {
    const units = stopId === null ? [] : (world.stationsAt?.(stopId) ?? []);
    if (stopId === null || units.length === 0) return [];
    const depMs = model.depMs[stop] ?? 0;
    const isBeyond = stop > last;
    const sinceMs = isBeyond
      ? (model.arrMs[stop] ?? 0)
      : trainBefore(scene, stay, stop, stopId) - longestWalkMs(access, DEVIATIONS);
    const fromMs = Math.max(sinceMs, depMs - aheadMs);
    const outMs = stop > first ? (model.arrMs[stop] ?? 0) + longestWalkMs(egress, OUT_DEVIATIONS) : depMs;
    const clockMs = DEVIATIONS * (model.clockMs[stop] ?? 0);
    return units.map((unit) => ({ unit, fromMs: fromMs - clockMs, toMs: Math.max(outMs, depMs) + clockMs + 1 }));
  });
}

/** Of one of a rider's trains. */
export function stretchesAround(scene: Scene, { presence, isOut }: Rider, stay: StopStay): readonly Stretch[] {
  const { boardedMs } = presence;
  const all = [...inCarriages(scene, stay), ...atStations(scene, stay, isOut)];
  return all.flatMap(({ unit, ...reach }) => {
    const fromMs = Math.max(reach.fromMs, boardedMs - MAX_REACH_MS);
    const toMs = Math.min(reach.toMs, boardedMs + MAX_REACH_MS);
    return fromMs < toMs ? [{ unit, fromMs, toMs }] : [];
  });
}

/** All of them, as one stretch a unit: what is read. Whoever was asked for otherwise and waited unusually long is in it as well. */
export function readsAround(scene: Scene, rider: Rider): readonly Stretch[] {
  const hulls = new Map<string, Stretch>();
  for (const { stay } of rider.trains) {
    for (const { unit, fromMs, toMs } of stretchesAround(scene, rider, stay())) {
      const known = hulls.get(unit);
      const isHall = scene.space(unit).kind === 'station';
      hulls.set(unit, {
        unit,
        fromMs: Math.min(known?.fromMs ?? Infinity, isHall ? toMs - aheadMs - SLACK_MS : fromMs),
        toMs: Math.max(known?.toMs ?? -Infinity, isHall ? toMs + SLACK_MS : toMs),
      });
    }
  }
  return [...hulls.values()];
}
