// Which rides on the phone have an end to be told by the rider's other rides, and which. Pure.
import { chained } from '@tongche/tracing/chaining';
import type { Boarding, Chained } from '@tongche/tracing/chaining';
import type { Alighting, SealedPart, StoredRide } from '../ride/model.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The operator takes notes as long as it takes rides. */
const NOTE_AGE_MS = 7 * DAY_MS;
/** Whoever has not boarded again by three in the night has ended the day. */
const DAY_OVER_MS = 27 * 60 * MINUTE_MS;

export interface End {
  readonly ride: StoredRide;
  readonly note: Chained;
  readonly alighted: Alighting;
}

type Sealed = StoredRide & { readonly sealed: SealedPart };
const isSealed = (ride: StoredRide): ride is Sealed => ride.sealed !== undefined;

function boardingOf({ boardedMs, receipt }: StoredRide, dayStartMs: number): Boarding {
  const run = receipt?.run;
  return { minute: (boardedMs - dayStartMs) / MINUTE_MS, place: run?.stops.find((stop) => stop.seq === run.boardSeq) };
}

function endOf(ride: Sealed, before: readonly StoredRide[], next: StoredRide | undefined, nowMs: number) {
  const run = ride.receipt?.run;
  const { dayStartMs, day } = ride.sealed;
  const known = next === undefined ? nowMs >= dayStartMs + DAY_OVER_MS : next.status === 'registered';
  if (run === undefined || run === null || !known) return undefined;
  const first = before.find((one) => one.sealed?.day === day && one.status === 'registered');
  const note = chained(
    run,
    next === undefined ? undefined : boardingOf(next, dayStartMs),
    first === undefined ? undefined : boardingOf(first, dayStartMs),
  );
  if (note === undefined) return undefined;
  const best = run.stops.find(({ seq }) => seq === note.best);
  const minute = best?.arr ?? note.minuteHi;
  const alighted = { basis: 'chained', stop: best?.name ?? null, atMs: dayStartMs + minute * MINUTE_MS } as const;
  return { ride, note, alighted };
}

/** Oldest first. A ride that waits to be sent tells nothing yet, but what is before it waits for it. */
export function endsOf(all: readonly StoredRide[], nowMs: number): readonly End[] {
  const rides = all
    .filter(({ status, companion }) => companion === undefined && ['registered', 'sealed', 'held'].includes(status))
    .sort((a, b) => a.boardedMs - b.boardedMs);
  return rides.flatMap((ride, index): readonly End[] => {
    const isOpen = ride.status === 'registered' && ride.alighted === undefined && nowMs - ride.boardedMs < NOTE_AGE_MS;
    if (!isOpen || !isSealed(ride)) return [];
    const end = endOf(ride, rides.slice(0, index), rides[index + 1], nowMs);
    return end === undefined ? [] : [end];
  });
}
