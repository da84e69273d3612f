// From what people ride to what gets registered of it: phones without a network, wrong vehicles, dead stickers, riders without
// a phone and drivers who register them, or do not.
import type { UnitId } from '@tongche/network';
import type { Draws } from './draws.ts';
import { endOf } from './journeys.ts';
import type { Leg } from './journeys.ts';
import type { Leaving, PlannedRide, PlannedShift, PlannedUnit, Registration, Rider, RiderId } from './model.ts';
import type { DayParameters } from './parameters.ts';

const minuteMs = 60_000;
/** Whoever has not scanned by then does not. */
const longestLagMs = 3 * minuteMs;
/** A ride counts as sent late beyond three minutes. */
const leastOfflineMs = 5 * minuteMs;

export interface Scene {
  readonly riders: readonly Rider[];
  readonly units: ReadonlyMap<UnitId, PlannedUnit>;
  readonly shifts: readonly PlannedShift[];
  readonly draws: Draws;
  readonly parameters: DayParameters;
  /** Units of the same line, to be mistaken for each other. */
  readonly neighbours: (unitId: UnitId) => readonly UnitId[];
  /** Riders with a phone of their own, for companions. */
  readonly withPhone: readonly RiderId[];
  /** Whatever was kept without a network is sent by then. */
  readonly untilMs: number;
}

function isSignedIn({ shifts }: Scene, unitId: UnitId, ms: number): boolean {
  return shifts.some((shift) => shift.unitId === unitId && shift.fromMs <= ms && ms < shift.toMs);
}

function drawLeaving({ draws, parameters }: Scene): Leaving {
  const { offTapShare, rescanShare, chainedShare } = parameters;
  const drawn = draws.unit();
  if (drawn < offTapShare) return 'off-tap';
  if (drawn < offTapShare + rescanShare) return 'rescan';
  return drawn < offTapShare + rescanShare + chainedShare ? 'chained' : 'silent';
}

function drawWrong(scene: Scene, unitId: UnitId) {
  const { draws, parameters } = scene;
  const others = scene.neighbours(unitId).filter((other) => scene.units.get(other)?.isDead === false);
  if (others.length === 0 || !draws.happens(parameters.wrongVehicleShare)) return undefined;
  return { unitId: draws.pick(others), isUndone: draws.happens(parameters.undoShare) };
}

function drawRegistration(scene: Scene, rider: Rider, leg: Leg, scanMs: number): Registration {
  const { draws, parameters } = scene;
  const party = draws.weighted(parameters.partyShares);
  if (rider.kind === 'assisted') {
    if (!isSignedIn(scene, leg.unitId, scanMs)) return { kind: 'none', gap: 'nobody-signed-in' };
    return draws.happens(parameters.assistShare) ? { kind: 'assisted', party } : { kind: 'none', gap: 'driver-busy' };
  }
  if (!draws.happens(parameters.scanShare)) return { kind: 'none', gap: 'no-scan' };
  if (scene.units.get(leg.unitId)?.isDead === true) return { kind: 'none', gap: 'dead-sticker' };
  const isOffline = !rider.isFirstTime && draws.happens(parameters.offlineShare);
  const sentMs = isOffline ? scanMs + leastOfflineMs + draws.unit() * parameters.offlineMaxMin * minuteMs : undefined;
  const companion = draws.happens(parameters.companionShare) ? draws.pick(scene.withPhone) : rider.riderId;
  return {
    kind: 'scan',
    party,
    companion: companion === rider.riderId ? undefined : companion,
    sentMs: sentMs === undefined ? undefined : Math.floor(Math.min(sentMs, Math.max(scene.untilMs, scanMs))),
    wrong: isOffline ? undefined : drawWrong(scene, leg.unitId),
    leaving: isOffline ? 'silent' : drawLeaving(scene),
  };
}

export function registerLeg(scene: Scene, leg: Leg): PlannedRide {
  const { riderId, unitId, run, boardSeq, alightSeq } = leg;
  const rider = scene.riders[riderId];
  if (rider === undefined) throw new Error(`there is no rider ${riderId}`);
  const boardMs = run.stops[boardSeq]?.depMs ?? 0;
  const lagMs = Math.min(longestLagMs, scene.draws.exponential(scene.parameters.scanLagMeanS) * 1_000);
  const scanMs = boardMs + Math.floor(lagMs);
  return {
    riderId,
    unitId,
    runKey: run.runKey,
    boardSeq,
    alightSeq,
    boardMs,
    alightMs: endOf(leg),
    scanMs,
    registration: drawRegistration(scene, rider, leg, scanMs),
  };
}
