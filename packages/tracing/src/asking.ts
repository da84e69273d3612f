// What to ask an operator for before a trace can be made: stretches of units' time, each with its reason, none twice.
import { compare } from './contacts.ts';
import type { Span } from './infectious.ts';
import { reachOf, unitsOf } from './reach.ts';
import { ridesOfCase } from './rides.ts';
import { sceneOf } from './scene.ts';
import type { Scene } from './scene.ts';
import { stretchesAround } from './station-reach.ts';
import { reachesTrain, trainRides } from './station-search.ts';
import type { Presence, TraceInput } from './types.ts';

/** An interview's leg without a registered ride; a doubtful ride that was taken in knowingly; any other ride of the case. */
export type WindowReason = 'ride' | 'interview' | 'included';

export interface Window {
  readonly unit: string;
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly reason: WindowReason;
}

/** Rides of the case's persons; `included`: ids of doubtful ones that count all the same. */
export interface CaseRides {
  readonly rides: readonly Presence[];
  readonly included: ReadonlySet<string>;
}

const REASONS: readonly WindowReason[] = ['ride', 'interview', 'included'];

function inOrder(a: Window, b: Window): number {
  return compare(a.unit, b.unit) || a.fromMs - b.fromMs || b.toMs - a.toMs;
}

/** What is left of a window beside others. */
function beside(window: Window, others: readonly Window[]): readonly Window[] {
  return others.reduce<readonly Window[]>(
    (left, other) =>
      left.flatMap((one) => {
        if (other.unit !== one.unit || other.toMs <= one.fromMs || other.fromMs >= one.toMs) return [one];
        const pieces = [
          { ...one, toMs: other.fromMs },
          { ...one, fromMs: other.toMs },
        ];
        return pieces.filter(({ fromMs, toMs }) => fromMs < toMs);
      }),
    [window],
  );
}

function windowsOf(scene: Scene, ride: Presence, reason: WindowReason): readonly Window[] {
  const { policy, world } = scene.input;
  const space = scene.space(ride.unit);
  const reach = reachOf(scene.stay(ride, ride.runKey), policy, space);
  return unitsOf(policy, space, world).map((unit) => ({ unit, ...reach, reason }));
}

/** Trains less likely than this are not asked about. */
const ASKED_SHARE = 0.02;

interface Wish extends Window {
  readonly share: number;
}

/**
 * Where riders of the trains registered which the case can have taken from a station, and, around its rides in carriages, those
 * who scanned a station's code; the likeliest trains first, and beside what is asked for anyway (`known`).
 */
export function trainWindowsFor(
  input: Omit<TraceInput, 'source'>,
  span: Span,
  { rides, included }: CaseRides,
  known: readonly Window[],
): readonly Window[] {
  const scene = sceneOf({ ...input, source: { on: () => [], of: () => [] } });
  const taken = rides.map((ride) => (included.has(ride.id) ? { ...ride, doubtful: false } : ride));
  const wishes = trainRides(scene, ridesOfCase(scene, span, taken).counted).flatMap((rider) =>
    rider.trains
      .filter((train) => train.share >= ASKED_SHARE && reachesTrain(scene, train))
      .flatMap(({ share, stay }) =>
        stretchesAround(scene, rider, stay()).map((stretch): Wish => ({ ...stretch, reason: 'ride', share })),
      ),
  );
  const asked = Map.groupBy(known, ({ unit }) => unit);
  return wishes
    .toSorted((a, b) => b.share - a.share || inOrder(a, b))
    .flatMap(({ share: _share, ...one }) => {
      const before = asked.get(one.unit) ?? [];
      const more = beside(one, before);
      asked.set(one.unit, [...before, ...more]);
      return more;
    });
}

/**
 * What `trace` reads for the same case, other riders of trains aside (`trainWindowsFor`), disjoint per unit, in a fixed order:
 * a minute that several rides open is asked for once, for the strongest reason. Each window is at most six hours long and lies
 * within three hours, and the policy's persistence, of a ride of the case.
 */
export function windowsFor(
  input: Omit<TraceInput, 'source'>,
  span: Span,
  { rides, included }: CaseRides,
): readonly Window[] {
  const source = { on: () => [], of: () => [] };
  const scene = sceneOf({ ...input, source });
  const isTold = new Set(input.facts.legs.map(({ id }) => id));
  const registered = new Set(rides.map(({ id }) => id));
  const taken = rides.map((ride) => (included.has(ride.id) ? { ...ride, doubtful: false } : ride));
  const { counted } = ridesOfCase(scene, span, taken);
  const reasonOf = ({ id }: Presence): WindowReason => {
    if (included.has(id)) return 'included';
    return isTold.has(id) && !registered.has(id) ? 'interview' : 'ride';
  };
  return REASONS.reduce<readonly Window[]>((known, reason) => {
    const wanted = counted
      .filter((ride) => reasonOf(ride) === reason)
      .flatMap((ride) => windowsOf(scene, ride, reason));
    return wanted.toSorted(inOrder).reduce((all, one) => [...all, ...beside(one, all)], known);
  }, []).toSorted(inOrder);
}
