// One ride of which a station's code is told, or one in a carriage beside riders who scanned such codes: who was on the same train,
// summed over the trains that both can have taken. Which carriage nobody knows.
import { tierOf, weightOf } from './exposure.ts';
import { meet, noMeeting } from './meet.ts';
import type { Meeting } from './meet.ts';
import type { Scene } from './scene.ts';
import { NOTABLE } from './search.ts';
import type { SearchOptions } from './search.ts';
import { isAtStation, ridersOf } from './station-links.ts';
import type { Aboard, Rider } from './station-links.ts';
import { readsAround } from './station-reach.ts';
import { stationDefaults } from './station-walks.ts';
import { trainOf } from './station-trains.ts';
import type { StopStay } from './stay.ts';
import type { Exposure, Presence } from './types.ts';

type Keep = (person: string, exposure: Exposure) => void;

/** Shared trains less likely than this share of the likeliest say nothing of when and where the two met. */
const NEGLIGIBLE = 0.02;

/** Whether people of a train are anything by the policy if their carriage is not known. */
export function reachesTrain(scene: Scene, { stay }: Aboard): boolean {
  const { policy, world, facts } = scene.input;
  const { vehicle } = stay().model.run;
  const space = trainOf(
    vehicle,
    world.unitsOf(vehicle).map((unit) => scene.space(unit)),
  );
  return tierOf(policy, space, 'same-train', facts.severe) !== undefined;
}

/**
 * How much less likely it is where the case registered on the way out and the other is not known to: had they been on that train,
 * their way out would mostly have been found along it. Of the case everything is known: that it did not register tells nothing.
 */
function missedExit(own: Rider, other: Rider): number {
  if (!own.isOut || other.isOut || !other.isByStation) return 1;
  const byRun = new Map(other.trains.map(({ runKey, share }) => [runKey, share]));
  const same = own.trains.reduce((sum, { runKey, share }) => sum + share * (byRun.get(runKey) ?? 0), 0);
  const unseen = 1 - stationDefaults.outToo;
  return unseen / (1 - same + same * unseen);
}

interface Shared {
  readonly mine: StopStay;
  readonly yours: StopStay;
  readonly probability: number;
  readonly meeting: Meeting;
}

/** What being together meant on each train that both can have taken, in order of run keys. */
function sharedTrains(scene: Scene, own: Rider, other: Rider, notBeforeMs: number): readonly Shared[] {
  const overlap = { overlapMs: scene.input.policy.minOverlapMin * 60_000, notBeforeMs };
  const byRun = new Map(other.trains.map((train) => [train.runKey, train]));
  return own.trains.flatMap((mine): readonly Shared[] => {
    const theirs = byRun.get(mine.runKey);
    if (theirs === undefined) return [];
    const stays = { mine: mine.stay(), yours: theirs.stay() };
    const meeting = noMeeting();
    meet(stays.mine, stays.yours, false, overlap, meeting);
    if (meeting.probability <= 0) return [];
    const both = mine.share * theirs.share;
    const probability = both * scene.calibrated(meeting.probability, stays.mine, stays.yours);
    return [{ ...stays, probability, meeting: { ...meeting, minutes: both * meeting.minutes } }];
  });
}

function exposureOf(scene: Scene, own: Rider, other: Rider, options: SearchOptions): Exposure | undefined {
  const shared = sharedTrains(scene, own, other, options.notBeforeMs);
  const likeliest = shared.reduce<Shared | undefined>(
    (best, one) => (best === undefined || one.probability > best.probability ? one : best),
    undefined,
  );
  const factor = missedExit(own, other) * options.share;
  const probability = shared.reduce((sum, one) => sum + one.probability, 0) * factor;
  if (likeliest === undefined || probability < NOTABLE) return undefined;
  const { mine, yours, meeting } = likeliest;
  const { presence } = other;
  const where = { zone: 'same-train', unit: presence.unit, runKey: mine.model.run.runKey } as const;
  const minutes = shared.reduce((sum, one) => sum + one.meeting.minutes, 0) * factor;
  const weight = weightOf(scene.input.policy, scene.shared(where), 'same-train', options.isMasked) * options.dayWeight;
  const told = shared.filter((one) => one.probability >= likeliest.probability * NEGLIGIBLE);
  const { seqs } = mine.model;
  return {
    ...where,
    presenceId: presence.id,
    throughId: own.presence.id,
    boardedMs: presence.boardedMs,
    probability: Math.min(probability, 1),
    minutes,
    eem: minutes * weight,
    fromSeq: seqs[meeting.first] ?? null,
    toSeq: seqs[meeting.last] ?? null,
    fromMs: Math.min(...told.map((one) => one.meeting.fromMs)),
    toMs: Math.max(...told.map((one) => one.meeting.toMs)),
    basis: yours.basis,
    caseBasis: mine.basis,
    ownShare: options.ownShare,
    timeline: true,
    via: presence.via,
    party: presence.party,
    doubtful: presence.doubtful || own.presence.doubtful,
  };
}

