// The drivers' screens of this process. A shift's channel is made of the database when somebody looks and kept a while after
// the last one left; what is committed meanwhile is laid on top of it, each transaction once, whichever process wrote it.
import { Refusal } from '@tongche/contract';
import type { LiveState } from '@tongche/contract';
import { toBase64Url } from '@tongche/protocol';
import type { Clock, Log, Random } from '@tongche/runtime';
import type { Boarding } from '../peers/boarding.ts';
import type { Snapshot } from '../peers/snapshot.ts';
import { makeChannel } from './channel.ts';
import type { Channel, LiveSnapshot, Reader, TakenBack } from './channel.ts';
import type { OpenShift } from './shifts.ts';

/** What the database holds of a shift's screen. */
export interface ReadShift {
  readonly heads: Iterable<readonly [boardedMs: number, heads: number]>;
  /** In the order of their arrival. */
  readonly rides: readonly Boarding[];
}

export interface LiveOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  /** All of one moment. */
  read(shifts: readonly OpenShift[]): Promise<{ readonly snapshot: Snapshot; readonly of: readonly ReadShift[] }>;
  /** The shift as it is now; undefined when it is over. What its view needs is in memory afterwards. */
  present(shiftId: number): Promise<OpenShift | undefined>;
  /** Minutes that count on this shift's screen now; undefined: all. */
  fits(shiftId: number): ((boardedMs: number) => boolean) | undefined;
  state(shiftId: number, snapshot: LiveSnapshot): LiveState;
}

export interface LiveHub {
  /** The shift's channel, made when it is not there. Throws Refusal 'no-shift' when it closes meanwhile. */
  channel(shift: OpenShift): Promise<Channel>;
  /** From now on the reader gets what is said on the shift's channel, whichever that is by then. */
  join(shiftId: number, reader: Reader): void;
  leave(shiftId: number, reader: Reader): void;
  /** Of the committed transaction `xid`. */
  ride(shiftId: number, boarding: Boarding, xid: number): void;
  undo(shiftId: number, ride: TakenBack, xid: number): void;
  /** What is known of the trip or the vehicle's runs has changed. */
  trip(shiftId: number): void;
  close(shiftId: number): void;
  /** All channels are made anew, since something may have been missed; their readers get the new state. */
  renew(): Promise<void>;
}

/** Channels read together. */
const batchShifts = 100;
/** How long a channel outlives its last reader: a tunnel, a page that is loaded again. */
const graceMs = 2 * 60_000;
const epochBytes = 6;

interface Held {
  readonly shift: OpenShift;
  channel: Channel;
  snapshot: Snapshot | undefined;
  /** What is heard while the channel is read. */
  waiting: { readonly xid: number; readonly act: (channel: Channel) => void }[];
  /** Readings under way; the last one counts. */
  readings: number;
  ready: Promise<void>;
}

