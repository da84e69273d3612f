// Which trains somebody can have taken who registered with a station's code, and how likely each. The first to leave after they
// reached the platform is the likeliest; a later one took whom it left behind. Both directions of every line, until something
// tells: where they left the network, or what somebody said.
import type { RunModel } from './run-model.ts';
import type { Scene } from './scene.ts';
import { stationDefaults, walkedWithin, walksPerHour } from './station-walks.ts';
import { roughMsOf, stayOn } from './stay.ts';
import type { StopStay } from './stay.ts';
import type { Presence, RunTimes, Space, StopEvidence } from './types.ts';

const { access, egress, leftBehind, exitShare, laterHours, aheadMs } = stationDefaults;
/** A train that left just before the registration, by clocks that differ, can have been theirs. */
const BEHIND_MS = 4 * 60_000;
/** Trains less likely than this are left out. */
const LEAST_SHARE = 1e-4;

/** A train, the stop (by index) they boarded it at, and where they left it, if that is known. */
export interface FeasibleTrain {
  readonly model: RunModel;
  readonly board: number;
  readonly exit: number | null;
  /** Of all that they can have done. Shares add up to 1 at most: they may have taken no train. */
  readonly share: number;
}

/** A registration at another station. */
export interface Exit {
  readonly stopIds: readonly string[];
  readonly ms: number;
}

export interface Feasible {
  readonly trains: readonly FeasibleTrain[];
  /** That the exit ended this ride, and did not begin the next one. */
  readonly leftBy: number;
}

/** A train whose carriage is not known. Where its carriages differ in their air, nothing is known of that either. */
export function trainOf(vehicle: string, units: readonly Space[]): Space {
  const carriages = units.filter(({ kind }) => kind === 'carriage');
  const [first] = carriages;
  const isAlike = carriages.every(({ air }) => air === first?.air);
  const isMeasured = carriages.every(({ litresPerSecond }) => litresPerSecond === first?.litresPerSecond);
  return {
    unit: vehicle,
    kind: 'carriage',
    vehicle,
    carriageNo: null,
    label: { zh: '列车', en: 'train' },
    plate: null,
    capacity: null,
    air: first === undefined || !isAlike ? 'unknown' : first.air,
    litresPerSecond: first === undefined || !isMeasured ? null : first.litresPerSecond,
  };
}

/** Buses call at stops of the same name: only what has carriages, or of which no unit bears a code, is a train. */
export function isTrain(scene: Scene, { vehicle }: RunTimes): boolean {
  const units = scene.input.world.unitsOf(vehicle);
  return units.length === 0 || units.some((unit) => scene.space(unit).kind === 'carriage');
}

/** Index of the first call at one of the stops from `from` on; -1 where it has none. */
function callAt({ run }: RunModel, stopIds: readonly string[], from: number): number {
  return run.stops.findIndex(({ stopId }, i) => i >= from && stopId !== null && stopIds.includes(stopId));
}

interface Candidate extends FeasibleTrain {
  readonly depMs: number;
  /** How far the clocks of stop and registration may differ. */
  readonly clockMs: number;
}

function boardable(scene: Scene, presence: Presence, scanMs: number): readonly Candidate[] {
  const { world } = scene.input;
  const { stopIds = [] } = scene.space(presence.unit);
  const runs = world.runsAt?.(stopIds, scanMs - BEHIND_MS, scanMs + aheadMs) ?? [];
  const found: Candidate[] = [];
  for (const run of runs) {
    const model = isTrain(scene, run)
      ? scene.model(run.runKey, world.unitsOf(run.vehicle)[0] ?? presence.unit)
      : undefined;
    if (model === undefined) continue;
    let board = callAt(model, stopIds, 0);
    // A line that comes by twice: whoever is not on it yet takes it the second time.
    while (board >= 0 && (model.depMs[board] ?? 0) < scanMs - BEHIND_MS) board = callAt(model, stopIds, board + 1);
    if (board < 0 || board >= model.count - 1) continue;
    const clockMs = (model.clockMs[board] ?? 0) + roughMsOf(presence);
    found.push({ model, board, exit: null, share: 0, depMs: model.depMs[board] ?? 0, clockMs });
  }
  return found.sort((a, b) => a.depMs - b.depMs || (a.model.run.runKey < b.model.run.runKey ? -1 : 1));
}

/** How much a direction draws riders of this stop: what its stops ahead draw, as far as people ride. */
function pull({ model, board }: Candidate): number {
  const { count, draw, rideStops } = model;
  const beyond = rideStops[rideStops.length - 1] ?? 0;
  const usual = draw.reduce((sum, one) => sum + one, 0) / count;
  let sum = 0;
  for (let j = board + 1; j < count; j += 1) sum += (draw[j] ?? 0) * Math.max(rideStops[j - board - 1] ?? beyond, 1e-6);
  return usual > 0 ? sum / usual : sum;
}

/** Shares of one direction's trains, in order of departure: of those who reach the platform before each, and after the last. */
function boarded(trains: readonly Candidate[], scanMs: number): readonly Candidate[] {
  let reached = 0;
  let waiting = 0;
  return trains.map((train) => {
    const share = Math.max(walkedWithin(access, train.depMs - scanMs, train.clockMs), reached);
    waiting += share - reached;
    reached = share;
    const aboard = waiting * (1 - leftBehind);
    waiting -= aboard;
    return { ...train, share: aboard };
  });
}

