// What a person's registrations tell of one another where stations are among them: an exit, a carriage that names the train.
import { byTime, isSameRide, joined } from './own-rides.ts';
import type { Scene } from './scene.ts';
import { feasibleTrains, stayOnTrain } from './station-trains.ts';
import type { Exit, Feasible } from './station-trains.ts';
import { stationDefaults } from './station-walks.ts';
import type { StopStay } from './stay.ts';
import type { Presence } from './types.ts';

/** A train with where somebody was on it, if they took it. */
export interface Aboard {
  readonly runKey: string;
  readonly share: number;
  /** Worked out when it is asked for: of most trains nobody else can have taken them. */
  readonly stay: () => StopStay;
}

/** A ride whose train is known, or shared out among those it can have been; in order of run keys. */
export interface Rider {
  readonly presence: Presence;
  /** By a station's code: the carriage is not known. */
  readonly isByStation: boolean;
  /** Registered at a station on the way out as well. */
  readonly isOut: boolean;
  readonly trains: readonly Aboard[];
}

export function isAtStation(scene: Scene, { unit, staff }: Presence): boolean {
  const { kind, stopIds = [] } = scene.space(unit);
  return kind === 'station' && stopIds.length > 0 && !staff;
}

/** The same ride: scanned again, at the station while waiting, or in another carriage of the train. */
function isOneRide(scene: Scene, a: Presence, b: Presence): boolean {
  if (isSameRide(a, b)) return true;
  const isInTrain = a.runKey !== null && a.runKey === b.runKey && !a.staff && !b.staff;
  return isInTrain && scene.space(a.unit).kind === 'carriage' && scene.space(b.unit).kind === 'carriage';
}

/** Each ride once. Whoever moved on to another carriage is on the train still. */
function onceEach(scene: Scene, rides: readonly Presence[]): readonly Presence[] {
  const each: Presence[] = [];
  for (const ride of rides.toSorted(byTime)) {
    const at = each.findLastIndex((one) => isOneRide(scene, one, ride));
    const kept = each[at];
    if (kept === undefined) each.push(ride);
    else each[at] = kept.unit === ride.unit ? joined(kept, ride) : { ...joined(kept, ride), goneMs: ride.goneMs };
  }
  return each;
}

function exitFor(scene: Scene, ride: Presence, next: Presence | undefined): Exit | undefined {
  if (next === undefined || !isAtStation(scene, next) || next.unit === ride.unit) return undefined;
  if (next.boardedMs - ride.boardedMs > stationDefaults.sameDayMs) return undefined;
  return { stopIds: scene.space(next.unit).stopIds ?? [], ms: next.boardedMs };
}

/** Bounded by where they registered next; a shared phone aside, nobody is at two places. */
function boundedBy(ride: Presence, next: Presence | undefined): Presence {
  if (next === undefined || next.unit === ride.unit) return ride;
  return { ...ride, goneMs: Math.min(ride.goneMs ?? Infinity, next.boardedMs) };
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

function aboardBy(scene: Scene, ride: Presence, { trains, leftBy }: Feasible, factor: number): readonly Aboard[] {
  return trains
    .map((train): Aboard => ({
      runKey: train.model.run.runKey,
      share: train.share * factor,
      stay: once(() => stayOnTrain(scene, ride, train, leftBy)),
    }))
    .sort((a, b) => (a.runKey < b.runKey ? -1 : 1));
}

function inCarriage(scene: Scene, ride: Presence): readonly Aboard[] {
  const { runKey } = ride;
  if (runKey === null || ride.staff || scene.space(ride.unit).kind !== 'carriage') return [];
  const stay = scene.stay(ride, runKey);
  return stay.kind === 'stops' ? [{ runKey, share: 1, stay: () => stay }] : [];
}

/**
 * Rides of one person, in any order, as far as they tell of trains. Who registered in a carriage of a train that they can have
 * boarded at the station before is that ride's: the registration at the station then tells nothing more.
 */
export function ridersOf(scene: Scene, rides: readonly Presence[]): readonly Rider[] {
  const each = onceEach(scene, rides);
  let leftBefore = 0;
  return each.flatMap((ride, at): readonly Rider[] => {
    if (!isAtStation(scene, ride)) {
      leftBefore = 0;
      const trains = inCarriage(scene, ride);
      return trains.length === 0 ? [] : [{ presence: ride, isByStation: false, isOut: false, trains }];
    }
    const next = each.slice(at + 1).find(({ staff, doubtful }) => !staff && !doubtful);
    const bounded = boundedBy(ride, next);
    const begun = 1 - leftBefore;
    const found = feasibleTrains(scene, bounded, exitFor(scene, ride, next));
    leftBefore = ride.doubtful ? 0 : found.leftBy * begun;
    const isTold = next !== undefined && isBoardedNext(scene, ride, next);
    if (isTold) return [];
    const trains = aboardBy(scene, bounded, found, begun);
    return [{ presence: ride, isByStation: true, isOut: found.leftBy >= 0.5, trains }];
  });
}

/** That the next registration, in a carriage, is of the ride that began at the station. */
function isBoardedNext(scene: Scene, ride: Presence, next: Presence): boolean {
  if (next.runKey === null || scene.space(next.unit).kind !== 'carriage') return false;
  const { boardedMs, runKey } = next;
  const free = feasibleTrains(scene, { ...ride, goneMs: null }).trains;
  return (
    boardedMs - ride.boardedMs <= stationDefaults.aheadMs && free.some(({ model: { run } }) => run.runKey === runKey)
  );
}