export function liveHub(options: LiveOptions): LiveHub {
  const { clock, log } = options;
  const held = new Map<number, Held>();
  const unwatched = new Map<number, number>();
  let queue: { readonly one: Held; readonly done: PromiseWithResolvers<void> }[] = [];
  let reading = false;

  function newChannel({ shiftId, startedMs }: OpenShift): Channel {
    const epoch = toBase64Url(Uint8Array.from(options.random(epochBytes)));
    return makeChannel({ epoch, startedMs, fits: () => options.fits(shiftId) });
  }

  function fill(one: Held, snapshot: Snapshot, { heads, rides }: ReadShift): void {
    one.readings -= 1;
    if (one.readings > 0) return;
    const channel = newChannel(one.shift);
    channel.begin(heads, rides);
    for (const reader of one.channel.readers) channel.readers.add(reader);
    const { waiting } = one;
    [one.channel, one.snapshot, one.waiting] = [channel, snapshot, []];
    for (const { xid, act } of waiting) if (!snapshot.has(xid)) act(channel);
  }

  async function readQueue(): Promise<void> {
    if (reading) return;
    reading = true;
    while (queue.length > 0) {
      const batch = queue.slice(0, batchShifts);
      queue = queue.slice(batchShifts);
      try {
        const { snapshot, of } = await options.read(batch.map(({ one }) => one.shift));
        batch.forEach(({ one, done }, n) => {
          const found = of[n];
          if (found !== undefined) fill(one, snapshot, found);
          done.resolve();
        });
      } catch (error) {
        for (const { done } of batch) done.reject(error);
      }
    }
    reading = false;
  }

  /** Reads the shift; until it is there, what is heard waits. */
  function read(one: Held): Promise<void> {
    const done = Promise.withResolvers<void>();
    one.snapshot = undefined;
    one.readings += 1;
    queue.push({ one, done });
    void readQueue();
    return done.promise;
  }

  function drop(shiftId: number): void {
    held.delete(shiftId);
    unwatched.delete(shiftId);
  }

  /** Those nobody came back to. */
  function sweep(): void {
    const beforeMs = clock.now() - graceMs;
    for (const [shiftId, sinceMs] of unwatched) {
      if (sinceMs > beforeMs) return;
      drop(shiftId);
    }
  }

  function hear(shiftId: number, xid: number, act: (channel: Channel) => void): void {
    const one = held.get(shiftId);
    if (one === undefined) return;
    if (one.snapshot === undefined) one.waiting.push({ xid, act });
    else if (!one.snapshot.has(xid)) act(one.channel);
  }

  async function restate(one: Held, event: 'state' | 'trip'): Promise<void> {
    const { shiftId } = one.shift;
    if ((await options.present(shiftId)) === undefined || held.get(shiftId) !== one) return;
    // While it is read there is nothing to say yet; whoever reads it says so afterwards.
    if (one.snapshot !== undefined) one.channel.restate(event, (now) => options.state(shiftId, now));
  }

  function begin(shift: OpenShift): Held {
    const one: Held = {
      shift,
      channel: newChannel(shift),
      snapshot: undefined,
      waiting: [],
      readings: 0,
      ready: Promise.resolve(),
    };
    held.set(shift.shiftId, one);
    one.ready = read(one).catch((error: unknown) => {
      if (held.get(shift.shiftId) === one) drop(shift.shiftId);
      throw error;
    });
    return one;
  }

  return {
    async channel(shift) {
      sweep();
      const one = held.get(shift.shiftId) ?? begin(shift);
      // A new beginning may have been asked for while the first was read.
      do await one.ready;
      while (one.snapshot === undefined && held.get(shift.shiftId) === one);
      // Kept for who asks now and may join: the grace begins anew.
      unwatched.delete(shift.shiftId);
      if (one.channel.readers.size === 0) unwatched.set(shift.shiftId, clock.now());
      if (held.get(shift.shiftId) !== one) throw new Refusal('no-shift');
      return one.channel;
    },
    join(shiftId, reader) {
      const one = held.get(shiftId);
      if (one === undefined) return reader.close();
      one.channel.readers.add(reader);
      unwatched.delete(shiftId);
    },
    leave(shiftId, reader) {
      const one = held.get(shiftId);
      if (one === undefined || !one.channel.readers.delete(reader) || one.channel.readers.size > 0) return;
      unwatched.delete(shiftId);
      unwatched.set(shiftId, clock.now());
      sweep();
    },
    ride: (shiftId, boarding, xid) => hear(shiftId, xid, (channel) => channel.ride(boarding)),
    undo: (shiftId, ride, xid) => hear(shiftId, xid, (channel) => channel.undo(ride)),
    trip(shiftId) {
      const one = held.get(shiftId);
      if (one !== undefined) void restate(one, 'trip').catch((error: unknown) => log.fault('platform.live', error));
    },
    close(shiftId) {
      const one = held.get(shiftId);
      drop(shiftId);
      one?.channel.close();
    },
    async renew() {
      const all = [...held.values()];
      await Promise.all(
        all.map(async (one) => {
          one.ready = read(one);
          try {
            await one.ready;
            await restate(one, 'state');
          } catch (error) {
            // Its readers come back and begin anew.
            if (held.get(one.shift.shiftId) === one) drop(one.shift.shiftId);
            for (const reader of one.channel.readers) reader.close();
            throw error;
          }
        }),
      );
    },
  };
}