/** From what is said for certain of stops: a train that does not call there, or in that order, was not meant. */
function asSaid(trains: readonly Candidate[], evidence: readonly StopEvidence[]): readonly Candidate[] {
  const firm = evidence.filter(({ basis }) => basis === 'observed' || basis === 'interviewed');
  const fitting = trains.filter(({ model, board }) => {
    const seq = model.seqs[board] ?? 0;
    return firm.some(({ boardLo, boardHi, alightHi }) => boardLo <= seq && seq <= boardHi && alightHi > seq);
  });
  return firm.length === 0 || fitting.length === 0 ? trains : fitting;
}

function sumOf(trains: readonly { readonly share: number }[]): number {
  return trains.reduce((sum, { share }) => sum + share, 0);
}

function scaled<Train extends { readonly share: number }>(trains: readonly Train[], factor: number): readonly Train[] {
  return trains.map((train) => ({ ...train, share: train.share * factor }));
}

/** What was likely before anything was known of the exit. */
function byBoarding(trains: readonly Candidate[], scanMs: number): readonly Candidate[] {
  const ways = [...Map.groupBy(trains, ({ model: { run } }) => `${run.lineId ?? ''}|${run.dir ?? ''}`).values()];
  const pulls = ways.map(([first]) => (first === undefined ? 0 : pull(first)));
  const all = pulls.reduce((sum, one) => sum + one, 0);
  return ways.flatMap((way, i) => scaled(boarded(way, scanMs), all > 0 ? (pulls[i] ?? 0) / all : 0));
}

/** Nobody leaves a train before its next stop, nor the station before they walked out. */
function goneBy(trains: readonly Candidate[], goneMs: number): readonly Candidate[] {
  if (goneMs === Infinity) return trains;
  const left = trains.map((train) => {
    const nextMs = train.model.arrMs[train.board + 1] ?? Infinity;
    return { ...train, share: train.share * walkedWithin(egress, goneMs - nextMs, train.clockMs) };
  });
  const sum = sumOf(left);
  return sum > 0 ? scaled(left, sumOf(trains) / sum) : trains;
}

interface LeftAt {
  readonly train: Candidate;
  /** Likelihoods per hour of the registration there, made on the way out, or beginning another ride. */
  readonly out: number;
  readonly later: number;
}

function leftAt(train: Candidate, { stopIds, ms }: Exit): readonly LeftAt[] {
  const exit = callAt(train.model, stopIds, train.board + 1);
  if (exit < 0) return [];
  const afterMs = ms - (train.model.arrMs[exit] ?? 0);
  const out = exitShare * walksPerHour(egress, afterMs, train.clockMs);
  const later = ((1 - exitShare) / laterHours) * walkedWithin(egress, afterMs, train.clockMs);
  return out + later > 0 ? [{ train: { ...train, exit }, out, later }] : [];
}

/**
 * With a registration at another station. Made soon after a train came in there it is taken for the way out, and no other train
 * is possible; otherwise it tells where the next ride began, and is believed as far as such a chain. Undefined where no train
 * leads there.
 */
function byExit(trains: readonly Candidate[], exit: Exit, chainSure: number): Feasible | undefined {
  const ended = trains.flatMap((train) => leftAt(train, exit));
  const total = (of: (one: LeftAt) => number) => ended.reduce((sum, one) => sum + one.train.share * of(one), 0);
  const [out, later] = [total((one) => one.out), total((one) => one.later)];
  if (out + later <= 0) return undefined;
  const leftBy = out / (out + later);
  const belief = leftBy >= 0.5 ? 1 : chainSure;
  const led = new Map(ended.map((one) => [one.train.model, one]));
  const all = sumOf(trains);
  const shared = trains.flatMap((train) => {
    const one = led.get(train.model);
    const there = one === undefined ? 0 : (belief * train.share * (one.out + one.later)) / (out + later);
    return [{ ...(one?.train ?? train), share: there + ((1 - belief) * train.share) / all }];
  });
  return { trains: shared, leftBy };
}

/** The trains of somebody who registered at a station whose stops are known; without `exit` only `goneMs` bounds them. */
export function feasibleTrains(scene: Scene, presence: Presence, exit?: Exit): Feasible {
  // Registered twice while waiting: they were in the hall still.
  const scanMs = Math.max(presence.seenMs ?? -Infinity, presence.boardedMs);
  const said = asSaid(boardable(scene, presence, scanMs), presence.evidence);
  const prior = byBoarding(said, scanMs);
  const { sure } = scene.input.priors.chained;
  const found = (exit === undefined ? undefined : byExit(prior, exit, sure)) ?? {
    trains: goneBy(prior, presence.goneMs ?? Infinity),
    leftBy: 0,
  };
  return { ...found, trains: found.trains.filter(({ share }) => share >= LEAST_SHARE) };
}

/** Where they were on a train, if they took it. */
export function stayOnTrain(
  scene: Scene,
  presence: Presence,
  { model, board, exit }: FeasibleTrain,
  leftBy: number,
): StopStay {
  const { seenMs: _seen, ...rest } = presence;
  const seq = model.seqs[board] ?? 0;
  const end = exit === null ? undefined : (model.seqs[exit] ?? 0);
  const bounds = end === undefined ? undefined : { boardLo: seq, boardHi: seq, alightLo: end, alightHi: end };
  const told: readonly StopEvidence[] =
    bounds === undefined
      ? []
      : leftBy >= 0.5
        ? [{ basis: 'observed', ...bounds }]
        : [{ basis: 'chained', ...bounds, best: bounds.alightHi, walkM: 0, link: 'next' }];
  const onTrain = { ...rest, boardSeq: seq, evidence: [...told, ...presence.evidence] };
  return stayOn(onTrain, model, scene.input.priors);
}
