// One shift's screen: a numbered sequence of events. A reader gets the state once and then every event after it, or, coming
// back with the id it saw last, just what it missed; an id of another process or of before a new beginning is told by its
// first part, and answered with the state. A few kilobytes each, whatever happens: there are thousands.
import type { LiveRide, LiveRideEvent } from '@tongche/contract';
import { sseFrame } from '@tongche/http';
import type { Bytes } from '@tongche/protocol';
import {
  BOARDING_BYTES,
  boardedMsOfBoarding,
  boardingKey,
  headsOfBoarding,
  isAssisted,
  isLate,
  readBoarding,
  writeBoarding,
} from '../peers/boarding.ts';
import type { Boarding } from '../peers/boarding.ts';
import { minuteHeads } from './minute-heads.ts';

/** Rides of a state: what fits a screen. */
export const SHOWN_RIDES = 50;
/** Events kept for readers that come back: who missed more gets the state, which is no larger. At most SHOWN_RIDES. */
const keptEvents = 48;
/** Rides taken back before they were heard of: moments at most, and seldom. */
const keptGone = 16;

/** What a channel writes to. */
export interface Reader {
  send(frame: Uint8Array): boolean;
  close(): void;
}

/** A ride that is taken back. */
export interface TakenBack {
  readonly codeId: number;
  readonly rideId: Bytes;
  readonly boardedMs: number;
  readonly heads: number;
}

export interface LiveSnapshot {
  /** Of the last event. */
  readonly id: string;
  readonly heads: number;
  /** Latest last. */
  readonly rides: readonly LiveRide[];
}

export interface Channel {
  readonly readers: Set<Reader>;
  /** Puts what is there at the beginning, without an event. */
  begin(heads: Iterable<readonly [boardedMs: number, heads: number]>, rides: readonly Boarding[]): void;
  ride(boarding: Boarding): void;
  undo(ride: TakenBack): void;
  /** Everybody is shown the state anew; `dataOf` makes it of the snapshot. */
  restate(event: 'state' | 'trip', dataOf: (snapshot: LiveSnapshot) => unknown): void;
  snapshot(): LiveSnapshot;
  /** What a reader missed, or undefined when it needs the state. */
  since(lastEventId: string): readonly Uint8Array[] | undefined;
  /** Says that the shift is over and ends every stream. */
  close(): void;
}

export interface ChannelOptions {
  /** Tells this beginning of the sequence from all others, of every process. */
  readonly epoch: string;
  readonly startedMs: number;
  /** Boarding minutes that count now: those of the trip under way, where there is one. */
  readonly fits: () => ((boardedMs: number) => boolean) | undefined;
}

const [rideEvent, undoEvent, stateEvent] = [1, 2, 3];
/** Of an event that is kept: kind, the ride's number, heads after it. */
const eventFields = 3;

/** The last rides, as bytes. */
function shownRides() {
  let bytes: Buffer = Buffer.alloc(0);
  const seqs = new Uint32Array(SHOWN_RIDES);
  const undone = new Uint8Array(SHOWN_RIDES);
  let [first, count] = [0, 0];
  const slot = (n: number): number => (first + n) % SHOWN_RIDES;

  function at(n: number): { readonly boarding: Boarding; readonly seq: number; readonly undone: boolean } {
    const place = slot(n);
    const boarding = readBoarding(bytes, place * BOARDING_BYTES);
    return { boarding, seq: seqs[place] ?? 0, undone: undone[place] === 1 };
  }
  return {
    push(boarding: Boarding, seq: number): void {
      // A bus nobody boards costs nothing. Not from the pool: its slabs would be held by one ride each.
      if (bytes.length === 0) bytes = Buffer.allocUnsafeSlow(SHOWN_RIDES * BOARDING_BYTES);
      const place = slot(count);
      if (count < SHOWN_RIDES) count += 1;
      else first = slot(1);
      writeBoarding(boarding, bytes, place * BOARDING_BYTES);
      [seqs[place], undone[place]] = [seq, 0];
    },
    all: () => Array.from({ length: count }, (_, n) => at(n)),
    bySeq(seq: number): Boarding | undefined {
      for (let n = count - 1; n >= 0; n -= 1) if (seqs[slot(n)] === seq) return at(n).boarding;
      return undefined;
    },
    /** Marks the ride; its number, 0 when it is not shown, undefined when it was marked before. */
    mark({ codeId, rideId }: Pick<TakenBack, 'codeId' | 'rideId'>): number | undefined {
      for (let n = count - 1; n >= 0; n -= 1) {
        const { boarding, seq, undone: isMarked } = at(n);
        if (boarding.codeId !== codeId || Buffer.compare(boarding.rideId, rideId) !== 0) continue;
        if (isMarked) return undefined;
        undone[slot(n)] = 1;
        return seq;
      }
      return 0;
    },
  };
}

