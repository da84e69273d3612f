// The riders of a replay: each ride is scanned at its minute on the simulated clock, by a phone that enrolled in good time, and
// its stop note follows through the relay.
import { dayOf, dayStartMs } from '@tongche/protocol';
import type { SettableClock } from '@tongche/runtime';
import { openPhone, type Phone, type PhoneWorld, type Scan } from '../phone/phone.ts';
import { workOfCards } from './card-work.ts';
import { addressOf, numberOf } from './numbers.ts';
import type { PlannedRide } from './plan.ts';

/** Notes under way at a time; they need not be waited for ride by ride. */
const maxNotes = 256;
/** Rides looked ahead for phones that need a wallet. */
const maxAhead = 160;
const minuteMs = 60_000;
/** Simulated time an enrolment may be behind the clock: a one-time code lives for ten minutes. */
const maxEnrolmentMs = 5 * minuteMs;
/**
 * Simulated time a ride's answer may be behind the clock, as answers are in life: the riders of the next minute do not wait
 * for it. Beyond three minutes a ride would count as late.
 */
const maxAnswerMs = 2 * minuteMs;
const hourMs = 60 * minuteMs;
const noCards: ReadonlySet<string> = new Set();

/** Rides of one minute ride together: one step of the clock each, in order, a card never twice in a step. */
export function minutesOf(rides: readonly PlannedRide[]): readonly (readonly PlannedRide[])[] {
  const steps: PlannedRide[][] = [];
  let cards = new Set<string>();
  let minute = -1;
  for (const ride of rides) {
    const here = Math.floor(ride.boardedMs / minuteMs);
    if (here !== minute || cards.has(ride.card)) {
      steps.push([]);
      cards = new Set();
      minute = here;
    }
    cards.add(ride.card);
    steps.at(-1)?.push(ride);
  }
  return steps;
}

/** Rides in order, cut where the hour changes. */
export function hoursOf(rides: readonly PlannedRide[]): readonly (readonly PlannedRide[])[] {
  return [...Map.groupBy(rides, (ride) => Math.floor(ride.boardedMs / hourMs)).values()];
}

/** Work that goes on beside the clock, bounded; a fault shows at the next `add` or `settle`. */
function sideWork() {
  const under = new Set<Promise<void>>();
  let fault: { readonly error: unknown } | undefined;
  return {
    async add(work: Promise<void>): Promise<void> {
      const one = work
        .catch((error: unknown) => {
          fault ??= { error };
        })
        .finally(() => under.delete(one));
      under.add(one);
      if (under.size >= maxNotes) await Promise.race(under);
      if (fault !== undefined) throw fault.error;
    },
    async settle(): Promise<void> {
      await Promise.all(under);
      if (fault !== undefined) throw fault.error;
    },
  };
}

export interface Riders {
  /** Posts the next rides, in order, each in its minute. Answers, notes and later riders' enrolments may still be under way. */
  play(rides: readonly PlannedRide[]): Promise<void>;
  /** Resolves when nothing is under way. */
  settle(): Promise<void>;
}

export function openRiders(
  world: PhoneWorld,
  clock: SettableClock,
  zone: string,
  all: readonly PlannedRide[],
  indexOf: ReadonlyMap<string, number>,
): Riders {
  const phones = new Map<string, Phone>();
  const lastRide = new Map(all.map((ride) => [ride.card, ride]));
  const enrolments = workOfCards();
  const scans = workOfCards();
  const notes = sideWork();
  /** How many of `all` have ridden, and how many were looked at for their wallet. */
  let played = 0;
  let enrolled = 0;

  function phoneOf(card: string): Phone {
    const index = indexOf.get(card) ?? 0;
    const phone = phones.get(card) ?? openPhone(world, { digits: numberOf(index), address: addressOf(index) });
    phones.set(card, phone);
    return phone;
  }
  /** Phones of the rides that come next enrol or refill where they must. */
  function lookAhead(): void {
    for (const end = Math.min(all.length, played + maxAhead); enrolled < end; enrolled += 1) {
      const ride = all[enrolled];
      if (ride !== undefined) enrolments.add(ride.card, clock.now(), () => phoneOf(ride.card).prepare(ride.boardedMs));
    }
  }

  async function writeNote(phone: Phone, scan: Scan, planned: PlannedRide): Promise<void> {
    if (planned.stops === undefined) return;
    const { board, alight, alightMs } = planned.stops;
    const notBeforeMs = dayStartMs(dayOf(planned.boardedMs, zone), zone);
    const minute = Math.max(0, Math.floor((Math.max(alightMs, planned.boardedMs) - notBeforeMs) / minuteMs));
    await phone.note(scan.ride, {
      basis: 'off-tap',
      boardLo: board,
      boardHi: board,
      alightLo: alight,
      alightHi: alight,
      minuteLo: minute,
      minuteHi: minute,
    });
  }
  async function scan(ride: PlannedRide): Promise<void> {
    const phone = phoneOf(ride.card);
    const scanned = await phone.scan({ code: ride.code, boardedMs: ride.boardedMs });
    await notes.add(writeNote(phone, scanned, ride));
    if (lastRide.get(ride.card) === ride) phones.delete(ride.card);
  }

  return {
    async play(rides) {
      for (const step of minutesOf(rides)) {
        const lastMs = Math.max(...step.map((ride) => ride.boardedMs));
        played += step.length;
        lookAhead();
        await enrolments.wait(new Set(step.map((ride) => ride.card)), lastMs - maxEnrolmentMs);
        await scans.wait(noCards, lastMs - maxAnswerMs);
        if (lastMs > clock.now()) await clock.advanceTo(lastMs);
        for (const ride of step) scans.add(ride.card, ride.boardedMs, () => scan(ride));
      }
    },
    async settle() {
      await enrolments.settle();
      await scans.settle();
      await notes.settle();
    },
  };
}
