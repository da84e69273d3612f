// The case's own rides as a way through the city: where each began, where it can have ended, and whether the next one begins
// anywhere near. What does not fit together is a ride nobody registered, or one registered on the wrong vehicle.
import { DAY_MINUTES, localTime } from './calendar.ts';
import { walkM as chainWalkM } from './chaining.ts';
import type { ChainPlace } from './chaining.ts';
import type { CallAt, Presence, RunTimes, World } from './types.ts';
import { compare } from './contacts.ts';

/** Nobody walks further from one ride to the next without it being another errand. */
export const WALK_M = 1_000;
/** Who rides less than this could as well have walked: a ride does not end so near its beginning. */
const SHORTEST_RIDE_M = 300;
/** Clocks of phones and vehicles differ by so much. */
const CLOCK_SLACK_MS = 3 * 60_000;
const NIGHT_ENDS_MIN = 180;
/** A scan this long before the arrival was made in front of the opening doors. */
const EARLY_SCAN_MS = 15_000;

/** One ride of the case, on its run. */
export interface OwnRide {
  readonly presence: Presence;
  readonly run: RunTimes;
  /** Rides of the small hours are of the day before, from minute 1,440 on. */
  readonly day: number;
  /** Minute of the day at which it was registered. */
  readonly minute: number;
  readonly board: CallAt;
  /** Stops at which it can have ended, in order: those that were seen or told, else all that are not too near. */
  readonly ends: readonly CallAt[];
  /** The end was seen or told. */
  readonly isEndKnown: boolean;
}

export interface Journey {
  /** In order of time. */
  readonly rides: readonly OwnRide[];
  /** Registrations in vehicles without a known run: they tell that somebody was out, not where. */
  readonly elsewhere: readonly { readonly presence: Presence; readonly day: number; readonly minute: number }[];
}

function placeOf({ name, lat, lon }: CallAt): ChainPlace {
  if (lat === null || lon === null) return { name };
  return { name, at: [Math.round(lat * 10_000), Math.round(lon * 10_000)] };
}

/** Metres between two stops; undefined where one has no coordinates and they are not the same stop. */
export function walkM(a: CallAt, b: CallAt): number | undefined {
  if (a.stopId !== null && a.stopId === b.stopId) return 0;
  return chainWalkM(placeOf(a), placeOf(b));
}

/** Within a walk. Stops without coordinates are taken to be near: what is unknown raises no question. */
export function isNear(a: CallAt, b: CallAt, withinM = WALK_M): boolean {
  const metres = walkM(a, b);
  return metres === undefined || metres <= withinM;
}

function knownEvidence(presence: Presence) {
  return (
    presence.evidence.find(({ basis }) => basis === 'observed') ??
    presence.evidence.find(({ basis }) => basis === 'interviewed')
  );
}

function boardOf(presence: Presence, run: RunTimes): CallAt | undefined {
  const seq = presence.boardSeq ?? knownEvidence(presence)?.boardLo;
  if (seq !== undefined) return run.stops.find((stop) => stop.seq >= seq);
  return run.stops.findLast(({ arrMs }) => arrMs <= presence.boardedMs + EARLY_SCAN_MS) ?? run.stops[0];
}

/** The same ride, begun at another stop of its run. */
export function begunAt(ride: OwnRide, board: CallAt): OwnRide {
  return { ...ride, board, ...endsOf(ride.presence, ride.run, board) };
}

function endsOf(presence: Presence, run: RunTimes, board: CallAt): Pick<OwnRide, 'ends' | 'isEndKnown'> {
  const after = run.stops.filter(({ seq }) => seq > board.seq);
  const known = knownEvidence(presence);
  if (known !== undefined) {
    const told = after.filter(({ seq }) => seq >= known.alightLo && seq <= known.alightHi);
    if (told.length > 0) return { ends: told, isEndKnown: true };
  }
  const far = after.filter((stop) => (walkM(board, stop) ?? SHORTEST_RIDE_M) >= SHORTEST_RIDE_M);
  return { ends: far.length > 0 ? far : after.slice(-1), isEndKnown: false };
}

/** Days of somebody's life end in the small hours: a ride at 00:20 is at minute 1,460 of the day before. */
function lifeTime(ms: number, zone: string): { readonly day: number; readonly minute: number } {
  const { day, minute } = localTime(ms, zone);
  return minute < NIGHT_ENDS_MIN ? { day: day - 1, minute: minute + DAY_MINUTES } : { day, minute };
}

/** Registrations of one person as a journey. A second registration on a run, and shifts of staff, are left out. */
export function journeyOf(presences: readonly Presence[], world: World, zone: string): Journey {
  const inTime = presences.toSorted((a, b) => a.boardedMs - b.boardedMs || compare(a.id, b.id));
  const rides: OwnRide[] = [];
  const elsewhere: Journey['elsewhere'][number][] = [];
  const seen = new Set<string>();
  for (const presence of inTime) {
    if (presence.staff) continue;
    const run = presence.runKey === null ? undefined : world.run(presence.runKey);
    const board = run === undefined ? undefined : boardOf(presence, run);
    const { day, minute } = lifeTime(presence.boardedMs, zone);
    if (run === undefined || board === undefined || board === run.stops.at(-1))
      elsewhere.push({ presence, day, minute });
    else if (!seen.has(run.runKey)) {
      seen.add(run.runKey);
      rides.push({ presence, run, day, minute, board, ...endsOf(presence, run, board) });
    }
  }
  return { rides, elsewhere };
}

/** The stop where `ride` can have ended that is nearest to `to`, reached before `byMs`; undefined where none is within a walk. */
export function endNear(ride: OwnRide, to: CallAt, byMs = Infinity): CallAt | undefined {
  let nearest: CallAt | undefined;
  let least = Infinity;
  for (const stop of ride.ends) {
    if (stop.arrMs > byMs + CLOCK_SLACK_MS) break;
    const metres = walkM(stop, to) ?? 0;
    if (metres <= WALK_M && metres < least) [nearest, least] = [stop, metres];
  }
  // Back where it began: nobody rides away from a place to walk there from the next stops.
  if (nearest !== undefined && !ride.isEndKnown && least > (walkM(nearest, ride.board) ?? Infinity) / 2)
    return undefined;
  return nearest;
}
