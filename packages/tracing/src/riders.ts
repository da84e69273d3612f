// Who was around a ride: one read per space, each person's ride once; and, without a timeline, the silences that end runs.
import { burstRuns, stretchAt } from './bursts.ts';
import { byTime, isSameRide, joined } from './own-rides.ts';
import { reachOf, unitsOf } from './reach.ts';
import type { Scene } from './scene.ts';
import type { Stay, TimeStay } from './stay.ts';
import type { Presence, SpaceKind } from './types.ts';

/** Everybody's presences in the spaces around a leg, each ride once; who moved on to another carriage is gone from the first. */
export function ridersAround(scene: Scene, main: Stay, isOut: (person: string) => boolean): readonly Presence[] {
  const { policy, source, world } = scene.input;
  const space = scene.space(main.presence.unit);
  const { fromMs, toMs } = reachOf(main, policy, space);
  const found: Presence[] = [];
  const first = new Map<string, number>();
  /** Places of those found more than once. */
  const by = new Map<string, number[]>();
  function take(one: Presence): void {
    if (isOut(one.person)) return;
    const at = found.push(one) - 1;
    const before = first.get(one.person);
    if (before === undefined) {
      first.set(one.person, at);
      return;
    }
    const all = by.get(one.person);
    if (all === undefined) by.set(one.person, [before, at]);
    else all.push(at);
  }
  for (const unit of unitsOf(policy, space, world)) {
    for (const one of source.on(unit, fromMs, toMs)) take(one);
    for (const one of source.staff?.(unit, fromMs, toMs) ?? []) take(one);
  }
  if (by.size === 0) return found;
  const several = [...by.values()];
  const isDone = new Set(several.flat());
  const once = several.flatMap((at) => onePersons(at.flatMap((i) => found[i] ?? [])));
  return [...found.filter((_, i) => !isDone.has(i)), ...once];
}

function onePersons(rides: readonly Presence[]): readonly Presence[] {
  const once: Presence[] = [];
  for (const ride of rides.toSorted(byTime)) {
    const at = once.findLastIndex((one) => isSameRide(one, ride));
    const kept = once[at];
    if (kept?.id === ride.id) continue;
    if (kept === undefined) once.push(ride);
    else once[at] = joined(kept, ride);
  }
  return once.map((ride, at) => {
    const next = once[at + 1];
    if (next === undefined || next.unit === ride.unit || ride.staff || next.staff || next.doubtful) return ride;
    return { ...ride, goneMs: Math.min(ride.goneMs ?? Infinity, next.boardedMs) };
  });
}

/** Vehicles that go back and forth: there a silence ends a run. */
const RUNNING: ReadonlySet<SpaceKind> = new Set(['bus', 'carriage', 'coach', 'ferry']);

/** When somebody who registered then was certainly gone, told by nothing but silences; Infinity where nothing is. */
export type EndOfRun = (presence: Presence) => number;

function never(): number {
  return Infinity;
}

/** Of a ride without a timeline: when its vehicle's runs ended, by everybody's registrations around it. */
export function endsOfRuns(scene: Scene, main: Stay, riders: readonly Presence[]): EndOfRun {
  const { presence } = main;
  const space = scene.space(presence.unit);
  if (main.kind !== 'time' || presence.runKey !== null || presence.staff || !RUNNING.has(space.kind)) return never;
  const silent = riders.filter((one) => one.runKey === null && !one.staff);
  const times = [presence, ...silent].map(({ boardedMs }) => boardedMs);
  const runs = burstRuns(space.vehicle, times);
  return (one) => (one.runKey === null && !one.staff ? stretchAt(runs, one.boardedMs).goneMs : Infinity);
}

export function goneBy(stay: Stay, ms: number): Stay {
  if (stay.kind === 'stops' || ms >= stay.goneMs) return stay;
  const bounded: TimeStay = { ...stay, goneMs: Math.max(ms, stay.fromMs) };
  return bounded;
}