function liveRide(boarding: Boarding, seq: number, undone: boolean): LiveRide {
  return {
    seq,
    boardedMs: boardedMsOfBoarding(boarding),
    receivedMs: boarding.receivedS * 1000,
    check: boarding.check,
    heads: headsOfBoarding(boarding),
    assisted: isAssisted(boarding),
    late: isLate(boarding),
    undone,
  };
}

export function makeChannel({ epoch, startedMs, fits }: ChannelOptions): Channel {
  const minutes = minuteHeads(startedMs - (startedMs % 60_000));
  const shown = shownRides();
  const kept = new Int32Array(keptEvents * eventFields);
  const readers = new Set<Reader>();
  const gone = new Set<string>();
  let seq = 0;
  /** Events up to this number are not kept. */
  let keptFrom = 0;
  let total = 0;

  function note(kind: number, ride: number): void {
    seq += 1;
    keptFrom = Math.max(keptFrom, seq - keptEvents);
    kept.set([kind, ride, total], (seq % keptEvents) * eventFields);
  }

  function say(frame: Uint8Array): void {
    for (const reader of readers) reader.send(frame);
  }

  function idOf(number: number): string {
    return `${epoch}.${number}`;
  }

  function rideFrame(boarding: Boarding, number: number, heads: number, undone = false): Uint8Array {
    const data: LiveRideEvent = { ...liveRide(boarding, number, undone), total: heads };
    return sseFrame({ event: 'ride', id: idOf(number), data });
  }

  function undoFrame(number: number, ride: number, heads: number): Uint8Array {
    return sseFrame({ event: 'undo', id: idOf(number), data: { seq: ride, total: heads } });
  }

  function count(boardedMs: number, heads: number): void {
    minutes.add(boardedMs, heads);
    const counts = fits();
    if (counts === undefined || counts(boardedMs)) total += heads;
  }

  function snapshot(): LiveSnapshot {
    total = minutes.sum(fits());
    return {
      id: idOf(seq),
      heads: total,
      rides: shown.all().map((one) => liveRide(one.boarding, one.seq, one.undone)),
    };
  }

  return {
    readers,
    begin(heads, rides) {
      for (const [boardedMs, n] of heads) minutes.add(boardedMs, n);
      for (const boarding of rides) {
        seq += 1;
        shown.push(boarding, seq);
      }
      keptFrom = seq;
      total = minutes.sum(fits());
    },
    ride(boarding) {
      count(boardedMsOfBoarding(boarding), headsOfBoarding(boarding));
      note(rideEvent, seq + 1);
      shown.push(boarding, seq);
      const isGone = gone.size > 0 && gone.delete(boardingKey(boarding));
      if (isGone) shown.mark(boarding);
      if (readers.size > 0) say(rideFrame(boarding, seq, total, isGone));
    },
    undo(ride) {
      const number = shown.mark(ride);
      if (number === undefined) return;
      if (number === 0) {
        gone.add(boardingKey(ride));
        for (const oldest of gone) if (gone.size > keptGone) gone.delete(oldest);
      }
      count(ride.boardedMs, -ride.heads);
      note(undoEvent, number);
      if (readers.size > 0) say(undoFrame(seq, number, total));
    },
    restate(event, dataOf) {
      note(stateEvent, 0);
      const now = snapshot();
      if (readers.size > 0) say(sseFrame({ event, id: now.id, data: dataOf(now) }));
    },
    snapshot,
    since(lastEventId) {
      const [of, number = ''] = lastEventId.split('.');
      const last = Number(number);
      if (of !== epoch || !/^\d{1,10}$/.test(number) || last > seq || last < keptFrom) return undefined;
      const frames: Uint8Array[] = [];
      for (let next = last + 1; next <= seq; next += 1) {
        const [kind, ride = 0, heads = 0] = kept.subarray((next % keptEvents) * eventFields);
        const boarding = kind === rideEvent ? shown.bySeq(ride) : undefined;
        if (kind === undoEvent) frames.push(undoFrame(next, ride, heads));
        else if (boarding !== undefined) frames.push(rideFrame(boarding, next, heads));
        else return undefined;
      }
      return frames;
    },
    close() {
      seq += 1;
      say(sseFrame({ event: 'closed', id: idOf(seq), data: {} }));
      for (const reader of readers) reader.close();
      readers.clear();
    },
  };
}
