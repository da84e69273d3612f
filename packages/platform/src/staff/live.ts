// The driver's screen: each shift is a numbered sequence of events in memory. A reader gets the state once and then
// every event after it, or, coming back with the last number it saw, just what it missed.
import type { LiveRide } from '@tongche/contract';
import type { Clock } from '@tongche/runtime';

/** Rides of a state: what fits a screen. */
export const SHOWN_RIDES = 50;
/** Events kept for readers that come back: an hour at a crowded door. */
const keptEvents = 1_000;
/** Rides that can still be undone on the screen. */
const keptRides = 2_000;
/** More than any shift makes events in a second: numbers after a restart lie beyond all given before. */
const numbersPerSecond = 1_000;

export type LiveEvent =
  | { readonly seq: number; readonly kind: 'ride'; readonly ride: LiveRide }
  | { readonly seq: number; readonly kind: 'undo'; readonly of: number }
  | { readonly seq: number; readonly kind: 'trip' }
  | { readonly seq: number; readonly kind: 'closed' };

/** A ride as the screen shows it, before it has its number. */
export interface ShownRide extends Omit<LiveRide, 'seq' | 'undone'> {
  readonly key: string;
}

export interface LiveSnapshot {
  readonly seq: number;
  /** Heads of the boarding minutes asked for, or of the whole shift. */
  readonly heads: number;
  /** Latest last. */
  readonly rides: readonly LiveRide[];
}

export interface LiveChannel {
  /** `fits`: the boarding minutes that count, as known now. */
  snapshot(fits?: (boardedMs: number) => boolean): LiveSnapshot;
  /** Events after `seq`, or undefined when that number is not of this sequence or too long ago. */
  since(seq: number): readonly LiveEvent[] | undefined;
  subscribe(reader: (event: LiveEvent) => void): () => void;
}

export interface LiveHub {
  /** Begins a shift's sequence; `heads` and `rides` are what is there already, heads by boarding minute. */
  open(
    shift: { readonly shiftId: number; readonly startedMs: number },
    heads: ReadonlyMap<number, number>,
    rides: readonly ShownRide[],
  ): void;
  channel(shiftId: number): LiveChannel | undefined;
  ride(shiftId: number, ride: ShownRide): void;
  undo(shiftId: number, key: string): void;
  trip(shiftId: number): void;
  close(shiftId: number): void;
}

interface Channel extends LiveChannel {
  push(event: (seq: number) => LiveEvent): void;
  add(ride: ShownRide, announce: boolean): void;
  undo(key: string): void;
}

function makeChannel(firstSeq: number, heads: Map<number, number>): Channel {
  let seq = firstSeq;
  const events: LiveEvent[] = [];
  const shown = new Map<string, LiveRide>();
  const readers = new Set<(event: LiveEvent) => void>();

  function push(make: (seq: number) => LiveEvent): void {
    seq += 1;
    const event = make(seq);
    events.push(event);
    if (events.length > keptEvents) events.shift();
    for (const reader of readers) reader(event);
  }

  function wire({
    seq: number,
    boardedMs,
    receivedMs,
    check,
    heads: count,
    assisted,
    late,
    undone,
  }: LiveRide): LiveRide {
    return { seq: number, boardedMs, receivedMs, check, heads: count, assisted, late, undone };
  }

  return {
    push,
    snapshot(fits = () => true) {
      let sum = 0;
      for (const [boardedMs, count] of heads) if (fits(boardedMs)) sum += count;
      return { seq, heads: sum, rides: [...shown.values()].slice(-SHOWN_RIDES).map(wire) };
    },
    since(last) {
      if (!Number.isSafeInteger(last) || last > seq || last < (events[0]?.seq ?? seq + 1) - 1) return undefined;
      return events.filter((event) => event.seq > last);
    },
    subscribe(reader) {
      readers.add(reader);
      return () => void readers.delete(reader);
    },
    add(ride, announce) {
      const numbered = { ...ride, seq: seq + 1, undone: false };
      shown.set(ride.key, numbered);
      for (const oldest of shown.keys()) {
        if (shown.size <= keptRides) break;
        shown.delete(oldest);
      }
      if (!announce) {
        seq += 1;
        return;
      }
      heads.set(ride.boardedMs, (heads.get(ride.boardedMs) ?? 0) + ride.heads);
      push((number) => ({ seq: number, kind: 'ride', ride: wire(numbered) }));
    },
    undo(key) {
      const ride = shown.get(key);
      if (ride === undefined || ride.undone) return;
      shown.set(key, { ...ride, undone: true });
      heads.set(ride.boardedMs, (heads.get(ride.boardedMs) ?? 0) - ride.heads);
      push((number) => ({ seq: number, kind: 'undo', of: ride.seq }));
    },
  };
}

export function liveHub(clock: Clock): LiveHub {
  const channels = new Map<number, Channel>();
  return {
    open({ shiftId, startedMs }, heads, rides) {
      // After a restart the numbers go on far beyond what was given before, so that an old one is seen to be old.
      const elapsedS = Math.max(0, Math.floor((clock.now() - startedMs) / 1000));
      const channel = makeChannel(elapsedS * numbersPerSecond, new Map(heads));
      for (const ride of rides) channel.add(ride, false);
      channels.set(shiftId, channel);
    },
    channel: (shiftId) => channels.get(shiftId),
    ride: (shiftId, ride) => channels.get(shiftId)?.add(ride, true),
    undo: (shiftId, key) => channels.get(shiftId)?.undo(key),
    trip: (shiftId) => channels.get(shiftId)?.push((seq) => ({ seq, kind: 'trip' })),
    close(shiftId) {
      channels.get(shiftId)?.push((seq) => ({ seq, kind: 'closed' }));
      channels.delete(shiftId);
    },
  };
}
