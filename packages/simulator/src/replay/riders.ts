// The riders of a replay: each ride is scanned at its minute on the simulated clock, by a phone that enrolled in good time, and
// its stop note follows through the relay.
import { dayOf, dayStartMs } from '@tongche/protocol';
import type { SettableClock } from '@tongche/runtime';
import { openPhone, type Phone, type PhoneWorld, type Scan } from '../phone/phone.ts';
import { addressOf, numberOf } from './numbers.ts';
import type { PlannedRide } from './plan.ts';

/** Phones that speak at the same time. */
const concurrency = 64;
/** Notes under way at a time; they need not be waited for ride by ride. */
const maxNotes = 256;
/** Rides looked ahead for phones that need a wallet: enough to keep both ends busy while a step waits for its commit. */
const maxAhead = 160;
const minuteMs = 60_000;
/** A one-time code lives for ten minutes. */
const maxLagMs = 5 * minuteMs;
const hourMs = 60 * minuteMs;

export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  async function worker(): Promise<void> {
    while (next < items.length) {
      const item = items[next];
      next += 1;
      if (item !== undefined) await work(item);
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}

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

/**
 * Phones that enrol or refill ahead of their ride, beside the clock: at each step those of the next `maxAhead` rides. The clock
 * never leaves one behind for longer than `maxLagMs`, so that a one-time code is used within its life.
 */
function enrolments(clock: SettableClock, all: readonly PlannedRide[], phoneOf: (card: string) => Phone) {
  const underWay = new Map<string, { readonly sinceMs: number; readonly work: Promise<void> }>();
  let fault: { readonly error: unknown } | undefined;
  let next = 0;

  function start(ride: PlannedRide): void {
    const { card } = ride;
    // A card that rides twice soon is looked at again when its phone has done the first.
    const before = underWay.get(card);
    const work = (before?.work ?? Promise.resolve())
      .then(() => phoneOf(card).prepare(ride.boardedMs))
      .catch((error: unknown) => {
        fault ??= { error };
      })
      .finally(() => {
        if (underWay.get(card)?.work === work) underWay.delete(card);
      });
    underWay.set(card, { sinceMs: before?.sinceMs ?? clock.now(), work });
  }
  async function wait(mustBeDone: (card: string, sinceMs: number) => boolean): Promise<void> {
    await Promise.all(
      [...underWay].filter(([card, { sinceMs }]) => mustBeDone(card, sinceMs)).map(([, { work }]) => work),
    );
    if (fault !== undefined) throw fault.error;
  }

  return {
    /** Starts those up to the `index`-th ride and some more. */
    reach(index: number): void {
      const end = Math.min(all.length, index + maxAhead);
      for (; next < end; next += 1) {
        const ride = all[next];
        if (ride !== undefined) start(ride);
      }
    },
    /** Resolves when these riders are ready and the clock may move to a moment. */
    readyFor: (step: readonly PlannedRide[], ms: number): Promise<void> => {
      const riding = new Set(step.map((ride) => ride.card));
      return wait((card, sinceMs) => riding.has(card) || sinceMs < ms - maxLagMs);
    },
    settle: (): Promise<void> => wait(() => true),
  };
}

export interface Riders {
  /** Plays the next rides, in order; resolves when all are acknowledged. Notes and enrolments may still be under way. */
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
  const notes = sideWork();

  function phoneOf(card: string): Phone {
    const index = indexOf.get(card) ?? 0;
    const phone = phones.get(card) ?? openPhone(world, { digits: numberOf(index), address: addressOf(index) });
    phones.set(card, phone);
    return phone;
  }
  const ahead = enrolments(clock, all, phoneOf);
  let played = 0;

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

  return {
    async play(rides) {
      for (const step of minutesOf(rides)) {
        const lastMs = Math.max(...step.map((ride) => ride.boardedMs));
        played += step.length;
        ahead.reach(played);
        await ahead.readyFor(step, lastMs);
        if (lastMs > clock.now()) await clock.advanceTo(lastMs);
        await inParallel(step, async (ride) => {
          const phone = phoneOf(ride.card);
          const scan = await phone.scan({ code: ride.code, boardedMs: ride.boardedMs });
          await notes.add(writeNote(phone, scan, ride));
        });
        for (const ride of step) if (lastRide.get(ride.card) === ride) phones.delete(ride.card);
      }
    },
    async settle() {
      await ahead.settle();
      await notes.settle();
    },
  };
}