/** What else somebody registered tells of a ride: how the one before ended, and where they registered next. */
const BEFORE_MS = 3 * 3_600_000;

/** Everything that a person registered around what was found of them, none twice. */
function withOthers(scene: Scene, person: string, found: readonly Presence[]): readonly Presence[] {
  const times = found.map(({ boardedMs }) => boardedMs);
  const [fromMs, toMs] = [Math.min(...times) - BEFORE_MS, Math.max(...times) + stationDefaults.sameDayMs];
  const all = [...found, ...scene.input.source.of(person, fromMs, toMs)].filter(({ staff }) => !staff);
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

/** Every passenger who registered around a ride's trains, with what they registered. */
function around(scene: Scene, own: Rider, isOut: SearchOptions['isOut']): Iterable<readonly Presence[]> {
  const { source } = scene.input;
  const found = readsAround(scene, own)
    .flatMap(({ unit, fromMs, toMs }) => [...source.on(unit, fromMs, toMs)])
    .filter(({ person, staff }) => !staff && !isOut(person));
  return [...Map.groupBy(found, ({ person }) => person)].map(([person, rides]) => withOthers(scene, person, rides));
}

/** Crew whose shift held while one of a rider's trains ran. */
function crewOn(scene: Scene, own: Rider): readonly Rider[] {
  const { source, world } = scene.input;
  const found = new Map<string, Rider>();
  for (const { runKey, stay } of own.trains) {
    const { arrMs, depMs, run, count } = stay().model;
    const [fromMs, toMs] = [arrMs[0] ?? 0, (depMs[count - 1] ?? 0) + 1];
    for (const unit of world.unitsOf(run.vehicle)) {
      for (const presence of source.staff?.(unit, fromMs, toMs) ?? []) {
        const isOn = scene.commonRun({ ...own.presence, unit, runKey }, presence) === runKey;
        const shift = isOn ? scene.stay(presence, runKey) : undefined;
        if (shift?.kind !== 'stops') continue;
        const before = found.get(presence.id)?.trains ?? [];
        const trains = [...before, { runKey, share: 1, stay: () => shift }];
        found.set(presence.id, { presence, isByStation: false, isOut: false, trains });
      }
    }
  }
  return [...found.values()];
}

/** Calls `keep` with every notable exposure on the trains of one ride. Of two riders one at least scanned a station's code. */
export function searchTrains(scene: Scene, rider: Rider, options: SearchOptions, keep: Keep): void {
  const own = { ...rider, trains: rider.trains.filter((train) => reachesTrain(scene, train)) };
  if (own.trains.length === 0) return;
  function look(other: Rider): void {
    const { person } = other.presence;
    const exposure = options.isOut(person) ? undefined : exposureOf(scene, own, other, options);
    if (exposure !== undefined) keep(person, exposure);
  }
  for (const rides of around(scene, own, options.isOut)) {
    if (!own.isByStation && !rides.some((ride) => isAtStation(scene, ride))) continue;
    for (const other of ridersOf(scene, rides)) if (own.isByStation || other.isByStation) look(other);
  }
  if (own.isByStation) for (const crew of crewOn(scene, own)) look(crew);
}

/** The case's rides that tell of trains; none where the world knows nothing of stations. */
export function trainRides(scene: Scene, legs: readonly Presence[]): readonly Rider[] {
  return scene.input.world.runsAt === undefined ? [] : ridersOf(scene, legs);
}
