// Opened rides as the tracing engine takes them: whose each is, on which run, and what was said about where it ended.
import type { TraceRide } from '@tongche/contract';
import { MINUTE_MS, unpackWindow } from '@tongche/protocol';
import type { StopNote } from '@tongche/protocol';
import type { CallAt, Presence, PresenceSource, RunTimes, Space, StopEvidence, Via, World } from '@tongche/tracing';
import { MAX_WALK_M } from '@tongche/tracing/chaining';
import type { OpenedRide } from '../opening/packed.ts';
import type { Gathered } from './gathered.ts';
import type { Subject } from './model.ts';
import type { SubjectOf } from './tags.ts';

export function subjectPerson({ kind, value }: Subject): string {
  return `proven|${kind}|${value}`;
}

/**
 * Who a ride belongs to. Records whose tag does not fit stay apart from proven ones of the same number: somebody who
 * makes up a ride must not be able to add to another person's exposure.
 */
export function personOf({ contact, tagFits }: OpenedRide): string {
  return `${tagFits ? 'proven' : 'forged'}|${contact.kind}|${contact.subject}`;
}

const BASES: Readonly<Record<StopNote['basis'], StopEvidence['basis']>> = {
  'off-tap': 'observed',
  rescan: 'observed',
  interview: 'interviewed',
  chained: 'chained',
  habit: 'habitual',
};

function evidenceOf({ basis, boardLo, boardHi, alightLo, alightHi, best, link, far, settled }: StopNote): StopEvidence {
  const bounds = { basis: BASES[basis], boardLo, boardHi, alightLo, alightHi };
  // A note does not say how far it was, only whether it was far.
  const how = link === undefined ? {} : { link, walkM: far === true ? MAX_WALK_M : 0 };
  return { ...bounds, ...(best === undefined ? {} : { best }), ...how, ...(settled === true ? { settled } : {}) };
}

function viaOf(ride: TraceRide, opened: OpenedRide | null | undefined): Via {
  if (ride.crewUntilMs !== null) return 'staff-shift';
  if (opened === null || opened === undefined) return 'scan';
  const { kind, flags } = opened.contact;
  if (kind === 'slip') return 'paper';
  if (kind === 'card') return 'card';
  if (flags.companion) return 'helper';
  return flags.assisted ? 'driver' : 'scan';
}

/** Rides know their minute. One that came in at once came in at that second, by the server's clock. */
function instantOf(ride: TraceRide, isQueued: boolean): number {
  const receivedMs = ride.receivedS * 1000;
  const isAtOnce = !isQueued && receivedMs >= ride.boardedMs && receivedMs < ride.boardedMs + MINUTE_MS;
  return isAtOnce ? receivedMs : ride.boardedMs + MINUTE_MS / 2;
}

export interface Owned {
  readonly id: string;
  readonly person: string;
  readonly opened: OpenedRide | null | undefined;
  /** Doubtful, but somebody took it in knowingly. */
  readonly isIncluded?: boolean;
}

export function presenceOf(ride: TraceRide, { id, person, opened, isIncluded = false }: Owned): Presence {
  const w = unpackWindow(ride.w2);
  return {
    id,
    person,
    unit: ride.unitId ?? '',
    runKey: ride.unitId === null ? null : ride.runKey,
    via: viaOf(ride, opened),
    boardedMs: instantOf(ride, w.ok && w.value.queued),
    // The operator reckons it from the minute; the engine knows the minute as well, and how sure it is.
    boardSeq: null,
    goneMs: ride.crewUntilMs,
    evidence: (opened?.notes ?? []).map(evidenceOf),
    row: null,
    party: w.ok ? w.value.party : 0,
    staff: ride.crewUntilMs !== null,
    doubtful: ride.doubts.length > 0 && !isIncluded,
  };
}

export interface Known {
  readonly gathered: Gathered;
  readonly opened: ReadonlyMap<string, OpenedRide | null>;
  readonly subjects: readonly Subject[];
  readonly subjectOf: SubjectOf;
  readonly isIncluded: (rideId: string) => boolean;
}

/** Rides of the case's subjects; before they are opened without notes. */
export function casePresences({ gathered, opened, subjectOf, isIncluded }: Known): readonly Presence[] {
  return [...gathered.matched].flatMap((id) => {
    const ride = gathered.rides.get(id);
    const subject = ride === undefined ? undefined : subjectOf(ride);
    if (ride === undefined || subject === undefined) return [];
    const owned = { id, person: subjectPerson(subject), opened: opened.get(id), isIncluded: isIncluded(id) };
    return [presenceOf(ride, owned)];
  });
}

/**
 * Everybody's rides: the case's by their tags, the others as far as they open. A companion's record bears the holder's tag and
 * is a ride of both.
 */
