// Which stretches of which units' time a trace looks at: where fellow riders of the case can have got on, and for how long
// the air they left counts. The engine reads exactly what it would ask an operator for.
import type { Policy } from './policy.ts';
import type { Stay, TimeStay } from './stay.ts';
import type { Space, World } from './types.ts';

/** The operator answers only for windows within this of a ride, and the policy's persistence. */
export const MAX_REACH_MS = 180 * 60_000;
export const MAX_WINDOW_MS = 6 * 3_600_000;
/** Clocks of phones may be off by three minutes, and some scan a little late. */
const SLACK_MS = 5 * 60_000;
/** Doors stand open at the terminus before the first departure; riders scan while they wait. */
const BEFORE_START_MS = 15 * 60_000;

export interface Reach {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How long the air of a space counts after somebody left it. */
export function persistenceMs(policy: Policy, space: Space): number {
  const { minutes, air } = policy.persistence;
  return air.includes(space.air) ? minutes * 60_000 : 0;
}

/** Whether people of a vehicle's other spaces are anything by the policy. */
export function reachesOtherSpaces(policy: Policy, space: Space): boolean {
  const rule = policy.zones.find(({ kinds, air }) => kinds.includes(space.kind) && air.includes(space.air));
  return rule !== undefined && rule.sameVehicle !== 'nobody';
}

/** When a stay without a timeline is over for certain, whatever else is known. */
function lastStayMs({ fromMs, lasting }: TimeStay): number {
  return fromMs + (lasting.length - 1) * 60_000;
}

function extentOf(stay: Stay, { kind }: Space): Reach {
  if (stay.kind === 'stops') {
    const { model, last } = stay;
    return { fromMs: (model.arrMs[0] ?? 0) - BEFORE_START_MS, toMs: (model.depMs[last] ?? 0) + SLACK_MS };
  }
  const lastMs = Math.min(lastStayMs(stay), stay.goneMs);
  // Nobody stays in a station's hall longer than that; a vehicle's silences are told by who registered long before.
  const isHall = kind === 'station' && !stay.presence.staff;
  return { fromMs: isHall ? 2 * stay.fromMs - lastStayMs(stay) - SLACK_MS : -Infinity, toMs: lastMs + SLACK_MS };
}

/** The stretch of a space's time in which fellow riders of a stay registered. */
export function reachOf(stay: Stay, policy: Policy, space: Space): Reach {
  const { boardedMs } = stay.presence;
  const extent = extentOf(stay, space);
  const afterMs = persistenceMs(policy, space);
  const toMs = Math.max(Math.min(extent.toMs + afterMs, boardedMs + MAX_REACH_MS + afterMs), boardedMs + 1);
  // A scan far outside its run's times (a replaced timeline) still gets a stretch around itself.
  const fromMs = Math.min(Math.max(extent.fromMs, boardedMs - MAX_REACH_MS), boardedMs);
  return { fromMs: Math.max(fromMs, toMs - MAX_WINDOW_MS), toMs };
}

/** The space itself, and the vehicle's others where the policy says anything about them; in a fixed order. */
export function unitsOf(policy: Policy, space: Space, world: World): readonly string[] {
  if (!reachesOtherSpaces(policy, space)) return [space.unit];
  const others = world.unitsOf(space.vehicle).filter((unit) => unit !== space.unit);
  return [space.unit, ...others.toSorted()];
}
