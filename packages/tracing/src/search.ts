// One ride of the case (or of a contact): everybody who was in its space, with what being together meant. One read per
// space, work in proportion to what it answers.
import { afterLeaving, leavings, weightOf, zoneOf } from './exposure.ts';
import { meet, noMeeting } from './meet.ts';
import type { Meeting } from './meet.ts';
import { persistenceMs } from './reach.ts';
import { endsOfRuns, goneBy, ridersAround } from './riders.ts';
import type { Scene } from './scene.ts';
import type { Stay } from './stay.ts';
import type { Exposure, Presence, Space, Zone } from './types.ts';

/** Exposures less likely than this are not kept: a hundred of them together would not reach a list. */
export const NOTABLE = 0.002;

export interface SearchOptions {
  /** Persons who are not looked for. */
  readonly isOut: (person: string) => boolean;
  /** Time runs forward: what lies before does not count. */
  readonly notBeforeMs: number;
  /** Weight of the day, and probability that the one searched for is a contact at all (1 for the case). */
  readonly dayWeight: number;
  readonly share: number;
  /** Of that, what is due to a number that two may use. */
  readonly ownShare: number;
  readonly isMasked: boolean;
}

interface Leg {
  readonly presence: Presence;
  readonly space: Space;
  readonly stays: Map<string | null, Stay>;
  readonly main: Stay;
  readonly left: ReturnType<typeof leavings>;
  readonly persistenceMs: number;
}

function stayOfLeg(scene: Scene, leg: Leg, runKey: string | null): Stay {
  const kept = leg.stays.get(runKey);
  if (kept !== undefined) return kept;
  const made = scene.stay(leg.presence, runKey);
  leg.stays.set(runKey, made);
  return made;
}

interface Found {
  readonly of: Stay;
  readonly other: Stay;
  readonly zone: Zone;
  readonly meeting: Meeting;
  readonly probability: number;
}

function exposureOf(scene: Scene, { space }: Leg, found: Found, options: SearchOptions): Exposure {
  const { of, other, zone, meeting, probability } = found;
  const { presence } = other;
  const seqs = of.kind === 'stops' ? of.model.seqs : undefined;
  const weight = weightOf(scene.input.policy, space, zone, options.isMasked) * options.dayWeight;
  return {
    presenceId: presence.id,
    throughId: of.presence.id,
    unit: presence.unit,
    runKey: of.kind === 'stops' ? of.model.run.runKey : presence.runKey,
    boardedMs: presence.boardedMs,
    zone,
    probability,
    minutes: meeting.minutes * options.share,
    eem: meeting.minutes * options.share * weight,
    fromSeq: meeting.first < 0 ? null : (seqs?.[meeting.first] ?? null),
    toSeq: meeting.last < 0 ? null : (seqs?.[meeting.last] ?? null),
    fromMs: meeting.fromMs,
    toMs: meeting.toMs,
    basis: other.basis,
    caseBasis: of.basis,
    ownShare: options.ownShare,
    timeline: of.kind === 'stops',
    via: presence.via,
    party: presence.party,
    doubtful: presence.doubtful || of.presence.doubtful,
  };
}

/** Calls `keep` with every notable exposure to one ride. */
export function search(
  scene: Scene,
  presence: Presence,
  options: SearchOptions,
  keep: (person: string, exposure: Exposure) => void,
): void {
  const { policy } = scene.input;
  const space = scene.space(presence.unit);
  const main = scene.stay(presence, presence.runKey);
  const afterMs = persistenceMs(policy, space);
  const leg: Leg = {
    presence,
    space,
    stays: new Map([[presence.runKey, main]]),
    main,
    left: afterMs > 0 ? leavings(main) : [],
    persistenceMs: afterMs,
  };
  const meeting = noMeeting();
  const overlap = { overlapMs: policy.minOverlapMin * 60_000, notBeforeMs: options.notBeforeMs };
  const after = { persistenceMs: afterMs, decayPerHour: policy.eem.decayPerHour, notBeforeMs: options.notBeforeMs };
  const riders = ridersAround(scene, main, options.isOut);
  const endOf = endsOfRuns(scene, main, riders);
  for (const rider of riders) {
    const runKey = scene.commonRun(presence, rider);
    let own: Stay | undefined;
    if (runKey !== undefined) {
      const of = goneBy(stayOfLeg(scene, leg, runKey), endOf(presence));
      const other = goneBy(scene.stay(rider, runKey), endOf(rider));
      if (runKey === rider.runKey) own = other;
      meet(of, other, space.kind === 'taxi', overlap, meeting);
      const probability = scene.calibrated(meeting.probability, of, other) * options.share;
      if (probability >= NOTABLE) {
        const zone = zoneOf(policy, space, presence, rider);
        keep(rider.person, exposureOf(scene, leg, { of, other, zone, meeting, probability }, options));
      }
    }
    if (afterMs <= 0 || rider.unit !== presence.unit || rider.staff) continue;
    const other = own ?? scene.stay(rider, rider.runKey);
    afterLeaving(leg.left, main, other, after, meeting);
    const probability = meeting.probability * options.share;
    if (probability < NOTABLE) continue;
    keep(
      rider.person,
      exposureOf(scene, leg, { of: main, other, zone: 'after-leaving', meeting, probability }, options),
    );
  }
}
