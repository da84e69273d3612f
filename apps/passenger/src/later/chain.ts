// Which rides on the phone have an end to be told by the rider's other rides, and which. Pure.
import { chained, isBetter, isStrong, told } from '@tongche/tracing/chaining';
import type { Boarding, Chained, Ended, Usual } from '@tongche/tracing/chaining';
import { MAX_NOTES } from '@tongche/protocol/formats';
import type { Alighting, SealedPart, StoredRide } from '../ride/model.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The operator takes notes as long as it takes rides. */
const NOTE_AGE_MS = 7 * DAY_MS;
/** Whoever has not boarded again by three in the night has ended the day. */
const DAY_OVER_MS = 27 * 60 * MINUTE_MS;

export interface End {
  readonly ride: StoredRide;
  readonly note: Chained | Usual;
  readonly alighted: Alighting;
}

type Sealed = StoredRide & { readonly sealed: SealedPart };
const isSealed = (ride: StoredRide): ride is Sealed => ride.sealed !== undefined;

function boardingOf({ boardedMs, receipt }: StoredRide, dayStartMs: number): Boarding {
  const run = receipt?.run;
  return { minute: (boardedMs - dayStartMs) / MINUTE_MS, place: run?.stops.find((stop) => stop.seq === run.boardSeq) };
}

function known(ride: StoredRide, rides: readonly StoredRide[], nowMs: number) {
  const run = ride.receipt?.run;
  if (!isSealed(ride) || run === undefined || run === null) return undefined;
  const { dayStartMs, day } = ride.sealed;
  const index = rides.indexOf(ride);
  const after = rides[index + 1];
  const isOver = after === undefined ? nowMs >= dayStartMs + DAY_OVER_MS : after.status === 'registered';
  if (!isOver) return undefined;
  const first = rides.slice(0, index).find((one) => one.sealed?.day === day && one.status === 'registered');
  const next = after === undefined ? undefined : boardingOf(after, dayStartMs);
  const chain = chained(run, next, first === undefined ? undefined : boardingOf(first, dayStartMs));
  return { ride, run, next, chain };
}

type Known = NonNullable<ReturnType<typeof known>>;

function stopOf({ run }: Known, seq: number | undefined) {
  return run.stops.find((stop) => stop.seq === seq);
}

/** What a ride tells of the rider's habits. */
function endedBy(one: Known): readonly Ended[] {
  const [board, end] = [stopOf(one, one.run.boardSeq), stopOf(one, one.chain?.best)];
  return isStrong(one.chain) && board !== undefined && end !== undefined
    ? [{ day: one.ride.sealed.day, board, end }]
    : [];
}

function endOf(one: Known, others: readonly Ended[]): readonly End[] {
  const { ride, run, next, chain } = one;
  const note = told(run, chain, others, next);
  if (note === undefined) return [];
  const best = stopOf(one, note.best);
  const minute = best?.arr ?? note.minuteHi;
  const atMs = ride.sealed.dayStartMs + minute * MINUTE_MS;
  const how = { basis: note.basis, settled: note.settled === true };
  return [{ ride, note, alighted: { basis: 'chained', stop: best?.name ?? null, atMs, how } }];
}

/** Nobody has told where it ended, or what was told is known better by now. */
function isNews({ ride: { alighted, notes } }: Known, { note }: End): boolean {
  if (alighted === undefined) return true;
  return alighted.how !== undefined && notes < MAX_NOTES && isBetter(note, alighted.how);
}

/**
 * Ends not told yet, the oldest first, then those that are known better by now. A ride that waits to be sent tells nothing
 * yet, but what is before it waits for it.
 */
export function endsOf(all: readonly StoredRide[], nowMs: number): readonly End[] {
  const rides = all
    .filter(({ status, companion }) => companion === undefined && ['registered', 'sealed', 'held'].includes(status))
    .sort((a, b) => a.boardedMs - b.boardedMs);
  const chains = rides.flatMap((ride) => known(ride, rides, nowMs) ?? []);
  const ended = chains.flatMap(endedBy);
  const found = chains.flatMap((one): readonly End[] => {
    const { status, boardedMs, sealed } = one.ride;
    if (status !== 'registered' || nowMs - boardedMs >= NOTE_AGE_MS) return [];
    return endOf(
      one,
      ended.filter(({ day }) => day !== sealed.day),
    ).filter((end) => isNews(one, end));
  });
  const isFirst = ({ ride }: End) => ride.alighted === undefined;
  return [...found.filter(isFirst), ...found.filter((end) => !isFirst(end))];
}