export function allPresences(known: Known): readonly Presence[] {
  const { gathered, opened } = known;
  const own = casePresences(known);
  const subjects = new Set(known.subjects.map(subjectPerson));
  const others = [...opened].flatMap(([id, one]) => {
    const ride = gathered.rides.get(id);
    const person = one === null ? undefined : personOf(one);
    if (ride === undefined || person === undefined || subjects.has(person)) return [];
    return [presenceOf(ride, { id, person, opened: one })];
  });
  return [...own, ...others];
}

/** Index of the first of a sorted list that is at `ms` or later. */
function firstFrom<Value>(sorted: readonly Value[], ms: number, msOf: (value: Value) => number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle];
    if (value !== undefined && msOf(value) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What a sorted list has in [fromMs, toMs). */
function within<Value>(
  sorted: readonly Value[] | undefined,
  fromMs: number,
  toMs: number,
  msOf: (value: Value) => number,
): readonly Value[] {
  return sorted === undefined ? [] : sorted.slice(firstFrom(sorted, fromMs, msOf), firstFrom(sorted, toMs, msOf));
}

const boardedAt = ({ boardedMs }: Presence): number => boardedMs;

function grouped(presences: readonly Presence[], keyOf: (one: Presence) => string) {
  const sorted = presences.toSorted((a, b) => a.boardedMs - b.boardedMs || (a.id < b.id ? -1 : 1));
  return Map.groupBy(sorted, keyOf);
}

export function sourceOf(presences: readonly Presence[]): PresenceSource {
  const riders = grouped(
    presences.filter(({ staff }) => !staff),
    ({ unit }) => unit,
  );
  const crews = grouped(
    presences.filter(({ staff }) => staff),
    ({ unit }) => unit,
  );
  const persons = grouped(presences, ({ person }) => person);
  return {
    on: (unit, fromMs, toMs) => within(riders.get(unit), fromMs, toMs, boardedAt),
    of: (person, fromMs, toMs) => within(persons.get(person), fromMs, toMs, boardedAt),
    staff: (unit, fromMs, toMs) =>
      (crews.get(unit) ?? []).filter(({ boardedMs, goneMs }) => boardedMs < toMs && (goneMs ?? Infinity) > fromMs),
  };
}

/** Spaces and runs as the operator told them; times of a run never fall, whoever measured them. */
export function worldOf({ runs, units }: Pick<Gathered, 'runs' | 'units'>): World {
  const ofVehicle = Map.groupBy(units.values(), ({ vehicleId }) => vehicleId);
  const made = new Map(
    [...runs.values()].map(({ runKey, vehicleId, lineId, dir, line, stops }) => [
      runKey,
      { runKey, vehicle: vehicleId, lineId, dir, line: line?.name ?? null, stops: rising(stops) },
    ]),
  );
  const spaces = new Map(
    [...units].map(
      ([unitId, { kind, vehicleId, carriageNo, label, plate, capacity, air, litresPerSecond, stopIds }]) => {
        const place = { unit: unitId, kind, vehicle: vehicleId, carriageNo, label, plate, capacity };
        const station = stopIds === undefined ? {} : { stopIds };
        return [unitId, { ...place, air: air ?? 'unknown', litresPerSecond, ...station } satisfies Space];
      },
    ),
  );
  return {
    ...stationsOf([...made.values()], [...spaces.values()]),
    run: (runKey) => made.get(runKey),
    space: (unitId) => spaces.get(unitId),
    unitsOf: (vehicle) => (ofVehicle.get(vehicle) ?? []).map(({ unitId }) => unitId),
  };
}

/** Which runs leave a stop when, and whose riders board there; nothing where no station's stops are known. */
function stationsOf(runs: readonly RunTimes[], spaces: readonly Space[]): Pick<World, 'runsAt' | 'stationsAt'> {
  const stations = new Map<string, string[]>();
  for (const { unit, stopIds = [] } of spaces) {
    for (const stopId of stopIds) stations.set(stopId, [...(stations.get(stopId) ?? []), unit]);
  }
  if (stations.size === 0) return {};
  const calls = runs.flatMap((run) =>
    run.stops.flatMap(({ stopId, depMs }) => (stopId !== null && stations.has(stopId) ? [{ run, stopId, depMs }] : [])),
  );
  const leaving = Map.groupBy(
    calls.toSorted((a, b) => a.depMs - b.depMs),
    ({ stopId }) => stopId,
  );
  return {
    runsAt(stopIds, fromMs, toMs) {
      const found = stopIds.flatMap((stopId) => within(leaving.get(stopId), fromMs, toMs, ({ depMs }) => depMs));
      return new Set(found.map(({ run }) => run));
    },
    stationsAt: (stopId) => stations.get(stopId) ?? [],
  };
}

function rising(stops: readonly CallAt[]): readonly CallAt[] {
  let lastMs = -Infinity;
  return stops
    .toSorted((a, b) => a.seq - b.seq)
    .map((stop) => {
      const arrMs = Math.max(stop.arrMs, lastMs);
      lastMs = Math.max(stop.depMs, arrMs);
      return { ...stop, arrMs, depMs: lastMs };
    });
}
