// Two people who use one number: their rides stand in one list. One person's day leads from home through its rides and back;
// the days of two do so only where they are told apart. How often telling them apart mends a day says whether there are two.
// Which of the two the case is nobody can tell from rides: that is for the case to say, ride by ride.
import { dateWords } from './calendar.ts';
import { usualStart } from './habits.ts';
import { endNear, isNear, journeyOf } from './itinerary.ts';
import type { OwnRide } from './itinerary.ts';
import type { Name, Presence, Priors, World } from './types.ts';

/** More rides than this on one day are no day of two people. */
const MOST_RIDES = 24;
/** Somebody who is not the case is as likely the other one. */
const EITHER = 0.5;

export interface Sharing {
  /** Breaks that its days lose when they are taken as the days of two. */
  readonly mended: number;
  /** That two people use the number, 0..1. */
  readonly probability: number;
  /** That a ride of it was the case's own, where nobody asked. */
  readonly ownShare: number;
  /** Days that hold together only as the days of two, in order. */
  readonly days: readonly number[];
}

/** 1 where a way does not lead on. */
type Breaks = 0 | 1;

function broken(leads: boolean): Breaks {
  return leads ? 0 : 1;
}

/** Breaks of a day taken as one person's, less those of the best way to take it as two people's; at least 0. */
function mendedOn(rides: readonly OwnRide[], home: OwnRide['board']): number {
  const between = (a: OwnRide, b: OwnRide): Breaks => broken(endNear(a, b.board, b.presence.boardedMs) !== undefined);
  const begins = (ride: OwnRide): Breaks => broken(isNear(ride.board, home));
  const ends = (ride: OwnRide): Breaks => broken(endNear(ride, home) !== undefined);
  const [first] = rides;
  if (first === undefined || rides.length < 2 || rides.length > MOST_RIDES) return 0;
  // Of each way to share out the rides so far: the last ride of whoever did not make the latest one, and the breaks of both.
  let ways = new Map<OwnRide | undefined, number>([[undefined, begins(first)]]);
  let alone: number = begins(first);
  let last = first;
  for (const ride of rides.slice(1)) {
    const next = new Map<OwnRide | undefined, number>();
    const keep = (other: OwnRide | undefined, breaks: number): void => {
      next.set(other, Math.min(breaks, next.get(other) ?? Infinity));
    };
    for (const [other, breaks] of ways) {
      keep(other, breaks + between(last, ride));
      keep(last, breaks + (other === undefined ? begins(ride) : between(other, ride)));
    }
    alone += between(last, ride);
    ways = next;
    last = ride;
  }
  const asTwo = [...ways].map(([other, breaks]) => (other === undefined ? Infinity : breaks + ends(other)));
  return Math.max(alone - Math.min(...asTwo), 0);
}

/**
 * Of one number's registrations, in any order. Rides that an investigator told, or that the case said were its own, tell
 * nothing: they are the case's.
 */
export function sharingOf(
  presences: readonly Presence[],
  world: World,
  { zone, shared }: { readonly zone: string; readonly shared: Priors['shared'] },
): Sharing {
  const asked = presences.filter((presence) => !isOwn(presence));
  const { rides } = journeyOf(asked, world, zone);
  const home = usualStart({ rides });
  const days: number[] = [];
  let mended = 0;
  for (const [day, ofDay] of Map.groupBy(rides, (ride) => ride.day)) {
    const start = home ?? ofDay[0]?.board;
    const here = start === undefined ? 0 : mendedOn(ofDay, start);
    if (here > 0) days.push(day);
    mended += here;
  }
  const probability = shared[Math.min(mended, shared.length) - 1] ?? 0;
  return { mended, probability, ownShare: 1 - probability * EITHER, days: days.sort((a, b) => a - b) };
}

/** Nobody else uses the number. */
export const NOT_SHARED: Sharing = { mended: 0, probability: 0, ownShare: 1, days: [] };

/** The case said so, or an investigator. */
export function isOwn({ via, evidence }: Presence): boolean {
  return via === 'investigator' || evidence.some(({ basis }) => basis === 'interviewed');
}

/** A question that can be read out to the case. */
export function sharingWords({ probability, days }: Sharing): Name {
  const dates = days.map(dateWords);
  const percent = Math.round(probability * 100);
  return {
    zh: `${dates.map(({ zh }) => zh).join('、')}的登记像是两个人用同一号码所乘（可能性约 ${percent}%）。请逐次核实，非本人的乘车不计。`,
    en: `The registrations of ${dates.map(({ en }) => en).join(', ')} look like those of two people with one number (about ${percent} % likely). Ask about each; rides of the other one do not count.`,
  };
}
